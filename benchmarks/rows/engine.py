"""The player's engine: gaps between tracks, fades as they are heard, what it costs at rest and while it plays."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy
import numpy.typing
import soundfile

from benchmarks.figures import Act, Figure, Findings, in_turn
from benchmarks.memory_bytes import MemoryBytes
from benchmarks.null_sink import null_sinks
from benchmarks.peers.install import Absent, from_debian
from benchmarks.rows.plan import Plan
from tui.player.clock import LoopClock
from tui.player.crossfade import CrossfadeEngine
from tui.player.engine import Ended, EngineEvent, Listener, Load, Started
from tui.player.libmpv import import_mpv
from tui.player.mpv_engine import MpvEngine
from tui.player.mpv_options import create_player

_RATE = 48_000
_BARE = "bare python-mpv, same options"
_BUFFER = 4_096
"""Samples of one buffer, which a gap may have at most."""
_FORMATS = {"FLAC": ("FLAC", "PCM_16"), "MP3": ("MP3", None), "Vorbis": ("OGG", "VORBIS"), "Opus": ("OGG", "OPUS")}
_REST_S = 10.0
_FADE_S = 4.0
_WINDOW = _RATE // 20
"""50 ms: whole cycles of both tones of a fade."""

Samples = numpy.typing.NDArray[Any]


def _tone(seconds: float, hertz: float, start: int = 0) -> Samples:
    moments = numpy.arange(start, start + int(seconds * _RATE)) / _RATE
    return 0.3 * numpy.sin(2 * numpy.pi * hertz * moments)


def _packed(samples: Samples, container: str, codec: str | None) -> bytes:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", _RATE, 1, format=container, subtype=codec) as file:
        # In seconds: libsndfile puts what it is given at once for Vorbis on the stack.
        for at in range(0, len(samples), _RATE):
            file.write(samples[at : at + _RATE].astype("float32"))
    return buffer.getvalue()


class _Recorder(MpvEngine):
    """The program's engine, writing its samples to a file as fast as it can."""

    def __init__(self, path: Path) -> None:
        super().__init__(audio_output="pcm")
        self._path = path

    async def open(self, listener: Listener) -> None:
        await super().open(listener)
        self._command("set", "ao-pcm-file", str(self._path))


class _Heard:
    """What an engine has said, to be waited for."""

    def __init__(self) -> None:
        self._said: list[EngineEvent] = []
        self._news = asyncio.Event()

    def __call__(self, event: EngineEvent) -> None:
        self._said.append(event)
        self._news.set()

    async def until(self, kind: type[Started] | type[Ended], load_id: int) -> None:
        async with asyncio.timeout(60):
            while not any(isinstance(event, kind) and event.load_id == load_id for event in self._said):
                self._news.clear()
                await self._news.wait()


