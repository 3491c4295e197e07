"""Several players on one platform, over real sockets, each with its own clock: they hear the same at the same time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from api_client.client import PlatformClient
from api_client.errors import Forbidden, NotFound, PlatformError
from api_client.models.together import GroupCommand
from api_client.models.users import User
from api_client.realtime import Phase, Realtime
from tests.player.manual_clock import ManualClock, turns
from tests.server.conftest import PASSWORD
from tests.server.music_seed import seed_catalogue
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import AddressRule
from tui.player.switch import PlayerSwitch
from tui.player.track import PlayableTrack
from tui.state.together import GroupStore

PATIENCE = 30.0
OWN = [PlayableTrack(id=name, title=f"Own {name}", duration_ms=100_000) for name in ("t7", "t6")]


class Listener:
    """Somebody with a player whose clock is their own."""

    def __init__(self, client: PlatformClient, me: User, clock: ManualClock) -> None:
        self.client, self.me, self.clock = client, me, clock
        self.said: list[str] = []
        self.errors: list[Any] = []
        shelf = SourceShelf(httpx.AsyncClient, _nowhere, AddressRule())
        engine = SilentEngine(clock, "silent")
        self.player = Player(engine, shelf, lambda report: None, rng=random.Random(1), clock=clock)
        self.switch = PlayerSwitch(self.player, clock)
        self.group = GroupStore(client, me, self.player, self.switch, self.said.append, self.errors.append, clock)
        self.realtime = Realtime(client, on_event=self.group.on_event, on_gap=self.group.on_gap)

    async def online(self) -> None:
        self.realtime.start()
        await until(lambda: self.realtime.state.phase is Phase.ONLINE)

    @property
    def heard(self) -> tuple[str, bool]:
        snapshot = self.player.snapshot
        return snapshot.track.id if snapshot.track else "", snapshot.playing

    @property
    def position_s(self) -> float:
        return self.player.snapshot.position_s

    def order(self, kind: str, **fields: Any) -> None:
        self.group.order(GroupCommand.model_validate({"kind": kind, **fields}))


async def _nowhere(track_id: str) -> Any:
    raise AssertionError("a silent engine asks for nothing")


async def until(condition: Callable[[], object]) -> None:
    """Let the sockets and the platform work until `condition` holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await turns()


def _apart(listeners: list[Listener]) -> float:
    positions = [one.position_s for one in listeners]
    return max(positions) - min(positions)


