"""Fetches one track into the vault: resumed in the middle of the file, checked to be of the same bytes, yielding."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias, TypeVar

from api_client.inspect.streaming import FindRecorder, nobody, streamed
from api_client.postponed import httpx
from tui.player.answers import strong
from tui.player.engine import Fault
from tui.player.source import AddressRule, SourceError, StreamInfo
from tui.player.threads import run_in_thread
from tui.player.vault import TrackVault
from tui.player.vault_files import trouble
from tui.player.vault_records import Part, Stored

PIECE = 256 * 1024
"""Bytes that are written at once."""
LARGEST = 2048 * 1024 * 1024
"""Bytes; a track that claims to be larger is refused."""
RENEWALS = 3
"""Fresh addresses asked for in a row before giving up."""
GIVES_WAY_S = 0.1
LONGEST_WAIT_S = 3.0
"""Seconds that a piece waits at most for what plays: a stream that never has enough must not stop downloads."""
TIMEOUT_S = 20.0
FIRST_BYTES_S = 90.0
"""Seconds for which a platform may make a track before it sends it, and a line may be silent."""

_EXPIRED = frozenset({401, 403, 410})

R = TypeVar("R")

Address: TypeAlias = Callable[[str], Awaitable[StreamInfo]]
"""Return a signed address for a track id, in the quality that is to be kept. Raises SourceError."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Told the track, how many bytes of it are here, and how many there are."""


class Dropped(SourceError):
    """The connection or the server gave up; later it may go on where it stopped."""


class VaultFetch:
    """Fetches tracks, each in one call. Playback has the line first: while `busy`, pieces wait."""

    def __init__(
        self,
        vault: TrackVault,
        client: Callable[[], httpx.AsyncClient],
        address: Address,
        rule: AddressRule,
        busy: Callable[[], bool] = lambda: False,
        recorder: FindRecorder = nobody,
    ) -> None:
        self._vault, self._client, self._address, self._rule = vault, client, address, rule
        self._busy = busy
        self._recorder = recorder
        self.progress: Progress = lambda *_: None

    async def run(self, track_id: str) -> Stored:
        """Fetch the whole of a track, or what is missing of it, and return it stored.

        Raises Dropped where it may go on later, SourceError where it cannot be had, StoreTrouble where it cannot be
        kept.
        """
        info: StreamInfo | None = None
        renewals = 0
        while True:
            try:
                info = info or await self._address(track_id)
                if not self._rule.allows(info.url):
                    raise SourceError(Fault.ADDRESS)
                part = await self._attempt(track_id, info)
            except httpx.InvalidURL as error:
                raise SourceError(Fault.ADDRESS) from error
            except httpx.ReadTimeout as error:
                # Of this one track; the others may come.
                raise Dropped(Fault.SLOW, "The platform takes too long to send this track.") from error
            except httpx.TransportError as error:
                raise Dropped(Fault.NO_NETWORK) from error
            if part is not None:
                return await self._finish(part)
            renewals += 1
            if renewals > RENEWALS:
                raise SourceError(Fault.EXPIRED)
            info = None

    async def _attempt(self, track_id: str, info: StreamInfo) -> Part | None:
        """Fetch what is missing; None if the address is good no more."""
        known = self._vault.contents.parts.get(track_id)
        # What stands in the index is not trusted to be fit for a header.
        resumes = known is not None and known.quality == info.quality and bool(strong(known.etag))
        have = self._vault.grown(track_id) if resumes else 0
        if known is not None and have == known.size and resumes:
            return known
        headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"}
        if have and known is not None:
            headers["If-Range"] = known.etag
        request = self._client().build_request(
            "GET", info.url, headers=headers, timeout=httpx.Timeout(TIMEOUT_S, read=FIRST_BYTES_S)
        )
        # The address is signed: the listener's token must not travel to whatever host it names.
        async with streamed(self._client(), request, "audio", self._recorder()) as response:
            if response.status_code in _EXPIRED:
                return None
            if response.status_code == 416:
                await self._vault.abandon(track_id)
                raise Dropped(Fault.CHANGED)
            _judge(response.status_code)
            part = _part(track_id, info, response, have)
            await self._store(part, response)
        return part

    async def _store(self, part: Part, response: httpx.Response) -> None:
        path, have = await self._vault.grow(part)
        offset = 0
        if response.status_code == 206 and (offset := _first(response) or 0) > have:
            # What was there is of other bytes, or is gone: from the beginning, then.
            raise Dropped(Fault.CHANGED)
        file = await _on_disk(lambda: _opened(path, offset))
        try:
            self.progress(part.track_id, offset, part.size)
            gathered = bytearray()
            async for chunk in response.aiter_raw(PIECE):
                gathered += chunk
                if offset + len(gathered) > part.size:
                    raise SourceError(Fault.CHANGED)
                if len(gathered) >= PIECE:
                    offset = await self._write(file, part, offset, gathered)
                    await self._give_way()
            offset = await self._write(file, part, offset, gathered)
        finally:
            os.close(file)
        if offset < part.size:
            raise Dropped(Fault.NO_NETWORK)

    async def _write(self, file: int, part: Part, offset: int, gathered: bytearray) -> int:
        data = bytes(gathered)
        gathered.clear()

        def write() -> None:
            view = memoryview(data)
            while view:
                view = view[os.write(file, view) :]

        await _on_disk(write)
        self.progress(part.track_id, offset + len(data), part.size)
        return offset + len(data)

    async def _give_way(self) -> None:
        waited = 0.0
        while self._busy() and waited < LONGEST_WAIT_S:
            await asyncio.sleep(GIVES_WAY_S)
            waited += GIVES_WAY_S

    async def _finish(self, part: Part) -> Stored:
        path = self._vault.growing(part)
        return await self._vault.finish(part, await _on_disk(lambda: _checksum(path)))


