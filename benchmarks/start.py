"""The start of the program in a pseudo-terminal, beside the smallest Textual app there is.

`python -m benchmarks.start [--rounds 15]` prints medians and 95th percentiles. CPU time is counted up to the moment at
which a text has been written to the terminal.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from api_client.client import PlatformClient
from api_client.models.posts import MediaInput, NewPhotoPost
from benchmarks.measure import Row
from tests.e2e.conftest import platform_process
from tests.e2e.hostile import PIXEL
from tests.e2e.machine import Machine
from tests.e2e.witness import PASSWORD, Witness

_FLOOR = """
from textual.app import App
from textual.widgets import Static
class Floor(App):
    def compose(self):
        yield Static("hello")
Floor().run()
"""
FLOOR = "smallest Textual app"
KEPT = "first frame, the last one of the time before"
DRAWN = "the same until the program has drawn it"
NO_FRAME = "first frame of a screen that was never left"
ANSWERED = "a key pressed before, until it is answered"
_LIMIT = 60.0
_POSTS = 12
_NEWEST = f"post number {_POSTS - 1}"
_LIVE = b"\x1b[?1000h"
"""What the toolkit writes when it takes the terminal over."""
_ACCOUNT = b"reader"
"""Who is signed in: said by the program, and not by the frame that was kept."""


@dataclass(frozen=True)
class Start:
    """One way to start, measured."""

    name: str
    rounds: list[float]
    """CPU ms of each round."""

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def p95(self) -> float:
        return quantiles(self.rounds, n=20, method="inclusive")[-1]


def cpu_until(
    command: Sequence[str], wanted: bytes, environment: Mapping[str, str], *, behind: bytes = b"", typed: bytes = b""
) -> float:
    """Start `command` in a pty of 120 x 36 and return its CPU ms when `wanted` has been written.

    It must come behind `behind`, if that is given. `typed` is pressed before the program is there.
    """
    pid, master = pty.fork()
    if pid == 0:
        os.execve(command[0], list(command), dict(environment))  # noqa: S606 - replaces the forked child
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    os.write(master, typed)
    seen, end = b"", time.monotonic() + _LIMIT
    try:
        while wanted not in (seen.partition(behind)[2] if behind else seen):
            if time.monotonic() > end:
                raise TimeoutError(f"{wanted!r} was not written: {seen[-2000:]!r}")
            if select.select([master], [], [], 0.2)[0]:
                seen += os.read(master, 65536)
        # The clock of another process, in ns: clock_getcpuclockid(3).
        return time.clock_gettime(~pid << 3 | 2) * 1000
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)


@contextmanager
def signed_in() -> Iterator[Machine]:
    """Yield a machine on which somebody is signed in, has opened the feed and left again; the platform is there."""
    with tempfile.TemporaryDirectory() as folder, platform_process("-m", "tests.e2e.platform_process", folder) as url:
        author, reader = Witness.registered(url, "author"), Witness.registered(url, "reader")
        reader.ask(lambda client: client.users.follow("author"))

        async def write(client: PlatformClient) -> None:
            for number in range(_POSTS):
                media = [MediaInput(type="image", base64=PIXEL)]
                await client.feed.create(NewPhotoPost(caption=f"post number {number}", media=media))

        author.ask(write)
        machine = Machine(Path(folder) / "machine")
        machine.configure("config.toml", '[player]\noutput = "null"\n')
        said = machine.run("login", "reader", "--url", url, "--insecure-storage", typed=f"{PASSWORD}\n")
        assert said.returncode == 0, said.stderr
        with machine.open("--insecure-storage") as terminal:
            terminal.wait_for("Your sign-in is kept")
            # The last frame is kept as it is without a message over it.
            terminal.wait_for(lambda text: _NEWEST in text and "Your sign-in is kept" not in text)
            terminal.press("ctrl+q")
            assert terminal.exit_status() == 0
        yield machine


@contextmanager
def ways() -> Iterator[dict[str, Callable[[], float]]]:
    """Yield every way to start, each as a function that does it once and returns the CPU ms."""
    python, newest = sys.executable, _NEWEST.encode()
    with signed_in() as known, tempfile.TemporaryDirectory() as folder:
        new = Machine(Path(folder))
        frame = next(known.home.rglob("frame"))
        program = [python, "-m", "tui", "--insecure-storage"]

        def without_frame() -> float:
            aside = frame.rename(frame.with_name("aside"))
            try:
                return cpu_until(program, newest, known.env)
            finally:
                aside.rename(frame)

        yield {
            FLOOR: lambda: cpu_until([python, "-c", _FLOOR], b"hello", known.env),
            "python -c pass": lambda: cpu_until([python, "-c", "print('hello')"], b"hello", known.env),
            "parlour --version": lambda: cpu_until([python, "-m", "tui", "--version"], b"parlour", known.env),
            KEPT: lambda: cpu_until(program, newest, known.env),
            DRAWN: lambda: cpu_until(program, _ACCOUNT, known.env, behind=_LIVE),
            NO_FRAME: without_frame,
            ANSWERED: lambda: cpu_until(program, b"/ finds", known.env, typed=b"?"),
            "the welcome screen, nobody signed in": lambda: cpu_until(program, b"Try the demo", new.env),
        }


def starts(rounds: int) -> Iterator[Start]:
    """Measure every way to start, one after the other in each round, so that a slow moment hits all of them."""
    with ways() as found:
        taken: dict[str, list[float]] = {name: [] for name in found}
        for number in range(rounds + 1):
            for name, way in found.items():
                figure = way()
                if number:
                    taken[name].append(figure)
        for name, figures in taken.items():
            yield Start(name, figures)


def rows() -> Iterator[Row]:
    """Yield the figures; they need another process's clock, so Linux."""
    if not Path("/proc/self/stat").exists():
        return
    measured = list(starts(5))
    floor = next(start.median for start in measured if start.name == FLOOR)
    for start in measured:
        yield Row(f"{start.name} | {FLOOR}", start.median, floor)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start")
    parser.add_argument("--rounds", type=int, default=15)
    measured = list(starts(parser.parse_args().rounds))
    floor = next(start.median for start in measured if start.name == FLOOR)
    print(f"{'CPU ms until there is':48} {'median':>8} {'p95':>8} {'ratio':>7}")
    for start in measured:
        print(f"{start.name:48} {start.median:8.0f} {start.p95:8.0f} {start.median / floor:7.2f}")


if __name__ == "__main__":
    main()
