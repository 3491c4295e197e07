"""What faults do to one connection of the socket: frames come late, twice or not at all, and the line is cut."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable

from api_client.clock import Clock, wait_or_woken
from api_client.inspect.faults import Faults, FaultSwitch
from api_client.realtime.ends import Over

Raw = str | bytes

_TYPE = re.compile(r'"type"\s*:\s*"([a-zA-Z:_-]{1,40})"')


class SocketFaults:
    """Stands between a socket and who reads it. While the switch is off, and nothing is held up, it holds nothing."""

    def __init__(
        self,
        switch: FaultSwitch,
        clock: Clock,
        *,
        deliver: Callable[[Raw], None],
        mark: Callable[[Raw, str], None],
    ) -> None:
        """`deliver` takes frames when their time has come, in order; `mark` is told what a frame has suffered."""
        self._switch = switch
        self._clock = clock
        self._deliver = deliver
        self._mark = mark
        self._held: deque[tuple[float, Raw]] = deque()
        self._arrived = asyncio.Event()
        self._turned = asyncio.Event()

    def holds(self, raw: Raw) -> bool:
        """Whether `raw` is taken over, to be delivered later, more than once, or never."""
        faults = self._switch.on
        if faults is None and not self._held:
            return False
        fate = None if faults is None else faults.of_frame(_kind(raw))
        if fate is not None and fate.words:
            self._mark(raw, fate.words)
        due = self._clock.monotonic() + (fate.delay if fate else 0.0)
        # They leave in the order in which they came: what overtakes in one connection would be no fault of a line.
        self._held.extend([(due, raw)] * (fate.copies if fate else 1))
        self._arrived.set()
        return True

    async def run(self, cut: Callable[[], None]) -> None:
        """Deliver what is held, and call `cut` when the line is to break: then it raises `Over`. Never returns."""
        unsubscribe = self._switch.subscribe(lambda _: self._turned.set())
        delivering = asyncio.create_task(self._deliver_held(), name="frames held up")
        try:
            await self._until_cut()
        finally:
            unsubscribe()
            delivering.cancel()
            await asyncio.wait({delivering})
        cut()
        raise Over("The live connection was cut: an injected fault.")

    async def _deliver_held(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._held:
                wait = self._held[0][0] - self._clock.monotonic()
                if wait > 0:
                    await self._clock.sleep(wait)
                self._deliver(self._held.popleft()[1])

    async def _until_cut(self) -> None:
        while True:
            faults = self._switch.on
            seconds = faults.spec.cut if faults is not None else 0.0
            due = self._clock.monotonic() + seconds
            await wait_or_woken(self._clock, seconds or None, self._turned)
            if faults is not None and seconds and self._is_due(faults, due):
                faults.cuts()
                return

    def _is_due(self, faults: Faults, due: float) -> bool:
        return self._switch.on is faults and self._clock.monotonic() >= due


def _kind(raw: Raw) -> str:
    """Return the type of a frame as it stands in it; empty where there is none to be seen."""
    head = raw[:4_096]
    found = _TYPE.search(head if isinstance(head, str) else head.decode("utf-8", "replace"))
    return found[1] if found else ""
