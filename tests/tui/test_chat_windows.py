"""A chat of any length through a small window: whatever is scrolled, said, unsent and cut, it is that chat."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_client.calls import Page
from api_client.errors import Unreachable
from api_client.models.chat import Message
from api_client.sync.cache import Cache, Position
from tui.state import archive, transcripts
from tui.state.messages import Transcript
from tui.state.transcripts import Transcripts

CHAT = "c"
START = datetime(2026, 1, 5, tzinfo=UTC)
MOST = 12


@dataclass
class Platform:
    """The truth, and what can be asked of it; the naive model is its list."""

    messages: list[Message] = field(default_factory=list)
    count: int = 0
    reachable: bool = True
    knows_after: bool = True

    @property
    def chat(self) -> Pages:
        return Pages(self)

    def says(self) -> Message:
        self.count += 1
        at = START + timedelta(seconds=self.count)
        self.messages.append(
            Message(id=f"m{self.count:03}", chat_id=CHAT, sender_id="bob", content=str(self.count), created_at=at)
        )
        return self.messages[-1]


@dataclass
class Pages:
    """How the platform is asked."""

    platform: Platform

    async def messages(
        self, _: str, *, before: str | None = None, after: str | None = None, limit: int
    ) -> Page[Message]:
        await asyncio.sleep(0)
        if not self.platform.reachable:
            raise Unreachable("There is no connection.", sent=False)
        if after is not None and self.platform.knows_after:
            found = [m for m in self.platform.messages if m.id > after]
        else:
            found = [m for m in reversed(self.platform.messages) if before is None or m.id < before]
        return Page(found[:limit], "more" if len(found) > limit else None)


class Reader:
    """Somebody who scrolls."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.socket = True
        self.unheard: set[str] = set()
        """What was unsent while the socket was away: it goes when its page is fetched again."""
        self.chats = Transcripts(platform, Cache.in_memory(), "me", lambda _: None, lambda _: True)  # type: ignore[arg-type]
        self.chats.watch(CHAT)

    @property
    def transcript(self) -> Transcript:
        return self.chats.get(CHAT)

    async def load(self) -> None:
        with suppress(Unreachable):
            await self.chats.load(CHAT)

    async def up(self) -> None:
        if (oldest := self.transcript.oldest) is not None:
            self.chats.keep_position(CHAT, Position(oldest.id))
            with suppress(Unreachable):
                await self.chats.load_older(CHAT)

    async def down(self) -> None:
        holes = self.transcript.holes
        before = self.transcript.before(holes[0]) if holes else None
        if before is not None:
            self.chats.keep_position(CHAT, Position(before.id))
            self.chats.fill(CHAT, holes[0])
            await self.settled()

    async def to_end(self) -> None:
        self.chats.keep_position(CHAT, Position(""))
        await self.load()

    async def settled(self) -> None:
        while self.chats._tasks._running:
            await asyncio.gather(*self.chats._tasks._running, return_exceptions=True)

    def hears(self, message: Message) -> None:
        if self.socket:
            self.transcript.arrive(message, heard=True)
            self.chats.changed(CHAT)

    async def reconnects(self) -> None:
        self.socket = True
        self.chats.on_gap()
        await self.settled()
        await self.load()

    @property
    def shown(self) -> list[str]:
        return [m.id for m in self.transcript.messages if m.id not in self.unheard]

    def check(self) -> None:
        shown = [m.id for m in self.transcript.messages]
        assert shown == sorted(set(shown)), "each once, in order"
        assert len(shown) <= MOST + 1, "memory is bounded"
        holes = set(self.transcript.holes)
        truth = [m.id for m in self.platform.messages]
        for before, after in pairwise(shown):
            if after not in holes:
                missing = [known for known in truth if before < known < after]
                assert not missing, f"{missing} stand between {before} and {after}, and nothing says so"


STEPS = ["up", "up", "up", "down", "down", "end", "says", "says", "unsays", "cut", "reconnect", "away", "back"]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 40), st.lists(st.sampled_from(STEPS), max_size=40), st.booleans(), st.randoms())
def test_a_window_over_a_chat_shows_nothing_but_the_chat(
    monkeypatch: pytest.MonkeyPatch, length: int, steps: list[str], knows_after: bool, dice: Any
) -> None:
    for name, size in {"MOST_MESSAGES": MOST, "AT_THE_END": 8, "AROUND": 4, "NEWEST": 3, "PAGE": 3}.items():
        monkeypatch.setattr(transcripts, name, size)
    monkeypatch.setattr(archive, "PAGE", 2)
    asyncio.run(_scroll(length, steps, knows_after, dice))


async def _scroll(length: int, steps: list[str], knows_after: bool, dice: Any) -> None:
    platform = Platform(knows_after=knows_after)
    for _ in range(length):
        platform.says()
    reader = Reader(platform)
    await reader.load()
    for step in steps:
        match step:
            case "up":
                await reader.up()
            case "down":
                await reader.down()
            case "end":
                await reader.to_end()
            case "says":
                reader.hears(platform.says())
            case "unsays" if platform.messages:
                gone = platform.messages.pop(dice.randrange(len(platform.messages)))
                if reader.socket:
                    reader.chats.forget(CHAT, gone.id)
                else:
                    reader.unheard.add(gone.id)
            case "cut":
                reader.socket = False
                for _ in range(dice.randrange(9)):
                    platform.says()
            case "reconnect":
                await reader.reconnects()
            case "away":
                platform.reachable = False
            case "back":
                platform.reachable = True
            case _:
                pass
        reader.check()
    platform.reachable = True
    await reader.reconnects()
    await reader.to_end()
    reader.check()
    newest = [m.id for m in platform.messages]
    assert reader.shown[-2:] == newest[-2:]
    for _ in range(60):
        if reader.transcript.complete:
            break
        await reader.up()
        reader.check()
    assert reader.shown[:1] == newest[:1]
    for _ in range(60):
        if not reader.transcript.holes:
            break
        await reader.down()
        reader.check()
    assert not reader.transcript.holes
