"""A sound card that nobody hears: PulseAudio with null sinks, and a listener that says when a tone is first heard."""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy
import numpy.typing

from benchmarks.peers.install import from_debian

RATE = 48_000
TONES = (400, 1_600, 6_400)
"""Hz: far enough from each other to be told apart within a few milliseconds."""
_WINDOW = RATE * 5 // 1000
_BOUNDS = (8, 32, 120)
"""A window of 5 ms crosses zero twice per cycle: at most so often for each of the tones."""
_LOUD = 500
_START = 20.0
_PATIENCE = 15.0


def tone_in(samples: numpy.typing.NDArray[numpy.int16]) -> int | None:
    """Return which of `TONES` sounds in samples at `RATE`, None for silence and noise."""
    if abs(samples.astype("int32")).max() < _LOUD:
        return None
    crossings = int(numpy.count_nonzero(numpy.diff(samples < 0)))
    return next((number for number, bound in enumerate(_BOUNDS) if 1 < crossings <= bound), None)


class Listener:
    """Hears one sink from now on, on a thread."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._heard: list[tuple[float, int | None]] = []
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        descriptor, left = self._process.stdout.fileno(), b""
        while data := os.read(descriptor, 1 << 16):
            now, left = time.perf_counter(), left + data
            whole = len(left) // (2 * _WINDOW) * (2 * _WINDOW)
            windows = numpy.frombuffer(left[:whole], "<i2")
            left = left[whole:]
            with self._news:
                for at in range(0, len(windows), _WINDOW):
                    self._heard.append((now, tone_in(windows[at : at + _WINDOW])))
                del self._heard[:-20_000]
                self._news.notify_all()

    def first(self, tone: int, since: float) -> float:
        """Return when `tone` arrived first after the moment `since` of the performance counter; two windows count.

        Raises TimeoutError.
        """
        until = time.perf_counter() + _PATIENCE
        with self._news:
            while True:
                after = [heard for heard in self._heard if heard[0] >= since]
                for one, other in itertools.pairwise(after):
                    if one[1] == other[1] == tone:
                        return one[0]
                if not self._news.wait(until - time.perf_counter()):
                    raise TimeoutError(f"a tone of {TONES[tone]} Hz was not heard")


@dataclass(frozen=True, slots=True)
class Sinks:
    """What programs need to be heard."""

    env: dict[str, str]
    listeners: dict[str, Listener]

    def env_of(self, name: str) -> dict[str, str]:
        """Return what a program's environment needs so that it plays to the sink `name`."""
        return {**self.env, "PULSE_SINK": name}


@contextmanager
def null_sinks(folder: Path, *names: str) -> Iterator[Sinks]:
    """Run a sound server with a sink of each name, and hear all of them; raises Absent where there is none."""
    server, parec = from_debian("pulseaudio", "pulseaudio"), from_debian("pulseaudio-utils", "parec")
    socket = folder / "sound.socket"
    command = [server.path, "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
    for name in names:
        command += ["-L", f"module-null-sink sink_name={name} rate={RATE}"]
    command += ["-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1"]
    env = {"PULSE_SERVER": f"unix:{socket}"}
    own = {**os.environ, **env, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    started: list[subprocess.Popen[bytes]] = []
    try:
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": own}
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, **quiet))  # type: ignore[call-overload]
        until = time.monotonic() + _START
        while not socket.exists():
            if time.monotonic() > until or started[0].poll() is not None:
                raise OSError("PulseAudio did not start")
            time.sleep(0.05)
        listeners = {}
        for name in names:
            hearing = [parec.path, "-d", f"{name}.monitor", "--raw", "--format=s16le", f"--rate={RATE}"]
            hearing += ["--channels=1", "--latency-msec=4"]
            started.append(subprocess.Popen(hearing, stdout=subprocess.PIPE, **quiet))  # type: ignore[call-overload]
            listeners[name] = Listener(started[-1])
        yield Sinks(env, listeners)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