async def _on_disk(work: Callable[[], R]) -> R:
    """Run `work` on a thread. Raises StoreTrouble."""
    try:
        return await run_in_thread(work, "download")
    except OSError as error:
        raise trouble(error) from error


def _opened(path: Path, offset: int) -> int:
    """Return the file at `path`, cut at `offset`, to be written on from there."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(file, offset)
        os.lseek(file, offset, os.SEEK_SET)
    except OSError:
        os.close(file)
        raise
    return file


def _checksum(path: Path) -> bytes:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").digest()


def _judge(status: int) -> None:
    """Raise unless the body is audio."""
    if status in (200, 206):
        return
    if status == 404:
        raise SourceError(Fault.NOT_FOUND)
    if 300 <= status < 400:
        raise SourceError(Fault.ADDRESS)
    kind = Dropped if status in (408, 425, 429) or status >= 500 else SourceError
    raise kind(Fault.SERVER, f"{Fault.SERVER.sentence[:-1]} (error {status}).")


def _part(track_id: str, info: StreamInfo, response: httpx.Response, asked: int) -> Part:
    """Return what the body belongs to, from the headers of a 200 or a 206. Raises SourceError."""
    size = _number(response.headers.get("Content-Length", ""))
    if response.status_code == 206:
        size = _number(response.headers.get("Content-Range", "").rpartition("/")[2])
        if _first(response) != asked:
            raise SourceError(Fault.DAMAGED, "The server answered with a range that was not asked for.")
    if size is None:
        raise SourceError(Fault.SERVER, "The server does not say how long this track is; it cannot be downloaded.")
    if size == 0:
        raise SourceError(Fault.TOO_SHORT)
    if size > LARGEST:
        raise SourceError(Fault.SERVER, "This track is too large to be kept.")
    etag = strong(response.headers.get("ETag", ""))
    mime_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
    return Part(track_id, info.quality, size, etag, mime_type[:100])


def _first(response: httpx.Response) -> int | None:
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    return _number(rest.partition("-")[0]) if unit.lower() == "bytes" else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
