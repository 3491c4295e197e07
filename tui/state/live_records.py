"""Records that the screens show, kept as the platform has them: many notices, few fetches, one place for all stores."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from api_client.backoff import jittered
from api_client.calls import build
from api_client.client import PlatformClient
from api_client.errors import ApiError, BadReply, Forbidden, NotFound, PlatformError
from api_client.models.base import WireModel
from api_client.postponed import frames, records
from api_client.realtime import Realtime
from api_client.sync.catch_up import CatchUp

R = TypeVar("R", bound=WireModel)
M = TypeVar("M")

_UNREADABLE = -1
"""The version of a record that came in a form that cannot be understood: older than everything."""


@dataclass(frozen=True, slots=True)
class Shelf(Generic[R, M]):
    """How one store holds the records of one table. All functions are given the part of a key behind the colon."""

    reader: TypeAdapter[R]
    known: Callable[[str], int | None]
    """The version that is held; None for what is not held, which is not fetched."""
    asked: Callable[[str], M]
    """A mark of the moment, given to `take` with the answer to what is asked now."""
    take: Callable[[str, R, M], None]
    """Shows a record and keeps it on this machine."""
    gone: Callable[[str], None]
    """The platform has it no more, or not for the user."""
    fetch: Callable[[str], Awaitable[WireModel]]
    """Fetches one, where the platform does not give many at once; may raise PlatformError."""
    version_of: Callable[[R], int] = lambda record: int(getattr(record, "version", 0))


@dataclass(frozen=True, slots=True)
class _Found:
    """A record, and for each shelf what it made of it and when that was asked for."""

    version: int
    readings: tuple[tuple[Shelf[Any, Any], Any, Any], ...] = ()


class LiveRecords:
    """One for the session. Stores say with `hold` what they hold; what is fetched goes to each store that has it.

    A notice about a record that no store holds says nothing. Where the platform does not know how to give many records
    at once, each is fetched by itself, for as long as this lives.
    """

    def __init__(self, client: PlatformClient, realtime: Realtime, jitter: Callable[[], float] = random.random) -> None:
        """`realtime` knows what is followed."""
        self._client = client
        self._realtime = realtime
        self._jitter = jitter
        self._shelves: dict[str, list[Shelf[Any, Any]]] = {}
        self._follows: dict[object, frozenset[str]] = {}
        self._many_at_once = True
        self._failures = 0
        self._again: asyncio.TimerHandle | None = None

    @cached_property
    def _catch_up(self) -> CatchUp[_Found]:
        return CatchUp(
            self._fetch,
            self._take,
            known=self._known,
            version_of=lambda found: found.version,
            gone=self._gone,
            batch=records.POINTER_LIMIT,
        )

    def hold(self, table: str, shelf: Shelf[Any, Any]) -> None:
        """Tell where records of `table` are held; several stores may hold the same one."""
        self._shelves.setdefault(table, []).append(shelf)

    def follow(self, owner: object, keys: Iterable[str]) -> None:
        """Let `owner` follow these keys on the socket, and no others any more."""
        before, wanted = self._follows.pop(owner, frozenset()), frozenset(keys)
        for key in before - wanted:
            self._realtime.unsubscribe(key)
        for key in wanted - before:
            self._realtime.subscribe(key)
        if wanted:
            self._follows[owner] = wanted

    async def settled(self) -> None:
        """Wait until nothing is on the way."""
        await self._catch_up.settled()

    async def close(self) -> None:
        """Stop."""
        if self._again is not None:
            self._again.cancel()
        await self._catch_up.close()

    # -- the socket

    def on_event(self, frame: frames.ServerFrame) -> None:
        """Take in an event of the socket: records have new versions."""
        if isinstance(frame, frames.Updates):
            self._catch_up.notices((notice.key, notice.version) for notice in frame.updates)

    def on_gap(self) -> None:
        """The socket was away: everything that is followed is fetched again, in one go."""
        self._catch_up.refresh(self._realtime.followed)

    # -- stores

    def _holders(self, key: str) -> Iterable[tuple[Shelf[Any, Any], int]]:
        table, _, record_id = key.partition(":")
        for shelf in self._shelves.get(table, ()):
            version = shelf.known(record_id)
            if version is not None:
                yield shelf, version

    def _known(self, key: str) -> int | None:
        return min((version for _, version in self._holders(key)), default=None)

    def _take(self, key: str, found: _Found) -> None:
        record_id = key.partition(":")[2]
        for shelf, record, asked in found.readings:
            known = shelf.known(record_id)
            if known is not None and found.version >= known:
                shelf.take(record_id, record, asked)

    def _gone(self, key: str) -> None:
        for shelf, _ in list(self._holders(key)):
            shelf.gone(key.partition(":")[2])

    # -- the platform

    async def _fetch(self, keys: Sequence[str]) -> Mapping[str, _Found]:
        try:
            found = await self._fetch_all(keys)
        except PlatformError as error:
            if error.worth_retrying:
                self._later()
            raise
        self._failures = 0
        return found

    async def _fetch_all(self, keys: Sequence[str]) -> Mapping[str, _Found]:
        asked = {key: self._moments(key) for key in keys}
        if self._many_at_once:
            try:
                records = await self._client.records.fetch(_pointer(key) for key in keys)
            except BadReply:
                # A page that says "not found", or one of these records is too much for one reply: one by one, then.
                pass
            except ApiError as error:
                if error.status not in (404, 405, 501):
                    raise
                # The call itself is unknown: of records that are not there it never says so.
                self._many_at_once, self._catch_up.batch = False, 1
            else:
                return _read(records, asked)
        found = {}
        for key, moments in asked.items():
            if moments and (record := await self._single(key, moments[0][0])) is not None:
                found[key] = _readings(record.model_dump(mode="json"), moments)
        return found

    async def _single(self, key: str, shelf: Shelf[Any, Any]) -> WireModel | None:
        try:
            return await shelf.fetch(key.partition(":")[2])
        except (NotFound, Forbidden):
            return None

    def _moments(self, key: str) -> list[tuple[Shelf[Any, Any], Any]]:
        record_id = key.partition(":")[2]
        return [(shelf, shelf.asked(record_id)) for shelf, _ in self._holders(key)]

    def _later(self) -> None:
        """Ask again for what failed, after a while that grows."""
        if self._again is not None:
            self._again.cancel()
        wait = 0.5 + jittered(self._failures, self._jitter)
        self._failures += 1
        self._again = asyncio.get_running_loop().call_later(wait, self._catch_up.again)


def _pointer(key: str) -> records.RecordPointer:
    table, _, record_id = key.partition(":")
    return build(records.RecordPointer, table=table, id=record_id)


_Moments = list[tuple[Shelf[Any, Any], Any]]


def _read(given: records.RecordSet, asked: Mapping[str, _Moments]) -> dict[str, _Found]:
    found = {}
    for key, moments in asked.items():
        table, _, record_id = key.partition(":")
        record = given.find(table, record_id)
        if record is not None:
            found[key] = _readings(record, moments)
    return found


def _readings(record: Mapping[str, JsonValue], moments: _Moments) -> _Found:
    """Return a record as each shelf reads it; one that cannot be read does not keep the others back."""
    try:
        readings = tuple((shelf, shelf.reader.validate_python(record), asked) for shelf, asked in moments)
    except (ValidationError, RecursionError):
        return _Found(_UNREADABLE)
    return _Found(max((shelf.version_of(read) for shelf, read, _ in readings), default=_UNREADABLE), readings)
