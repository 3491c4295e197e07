"""One track's downloader: ranges in the order the ear needs them, resumed after drops, with fresh addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from api_client.postponed import httpx
from tui.player.engine import Fault, PlayerError
from tui.player.source import KIB, AddressRule, Resolve, SourceError, SourceOptions, StreamInfo
from tui.player.track_bytes import TrackBytes, TrackReader

_EXPIRED = frozenset({401, 403, 410})
_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_CHUNK = 64 * KIB
_SKIP_AHEAD = 256 * KIB
"""A reader that jumps no farther than this waits for the running request; past it, a new range is asked for."""


class _Dropped(PlayerError):
    """The server gave up on an answer, or asked for another attempt later."""


@dataclass(slots=True)
class _Patience:
    """What is left of it: renewals and retries in a row, both given back by progress."""

    renewals: int = 0
    drops: int = 0
    last_status: int = 0

    def restore(self) -> None:
        self.renewals = self.drops = self.last_status = 0


class TrackSource:
    """The bytes of one track, fetched by one task on the loop. A `ByteSource` for engines."""

    def __init__(
        self,
        track_id: str,
        client: httpx.AsyncClient,
        resolve: Resolve,
        rule: AddressRule,
        options: SourceOptions,
        stored: Callable[[], None] = lambda: None,
    ) -> None:
        """Must be made on the running loop. `stored` is called after each write: a cache keeps its budget so."""
        self.track_id = track_id
        self._client, self._resolve, self._rule, self._options = client, resolve, rule, options
        self._stored = stored
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._bytes = TrackBytes(options.window, self._reader_waits)
        self._info: StreamInfo | None = None
        self._all = False
        self._is_ogg = False
        self._patience = _Patience()
        self._task: asyncio.Task[None] | None = None

    # What engines and the player see

    @property
    def fault(self) -> Fault | None:
        """Why the bytes stopped coming, or None."""
        return self._bytes.fault

    @property
    def reason(self) -> str:
        """The sentence of the fault."""
        return self._bytes.reason

    @property
    def delivered(self) -> bool:
        """Whether the last byte was read, or every byte is here, and nothing went wrong."""
        return self._bytes.delivered

    @property
    def complete(self) -> bool:
        """Whether every byte is in memory."""
        return self._bytes.complete

    @property
    def held(self) -> int:
        """How many bytes of memory are in use."""
        return self._bytes.held

    @property
    def size(self) -> int | None:
        """The size in bytes as far as it is known."""
        return self._bytes.size

    @property
    def quality(self) -> int | None:
        """Kilobits per second of what is fetched, once the address is known."""
        return self._info.quality if self._info else None

    def reader(self) -> TrackReader:
        """Open one more stream of these bytes; callable from any thread."""
        return TrackReader(self._bytes)

    def fetch(self, everything: bool) -> None:
        """Start (or go on) fetching: only what is needed to begin to play, or everything."""
        self._all = self._all or everything
        self._wake.set()
        if self._task is None and not self.complete and self.fault is None:
            self._task = self._loop.create_task(self._run(), name=f"fetch {self.track_id}")

    async def close(self) -> None:
        """Stop fetching and end every blocked reader."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if self.fault is None and not self.complete:
            self._bytes.fail(Fault.NO_NETWORK, Fault.NO_NETWORK.sentence)

    # The task

    def _reader_waits(self) -> None:
        """Called on the reader's thread."""
        try:
            self._loop.call_soon_threadsafe(self._promote)
        except RuntimeError:  # the loop is closed: nothing will come any more
            self._bytes.fail(Fault.NO_NETWORK, Fault.NO_NETWORK.sentence)

    def _promote(self) -> None:
        self._all = True
        self._wake.set()

    async def _run(self) -> None:
        finished = False
        try:
            while True:
                self._wake.clear()
                wanted = self._next_range()
                if wanted is None and self.complete and self._options.window >= (self.size or 0):
                    break
                if wanted is None:
                    await self._wake.wait()
                else:
                    await self._attempt(*wanted)
            finished = True
        except SourceError as error:
            self._bytes.fail(error.fault, error.sentence)
            finished = True
        finally:
            if not finished:  # cancelled, or a defect: a reader must not wait for ever either way
                self._bytes.fail(Fault.NO_NETWORK, Fault.NO_NETWORK.sentence)

    def _next_range(self) -> tuple[int, int | None] | None:
        """Return the next range to ask for, [start, end) with None for an open end, or None to wait."""
        options, track = self._options, self._bytes
        if not track.size_is_settled:
            return 0, options.head
        size = track.size
        if size is None:
            return track.gap(0, options.largest)
        place = min(track.place, size)
        head = track.gap(0, min(options.head, size)) if place < options.head or not self._all else None
        if head:
            return head
        tail = track.gap(max(0, size - options.tail), size) if self._is_ogg and place < options.head else None
        if tail:
            return tail
        if not self._all:
            return None
        missing = track.gap(place, size)
        if missing is None and size <= options.window:
            missing = track.gap(0, size)
        return missing if missing and track.room_ahead(missing[0]) else None

    async def _attempt(self, start: int, end: int | None) -> None:
        """Ask once for a range and store what comes; a drop is survived here, the rest is raised as SourceError."""
        patience, options = self._patience, self._options
        try:
            if self._info is None:
                self._info = await self._resolve(self.track_id)
            await self._request(self._info, start, end)
        except httpx.InvalidURL as error:
            raise SourceError(Fault.ADDRESS) from error
        except (httpx.TransportError, _Dropped) as error:
            if patience.drops >= len(options.retry_delays_s):
                raise SourceError(*self._give_up(error)) from error
            delay = options.retry_delays_s[patience.drops]
            patience.drops += 1
            await asyncio.sleep(delay)

    def _give_up(self, error: httpx.TransportError | _Dropped) -> tuple[Fault, str]:
        if self._patience.last_status:
            return Fault.SERVER, f"{Fault.SERVER.sentence[:-1]} (error {self._patience.last_status})."
        if isinstance(error, httpx.RemoteProtocolError | _Dropped) and self._bytes.size_is_settled:
            return Fault.TOO_SHORT, "The server cut this track off, again and again."
        return Fault.NO_NETWORK, Fault.NO_NETWORK.sentence

    async def _request(self, info: StreamInfo, start: int, end: int | None) -> None:
        if not self._rule.allows(info.url):
            raise SourceError(Fault.ADDRESS)
        request = self._client.build_request(
            "GET",
            info.url,
            headers={
                "Range": f"bytes={start}-{'' if end is None else end - 1}",
                "Accept-Encoding": "identity",
            },
            timeout=self._options.timeout_s,
        )
        # The address is signed: the listener's token must not travel to whatever host it names.
        response = await self._client.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            if self._judge(response.status_code):
                await self._store(response, start)
        finally:
            await response.aclose()

    def _judge(self, status: int) -> bool:
        """Return whether the body is audio; otherwise arrange for another attempt or raise SourceError."""
        if status in (200, 206):
            return True
        if status in _EXPIRED:
            if self._patience.renewals >= self._options.renewals:
                raise SourceError(Fault.EXPIRED)
            self._patience.renewals += 1
            self._info = None
            return False
        if status in _RETRY:
            self._patience.last_status = status
            raise _Dropped(f"status {status}")
        if 300 <= status < 400:
            raise SourceError(Fault.ADDRESS)
        if status == 404:
            raise SourceError(Fault.NOT_FOUND)
        if status == 416:
            raise SourceError(Fault.CHANGED if self._bytes.size_is_settled else Fault.TOO_SHORT)
        raise SourceError(Fault.SERVER, f"{Fault.SERVER.sentence[:-1]} (error {status}).")

    async def _store(self, response: httpx.Response, start: int) -> None:
        offset, size = _placed(response, start)
        if size is not None and size > self._options.largest:
            raise SourceError(Fault.SERVER, "This track is too large to play.")
        if self._bytes.size_is_settled and self._bytes.size is not None and size != self._bytes.size:
            raise SourceError(Fault.CHANGED)
        if size == 0:
            raise SourceError(Fault.TOO_SHORT)
        if not self._bytes.size_is_settled or size is not None:
            self._bytes.settle_size(size)
        ranged = response.status_code == 206
        limit = size if size is not None else self._options.window
        grew = False
        async for chunk in response.aiter_raw(_CHUNK):
            if offset == 0:
                self._is_ogg = chunk.startswith(b"OggS")
            if offset + len(chunk) > limit:
                raise SourceError(Fault.CHANGED)
            if self._bytes.write(offset, chunk):
                grew = True
                self._patience.restore()
            offset += len(chunk)
            self._stored()
            if ranged and self._should_turn_away(offset):
                return
        if size is None:
            self._bytes.settle_size(offset)
        elif not grew:
            raise _Dropped("an answer without new bytes")

    def _should_turn_away(self, offset: int) -> bool:
        """Whether the reader is now somewhere that this request will not reach soon."""
        size = self._bytes.size
        if size is None:
            return False
        if not self._bytes.room_ahead(offset):
            return True
        missing = self._bytes.gap(min(self._bytes.place, size), size)
        return missing is not None and self._all and not offset - KIB <= missing[0] <= offset + _SKIP_AHEAD


def _placed(response: httpx.Response, start: int) -> tuple[int, int | None]:
    """Return where the body stands in the file and how long the file is, from the headers of a 200 or a 206."""
    if response.status_code == 200:
        return 0, _number(response.headers.get("Content-Length", ""))
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    span, _, total = rest.partition("/")
    size = _number(total)
    if unit.lower() != "bytes" or size is None or _number(span.partition("-")[0]) != start:
        raise SourceError(Fault.DAMAGED, "The server answered with a range that was not asked for.")
    return start, size


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
