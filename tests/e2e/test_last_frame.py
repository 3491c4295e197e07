"""The frame that the program was left with is there at once the next time, and only where it is true."""

from __future__ import annotations

import re
import signal
import stat
from pathlib import Path

import pytest

from tests.e2e.household import Household
from tests.e2e.screen import unexpected_sequences
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.pty

PHOTO = "a view of the lake"
TOAST = "Saved."
OPENING = "◌ opening"
EMPTY = "\x1b[?1049h"
"""The other screen, and nothing on it."""
LIVE = b"\x1b[?1000h"
"""What the toolkit writes when it takes the terminal over."""


def painted_before(terminal: Terminal) -> str:
    """Return what was written before the program was there."""
    before, live, _ = terminal.raw.partition(LIVE)
    assert live, "the program is not there yet"
    return before.decode()


def leave_a_frame(house: Household) -> Path:
    """Look at the feed and leave, with a message still over it; return the file of its last frame."""
    with house.open() as terminal:
        terminal.wait_for(PHOTO)
        terminal.press("s")
        terminal.wait_for(TOAST)
        terminal.press("ctrl+q")
        house.ends(terminal)
    (file,) = house.machine.home.rglob("frame")
    return file


def test_the_last_frame_is_there_before_the_program_and_keys_wait_for_the_program(house: Household) -> None:
    file = leave_a_frame(house)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with house.open() as terminal:
        terminal.press("?")
        terminal.wait_for("/ finds")
        painted = painted_before(terminal)
        assert PHOTO in painted
        assert OPENING in painted
        assert "online" not in painted
        assert TOAST not in painted
        terminal.press("escape")
        terminal.wait_until_in(house.name)
        terminal.wait_for(lambda text: PHOTO in text and "/ finds" not in text)
        assert OPENING not in terminal.text
        assert terminal.raw.count(b"\x1b[?1049h") == 1
        terminal.press("ctrl+q")
        house.ends(terminal)
        assert unexpected_sequences(terminal.raw) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_behind_the_frame_leaves_the_terminal_as_it_was(house: Household, number: signal.Signals) -> None:
    leave_a_frame(house)
    with house.open() as terminal:
        terminal.wait_for(OPENING)
        terminal.signal(number)
        house.ends(terminal, 128 + number)


def test_a_frame_is_not_shown_where_it_would_not_be_true(house: Household) -> None:
    file = leave_a_frame(house)
    kept = file.read_bytes()

    def shows_nothing(size: tuple[int, int] = (120, 36)) -> None:
        with house.open(size=size) as terminal:
            terminal.wait_until_in(house.name)
            painted = painted_before(terminal)
            words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", painted).split()
            assert " ".join(words) == f"Parlour {OPENING}"

    shows_nothing(size=(100, 36))
    file.write_bytes(kept.replace(PHOTO.encode(), b"a view of \x1b]52;c;Y2F0\x07"))
    shows_nothing()


def test_no_frame_is_left_of_an_account_that_has_signed_out(house: Household) -> None:
    file = leave_a_frame(house)
    said = house.machine.run("logout", "--insecure-storage")
    assert said.returncode == 0, said.stderr
    assert not file.exists()
    with house.open() as terminal:
        terminal.wait_for("Try the demo")
        assert painted_before(terminal) == EMPTY
