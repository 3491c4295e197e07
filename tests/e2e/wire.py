"""The wire between the program and a platform: a test cuts it, freezes it and mends it, and sees what goes over it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from tests.faults.proxy import Entry, Fault, FaultProxy, Then, Weather

T = TypeVar("T")

AT_ONCE = 10.0
"""Seconds within which the wire does what it is told."""
_FROZEN = Weather(up=Fault(then=Then.FREEZE), down=Fault(then=Then.FREEZE))
_SWALLOWED = Weather(entry=Entry.BLACK_HOLE, up=Fault(then=Then.FREEZE), down=Fault(then=Then.FREEZE))


class Wire:
    """A proxy that lives on a thread of its own, because the tests that use it have no loop."""

    def __init__(self, proxy: FaultProxy, loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
        """Use `wire_to` instead."""
        self._proxy = proxy
        self._loop = loop
        self._over = over
        self.url = proxy.url

    def cut(self) -> None:
        """Nobody listens any more, and what stood is broken: the platform is dead."""

        async def work() -> None:
            await self._proxy.shut()
            self._proxy.cut()

        self._do(work)

    def freeze(self) -> None:
        """Nothing passes any more, and nobody is told; new connections are made and lead nowhere either."""

        async def work() -> None:
            self._proxy.become(_FROZEN)

        self._do(work)

    def swallow(self) -> None:
        """What stood is broken; new connections are made, and nothing ever comes through them."""

        async def work() -> None:
            self._proxy.become(_SWALLOWED)
            self._proxy.cut()

        self._do(work)

    def mend(self) -> None:
        """Everything passes again."""
        self._do(self._proxy.mend)

    @property
    def traffic(self) -> tuple[int, int]:
        """How many connections were made and how many exchanges were begun so far."""

        async def work() -> tuple[int, int]:
            return self._proxy.accepted, self._proxy.exchanges

        return self._do(work)

    def end(self) -> None:
        """Take the wire down."""
        self._loop.call_soon_threadsafe(self._over.set)

    def _do(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(AT_ONCE)


@contextmanager
def wire_to(url: str) -> Iterator[Wire]:
    """Lay a wire to the platform at `url` for the length of a block."""
    ready: Future[Wire] = Future()

    async def run() -> None:
        over = asyncio.Event()
        async with FaultProxy("127.0.0.1", int(url.rpartition(":")[2])) as proxy:
            ready.set_result(Wire(proxy, asyncio.get_running_loop(), over))
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="wire")
    thread.start()
    wire = ready.result(AT_ONCE)
    try:
        yield wire
    finally:
        wire.end()
        thread.join(AT_ONCE)
