"""The account's outbox, opened for a moment: what is put into it is durable, and sent by the next running Parlour."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from api_client.sync.leadership import FileLeadership
from api_client.sync.outbox import Outbox
from api_client.sync.ports import StoreTrouble
from api_client.sync.sqlite import SqliteOutboxStore
from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.fetching import endpoint
from tui.paths import private_folder
from tui.rebases import rebases
from tui.state.attachments import Attachments
from tui.state.lanes import lane
from tui.state.photo_sender import placeholder

if TYPE_CHECKING:
    from api_client.sync.intents import Intent
    from tui.cli.account import Here
    from tui.cli.verbs.writes import Write

_WHY = "A command only puts things here."
_MAKERS = ("posts.create", "comments.create", "playlists.create", "chat.create")


@asynccontextmanager
async def outbox_of(here: Here) -> AsyncIterator[AccountOutbox]:
    """Open the outbox of the account, paused: nothing leaves from here. Raises CannotGoOn."""
    folder = here.paths.account_data((await here.who()).folder)
    writer = f"{os.getpid()}-{secrets.token_hex(6)}"

    async def never(_: Intent) -> None:
        raise AssertionError("a paused outbox sends nothing")

    await asyncio.to_thread(private_folder, folder.parent)
    await asyncio.to_thread(private_folder, folder)
    outbox = Outbox(
        never,
        store=SqliteOutboxStore(folder / "outbox.db", writer=writer, account=folder.name),
        leadership=FileLeadership(folder / "outbox.lock"),
        rebase=rebases(here.client),
        writer=writer,
    )
    outbox.pause(_WHY)
    try:
        await outbox.start()
        yield AccountOutbox(outbox, Attachments(folder / "attachments"), here.client.clock.time)
    except StoreTrouble as error:
        raise CannotGoOn(error.sentence, Exit.UNAVAILABLE) from error
    finally:
        await outbox.close()


class AccountOutbox:
    """The outbox of one account."""

    def __init__(self, outbox: Outbox, attachments: Attachments, wall_clock: Callable[[], float]) -> None:
        self.outbox = outbox
        self._attachments = attachments
        self._wall_clock = wall_clock

    async def put(self, write: Write) -> None:
        """Store one change, exactly as the program does. Raises StoreTrouble, and CannotGoOn for what is none."""
        from api_client.sync.intents import Intent, Inverse

        asked = endpoint(write.endpoint)
        body, paths = await self._with_files(write)
        waiting = self.outbox.open
        makers = [endpoint(name) for name in _MAKERS]
        intent = Intent.of(
            asked,
            object_key=lane(waiting, write.object_key, write.of, makers=makers) if write.of else write.object_key,
            created_at=self._wall_clock(),
            label=write.label,
            params=write.params,
            body=body,
            idempotency_key=write.key,
            holds_words=write.holds_words,
            attachments=paths,
        )
        undo = None
        if write.undo is not None:
            back = endpoint(write.undo.endpoint) if write.undo.endpoint else None
            undo = Inverse(
                back, write.undo.params, write.undo.body, write.undo.label, write.undo.within, write.undo.again
            )
        try:
            check(intent)
            await self.outbox.submit(intent, undo=undo)
        except (CannotGoOn, StoreTrouble):
            await self._attachments.drop(paths)
            raise

    async def _with_files(self, write: Write) -> tuple[dict[str, object] | None, tuple[str, ...]]:
        """Copy the pictures of a write and return its body with what stands for them, and where the copies are."""
        body = None if write.body is None else dict(write.body)
        if body is None or not write.photos:
            return body, ()
        paths = [
            await self._attachments.keep(await asyncio.to_thread(photo.path.read_bytes), photo.mime_type)
            for photo in write.photos
        ]
        body["media"] = [
            {"type": photo.kind, "uploadId": placeholder(number), **({"alt": photo.alt} if photo.alt else {})}
            for number, photo in enumerate(write.photos)
        ]
        return body, tuple(paths)


def check(intent: Intent) -> None:
    """Refuse, with CannotGoOn, what the contract does not let the platform take: it would fail when nobody looks."""
    from pydantic import ValidationError

    from api_client.text import clean_line

    try:
        _ = intent.body
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(
            str(part) for part in wrong["loc"] if isinstance(part, str) and part not in ("media", "thread")
        )
        raise CannotGoOn(f"{where or intent.label}: {clean_line(wrong['msg'])}") from None
