"""The program is killed two hundred times while somebody types and sends: no message is lost, none arrives twice."""

from __future__ import annotations

import itertools
import random
import signal
import threading
from collections import Counter

import pytest

from api_client import PlatformClient
from api_client.models.chat import Message
from tests.e2e.household import Household, pending, status_line
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.pty

KILLS = 200
PARTS = 4
"""Into which they are cut, each with an account and a seed of its own, so that two cores can share them."""
AT_MOST = 2.5
"""Seconds of typing before a kill."""


def types_until_killed(terminal: Terminal, round_number: int) -> list[str]:
    """Send one message after the other until the program is gone; return those that it has shown as said."""
    shown: list[str] = []
    for number in itertools.count():
        words = f"round {round_number} message {number};"
        terminal.type(words)
        terminal.press("enter")
        try:
            terminal.wait_for(f"▌ {words}")
        except AssertionError:
            assert terminal.exit_status() == -signal.SIGKILL
            return shown
        shown.append(words)
    raise AssertionError("it was never killed")


async def everything_said(house: Household, client: PlatformClient) -> list[str]:
    """Return every message of the chat."""
    found: list[Message] = []
    page = await client.chat.messages(house.chat, limit=50)
    while page.items:
        found += page.items
        page = await client.chat.messages(house.chat, before=page.items[-1].id, limit=50)
    return [message.content for message in found]


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_two_hundred_kills_lose_nothing_and_double_nothing(part: int, house: Household) -> None:
    chance = random.Random(11 + part)
    promised: list[str] = []
    for round_number in range(KILLS // PARTS):
        # The platform is there in one round and away in the next, and comes and goes while somebody types.
        (house.wire.cut if chance.random() < 0.3 and round_number else house.wire.mend)()
        with house.open() as terminal:
            terminal.wait_for(lambda text: house.name in status_line(text) and "Enter comments" in text)
            house.shows_chat(terminal)
            # What was being typed at the last kill is in the field; it is sent as it is.
            terminal.press("enter")
            killer = threading.Timer(chance.uniform(0, AT_MOST), terminal.signal, (signal.SIGKILL,))
            killer.start()
            promised += types_until_killed(terminal, round_number)
            killer.join()
            assert terminal.exit_status() == -signal.SIGKILL
    house.wire.mend()
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        terminal.wait_for(pending(0), timeout=60)
    assert house.open_writes() == 0
    said = Counter(house.friend.ask(lambda client: everything_said(house, client)))
    assert [words for words in promised if said[words] != 1] == []
    assert [words for words, times in said.items() if times > 1] == []
    assert len(promised) > KILLS // PARTS // 5, "it was killed before anything was said"
