"""The differ against a terminal that others wrote: what tmux shows is the frame."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.frame_differ import FrameDiffer, Piece, Shift

WIDTH, HEIGHT = 40, 10
SURE = (
    "plain words",
    "中文字符",
    "한글 text",
    "e\u0301te\u0301",
    "│ guides ▌▀",
    "",
    " " * 20,
    "ab" * 20,
    "ｆｕｌｌ",
    "ünï",
)
DOUBTFUL = ("👨\u200d👩\u200d👧 family", "❤\ufe0f heart", "👍🏽 thumb", "سلام x", "हिन्दी y", "☎ phone")
STYLES = (None, Style(color="#aabbcc"), Style(bgcolor="#112233"), Style(bold=True, bgcolor="#445566", underline=True))

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Tmux:
    """One pane that shows what is written to it."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        self._tmux = ["tmux", "-u", "-S", str(self._socket), "-f", "/dev/null"]
        show = f"printf '\\033[?1049h\\033[?7l'; exec cat {pipe}"
        subprocess.run(
            [*self._tmux, "new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), show, ";", "set", "status", "off"],
            env=environment,
            check=True,
            timeout=20,
        )
        self._pipe = pipe.open("wb", buffering=0)

    def write(self, text: str) -> None:
        self._pipe.write(text.encode())

    def wait_for(self, holds: Callable[[list[str]], bool]) -> list[str]:
        """Wait until what is shown fits; return it, whatever it is, after 20 s."""
        until = time.monotonic() + 20
        while True:
            shown = subprocess.run(
                [*self._tmux, "capture-pane", "-p"], capture_output=True, check=True, timeout=20
            ).stdout.decode().split("\n")[:HEIGHT]  # fmt: skip
            if holds(shown) or time.monotonic() > until:
                return shown

    def close(self) -> None:
        self._pipe.close()
        subprocess.run([*self._tmux, "kill-server"], check=False, timeout=20, capture_output=True)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    terminal = Tmux(tmp_path)
    yield terminal
    terminal.close()


def _line(rng: random.Random, texts: tuple[str, ...]) -> Strip:
    segments = [Segment(rng.choice(texts) + rng.choice((" ", "x", "")), rng.choice(STYLES)) for _ in range(3)]
    return Strip([segment for segment in segments if segment.text]).adjust_cell_length(WIDTH, Style.null())


def _frames(
    rng: random.Random, texts: tuple[str, ...], *, erases: bool, count: int
) -> Iterator[tuple[str, list[Strip]]]:
    """Yield what is written for each frame, and the frame."""
    differ = FrameDiffer(ColorSystem.TRUECOLOR, erases=erases)
    differ.reset(WIDTH, HEIGHT)
    lines = [_line(rng, texts) for _ in range(HEIGHT)]
    shift = None
    for _ in range(count):
        yield differ.draw([Piece(y, 0, differ.cells.line(strip)) for y, strip in enumerate(lines)], shift), lines
        top, by = rng.randrange(3), rng.choice((-2, -1, 1, 2))
        region = lines[top:]
        fresh = [_line(rng, texts) for _ in range(abs(by))]
        lines = [*lines[:top], *(region[by:] + fresh if by > 0 else fresh + region[:by])]
        lines[rng.randrange(HEIGHT)] = _line(rng, texts)
        shift = Shift(top, HEIGHT, by)


@pytest.mark.parametrize("erases", [True, False])
def test_tmux_shows_each_frame(tmux: Tmux, erases: bool) -> None:
    for written, lines in _frames(random.Random(5), SURE, erases=erases, count=12):
        tmux.write(written)
        expected = [strip.text.rstrip() for strip in lines]
        shown = tmux.wait_for(lambda shown, expected=expected: [line.rstrip() for line in shown] == expected)
        assert [line.rstrip() for line in shown] == expected


def test_beside_characters_of_doubtful_width_everything_stands_in_tmux(tmux: Tmux) -> None:
    def sure(line: str) -> str:
        return "".join(character for character in line if "a" <= character <= "z")

    for written, lines in _frames(random.Random(6), DOUBTFUL, erases=True, count=12):
        tmux.write(written)
        expected = [sure(strip.text) for strip in lines]
        shown = tmux.wait_for(lambda shown, expected=expected: list(map(sure, shown)) == expected)
        assert list(map(sure, shown)) == expected
