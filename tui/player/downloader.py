"""One track's downloader: ranges in the order the ear needs them, resumed after drops, with fresh addresses."""

from __future__ import annotations

import asyncio

from api_client.inspect.streaming import streamed
from api_client.postponed import httpx
from tui.player.answers import Dropped, Expired, Placed, judge, placed
from tui.player.engine import Fault
from tui.player.source import ASKING, CUT, FIRST, GETTING_READY, KIB, Finished, SourceError, StreamInfo
from tui.player.supply import Patience, Supply, Watch
from tui.player.track_bytes import TrackBytes, TrackReader

_SKIP_AHEAD = 256 * KIB
"""A reader that jumps no farther than this waits for the running request; past it, a new range is asked for."""
_TAILED = frozenset({"audio/ogg", "application/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a"})


class TrackSource:
    """The bytes of one track, fetched by one task on the loop, and by a second one for the end of the file.

    A `Held` for the player.
    """

    from_cache = 0

    def __init__(self, track_id: str, supply: Supply, quality: int | None = None, watch: Watch | None = None) -> None:
        """Must be made on the running loop. `quality` in kbit/s is what the platform is asked for."""
        self.track_id = track_id
        self.asked = quality
        self.from_network = 0
        self._supply, self._options = supply, supply.options
        self._watch = watch or Watch()
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._bytes = TrackBytes(self._options.window, self._reader_waits)
        self._info: StreamInfo | None = None
        self._etag = ""
        self._mime_type = ""
        self._all = self._resting = False
        self._reached, self._jumped_at = 0, self._loop.time()
        self._patience = Patience()
        self._task: asyncio.Task[None] | None = None
        self._tail_task: asyncio.Task[None] | None = None
        self._tail: tuple[int, int] | None = None
        """What the second task is fetching."""

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

    @property
    def is_ready(self) -> bool:
        """Whether what is needed to begin to play is in memory."""
        size = self._bytes.size
        if size is None:
            return False
        head = self._bytes.gap(0, min(self._options.head, size))
        return head is None and (not self._has_tail or self._bytes.gap(self._tail_start(size), size) is None)

    @property
    def is_busy(self) -> bool:
        """Whether bytes that are wanted now are still to come."""
        is_over = self._task is None or self.complete or self.fault is not None
        return not is_over and (self._tail is not None or self._next_range() is not None)

    @property
    def is_wanted_whole(self) -> bool:
        """Whether everything is to be fetched."""
        return self._all

    @property
    def waiting(self) -> str:
        """What the first sound still waits for, as a sentence; empty if for nothing."""
        if self.fault is not None or self._bytes.gap(0, KIB) is None:
            return ""
        if self._patience.drops > 1:
            return CUT
        if self._info is None:
            return ASKING
        if self._info.mime_type and self._info.size is None:
            return GETTING_READY
        return FIRST

    @property
    def is_steady(self) -> bool:
        """Whether it has been fetched in one go for a while: a sound that stops then stops because of the line."""
        return self._loop.time() - self._jumped_at >= self._options.settling_s

    def reader(self) -> TrackReader:
        """Open one more stream of these bytes; callable from any thread."""
        return TrackReader(self._bytes)

    def fetch(self, everything: bool) -> None:
        """Start (or go on) fetching: only what is needed to begin to play, or everything."""
        self._all = self._all or everything
        self._resting = False
        self._wake.set()
        if self._task is None and not self.complete and self.fault is None:
            self._task = self._loop.create_task(self._run(), name=f"fetch {self.track_id}")

    def rest(self) -> None:
        """Fetch no more than what is needed to begin to play: nobody listens any more."""
        self._all, self._resting = False, True

    async def close(self) -> None:
        """Stop fetching and end every blocked reader."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if self.fault is None and not self.complete:
            self._bytes.fail(Fault.NO_NETWORK, Fault.NO_NETWORK.sentence)

    # The tasks

    def _reader_waits(self) -> None:
        """Called on the reader's thread."""
        try:
            self._loop.call_soon_threadsafe(self._promote)
        except RuntimeError:  # the loop is closed: nothing will come any more
            self._bytes.fail(Fault.NO_NETWORK, Fault.NO_NETWORK.sentence)

    def _promote(self) -> None:
        self._all = self._all or not self._resting
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
                    if wanted[0] != self._reached:
                        self._jumped_at = self._loop.time()
                    await self._attempt(*wanted)
            finished = True
            self._watch.finished(self._finished())
        except SourceError as error:
            self._bytes.fail(error.fault, error.sentence)
            self._watch.news()
            finished = True
        finally:
            if self._tail_task is not None:
                self._tail_task.cancel()
            if not finished:  # cancelled, or a defect: a reader must not wait for ever either way
                self._bytes.fail(Fault.NO_NETWORK, Fault.NO_NETWORK.sentence)

    def _finished(self) -> Finished:
        info = self._info
        return Finished(
            self.track_id,
            info.quality if info else 0,
            self._mime_type,
            self._etag,
            self._bytes.size or 0,
            self._bytes.parts(),
        )

    def _next_range(self) -> tuple[int, int | None] | None:
        """Return the next range to ask for, [start, end) with None for an open end, or None to wait."""
        options, track = self._options, self._bytes
        if not track.size_is_settled:
            return 0, options.head
        size = track.size
        if size is None:
            return track.gap(0, options.largest)
        place = min(track.place, size)
        if self._is_in_tail(place):
            place = 0
        head = track.gap(0, min(options.head, size)) if place < options.head or not self._all else None
        if head:
            return head
        tail = track.gap(self._tail_start(size), size) if self._has_tail and place < options.head else None
        if tail:
            return None if self._tail else tail
        if not self._all:
            return None
        missing = track.gap(place, size)
        if missing is None and size <= options.window:
            missing = track.gap(0, size)
        if missing is None or not track.room_ahead(missing[0]):
            return None
        return missing[0], min(missing[1], missing[0] + options.slice)

    @property
    def _has_tail(self) -> bool:
        return self._mime_type in _TAILED

    def _tail_start(self, size: int) -> int:
        return max(0, size - self._options.tail)

    def _is_in_tail(self, offset: int) -> bool:
        return self._tail is not None and self._tail[0] <= offset < self._tail[1]

    def _start_tail(self, size: int | None) -> None:
        """Fetch the end of the file beside its beginning, as soon as it is known where that is."""
        if self._tail_task is not None or size is None or not self._has_tail or size > self._options.largest:
            return
        missing = self._bytes.gap(max(self._options.head, self._tail_start(size)), size)
        if missing is not None and min(self._bytes.place, size) < self._options.head:
            self._tail = missing
            self._tail_task = self._loop.create_task(self._fetch_tail(), name=f"end of {self.track_id}")

    async def _fetch_tail(self) -> None:
        try:
            while self._tail and (missing := self._bytes.gap(*self._tail)) is not None:
                await self._attempt(*missing, beside=True)
        except SourceError:
            # The first task asks for what is missing, meets the same, and says so.
            return
        finally:
            self._tail = None
            self._wake.set()

    async def _attempt(self, start: int, end: int | None, *, beside: bool = False) -> None:
        """Ask once for a range and store what comes; a drop is survived here, the rest is raised as SourceError."""
        patience, options = self._patience, self._options
        try:
            info = await self._ticket()
            self._start_tail(info.size if not self._bytes.size_is_settled else None)
            await self._request(info, start, end, beside)
        except Expired as error:
            self._supply.tickets.refused(self.track_id, self.asked, error.info)
            if patience.renewals >= options.renewals:
                raise SourceError(Fault.EXPIRED) from error
            patience.renewals += 1
        except httpx.InvalidURL as error:
            raise SourceError(Fault.ADDRESS) from error
        except (httpx.TransportError, Dropped) as error:
            patience.last_status = error.status if isinstance(error, Dropped) else patience.last_status
            if patience.drops >= len(options.retry_delays_s):
                raise SourceError(*self._give_up(error)) from error
            delay = options.retry_delays_s[patience.drops]
            patience.drops += 1
            self._watch.news()
            await asyncio.sleep(delay)

    async def _ticket(self) -> StreamInfo:
        info = await self._supply.tickets.ticket(self.track_id, self.asked)
        if info is not self._info:
            self._info = info
            self._mime_type = self._mime_type or _essence(info.mime_type)
            self._watch.told(info.quality)
            self._watch.news()
        return info

    def _give_up(self, error: httpx.TransportError | Dropped) -> tuple[Fault, str]:
        if self._patience.last_status:
            return Fault.SERVER, f"{Fault.SERVER.sentence[:-1]} (error {self._patience.last_status})."
        if isinstance(error, httpx.RemoteProtocolError | Dropped) and self._bytes.size_is_settled:
            return Fault.TOO_SHORT, "The server cut this track off, again and again."
        return Fault.NO_NETWORK, Fault.NO_NETWORK.sentence

    async def _request(self, info: StreamInfo, start: int, end: int | None, beside: bool) -> None:
        if not self._supply.rule.allows(info.url):
            raise SourceError(Fault.ADDRESS)
        headers = {"Range": f"bytes={start}-{'' if end is None else end - 1}", "Accept-Encoding": "identity"}
        if self._etag:
            headers["If-Range"] = self._etag
        client = await self._supply.client()
        request = client.build_request("GET", info.url, headers=headers, timeout=self._options.timeout_s)
        # The address is signed: the listener's token must not travel to whatever host it names.
        async with streamed(client, request, "audio", self._supply.recorder()) as response:
            judge(response.status_code, info, known=self._bytes.size_is_settled)
            where = placed(response, start, known_etag=self._etag)
            if beside and not where.ranged:
                raise SourceError(Fault.SERVER, "The server sends no parts of files.")
            self._settle(where)
            await self._store(response, where, beside)

    def _settle(self, where: Placed) -> None:
        """Take over what the headers say about the whole file."""
        size, track = where.size, self._bytes
        if size is not None and size > self._options.largest:
            raise SourceError(Fault.SERVER, "This track is too large to play.")
        if track.size_is_settled and track.size is not None and size != track.size:
            raise SourceError(Fault.CHANGED)
        if size == 0:
            raise SourceError(Fault.TOO_SHORT)
        if not track.size_is_settled or size is not None:
            track.settle_size(size)
        self._etag = self._etag or where.etag
        self._mime_type = where.mime_type or self._mime_type
        if where.ranged:
            self._start_tail(size)

    async def _store(self, response: httpx.Response, where: Placed, beside: bool) -> None:
        offset, size = where.offset, where.size
        limit = size if size is not None else self._options.window
        grew, began, before = False, 0.0, 0
        async for chunk in response.aiter_raw():
            if not began:
                began, before = self._loop.time(), offset + len(chunk)
            if offset == 0 and chunk.startswith(b"OggS"):
                self._mime_type = "audio/ogg"
                if where.ranged:
                    self._start_tail(size)
            if offset + len(chunk) > limit:
                raise SourceError(Fault.CHANGED)
            is_first = offset == 0
            if self._bytes.write(offset, chunk):
                grew = True
                self._patience.restore()
            offset += len(chunk)
            self.from_network += len(chunk)
            self._reached = self._reached if beside else offset
            self._watch.stored()
            if is_first:
                self._watch.news()
            if where.ranged and not beside and self._should_turn_away(offset):
                break
        else:
            if size is None:
                self._bytes.settle_size(offset)
            elif not grew:
                raise Dropped("an answer without new bytes")
        if offset - before >= self._options.telling and not beside:
            self._watch.fetched(offset - before, max(self._loop.time() - began, 0.001))

    def _should_turn_away(self, offset: int) -> bool:
        """Whether the reader is now somewhere that this request will not reach soon, or nobody reads any more."""
        size = self._bytes.size
        if size is None:
            return False
        if not self._bytes.room_ahead(offset) or (self._resting and offset > self._options.head):
            return True
        missing = self._bytes.gap(min(self._bytes.place, size), size)
        if missing is None or not self._all or self._is_in_tail(missing[0]):
            return False
        return not offset - KIB <= missing[0] <= offset + _SKIP_AHEAD


def _essence(mime_type: str) -> str:
    return mime_type.partition(";")[0].strip().lower()
