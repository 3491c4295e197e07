"""The session in which the user listens with others: joined, followed by this machine's player, commanded, left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api_client.client import PlatformClient
from api_client.errors import Forbidden, NotFound, PlatformError
from api_client.models.realtime import ServerFrame, SessionStateEvent
from api_client.models.together import GROUP_TRACKS, GroupCommand, GroupSession, NewGroupSession, Sounding
from api_client.models.users import User
from tui.keys import KeyOf, usual_key_of
from tui.player.clock import Clock, LoopClock
from tui.player.group_follower import GroupFollower
from tui.player.player import Player
from tui.player.switch import PlayerSwitch
from tui.state.group_face import GroupFace
from tui.state.group_merge import merged
from tui.state.observable import Observable
from tui.state.server_clock import ServerClock
from tui.state.tasks import Tasks

MEASURED = 4
"""Questions about the platform's time upon joining, of which the quickest answer counts."""
MEASURED_AGAIN_S = 120.0
LEFT_WITHIN_S = 0.5
"""Seconds that the end of the program waits for the platform to hear that the user has left."""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """The session is another, or none; `ended` where it has just been left."""

    ended: bool = False


class GroupStore(Observable[GroupChange]):
    """At most one session. While there is one, the player's face is that of the session."""

    def __init__(
        self,
        client: PlatformClient,
        me: User,
        player: Player,
        switch: PlayerSwitch,
        say: Callable[[str], None],
        report: Callable[[PlatformError], None],
        clock: Clock | None = None,
        *,
        key_of: KeyOf = usual_key_of,
    ) -> None:
        """`player` is this machine's; `say` tells the user what happened, `report` what the platform refused.

        `key_of` gives the key of an action as a sentence names it.
        """
        super().__init__()
        self._client = client
        self.me = me
        self._player = player
        self._switch = switch
        self.say = say
        self.key_of = key_of
        self._report = report
        self._clock = clock or LoopClock()
        self._time = ServerClock(self._clock.monotonic)
        self._tasks = Tasks()
        self._turn = asyncio.Lock()
        self._measuring: asyncio.Task[None] | None = None
        self._follower: GroupFollower | None = None
        self.state: GroupSession | None = None
        """The session, with its queue; None where the user is in none."""

    # -- what is known

    @property
    def is_host(self) -> bool:
        """Whether the session is the user's."""
        return self.state is not None and self.state.host_id == self.me.id

    @property
    def may_control(self) -> bool:
        """Whether the user may decide what plays."""
        return self.state is not None and (self.is_host or self.state.guests_control)

    @property
    def due(self) -> Sounding | None:
        """What is to be heard now."""
        return self.state.sounding(self._time.now_ms()) if self.state is not None else None

    @property
    def drift_ms(self) -> float | None:
        """By how much this machine is ahead of the session; None while it does not play what is due."""
        return self._follower.drift_ms if self._follower is not None else None

    @property
    def clock_error_ms(self) -> float:
        """By how much the platform's time may be known wrongly, at most."""
        return self._time.error_ms

    def session_entry(self, entry_id: int) -> int | None:
        """Return the entry of the session that an entry of the player's queue stands for."""
        return self._follower.session_entry(entry_id) if self._follower is not None else None

    def change_own(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
        """Let the own queue, which waits for the end of the session, become another; False where there is no session.

        See `GroupFollower.change_own`. Raises ValueError.
        """
        if self._follower is None:
            return False
        self._follower.change_own(change)
        return True

    # -- in and out

    async def start(self) -> GroupSession:
        """Begin a session with what plays here and comes next. Raises PlatformError."""
        snapshot, queue = self._player.snapshot, self._player.queue
        current = [queue.current] if queue.current is not None else []
        tracks = [entry.track_id for entry in (*current, *queue.upcoming)][:GROUP_TRACKS]
        await self._measure()
        wanted = NewGroupSession(
            track_ids=tracks,
            position_ms=round(snapshot.position_s * 1000),
            playing=snapshot.playing or not current,
        )
        return self._enter(await self._client.together.start(wanted))

    async def join(self, code: str) -> GroupSession:
        """Enter a session. Raises PlatformError: NotFound for a code that there is not (any more)."""
        await self._measure()
        return self._enter(await self._client.together.join(code))

    async def leave(self) -> None:
        """Leave the session; the own queue is back at once, whether or not the platform hears of it."""
        state = self.state
        if state is not None:
            self._finish("")
            try:
                await self._client.together.leave(state.code)
            except (NotFound, Forbidden):
                return

    async def close(self) -> None:
        """Leave at the end of the program, which does not wait for long."""
        if self._measuring is not None:
            self._measuring.cancel()
        try:
            async with asyncio.timeout(LEFT_WITHIN_S):
                await self.leave()
        except (TimeoutError, PlatformError):
            # The platform lets go of who is away.
            pass
        await self._tasks.close()

    def _enter(self, state: GroupSession) -> GroupSession:
        if self.state is not None:
            self._finish("")
        self._follower = GroupFollower(self._player, self._clock, self._time.now_ms, self.say, self._held)
        self.state = state
        self._switch.lead(GroupFace(self, self._player, self._clock))
        self._follower.take(state)
        self._measuring = asyncio.create_task(self._keep_measuring(), name="clock of the platform")
        self.tell(GroupChange())
        return state

    def _finish(self, sentence: str) -> None:
        """Be in no session any more."""
        follower, self._follower = self._follower, None
        self.state = None
        if self._measuring is not None:
            self._measuring.cancel()
            self._measuring = None
        if follower is not None:
            follower.end()
            self._switch.lead(None)
        if sentence:
            self.say(f"{sentence} Your own queue is back.")
        self.tell(GroupChange(ended=True))

    def _held(self) -> None:
        """Something on this machine holds the sound, a sleep timer for one: the others go on without the user."""
        self.say("The sound was held on this machine: you have left the session.")
        self._tasks.later(self.leave())

    # -- commands

    async def command(self, command: GroupCommand) -> GroupSession | None:
        """Do something in the session; return it as it is then. Raises PlatformError."""
        state = self.state
        if state is None:
            return None
        # One after the other: what was pressed first is done first.
        async with self._turn:
            self._take(await self._client.together.command(state.code, command))
        return self.state

    def order(self, *commands: GroupCommand) -> None:
        """Do the same for somebody who does not wait; what the platform refuses is told."""
        self._tasks.start(self._ordered(commands))

    async def _ordered(self, commands: Sequence[GroupCommand]) -> None:
        try:
            for command in commands:
                await self.command(command)
        except PlatformError as error:
            self._report(error)

    def play_now(self, track_id: str) -> None:
        """Let everybody hear a track now, and then go on with the queue."""
        self._tasks.start(self._play_now(track_id))

    async def _play_now(self, track_id: str) -> None:
        try:
            state = await self.command(GroupCommand(kind="add_next", track_ids=[track_id]))
            added = [entry.id for entry in (state.entries or ()) if entry.track.id == track_id] if state else []
            if added:
                # The newest one: ids only grow.
                await self.command(GroupCommand(kind="jump", entry_id=max(added)))
        except PlatformError as error:
            self._report(error)

    # -- what the platform tells

    def on_event(self, frame: ServerFrame) -> None:
        """Take over what happened in the session."""
        if isinstance(frame, SessionStateEvent):
            self._take(frame.state)

    def on_gap(self) -> None:
        """The connection was away: the clock is measured anew, and the session asked for."""
        if self.state is not None:
            self._tasks.later(self._resync())

    async def _resync(self) -> None:
        self._time.forget_after(await self._samples(MEASURED))
        await self._fetch()
        if self._follower is not None:
            self._follower.resync()

    async def _fetch(self) -> None:
        state = self.state
        if state is None:
            return
        try:
            self._take(await self._client.together.session(state.code))
        except (NotFound, Forbidden) as error:
            if self.state is not None and self.state.code == state.code:
                self._finish(error.sentence)

    def _take(self, told: GroupSession) -> None:
        """Take over a state; one that is older than what is known comes too late."""
        known = self.state
        if known is None or told.code != known.code or told.version <= known.version:
            return
        if told.ended:
            self._finish(told.ended)
            return
        if all(member.user.id != self.me.id for member in told.members):
            self._finish("You are not in the session any more.")
            return
        state = merged(known, told)
        if state is None:
            self._tasks.later(self._fetch())
            return
        self.state = state
        self._tell_of_people(known, state)
        if self._follower is not None:
            self._follower.take(state)
        self.tell(GroupChange())

    def _tell_of_people(self, before: GroupSession, now: GroupSession) -> None:
        names = {member.user.id: member.user.username for member in (*before.members, *now.members)}
        there = [{member.user.id for member in state.members} for state in (before, now)]
        for user_id in sorted(there[1] - there[0]):
            self.say(f"{names[user_id]} listens with you.")
        for user_id in sorted(there[0] - there[1]):
            self.say(f"{names[user_id]} has left the session.")
        if before.host_id != now.host_id:
            you = now.host_id == self.me.id
            self.say("You are the host now." if you else f"{names.get(now.host_id, 'Somebody')} is the host now.")

    # -- the clock

    async def _measure(self) -> None:
        if self._switch.is_remote:
            key = self.key_of("global.go_devices")
            raise PlatformError(f"Another device plays: {key} moves the music here, then you can join.", sent=False)
        try:
            self._time.forget_after(await self._samples(MEASURED))
        except NotFound as error:
            raise PlatformError("This platform has no sessions to listen together in.", sent=False) from error

    async def _samples(self, count: int) -> list[tuple[float, int, float]]:
        found: list[tuple[float, int, float]] = []
        for _ in range(count):
            sent = self._clock.monotonic()
            told = await self._client.together.time()
            found.append((sent, told.now, self._clock.monotonic()))
        return found

    async def _keep_measuring(self) -> None:
        while True:
            await self._client.clock.sleep(MEASURED_AGAIN_S)
            try:
                for sample in await self._samples(1):
                    self._time.take(*sample)
            except PlatformError:
                # The next time, or when the connection is back.
                continue