class Company:
    """People on one platform; time passes for all of them together."""

    def __init__(self, platform: Any, stack: AsyncExitStack) -> None:
        self.platform = platform
        self._stack = stack
        self.people: list[Listener] = []

    async def listener(self, name: str, clock_at: float) -> Listener:
        client = await self._stack.enter_async_context(PlatformClient(self.platform.url))
        me = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
        clock = ManualClock()
        clock.now = clock_at
        made = Listener(client, me, clock)
        self._stack.push_async_callback(made.realtime.stop)
        self._stack.push_async_callback(made.group.close)
        await made.player.open()
        await made.online()
        self.people.append(made)
        return made

    async def passes(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.platform.clock.advance(0.1)
            for one in self.people:
                one.clock.advance(0.1)
            await turns()

    async def agree(self, track: str, playing: bool = True) -> None:
        """Wait until all who are in a session hear the same, and see that they are within 500 ms."""
        inside = [one for one in self.people if one.group.state is not None]
        await until(lambda: all(one.heard == (track, playing) for one in inside) and _apart(inside) < 0.5)
        # A question about the time that is on its way while the clocks are turned would be seconds wrong.
        await until(lambda: not any(one.group._tasks._running for one in inside))
        await self.passes(2.5)
        assert [one.heard for one in inside] == [(track, playing)] * len(inside)
        assert _apart(inside) < 0.5, [one.position_s for one in inside]


@pytest.fixture
async def company(platform: Any) -> AsyncIterator[Company]:
    await seed_catalogue(platform.state.database)
    async with AsyncExitStack() as stack:
        yield Company(platform, stack)


async def test_three_hear_the_same_whatever_is_commanded(company: Company) -> None:
    ann, ben, eve = [await company.listener(name, at) for name, at in (("ann", 50.0), ("ben", 9_000.0), ("eve", 7.3))]
    ann.player.play([PlayableTrack(id=name, title=name, duration_ms=200_000) for name in ("t1", "t2", "t3")])
    await company.passes(20)
    state = await ann.group.start()
    assert state.host_id == ann.me.id
    await company.passes(10)
    ben.player.play(OWN)
    await ben.group.join(f"{state.code[:3].lower()}-{state.code[3:]}")
    await company.agree("t1")
    assert abs(ben.position_s - 32.5) < 0.5, "who comes late comes into the middle"
    await eve.group.join(state.code)
    await until(lambda: ann.group.state is not None and len(ann.group.state.members) == 3)
    assert ann.said[-2:] == ["ben listens with you.", "eve listens with you."]

    ann.switch.pause()
    await company.agree("t1", playing=False)
    ann.switch.seek_to(190.0)
    await company.passes(0.5)
    await until(lambda: all(abs(one.position_s - 190.0) < 0.2 for one in company.people))
    ann.switch.resume()
    await company.agree("t1")
    # Nobody says that a track is over.
    await company.passes(10)
    await company.agree("t2")
    ann.switch.next()
    await company.agree("t3")

    # Ben is a guest: what he wants to decide stays with him, what he adds does not.
    ben.switch.drive(None)  # as it is done when another device is let go
    ben.switch.next()
    ben.switch.add([PlayableTrack(id="t8", title="Thunderstruck")])
    await until(lambda: [entry.track_id for entry in eve.player.queue.upcoming] == ["t8"])
    assert "the host decides" in ben.said[-1]
    await company.agree("t3")
    assert [one.errors for one in company.people] == [[], [], []]

    # The host leaves: the one who has been in it longest goes on as the host, and decides.
    await ann.group.leave()
    await until(lambda: ben.group.is_host)
    assert "You are the host now." in ben.said
    assert "ben is the host now." in eve.said
    ben.switch.next()
    await company.agree("t8")
    assert ann.heard == ("t1", False)
    assert abs(ann.position_s - 20) < 0.5, "the own queue is as it was"
    ben.order("close")
    await until(lambda: eve.group.state is None and ben.group.state is None)
    assert eve.said[-1] == "ben has ended the session. Your own queue is back."
    assert ben.heard == ("t7", False)


async def test_after_a_break_of_the_line_a_player_finds_back(company: Company) -> None:
    ann, ben = await company.listener("ann", 50.0), await company.listener("ben", 3.0)
    ann.player.play([PlayableTrack(id=name, title=name, duration_ms=200_000) for name in ("t1", "t2", "t3")])
    state = await ann.group.start()
    await ben.group.join(state.code)
    await company.agree("t1")
    await ben.realtime.stop()
    # Without the line everybody goes on by the clock.
    await company.passes(30)
    ann.switch.jump(ann.player.queue.upcoming[1].entry_id)
    await until(lambda: ann.heard == ("t3", True))
    assert ben.heard == ("t1", True)
    # Ben's machine slept: its clock stood still.
    company.platform.clock.advance(5)
    ann.clock.advance(5)
    await ben.online()
    await company.agree("t3")
    assert ben.group.clock_error_ms < 500


async def test_strangers_and_removed_members_are_refused(company: Company) -> None:
    ann, ben = await company.listener("ann", 50.0), await company.listener("ben", 3.0)
    ben.player.play(OWN)
    await company.passes(4)
    state = await ann.group.start()
    ben.switch.drive(ann.player)
    with pytest.raises(PlatformError, match="Another device plays"):
        await ben.group.join(state.code)
    ben.switch.drive(None)
    for wrong in ("BBBBBB", "nonsense"):
        with pytest.raises(NotFound):
            await ben.group.join(wrong)
    assert ben.heard == ("t7", True), "what was heard goes on"
    await ben.group.join(state.code)
    await ann.group.command(GroupCommand(kind="remove_member", user_id=ben.me.id))
    await until(lambda: ben.group.state is None)
    assert ben.said[-1] == "You are not in the session any more. Your own queue is back."
    assert ben.heard == ("t7", False)
    with pytest.raises(Forbidden):
        await ben.group.join(state.code)
    # A command that comes through late changes nothing for them.
    await ann.group.command(GroupCommand(kind="add", track_ids=["t1"]))
    await company.passes(1)
    assert ben.heard == ("t7", False)


async def test_a_session_is_left_when_the_sound_is_held_here(company: Company) -> None:
    ann, ben = await company.listener("ann", 50.0), await company.listener("ben", 3.0)
    ann.player.play([PlayableTrack(id="t1", title="t1", duration_ms=200_000)])
    state = await ann.group.start()
    await ben.group.join(state.code)
    await company.agree("t1")
    ben.player.pause()
    await company.passes(0.5)
    await until(lambda: ann.group.state is not None and len(ann.group.state.members) == 1)
    assert ben.group.state is None
    assert "ben has left the session." in ann.said
    assert ann.heard == ("t1", True)
