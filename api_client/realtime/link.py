"""The live connection as the program sees it: always there, or trying to be, or saying why not."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from api_client.addresses import Address
from api_client.auth import Authority
from api_client.backoff import jittered
from api_client.clock import Clock, wait_or_woken
from api_client.errors import ErrorCode, PlatformError, SignInRequired
from api_client.inspect.causes import uncaused
from api_client.inspect.faults import FaultSwitch
from api_client.postponed import frames
from api_client.realtime.buffer import EventBuffer
from api_client.realtime.ends import Over, Target
from api_client.realtime.following import Following
from api_client.realtime.frames import Versions
from api_client.realtime.states import Phase, SocketState

if TYPE_CHECKING:
    import ssl

    from api_client.inspect.recorder import Recorder
    from api_client.realtime.session import Session

STABLE_SECONDS = 10.0
"""How long a connection must last for the waits to start over."""
ATTEMPTS = 12
"""How often it is tried at most within a minute, unless somebody asks for it."""

_COURTESY = 0.004
"""Seconds of events after which others have their turn, the keys of the user before all."""

OnEvent = Callable[["frames.ServerFrame"], Awaitable[None] | None]
OnGap = Callable[[], Awaitable[None] | None]
OnState = Callable[[SocketState], None]


class Host(Protocol):
    """Whose socket it is; `PlatformClient` is one."""

    address: Address
    auth: Authority
    clock: Clock
    user_agent: str

    @property
    def recorder(self) -> Recorder | None:
        """What keeps a record of every frame; it may come and go while a connection stands."""


class Realtime:
    """Keeps one socket open, signed in and subscribed, and hands its events on.

    After every reconnect `on_gap` is called, before the events that followed: whatever was missed has to be fetched
    again. Waits double from 1 to 30 s, with full jitter. Events reach `on_event` one after the other, from a task of
    their own; a slow one delays the next, but never the socket.
    """

    def __init__(
        self,
        host: Host,
        *,
        on_event: OnEvent,
        on_gap: OnGap,
        on_state: OnState | None = None,
        on_sign: Callable[[], None] | None = None,
        on_raw: Callable[[str | bytes], None] | None = None,
        url: str | None = None,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        faults: FaultSwitch | None = None,
    ) -> None:
        """Make a link to `host`, not connected yet; `url` is where the socket is, if not below the host's address.

        `on_sign` is called for everything that comes, before anybody has read it; `faults` is the switch of what is
        injected.
        """
        self._host = host
        self._on_event = on_event
        self._on_gap = on_gap
        self._on_state = on_state
        self._on_sign = on_sign or _unnoticed
        self._on_raw = on_raw
        self._url = url or host.address.socket
        self._clock = clock or host.clock
        self._jitter = jitter
        self._faults = faults or FaultSwitch()
        self._buffer = EventBuffer()
        self._following = Following()
        self._chats: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self._state = SocketState(Phase.OFFLINE)
        self._tls: ssl.SSLContext | None = None
        self._missed = False
        """Whether there was a time in which events went by unheard."""
        self._online_since: float | None = None
        self._attempts: deque[float] = deque(maxlen=ATTEMPTS)

    @property
    def state(self) -> SocketState:
        """What the connection is doing."""
        return self._state

    def start(self, *, behind: bool = False) -> None:
        """Connect, and stay connected until `stop`.

        `behind` says that something is shown which may be old: then the first connection counts as one after a gap.
        """
        if self._task is None:
            self._missed |= behind
            self._task = asyncio.create_task(self._run(), name="realtime", context=uncaused())
            self._task.add_done_callback(self._report_fault)

    async def stop(self) -> None:
        """Close the connection for good, within 2 s; raises what a callback of the program raised, if one did."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._session = None
        self._set(SocketState(Phase.STOPPED))
        if task is not None and not task.cancelled():
            task.result()

    def retry_now(self) -> None:
        """Try again at once, if it is waiting or offline."""
        if self._state.phase in (Phase.WAITING, Phase.OFFLINE):
            self._wake.set()

    def probe(self) -> bool:
        """Ask for a sign of life; without one the connection is given up in some seconds. False where there is none."""
        if self._session is None:
            return False
        self._session.probe()
        return True

    def subscribe(self, key: str) -> None:
        """Ask for version notices of a record, such as `posts:{id}`; kept across reconnects.

        Several may ask for the same record; it is watched until as many have unsubscribed.
        """
        self._following.follow(key)
        self._ask()

    def unsubscribe(self, key: str) -> None:
        """Take back one `subscribe`."""
        self._following.leave(key)
        self._ask()

    @property
    def followed(self) -> tuple[str, ...]:
        """The keys of which somebody has asked for notices."""
        return self._following.keys

    def join(self, chat_id: str) -> None:
        """Enter a conversation's room, for its typing notices; kept across reconnects."""
        if chat_id not in self._chats:
            self._chats[chat_id] = None
            self._send_if_online(frames.JoinChat(chat_id=chat_id))

    def leave(self, chat_id: str) -> None:
        """Leave it."""
        if chat_id in self._chats:
            del self._chats[chat_id]
            self._send_if_online(frames.LeaveChat(chat_id=chat_id))

    def send(self, frame: frames.ClientFrame | str) -> bool:
        """Send a frame that is worth something only now, such as `Typing`; False if it cannot leave.

        Text is sent as it is.
        """
        return self._session is not None and self._session.send(frame)

    def _ask(self) -> None:
        """Ask for what is followed and say what is not any more, as far as the platform's patience goes."""
        if self._session is not None:
            for frame in self._following.due(self._clock.monotonic()):
                self._session.post(frame)

    def _send_if_online(self, frame: frames.ClientFrame) -> None:
        if self._session is not None:
            self._session.post(frame)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._dispatch())
            group.create_task(self._stay_connected())

    async def _dispatch(self) -> None:
        while True:
            gap, events = await self._buffer.drain()
            if gap:
                await _finished(self._on_gap())
            until = time.perf_counter() + _COURTESY
            for event in events:
                await _finished(self._on_event(event))
                if time.perf_counter() >= until:
                    await asyncio.sleep(0)
                    until = time.perf_counter() + _COURTESY

    async def _stay_connected(self) -> None:
        failures, renew, renewed = 0, False, False
        while True:
            self._set(SocketState(Phase.CONNECTING))
            self._online_since = None
            self._attempts.append(self._clock.monotonic())
            over = await self._connect(renew=renew)
            renew = False
            if self._online_since is not None and self._clock.monotonic() - self._online_since >= STABLE_SECONDS:
                failures, renewed = 0, False
            if over.sign_in and not renewed:
                renew = renewed = True
                continue
            if over.sign_in:
                renewed = False
                await self._wait(Phase.OFFLINE, over.reason, None)
                continue
            wait = max(jittered(failures, self._jitter), over.retry_after or 0.0, self._pause())
            failures += 1
            await self._wait(Phase.WAITING, over.reason, wait)

    def _pause(self) -> float:
        """Return the seconds until the next attempt would not be one too many in a minute, whatever the jitter says."""
        if len(self._attempts) < ATTEMPTS:
            return 0.0
        return max(0.0, self._attempts[0] + 60.0 - self._clock.monotonic())

    async def _connect(self, *, renew: bool) -> Over:
        """Run one connection and return how it ended; with `renew` on fresh tokens."""
        try:
            tokens = await self._host.auth.current()
            if tokens is not None and renew:
                tokens = await self._host.auth.renew(tokens)
        except SignInRequired as error:
            return Over(error.sentence, sign_in=True)
        except PlatformError as error:
            return Over(error.sentence)
        if tokens is None:
            return Over("Not signed in.", sign_in=True)
        # Not before it is used: no screen waits for it.
        from api_client.inspect.socket_watch import SocketWatch
        from api_client.realtime import session as sessions

        if self._url.startswith("wss:") and self._tls is None:
            import ssl

            self._tls = await asyncio.to_thread(ssl.create_default_context)
        target = Target(self._url, tokens, self._host.user_agent, self._host.address.loopback, self._tls)
        watch = SocketWatch(lambda: self._host.recorder, self._url, tokens)
        session = sessions.Session(
            target,
            self._clock,
            watch=watch,
            on_open=self._opened,
            on_ready=self._ready,
            on_frame=self._take,
            on_versions=self._take_versions,
            on_tick=self._tick,
            on_sign=self._on_sign,
            on_raw=self._on_raw,
            faults=self._faults,
        )
        try:
            await session.run()
        except Over as over:
            watch.ended(error=over.reason)
            return over
        finally:
            self._session = None
        return Over("The platform has closed the live connection.")

    def _opened(self, session: Session) -> list[frames.ClientFrame]:
        """Return what has to be asked for again; what is asked for from now on goes to `session`."""
        self._session = session
        now = self._clock.monotonic()
        self._following.opened(now)
        return [*self._following.due(now), *(frames.JoinChat(chat_id=chat) for chat in self._chats)]

    def _take(self, event: frames.ServerFrame, weight: int) -> None:
        if isinstance(event, frames.SocketError) and event.key is not None:
            if event.code == ErrorCode.RATE_LIMITED:
                self._following.refused(event.key)
            else:
                self._following.heard((event.key,))
        self._buffer.put(event, weight)

    def _take_versions(self, versions: Versions) -> None:
        self._following.heard(versions)
        self._buffer.put_versions(versions)

    def _tick(self) -> str | None:
        if self._following.is_deaf(self._clock.monotonic()):
            return "The live connection stands, but the platform does not answer on it."
        self._ask()
        return None

    def _ready(self) -> None:
        if self._missed:
            self._buffer.mark_gap()
        self._missed = True
        self._online_since = self._clock.monotonic()
        self._set(SocketState(Phase.ONLINE))

    async def _wait(self, phase: Phase, reason: str, seconds: float | None) -> None:
        # Also before the first connection: what the screens show by then is from this machine.
        self._missed = True
        self._wake.clear()
        self._set(SocketState(phase, reason, None if seconds is None else self._clock.monotonic() + seconds))
        await wait_or_woken(self._clock, seconds, self._wake)

    def _set(self, state: SocketState) -> None:
        if state != self._state:
            self._state = state
            if self._on_state is not None:
                self._on_state(state)

    def _report_fault(self, task: asyncio.Task[None]) -> None:
        """Say so at once if a callback of the program has ended the link; `stop` raises it."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._set(SocketState(Phase.OFFLINE, "The live connection has ended by a fault of this program."))
            task.get_loop().call_exception_handler({"message": "realtime ended", "exception": error, "task": task})


def _unnoticed() -> None:
    """Nobody asks for signs of life."""


async def _finished(outcome: Awaitable[None] | None) -> None:
    if outcome is not None and inspect.isawaitable(outcome):
        await outcome
