"""Sends a photo post whose pictures still lie on this machine: their bytes first, then the post."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api_client import endpoints
from api_client.errors import NotFound, PlatformError
from api_client.models.posts import NewPhotoPost
from api_client.sync.intents import Intent
from tui.state.attachments import mime_type_of

if TYPE_CHECKING:
    from api_client.domains.uploads import Uploads

Send = Callable[[Intent], Awaitable[Any]]
Progress = Callable[[str, int, int], None]
"""Hears, for the id of a post, how many bytes of how many have left."""

_PREFIX = "attachment:"


class AttachmentMissing(PlatformError):
    """A picture that was to be sent is no longer on this machine."""


def placeholder(number: int) -> str:
    """Return what stands for the upload id of the attachment with this number, until it has one."""
    return f"{_PREFIX}{number}"


def is_placeholder(upload_id: str | None) -> bool:
    """Whether an upload id stands for an attachment that is still on this machine."""
    return upload_id is not None and upload_id.startswith(_PREFIX)


class PhotoSender:
    """Stands around the sender of the outbox.

    What was uploaded stays uploaded when the post has to be tried again; if the platform has thrown it away meanwhile,
    it is uploaded once more.
    """

    def __init__(self, uploads: Uploads, send: Send) -> None:
        """`send` carries an intent without attachments, as `api_client.sync.intents.sender` makes it."""
        self._uploads = uploads
        self._send = send
        self._ids: dict[str, str] = {}
        self.on_progress: Progress = lambda *_: None

    def remember(self, path: str, upload_id: str) -> None:
        """The bytes of the attachment at `path` are on the platform already, as `upload_id`."""
        self._ids[path] = upload_id

    async def __call__(self, intent: Intent) -> Any:
        """Send `intent`, and return the data of the reply. Raises PlatformError."""
        if intent.endpoint != endpoints.CREATE_POST or not intent.attachments:
            return await self._send(intent)
        remembered = any(path in self._ids for path in intent.attachments)
        try:
            return await self._post(intent)
        except NotFound:
            for path in intent.attachments:
                self._ids.pop(path, None)
            if not remembered:
                raise
        return await self._post(intent)

    async def _post(self, intent: Intent) -> Any:
        await self._bring_all(intent)
        body = json.loads(intent.payload or "{}")
        for medium in body.get("media") or ():
            upload_id = medium.get("uploadId")
            if is_placeholder(upload_id):
                medium["uploadId"] = self._ids[intent.attachments[int(upload_id.removeprefix(_PREFIX))]]
        # The key stays the same; only the names that the platform has given to the bytes are new.
        outcome = await self._send(replace(intent, payload=json.dumps(body, ensure_ascii=False)))
        for path in intent.attachments:
            self._ids.pop(path, None)
        return outcome

    async def _bring_all(self, intent: Intent) -> None:
        missing = [path for path in intent.attachments if path not in self._ids]
        if not missing:
            return
        wish = intent.body
        name = (wish.id if isinstance(wish, NewPhotoPost) else None) or intent.idempotency_key
        sizes = await asyncio.to_thread(_sizes, missing)
        before, total = 0, sum(sizes)
        for path, size in zip(missing, sizes, strict=True):
            data = await asyncio.to_thread(_read, path)
            tell = partial(self._tell, name, before, total)
            self._ids[path] = await self._uploads.upload(data, Path(path).name, mime_type_of(path), progress=tell)
            before += size

    def _tell(self, name: str, before: int, total: int, sent: int, _: int) -> None:
        self.on_progress(name, before + sent, total)


def _sizes(paths: list[str]) -> list[int]:
    try:
        return [Path(path).stat().st_size for path in paths]
    except OSError as error:
        raise AttachmentMissing("A picture of this post is no longer on this machine.") from error


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise AttachmentMissing("A picture of this post is no longer on this machine.") from error
