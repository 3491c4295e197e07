"""Two programs on one account: one sends for both, each takes over from the other, and no change is lost unseen."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from api_client import PlatformClient
from tests.e2e.household import BUSY, Household, elsewhere, pending, status_line
from tests.e2e.terminal import Terminal
from tests.e2e.wire import wire_to

pytestmark = pytest.mark.pty

TAKES_OVER_WITHIN = 5.0
SENDS_NOT = "another Parlour sends"


def says(terminal: Terminal, *words: str) -> None:
    for text in words:
        terminal.type(text)
        terminal.press("enter")
        terminal.wait_for(lambda screen, text=text: f"▌ {text}" in screen)  # type: ignore[misc]


@contextmanager
def two_programs(house: Household) -> Iterator[tuple[Terminal, Terminal]]:
    """Open the account in two terminals; the first of them sends."""
    with house.open() as first:
        first.wait_until_in(house.name)
        with house.open() as second:
            second.wait_for(lambda text: SENDS_NOT in status_line(text) and "● online" in status_line(text))
            assert SENDS_NOT not in status_line(first.text)
            for terminal in (first, second):
                house.shows_chat(terminal)
                terminal.wait_for("hello from the lake")
            yield first, second


def test_both_show_the_same_and_one_takes_over_from_the_other(house: Household) -> None:
    with two_programs(house) as (first, second):
        # What either does is sent once, and is shown in both.
        says(second, "from the second")
        for terminal in (first, second):
            terminal.wait_for(lambda text: "from the second" in text and pending(0)(text))
        house.wire.freeze()
        says(first, "into the ice")
        says(second, "also into the ice")
        for terminal in (first, second):
            terminal.wait_for(pending(2))
            terminal.wait_for(lambda text: "▌ into the ice" in text and "▌ also into the ice" in text)
        # Requests are on their way at this moment, and nobody knows how far they came.
        first.signal(signal.SIGKILL)
        assert first.exit_status() == -signal.SIGKILL
        house.wire.mend()
        begun = time.monotonic()
        second.wait_for(lambda text: SENDS_NOT not in status_line(text))
        assert time.monotonic() - begun < TAKES_OVER_WITHIN * BUSY
        second.wait_for(pending(0))
        there = house.friend.ask(house.messages)
        assert there[:2] == ["hello from the lake", "from the second"]
        assert sorted(there[2:]) == ["also into the ice", "into the ice"]
        assert house.open_writes() == 0


@contextmanager
def two_machines(house: Household, platform: str, folder: Path) -> Iterator[tuple[Household, Household]]:
    """The user's two machines, each behind a wire of its own."""
    with wire_to(platform) as wire:
        yield house, elsewhere(replace(house, wire=wire), folder)


def edits_name(house: Household, terminal: Terminal, before: str, after: str) -> None:
    """Change the name of the profile in its form, and save it."""
    terminal.press("E")
    terminal.wait_for("Your profile")
    for _ in before:
        terminal.press("backspace")
    terminal.type(after)
    terminal.wait_for(after)
    terminal.press("ctrl+s")
    terminal.wait_until_gone("Your profile")
    terminal.wait_for(lambda text: after in text and pending(1)(text))


@pytest.mark.parametrize(("key", "stands"), [("m", "Anna of there"), ("t", "Anna of here")], ids=["mine", "theirs"])
def test_two_changes_of_one_field_are_decided_by_the_user(
    house: Household, platform: str, tmp_path: Path, key: str, stands: str
) -> None:
    async def name(client: PlatformClient) -> str | None:
        return (await client.users.profile(house.name)).full_name

    with two_machines(house, platform, tmp_path / "other") as (here, there), ExitStack() as running:
        terminals = [running.enter_context(each.open()) for each in (here, there)]
        for each, terminal, words in zip((here, there), terminals, ("Anna of here", "Anna of there"), strict=True):
            terminal.wait_until_in(house.name)
            terminal.press("g", "p")
            terminal.wait_for("0 followers")
            each.wire.cut()
            terminal.wait_for(lambda text: "offline" in status_line(text))
            edits_name(each, terminal, "", words)
        first, second = terminals
        here.wire.mend()
        first.wait_for(pending(0))
        assert house.friend.ask(name) == "Anna of here"
        there.wire.mend()
        second.wait_for(lambda text: "1 need attention" in status_line(text))
        # Nothing was overwritten, and nothing that was typed is gone.
        assert house.friend.ask(name) == "Anna of here"
        second.press("g", "d")
        second.wait_for("Needs attention")
        second.press("p")
        second.wait_for(lambda text: "Anna of here" in text and "Anna of there" in text and "as it was" in text)
        second.press(key)
        second.wait_for(lambda text: "is taken" in text)
        second.press("ctrl+s")
        second.wait_for(lambda text: "attention" not in status_line(text) and pending(0)(text))
        house.friend.wait_for(name, lambda found: found == stands)
        for terminal in terminals:
            terminal.press("g", "p")
            terminal.wait_for("0 followers")
            terminal.press_until("ctrl+r", stands)
