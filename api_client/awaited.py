"""Which answers are awaited for longer than a moment, and whether anything at all comes from the platform meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api_client.clock import Clock

OVERDUE = 1.0
"""Seconds after which an answer that has not begun is one that is waited for; and between two looks from then on."""
AWAY = 0.5
"""Seconds by which a look may be late: beyond them this machine slept or was busy, and the platform is not to blame."""

_PROBE = object()
"""Stands for the probe among what is awaited."""

Tell = Callable[["Delay | None"], None]


@dataclass(frozen=True, slots=True)
class Delay:
    """What a user who waits is told."""

    seconds: int
    """For how long an answer has been awaited; where `silent`, for how long nothing has come at all."""
    silent: bool
    """Whether the platform gives no sign of life; otherwise it is there, and only this answer takes its time."""


class Awaited:
    """Watches the requests that are on their way, once somebody `follow`s.

    A platform that freezes accepts what it is sent and answers nothing; nobody is told of that. So the first answer
    that is overdue leads to a probe, by another connection, and once a second to one more; as does a request whose
    connection broke. As long as they bring signs of life, one request is slow; if they do not, the platform is silent,
    until something is heard of it. Nothing is looked at while nothing is awaited.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[object, float] = {}
        """When each request left, or when the last piece of its answer came; and the first unanswered probe."""
        self._heard_at = self._probed_at = float("-inf")
        self._silent_since: float | None = None
        self._told: Delay | None = None
        self._tell: Tell | None = None
        self._probe: Callable[[], bool] = lambda: False
        self._watch: asyncio.Task[None] | None = None

    def follow(self, tell: Tell, probe: Callable[[], bool]) -> None:
        """Tell of every change of the delay; None is none.

        `probe` asks the platform for a sign of life, which is to be reported by `heard`; False where it has no way.
        """
        self._tell, self._probe = tell, probe

    async def close(self) -> None:
        """Watch no more."""
        watch, self._watch, self._tell = self._watch, None, None
        if watch is not None:
            watch.cancel()
            await asyncio.wait({watch})

    @contextmanager
    def asking(self) -> Iterator[Callable[[], None]]:
        """Await an answer for the length of a block; what it gives is to be called for every piece of the answer."""
        request = object()
        self._asked[request] = self._clock.monotonic()
        self._be_awake()

        def came() -> None:
            self._asked[request] = self._clock.monotonic()
            self.heard()

        try:
            yield came
        finally:
            del self._asked[request]
            if self._told is not None:
                self._say(self._clock.monotonic())

    def heard(self) -> None:
        """Something has come from the platform, whatever it is."""
        self._heard_at = self._clock.monotonic()
        self._asked.pop(_PROBE, None)
        if self._silent_since is not None:
            self._silent_since = None
            self._say(self._heard_at)

    def lost(self) -> None:
        """A connection could not be made, or broke: by the other one it is asked at once if the platform is there."""
        if self._tell is not None and _PROBE not in self._asked:
            self._ask(self._clock.monotonic())
            self._be_awake()

    def _be_awake(self) -> None:
        if self._watch is None and self._tell is not None and self._asked:
            self._watch = asyncio.create_task(self._look_again_and_again(), name="answers awaited")

    async def _look_again_and_again(self) -> None:
        wait: float | None = OVERDUE
        while wait is not None:
            due = self._clock.monotonic() + wait
            await self._clock.sleep(wait)
            now = self._clock.monotonic()
            if now - due > AWAY:
                self._begin_anew(now)
            wait = self._look(now)
        self._watch = None

    def _begin_anew(self, now: float) -> None:
        """Give every request its time again: answers may lie here that nobody has looked at.

        Who was silent before remains so until it is heard, but not for the time of which nobody here knows.
        """
        self._asked = dict.fromkeys(self._asked, now)
        if self._silent_since is not None:
            self._silent_since = now

    def _look(self, now: float) -> float | None:
        """Say how it stands, and return the seconds until it is to be looked at again; None once nothing is awaited."""
        if self._asked and (wait := min(self._asked.values()) + OVERDUE - now) > 0:
            self._say(now)
            return wait
        if self._asked:
            asked = max(min(self._asked.values()), self._probed_at)
            if self._silent_since is None and self._heard_at < asked:
                self._silent_since = asked
            self._ask(now)
        if not self._asked:
            self._silent_since = None
        self._say(now)
        return OVERDUE if self._asked else None

    def _ask(self, now: float) -> None:
        """Ask for a sign of life, which is awaited like an answer; where there is no way to, none is."""
        if self._probe():
            self._probed_at = now
            self._asked.setdefault(_PROBE, now)
        else:
            self._asked.pop(_PROBE, None)

    def _say(self, now: float) -> None:
        delay: Delay | None = None
        late = now - min(self._asked.values(), default=now)
        if self._silent_since is not None:
            delay = Delay(max(round(now - self._silent_since), 1), silent=True)
        elif late >= OVERDUE:
            delay = Delay(round(late), silent=False)
        if delay != self._told and self._tell is not None:
            self._told = delay
            self._tell(delay)