def gap(plan: Plan, findings: Findings) -> None:
    """Measure what is inserted between two tracks that are one sound cut in two, in samples of the rendered PCM."""
    seconds = 3.0
    first, second = _tone(seconds, 441.0), _tone(seconds, 441.0, int(seconds * _RATE))
    for name, (container, codec) in _FORMATS.items():
        pieces = [_packed(piece, container, codec) for piece in (first, second)]
        whole = sum(soundfile.info(io.BytesIO(piece)).frames for piece in pieces)
        rendered = plan.folder / "rendered.wav"

        def inserted(play: Callable[[], None], rendered: Path = rendered, whole: int = whole) -> Act:
            def act(_: int) -> dict[str, float]:
                play()
                found = soundfile.info(rendered)
                return {"samples": float(found.frames * _RATE // found.samplerate - whole)}

            return act

        ours = inserted(lambda pieces=pieces, to=rendered: asyncio.run(_rendered(pieces, to)))  # type: ignore[misc]
        bare = inserted(lambda pieces=pieces, to=rendered: _rendered_bare(pieces, to, plan.folder))  # type: ignore[misc]
        taken = in_turn(plan.rounds, {"ours": ours, _BARE: bare}, warm=0)
        findings.left_out |= taken.left_out
        what = f"inserted between two gapless tracks, {name}"
        beside = taken.beside("samples", _BARE)
        findings.figures.append(Figure(what, "samples", taken.of("ours", "samples"), beside, _BUFFER))


async def _rendered(pieces: list[bytes], to: Path) -> None:
    engine, heard = _Recorder(to), _Heard()
    await engine.open(heard)
    # Held until both are there: it renders faster than the second could be queued.
    engine.load(Load(1, MemoryBytes(pieces[0]), paused=True))
    await heard.until(Started, 1)
    engine.queue_next(Load(2, MemoryBytes(pieces[1])))
    engine.pause(False)
    await heard.until(Ended, 2)
    await engine.close()


def _rendered_bare(pieces: list[bytes], to: Path, folder: Path) -> None:
    player = create_player(import_mpv(), "pcm")
    player["ao-pcm-file"] = str(to)
    player.pause = True
    for number, piece in enumerate(pieces):
        path = folder / f"piece{number}"
        path.write_bytes(piece)
        player.loadfile(str(path), "append-play" if number else "replace")
    player.pause = False
    player.wait_for_property("idle-active", lambda idle: not idle)
    player.wait_for_property("idle-active")
    player.terminate()


def rest(plan: Plan, findings: Findings) -> None:
    """Measure what an engine does that is idle, and one that plays while nobody looks."""
    file = plan.folder / "tone.ogg"
    file.write_bytes(_packed(_tone(300.0, 440.0), "OGG", "VORBIS"))
    for state, words in (("idle", []), ("playing, nothing shown", [str(file)])):
        taken = in_turn(plan.rounds, {"ours": _process("ours", *words), _BARE: _process("bare", *words)}, warm=0)
        findings.left_out |= taken.left_out
        for what, unit in (("cpu", "ms CPU a second"), ("wakes", "wake-ups a second")):
            limit = 50.0 if what == "cpu" and words else None
            beside = taken.beside(what, _BARE)
            findings.figures.append(Figure(f"the engine, {state}", unit, taken.of("ours", what), beside, limit))


def _process(*words: str) -> Act:
    def act(_: int) -> dict[str, float]:
        command = [sys.executable, "-m", "benchmarks.engine_program", *words]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
            process.stdout.readline()
            time.sleep(1.0)
            before, began = _used(process.pid), time.perf_counter()
            time.sleep(_REST_S)
            after, passed = _used(process.pid), time.perf_counter() - began
            process.stdin.close()
        return {name: (after[name] - before[name]) / passed for name in before}

    return act


def _used(pid: int) -> dict[str, float]:
    """Return CPU in ms and how often a thread went to sleep, so far."""
    cpu = wakes = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        nanoseconds = (task / "schedstat").read_text(encoding="ascii").split()[0]
        cpu += int(nanoseconds) / 1e6
        status = (task / "status").read_text(encoding="ascii").splitlines()
        wakes += sum(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt"))
    return {"cpu": cpu, "wakes": wakes}


def fade(plan: Plan, findings: Findings) -> None:
    """Measure the power of the sound while one track fades into another, at a sound server's sink."""
    try:
        with null_sinks(plan.folder, "fade") as sinks:
            os.environ.update({**sinks.env_of("fade"), "XDG_RUNTIME_DIR": str(plan.folder)})
            found = [asyncio.run(_faded(plan.folder / "heard.raw", sinks.env)) for _ in range(plan.rounds)]
    except Absent as error:
        findings.left_out["the fade at a sink"] = str(error)
        return
    for what, unit, limit in (
        ("power in a crossfade, its lowest", "% of one track", None),
        ("power in a crossfade, its highest", "% of one track", 110.0),
        (f"both tracks heard in a crossfade of {_FADE_S:g} s", "ms", None),
    ):
        findings.figures.append(Figure(what, unit, [each.pop(0) for each in found], {}, limit))


async def _faded(raw: Path, env: dict[str, str]) -> list[float]:
    """Return lowest and highest power of the overlap in percent, and how long it is in ms."""
    engine, heard = CrossfadeEngine(MpvEngine, LoopClock()), _Heard()
    await engine.open(heard)
    hearing = await asyncio.create_subprocess_exec(
        from_debian("pulseaudio-utils", "parec").path,
        *("-d", "fade.monitor", "--raw", "--format=s16le", f"--rate={_RATE}", "--channels=1", str(raw)),
        env={**os.environ, **env},
    )
    engine.load(Load(1, MemoryBytes(_packed(_tone(12.0, 440.0), "FLAC", "PCM_16"))))
    await heard.until(Started, 1)
    engine.queue_next(Load(2, MemoryBytes(_packed(_tone(12.0, 660.0), "FLAC", "PCM_16")), fade_s=_FADE_S))
    await heard.until(Ended, 2)
    await engine.close()
    hearing.terminate()
    await hearing.wait()
    return _overlap(await asyncio.to_thread(numpy.fromfile, raw, "<i2"))


def _overlap(samples: Samples) -> list[float]:
    windows = samples[: len(samples) // _WINDOW * _WINDOW].reshape(-1, _WINDOW).astype("float64") / 32768
    spectrum = numpy.abs(numpy.fft.rfft(windows, axis=1)) / (_WINDOW / 2)
    old, new = (spectrum[:, round(hertz * _WINDOW / _RATE)] ** 2 for hertz in (440.0, 660.0))
    full = median(old[old > old.max() / 2])
    both = numpy.flatnonzero((old > full / 1000) & (new > full / 1000))
    powers = (old + new)[both[0] : both[-1] + 1] / full * 100
    return [float(powers.min()), float(powers.max()), len(powers) * 1000 * _WINDOW / _RATE]


def leaving(plan: Plan, findings: Findings) -> None:
    """Measure how long libmpv takes to be there, and an engine to be gone in each state."""
    data = _packed(_tone(60.0, 440.0), "OGG", "VORBIS")
    opened: list[float] = []
    closed: dict[str, list[float]] = {}

    async def once(state: str, prepare: Callable[[MpvEngine, _Heard], Awaitable[None]]) -> None:
        engine, heard = MpvEngine("null"), _Heard()
        began = time.perf_counter()
        await engine.open(heard)
        opened.append((time.perf_counter() - began) * 1000)
        await prepare(engine, heard)
        began = time.perf_counter()
        await engine.close()
        closed.setdefault(state, []).append((time.perf_counter() - began) * 1000)

    async def idle(engine: MpvEngine, heard: _Heard) -> None:
        """Nothing was ordered."""

    async def opening(engine: MpvEngine, heard: _Heard) -> None:
        engine.load(Load(1, MemoryBytes(data)))

    async def playing(engine: MpvEngine, heard: _Heard) -> None:
        engine.load(Load(1, MemoryBytes(data)))
        await heard.until(Started, 1)

    async def seeking(engine: MpvEngine, heard: _Heard) -> None:
        await playing(engine, heard)
        engine.seek(40.0)

    for _ in range(plan.rounds):
        for prepare in (idle, opening, playing, seeking):
            asyncio.run(once(prepare.__name__, prepare))
    # The first time libmpv is loaded as well; later only a player of it is made.
    findings.figures.append(Figure("libmpv loaded, and ready", "ms", opened[:1]))
    findings.figures.append(Figure("one more engine made, for a fade", "ms", opened[1:]))
    findings.figures += [
        Figure(f"an engine closed, {state}", "ms", times, {}, 2_000.0) for state, times in closed.items()
    ]
