"""The platform goes away, the program is killed or left: what was done arrives later, each of it once."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.e2e.household import BUSY, Household, command, pending, status_line
from tests.e2e.terminal import Terminal
from tests.e2e.wire import Wire

pytestmark = pytest.mark.pty

AT_ONCE = 1.0
"""Seconds within which the status line says what was just done."""


def sees_everything(house: Household, terminal: Terminal) -> None:
    """Go everywhere once, so that all of it is on the machine, and end on the feed."""
    terminal.wait_until_in(house.name)
    house.shows_photo(terminal)
    terminal.wait_for("No comments yet")
    terminal.press("2")
    terminal.wait_for("Which lake is deepest")
    house.shows_chat(terminal)
    terminal.wait_for("hello from the lake")
    terminal.press("escape")
    terminal.wait_for("BROWSE")
    terminal.press("1")
    terminal.wait_for("[1 Feed]")
    terminal.press("q")
    terminal.wait_for("Enter comments")


def does_one_of_each(house: Household, terminal: Terminal) -> None:
    """Like, vote, write a message and a comment; each counts at once, and is shown where it belongs."""
    terminal.press("a")
    terminal.wait_for(pending(1), AT_ONCE * BUSY)
    terminal.wait_for("♥ 1 like")
    terminal.press("2")
    terminal.wait_for("Which lake is deepest")
    terminal.press("a")
    terminal.wait_for(pending(2), AT_ONCE * BUSY)
    terminal.wait_for("▲ 1")
    house.shows_chat(terminal)
    terminal.type("sent from the dark")
    terminal.press("enter")
    terminal.wait_for(pending(3), AT_ONCE * BUSY)
    terminal.wait_for(lambda text: "sent from the dark" in text and "waiting: " in text)
    terminal.press("escape")
    terminal.wait_for("BROWSE")
    house.shows_photo(terminal)
    terminal.press("c")
    terminal.wait_for("Esc keeps it")
    terminal.type("said in the dark")
    terminal.press("ctrl+s")
    terminal.wait_for(pending(4), AT_ONCE * BUSY)
    terminal.wait_for("said in the dark")


def has_one_of_each(house: Household, terminal: Terminal) -> None:
    """What was done is on each of the screens, from the machine alone."""
    terminal.wait_for("♥ 1 like")
    terminal.press("2")
    terminal.wait_for(lambda text: "▲ 1" in text and "Which lake is deepest" in text)
    house.shows_chat(terminal)
    terminal.wait_for(lambda text: "hello from the lake" in text and "sent from the dark" in text)
    terminal.press("escape")
    terminal.wait_for("BROWSE")
    house.shows_photo(terminal)
    terminal.wait_for("said in the dark")
    terminal.press("g", "d")
    terminal.wait_for("Waiting and on their way")
    assert pending(4)(terminal.text)
    terminal.press("q")
    terminal.wait_until_gone("Waiting and on their way")


def arrives_once(house: Household, terminal: Terminal) -> None:
    """Nothing waits any more, and the platform has each of it once."""
    terminal.wait_for(pending(0))
    assert house.open_writes() == 0
    there = house.friend
    assert there.ask(house.the_photo).like_count == 1
    assert there.ask(house.the_thread).score == 1
    assert there.ask(house.comments) == ["said in the dark"]
    assert there.ask(house.messages) == ["hello from the lake", "sent from the dark"]
    assert house.me.ask(house.the_photo).is_liked_by_me
    assert house.me.ask(house.the_thread).my_vote == 1


def test_what_is_done_without_a_platform_outlives_a_kill_and_arrives_once(house: Household) -> None:
    with house.open() as terminal:
        sees_everything(house, terminal)
        house.wire.cut()
        terminal.wait_for(lambda text: "offline" in status_line(text), AT_ONCE * BUSY)
        does_one_of_each(house, terminal)
        terminal.signal(signal.SIGKILL)
        assert terminal.exit_status() == -signal.SIGKILL
    assert house.open_writes() == 4
    with house.open() as terminal:
        # Nobody answers: account, pages and what waits come from the machine.
        terminal.wait_for(lambda text: house.name in status_line(text) and "offline" in status_line(text))
        terminal.wait_for(pending(4))
        has_one_of_each(house, terminal)
        house.wire.mend()
        arrives_once(house, terminal)
        terminal.wait_until_in(house.name)
        terminal.wait_for("said in the dark")


@pytest.mark.parametrize("fault", [Wire.cut, Wire.freeze, Wire.swallow], ids=["dead", "frozen", "black hole"])
def test_leaving_never_waits_for_the_platform_and_says_what_is_left(
    house: Household, fault: Callable[[Wire], None]
) -> None:
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        house.shows_chat(terminal)
        # In the list, and in the conversation as well: what is asked for later does not come any more.
        terminal.wait_for(lambda text: text.count("hello from the lake") > 1)
        fault(house.wire)
        for words in ("the first", "the second"):
            terminal.type(words)
            terminal.press("enter")
            terminal.wait_for(lambda text, words=words: f"▌ {words}" in text)  # type: ignore[misc]
        terminal.wait_for(pending(2))
        terminal.press("ctrl+q")
        house.ends(terminal)
        assert "2 changes wait to be sent; they go out the next time." in terminal.text
        assert house.open_writes() == 2
    house.wire.mend()
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        terminal.wait_for(pending(0))
        assert house.friend.ask(house.messages) == ["hello from the lake", "the first", "the second"]


def test_offline_by_choice_sends_nothing_until_it_is_over(house: Household) -> None:
    with house.open() as terminal:
        sees_everything(house, terminal)
        terminal.press("T", "o")
        terminal.wait_for("You work offline")
        assert "offline by choice" in status_line(terminal.text)
        before = house.wire.traffic
        does_what_is_offered_offline(house, terminal)
        assert house.wire.traffic == before
        assert house.friend.ask(house.messages) == ["hello from the lake"]
        terminal.press("T", "o")
        terminal.wait_until_in(house.name)
        terminal.wait_for(pending(0))
        assert house.wire.traffic > before
        assert house.friend.ask(house.messages) == ["hello from the lake", "not yet"]
        assert house.friend.ask(house.the_photo).like_count == 1
    # It can begin that way as well.
    with house.open("--offline") as terminal:
        terminal.wait_for(lambda text: "offline by choice" in status_line(text))
        before = house.wire.traffic
        terminal.wait_for("♥ 1 like")
        terminal.press("a")
        terminal.wait_for(pending(1))
        terminal.press("ctrl+q")
        house.ends(terminal)
        assert "1 change waits to be sent" in terminal.text
        assert house.wire.traffic == before
    assert house.friend.ask(house.the_photo).like_count == 1


def does_what_is_offered_offline(house: Household, terminal: Terminal) -> None:
    """Look around, refresh, like and write; all of it waits, and the badge stays."""
    terminal.press("a")
    terminal.wait_for(pending(1))
    house.shows_photo(terminal)
    terminal.press("ctrl+r")
    command(terminal, f"r/{house.subreddit}")
    terminal.press("q")
    house.shows_chat(terminal)
    terminal.type("not yet")
    terminal.press("enter")
    terminal.wait_for(pending(2))
    terminal.press("escape")
    terminal.wait_for("BROWSE")
    terminal.press("1")
    terminal.wait_for("[1 Feed]")
    assert "offline by choice" in status_line(terminal.text)
