"""The terminal goes away under the program: nothing waits for it, and it is given back where it is still there."""

from __future__ import annotations

import contextlib
import os
import pty
import termios
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TextIO

import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from tui.driver import Line, TerminalDriver


@pytest.fixture
def ends() -> Iterator[tuple[int, TextIO]]:
    """A pseudo-terminal: the descriptor of the person's side, and the program's side."""
    master, slave = pty.openpty()
    stream = os.fdopen(slave, "w", encoding="utf-8", closefd=False)
    yield master, stream
    for descriptor in (master, slave):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_what_is_written_reaches_the_terminal(ends: tuple[int, TextIO]) -> None:
    master, terminal = ends
    line = Line(terminal)
    assert line.write("hello") == 5
    line.flush()
    assert os.read(master, 100) == b"hello"
    assert line.isatty()
    assert line.fileno() == terminal.fileno()
    assert not line.lost


def test_the_toolkits_writer_goes_on_when_the_terminal_is_gone(ends: tuple[int, TextIO]) -> None:
    master, terminal = ends
    line = Line(terminal)
    writer = WriterThread(line)
    writer.start()
    os.close(master)
    for _ in range(4 * MAX_QUEUED_WRITES):
        # Without the line the thread is dead by now, and this waits for room in its queue for ever.
        writer.write("frame")
    writer.stop()
    assert line.lost


def test_the_terminal_is_given_back_at_once(ends: tuple[int, TextIO]) -> None:
    master, terminal = ends
    before = termios.tcgetattr(terminal.fileno())
    raw = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal.fileno(), termios.TCSANOW, raw)
    driver = driver_of(terminal)
    driver.attrs_before = before
    TerminalDriver.restore_at_once(driver)  # type: ignore[arg-type]
    assert driver._line.lost
    assert termios.tcgetattr(terminal.fileno()) == before
    written = os.read(master, 1000)
    assert b"\x1b[?1049l" in written
    assert b"\x1b[?25h" in written


def test_the_title_of_the_window_is_given_back_where_it_was_changed(ends: tuple[int, TextIO]) -> None:
    master, terminal = ends
    untouched = driver_of(terminal)
    TerminalDriver.restore_at_once(untouched)  # type: ignore[arg-type]
    assert b"\x1b[23;2t" not in os.read(master, 1000)
    changed = driver_of(terminal)
    written: list[str] = []
    changed.write = written.append
    for title in ("▶ Song", "▶ Other"):
        TerminalDriver.set_title(changed, title)  # type: ignore[arg-type]
    assert written == ["\x1b[22;2t\x1b]2;▶ Song\x1b\\", "\x1b]2;▶ Other\x1b\\"]
    TerminalDriver.restore_at_once(changed)  # type: ignore[arg-type]
    assert os.read(master, 1000).endswith(b"\x1b]2;\x1b\\\x1b[23;2t")


def driver_of(terminal: TextIO) -> SimpleNamespace:
    """What giving the terminal back needs of a driver."""
    attributes = termios.tcgetattr(terminal.fileno())
    return SimpleNamespace(
        attrs_before=attributes, fileno=terminal.fileno(), _line=Line(terminal), outlet=None, _title=""
    )


def fill(descriptor: int) -> None:
    """Write until there is no room left."""
    os.set_blocking(descriptor, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(descriptor, b"x" * 1000)
    os.set_blocking(descriptor, True)


def test_a_stalled_terminal_is_not_waited_for(ends: tuple[int, TextIO]) -> None:
    _, terminal = ends
    fill(terminal.fileno())
    driver = driver_of(terminal)
    TerminalDriver.restore_at_once(driver)  # type: ignore[arg-type]
