"""U takes back: a like, a comment's deletion that was not sent yet, a message; also what was done in an earlier run."""

from __future__ import annotations

import signal

import pytest

from api_client import PlatformClient
from tests.e2e.household import Household, pending
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.pty


def writes_a_comment(house: Household, terminal: Terminal, words: str) -> None:
    terminal.press("c")
    terminal.wait_for("Esc keeps it")
    terminal.type(words)
    terminal.press("ctrl+s")
    terminal.wait_for(lambda text: words in text and "BROWSE" in text)
    house.friend.wait_for(house.comments, lambda there: there == [words])
    terminal.wait_for(pending(0))


def test_a_like_is_taken_back_also_after_a_restart(house: Household) -> None:
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        terminal.wait_for("♡ 0 likes")
        for _ in range(2):
            terminal.press("a")
            terminal.wait_for("♥ 1 like")
            house.friend.wait_for(house.the_photo, lambda photo: photo.like_count == 1)
            terminal.wait_for(pending(0))
            terminal.press("U")
            terminal.wait_for(lambda text: "♡ 0 likes" in text and "Taken back" in text)
            house.friend.wait_for(house.the_photo, lambda photo: photo.like_count == 0)
            terminal.wait_for(pending(0))
        terminal.press("ctrl+y")
        terminal.wait_for("♥ 1 like")
        house.friend.wait_for(house.the_photo, lambda photo: photo.like_count == 1)
        terminal.wait_for(pending(0))
        terminal.signal(signal.SIGKILL)
        assert terminal.exit_status() == -signal.SIGKILL
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        terminal.wait_for("♥ 1 like")
        terminal.press("U")
        terminal.wait_for("♡ 0 likes")
        house.friend.wait_for(house.the_photo, lambda photo: photo.like_count == 0)
    assert not house.me.ask(house.the_photo).is_liked_by_me


def test_a_deletion_that_was_taken_back_in_time_never_left_the_machine(house: Household) -> None:
    async def deletions(client: PlatformClient) -> list[bool]:
        return [comment.is_deleted for comment in (await client.comments.page(house.photo)).items]

    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        house.shows_photo(terminal)
        terminal.wait_for("No comments yet")
        writes_a_comment(house, terminal, "better not said")
        terminal.press_until("j", lambda text: any("▌" in row and "better not said" in row for row in text.split("\n")))
        terminal.press("d")
        terminal.wait_for("1 held")
        assert "better not said" not in "".join(row for row in terminal.lines if "▌" in row)
        terminal.press("U")
        terminal.wait_for(lambda text: "better not said" in text and "held" not in text.partition("\n")[0])
        # The platform has no way back from a deletion: it has never heard of this one.
        assert house.friend.ask(deletions) == [False]
        # What is not taken back goes out when its time is over.
        terminal.press("d")
        terminal.wait_for("1 held")
        assert house.friend.wait_for(house.comments, lambda there: there == []) == []


def test_a_message_that_is_taken_back_goes_on_the_other_side_too(house: Household) -> None:
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        house.shows_chat(terminal)
        terminal.type("meant for somebody else")
        terminal.press("enter")
        house.friend.wait_for(house.messages, lambda there: there[-1] == "meant for somebody else")
        terminal.wait_for(pending(0))
        terminal.press("escape")
        terminal.wait_for("BROWSE")
        terminal.press("U")
        terminal.wait_for("Taken back")
        house.friend.wait_for(house.messages, lambda there: there == ["hello from the lake"])
        # Without a platform it is withdrawn before anybody has seen it.
        house.wire.cut()
        terminal.wait_for(lambda text: "offline" in text.partition("\n")[0])
        terminal.press("i")
        terminal.wait_for("WRITE")
        terminal.type("not sent at all")
        terminal.press("enter")
        terminal.wait_for(pending(1))
        terminal.press("escape")
        terminal.wait_for("BROWSE")
        terminal.press("U")
        terminal.wait_for(pending(0))
        terminal.wait_until_gone("▌ not sent at all")
        assert house.open_writes() == 0
        house.wire.mend()
        terminal.wait_until_in(house.name)
        assert house.friend.ask(house.messages) == ["hello from the lake"]
