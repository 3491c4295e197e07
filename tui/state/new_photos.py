"""Posting photos: durable at once, shown at once, sent when the platform can be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from api_client import endpoints
from api_client.calls import build
from api_client.errors import PlatformError
from api_client.ids import new_id
from api_client.models.posts import MediaInput, NewPhotoPost, PhotoPost
from api_client.models.users import User
from api_client.sync.intents import Inverse
from api_client.sync.ports import StoreTrouble
from api_client.sync.receipts import NotSent, Receipt, Status
from tui.state.arriving import ArrivingPosts
from tui.state.attachments import Attachments
from tui.state.photo_sender import PhotoSender, placeholder
from tui.state.post_book import PostBook
from tui.state.tasks import Tasks
from tui.state.writes import Writes

DELETABLE_FOR = 5.0
"""Seconds for which a new post is offered to be taken back by deleting it."""


class Outgoing(NamedTuple):
    """A picture or video for a new post."""

    data: bytes
    mime_type: str
    alt: str | None = None
    upload_id: str | None = None
    """Where its bytes are on the platform already."""


class NewPhotos:
    """The user's own photo posts until the platform has them."""

    def __init__(
        self,
        writes: Writes,
        me: User,
        book: PostBook,
        attachments: Attachments | None,
        sender: PhotoSender | None,
        *,
        on_change: Callable[[str], None],
        on_list: Callable[[], None],
        on_arrival: Callable[[PhotoPost], None],
    ) -> None:
        """Show them in `book`; `on_change` hears the id of one that looks different, `on_list` that one came or went.

        Without `attachments`, only what was uploaded before can be posted. `sender` is what the outbox sends through.
        """
        self._writes = writes
        self._book = book
        self._attachments = attachments
        self._sender = sender
        self._on_list = on_list
        self._on_arrival = on_arrival
        self._tasks = Tasks()
        self.arriving = ArrivingPosts(me, on_change)
        writes.show(endpoints.CREATE_POST, by=self._follow_create)
        writes.outbox.subscribe(self._receipt_moved)
        if sender is not None:
            sender.on_progress = self.arriving.progressed

    async def close(self) -> None:
        """End what goes on behind; what was posted is in the outbox."""
        await self._tasks.close()

    async def publish(
        self,
        caption: str | None,
        location: str | None,
        files: Sequence[Outgoing] = (),
        urls: Sequence[str] = (),
        draft: str | None = None,
    ) -> str:
        """Take on a new post of either `files` or `urls` and return its id; it is stored then, with its pictures.

        Raises StoreTrouble where it could not be stored, and Invalid for what cannot be a post.
        """
        upload_ids, paths = await self._at_hand(files)
        pictures = [
            MediaInput(
                type="video" if file.mime_type.startswith("video/") else "image", upload_id=one, alt=file.alt or None
            )
            for file, one in zip(files, upload_ids, strict=True)
        ]
        content = {"media": pictures} if pictures else {"media_urls": list(urls)}
        wish = build(NewPhotoPost, id=new_id(), caption=caption or None, location=location or None, **content)
        back = Inverse(
            endpoints.DELETE_POST,
            {"id": str(wish.id)},
            label="delete the photo again",
            within=DELETABLE_FOR,
            again=False,
        )
        try:
            await self._writes.begin(
                endpoints.CREATE_POST,
                object_key=f"posts:{wish.id}",
                label="publish a photo",
                body=wish,
                holds_words=True,
                draft=draft,
                undo=back,
                attachments=paths,
            )
        except PlatformError:
            await self._drop(paths)
            raise
        return str(wish.id)

    async def _at_hand(self, files: Sequence[Outgoing]) -> tuple[list[str], tuple[str, ...]]:
        """Copy `files` and return what stands for their upload ids, and the paths of the copies."""
        paths: list[str] = []
        try:
            if self._attachments is None:
                raise StoreTrouble("Pictures cannot be stored here to be sent later.")
            for file in files:
                path = await self._attachments.keep(file.data, file.mime_type)
                paths.append(path)
                if file.upload_id is not None and self._sender is not None:
                    self._sender.remember(path, file.upload_id)
        except StoreTrouble:
            await self._drop(paths)
            uploaded = [file.upload_id for file in files if file.upload_id is not None]
            if len(uploaded) < len(files):
                raise
            return uploaded, ()
        return [placeholder(number) for number in range(len(files))], tuple(paths)

    async def _drop(self, paths: Sequence[str]) -> None:
        if self._attachments is not None:
            await self._attachments.drop(paths)

    async def _follow_create(self, receipt: Receipt) -> PhotoPost | None:
        if not isinstance(receipt.intent.body, NewPhotoPost):
            return None
        pending = self.arriving.add(receipt)
        self._book.recall([pending])
        self._on_list()
        try:
            post: PhotoPost = await receipt
        except NotSent:
            # When the program leaves, the write and its pictures stay for the next start.
            if not receipt.is_open:
                await self._withdrawn(pending.id, receipt)
            raise
        self.arriving.take_out(pending.id)
        self._book.forget(pending.id)
        self._on_arrival(post)
        await self._drop(receipt.intent.attachments)
        return post

    async def _withdrawn(self, post_id: str, receipt: Receipt) -> None:
        self.arriving.take_out(post_id)
        self._book.forget(post_id)
        self._on_list()
        await self._drop(receipt.intent.attachments)

    def _receipt_moved(self, receipt: Receipt) -> None:
        """A post that was refused stays to be seen: it may be sent again, or be discarded after all."""
        found = self.arriving.moved(receipt)
        if found is None:
            return
        if receipt.status is Status.DISCARDED:
            self._tasks.later(self._withdrawn(found.post.id, receipt))
