"""From many notices of newer versions to few fetches: each key at most once on the way and once in line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from api_client.errors import Forbidden, NotFound, PlatformError

R = TypeVar("R")

BATCH = 50
"""Keys in one fetch."""
SIDE_BY_SIDE = 3
"""Fetches on the way at the same time."""


class CatchUp(Generic[R]):
    """Fetches what notices say is newer than what is known.

    Notices come in any order, late and more than once. What is not newer than what is known is passed over; what comes
    while a key is being fetched makes it be fetched once more, if the fetch did not bring that version. A record is
    taken over only if it is not older than the one known, so that a slow answer never undoes a later one.
    """

    def __init__(
        self,
        fetch: Callable[[Sequence[str]], Awaitable[Mapping[str, R]]],
        take: Callable[[str, R], None],
        *,
        known: Callable[[str], int | None],
        version_of: Callable[[R], int],
        gone: Callable[[str], None],
        batch: int = BATCH,
        side_by_side: int = SIDE_BY_SIDE,
    ) -> None:
        """`fetch` brings the records of up to `batch` keys; one that it leaves out is `gone`.

        `known` gives the version of what is held, None for what is not: such a key is not fetched. `take` gets each
        record that is not older than that. For a single key, `fetch` may raise `NotFound` or `Forbidden` as well; any
        other `PlatformError` ends in `failed`, and the next notice, or `again`, asks anew.
        """
        self._fetch = fetch
        self._take = take
        self._known = known
        self._version_of = version_of
        self._gone = gone
        self.batch = batch
        """Keys in one fetch, from now on."""
        self._slots = side_by_side
        self._waiting: dict[str, int] = {}
        """Keys in line and the version that is to be reached."""
        self._busy: dict[str, int] = {}
        """Keys on the way and the version they were asked for."""
        self._anew: set[str] = set()
        """Keys in line that no fetch satisfies which is on the way already."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting: asyncio.Handle | None = None
        self.failed: dict[str, int] = {}
        """Keys whose fetch failed, and the version that was to be reached."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on the way or in line."""
        return not self._waiting and not self._busy

    def notice(self, key: str, version: int) -> None:
        """Take a notice; called in a running event loop."""
        known = self._known(key)
        if known is not None and version > known:
            self._want(key, version)

    def notices(self, notices: Iterable[tuple[str, int]]) -> None:
        """Take many."""
        for key, version in notices:
            self.notice(key, version)

    def refresh(self, keys: Iterable[str]) -> None:
        """Fetch `keys` whatever their versions: there was a time in which no notice could come.

        What is on the way may be from before, and is fetched once more.
        """
        for key in keys:
            known = self._known(key)
            if known is not None:
                self._anew.add(key)
                self._queue(key, known)

    def again(self) -> None:
        """Ask once more for what failed, as after the network came back."""
        failed, self.failed = self.failed, {}
        for key, version in failed.items():
            if self._known(key) is not None:
                self._queue(key, version)

    async def settled(self) -> None:
        """Wait until nothing is on the way or in line."""
        while not self.is_idle:
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(0)

    async def close(self) -> None:
        """Stop; what is on the way is given up."""
        self._waiting.clear()
        self._anew.clear()
        if self._starting is not None:
            self._starting.cancel()
            self._starting = None
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _want(self, key: str, version: int) -> None:
        if self._busy.get(key, -1) < version:
            self._queue(key, version)

    def _queue(self, key: str, version: int) -> None:
        self.failed.pop(key, None)
        self._waiting[key] = max(version, self._waiting.get(key, version))
        if self._starting is None:
            # At the next turn of the loop, so that all the notices of one frame share a fetch.
            self._starting = asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        self._starting = None
        while len(self._tasks) < self._slots:
            ready = {key: version for key, version in self._waiting.items() if key not in self._busy}
            keys = list(ready)[: self.batch]
            if not keys:
                return
            for key in keys:
                self._busy[key] = self._waiting.pop(key)
                self._anew.discard(key)
            task = asyncio.create_task(self._bring(keys), name="catch up")
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            task.get_loop().call_exception_handler({"message": "catching up", "exception": error, "task": task})
        if self._waiting and self._starting is None:
            self._starting = task.get_loop().call_soon(self._start)

    async def _bring(self, keys: list[str]) -> None:
        asked = {key: self._busy[key] for key in keys}
        try:
            try:
                records = await self._fetch(keys)
            except (NotFound, Forbidden):
                if len(keys) > 1:
                    raise
                records = {}
        except PlatformError:
            for key in keys:
                self.failed[key] = max(asked[key], self._waiting.pop(key, 0))
                self._anew.discard(key)
            return
        finally:
            for key in keys:
                self._busy.pop(key, None)
        for key in keys:
            self._arrived(key, asked[key], records.get(key))

    def _arrived(self, key: str, asked: int, record: R | None) -> None:
        known = self._known(key)
        if record is None:
            self._waiting.pop(key, None)
            self._anew.discard(key)
            if known is not None:
                self._gone(key)
            return
        version = self._version_of(record)
        # None: nobody holds it any more, and it is not brought back.
        if known is not None and version >= known:
            self._take(key, record)
        if key in self._anew:
            # Asked for since this was, and in line.
            return
        if self._waiting.get(key, version + 1) <= version:
            del self._waiting[key]
        elif version < asked and known is not None:
            # Read from a copy that lags behind: to ask at once would ask it again.
            self.failed[key] = asked
