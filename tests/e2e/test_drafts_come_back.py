"""However the program ends, and on whatever screen: every word that was typed is there again, where it belongs."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.e2e.household import BUSY, LEAVES_WITHIN, Household, pending
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.pty


# Each opens the place where something is written, and ends with the cursor in its field.


def begins_a_message(house: Household, terminal: Terminal) -> None:
    house.shows_chat(terminal)


def begins_a_comment(house: Household, terminal: Terminal) -> None:
    house.shows_photo(terminal)
    terminal.press("c")
    terminal.wait_for("to the photo of")


def begins_a_thread(house: Household, terminal: Terminal) -> None:
    terminal.press("2")
    terminal.wait_for("[2 Threads]")
    terminal.press_until("c", "Ctrl+S posts")
    # Behind the community, which nobody has named yet, and the kind.
    terminal.press("tab", "tab")


def begins_a_photo(house: Household, terminal: Terminal) -> None:
    terminal.press("1")
    terminal.wait_for("[1 Feed]")
    terminal.press_until("c", "New photo post")
    terminal.wait_for("0/2,200")
    # Over the pictures, of which there is none, to the caption.
    terminal.press("tab", "tab")


def begins_a_profile(house: Household, terminal: Terminal) -> None:
    terminal.press("1")
    terminal.wait_for("[1 Feed]")
    terminal.press("g", "p")
    terminal.wait_for("0 followers")
    terminal.press("E")
    terminal.wait_for("Your profile")


Begins = Callable[[Household, Terminal], None]
EVERYWHERE: dict[str, Begins] = {
    "words of a message": begins_a_message,
    "words of a comment": begins_a_comment,
    "words of a thread": begins_a_thread,
    "words of a photo": begins_a_photo,
    "words of a profile": begins_a_profile,
}


FORMS = ("Ctrl+S posts", "Ctrl+S saves", "to the photo of")


def leaves_the_field(terminal: Terminal) -> None:
    terminal.press("escape")
    terminal.wait_for(lambda text: "BROWSE" in text and not any(words in text for words in FORMS))


def test_five_drafts_outlive_a_kill(house: Household) -> None:
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        for words, begins in EVERYWHERE.items():
            begins(house, terminal)
            terminal.type(words)
            terminal.wait_for(words)
            house.wait_for_draft(words)
            if words != "words of a profile":
                leaves_the_field(terminal)
        terminal.signal(signal.SIGKILL)
        assert terminal.exit_status() == -signal.SIGKILL
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        for words, begins in EVERYWHERE.items():
            begins(house, terminal)
            terminal.wait_for(words)
            leaves_the_field(terminal)
    assert house.friend.ask(house.comments) == []
    assert house.friend.ask(house.messages) == ["hello from the lake"]


def test_a_key_that_sends_takes_what_was_typed_before_it_once(house: Household) -> None:
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        house.shows_chat(terminal)
        # In one piece, as from somebody quick on a slow line, whose Enter bounces.
        terminal.type("\ronce\r\rtwice\rhalf a text")
        terminal.wait_for(lambda text: "▌ once" in text and "▌ twice" in text and "half a text" in text)
        house.wait_for_draft("half a text")
        house.friend.wait_for(house.messages, lambda there: "twice" in there)
        terminal.wait_for(pending(0))
        assert house.friend.ask(house.messages) == ["hello from the lake", "once", "twice"]


def by_signal(house: Household, terminal: Terminal, number: signal.Signals) -> None:
    terminal.signal(number)
    house.ends(terminal, 128 + number)


def by_hanging_up(house: Household, terminal: Terminal, number: signal.Signals) -> None:
    terminal.hang_up()
    assert terminal.exit_status(LEAVES_WITHIN * BUSY) == 128 + number


Ends = Callable[[Household, Terminal, signal.Signals], None]


@pytest.mark.parametrize(
    ("words", "ends", "number"),
    [
        ("words of a message", by_signal, signal.SIGTERM),
        ("words of a thread", by_signal, signal.SIGHUP),
        ("words of a profile", by_signal, signal.SIGTERM),
        ("words of a photo", by_hanging_up, signal.SIGHUP),
        ("words of a comment", by_hanging_up, signal.SIGHUP),
    ],
)
def test_the_last_key_before_the_end_is_in_the_draft(
    house: Household, words: str, ends: Ends, number: signal.Signals
) -> None:
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        EVERYWHERE[words](house, terminal)
        terminal.type(words)
        if ends is by_hanging_up:
            # What is still in the line when it is cut is gone with it.
            terminal.wait_for(words)
        ends(house, terminal, number)
    assert words in " ".join(house.drafts())
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        EVERYWHERE[words](house, terminal)
        terminal.wait_for(words)
