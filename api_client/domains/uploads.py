"""Uploads: announce a file, send its bytes, say that it is complete."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Literal

from api_client import endpoints as table
from api_client.calls import Caller, Group, build
from api_client.models.base import Done
from api_client.models.posts import UploadRequest, UploadTicket

CHUNK = 64 * 1024
"""Bytes between two reports of progress."""
SLOWEST = 32 * 1024
"""Bytes a second below which an upload is given up."""

Purpose = Literal["post", "story", "avatar", "message", "audio"]
Put = Callable[[str, Mapping[str, str], Callable[[], AsyncIterator[bytes]], float], Awaitable[None]]
"""Sends bytes: URL, headers, their source, and a deadline in seconds."""


class Uploads(Group):
    """Bytes on their way to the platform."""

    def __init__(self, caller: Caller, put: Put) -> None:
        super().__init__(caller)
        self._put = put

    async def ticket(self, request: UploadRequest) -> UploadTicket:
        """Announce a file and learn where its bytes go."""
        return await self._one(UploadTicket, table.UPLOAD, body=request)

    async def complete(self, upload_id: str) -> None:
        """Say that the bytes are there."""
        await self._one(Done, table.COMPLETE_UPLOAD, path={"id": upload_id})

    async def upload(
        self,
        data: bytes,
        filename: str,
        mime_type: str,
        *,
        purpose: Purpose = "post",
        progress: Callable[[int, int], None] | None = None,
    ) -> str:
        """Bring a file to the platform and return its upload id, to be named in a post, story or message.

        `progress` hears how many bytes of how many have left; it starts over if the connection broke.
        """
        size = len(data)
        ticket = await self.ticket(
            build(UploadRequest, filename=filename, mime_type=mime_type, size_bytes=size, purpose=purpose)
        )

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, size, CHUNK):
                yield data[start : start + CHUNK]
                if progress is not None:
                    progress(min(start + CHUNK, size), size)

        headers = {"Content-Type": mime_type, **ticket.headers, "Content-Length": str(size)}
        await self._put(ticket.url, headers, chunks, 60.0 + size / SLOWEST)
        await self.complete(ticket.upload_id)
        return ticket.upload_id
