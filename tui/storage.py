"""Opens what an account has stored; where that cannot be, the program goes on in memory and says so."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api_client.sync.intents import Intent, sender
from api_client.sync.leadership import FileLeadership
from api_client.sync.outbox import Outbox
from api_client.sync.ports import StoreTrouble
from api_client.sync.sqlite import SqliteOutboxStore
from tui.gate import Admission
from tui.paths import Paths, UnsafeFolder, private_folder
from tui.rebases import rebases
from tui.state.attachments import Attachments
from tui.state.photo_sender import PhotoSender

OPENING = "Parlour is opening."
OPEN_WITHIN = 2.5
"""Seconds without any progress after which a file that does not open is given up."""
MANY = 1_000
"""Stored writes from which on it pays to keep them out of the garbage collection."""

_closing: set[asyncio.Task[tuple[Intent, ...]]] = set()


@dataclass(frozen=True, slots=True)
class Storage:
    """What an account has stored, open."""

    outbox: Outbox
    photos: PhotoSender
    """What the outbox sends through."""
    attachments: Attachments | None
    """Where files wait with the writes that they belong to; None where nothing can be stored."""
    trouble: str | None = None
    """Why everything is in memory alone; one sentence, None where it is stored."""


async def open_storage(paths: Paths, admission: Admission) -> Storage:
    """Open what the account has stored; the outbox is paused, so that nothing is sent before it is shown."""
    client = admission.client
    photos = PhotoSender(client.uploads, sender(client))
    folder = paths.account_data(admission.account.folder)
    writer = f"{os.getpid()}-{secrets.token_hex(6)}"
    try:
        await asyncio.to_thread(_own_folder, folder)
        outbox = Outbox(
            photos,
            store=SqliteOutboxStore(folder / "outbox.db", writer=writer, account=admission.account.folder),
            leadership=FileLeadership(folder / "outbox.lock"),
            rebase=rebases(client),
            writer=writer,
        )
        outbox.pause(OPENING)
        with uncollected(outbox):
            await _started(outbox)
    except StoreTrouble as error:
        trouble = error.sentence
    except UnsafeFolder as error:
        trouble = str(error)
    except TimeoutError:
        # It goes on trying in its thread; what is in there is never sent by the one that is used instead.
        _closing.add(closing := asyncio.create_task(outbox.close(), name="outbox that does not open"))
        closing.add_done_callback(_closed)
        trouble = "The file of what is unsent does not open."
    else:
        attachments = Attachments(folder / "attachments")
        if outbox.leads:
            # Another process may be about to name a file that it has just written.
            await attachments.sweep(path for receipt in outbox.open for path in receipt.intent.attachments)
        return Storage(outbox, photos, attachments)
    outbox = Outbox(photos, rebase=rebases(client))
    outbox.pause(OPENING)
    await outbox.start()
    return Storage(outbox, photos, None, trouble)


async def _started(outbox: Outbox) -> None:
    """Wait for the start of `outbox` as long as it gets on; raises StoreTrouble, and TimeoutError where it stands."""
    starting = asyncio.ensure_future(outbox.start())
    before = -1
    try:
        while not starting.done():
            if outbox.progress == before:
                raise TimeoutError
            before = outbox.progress
            await asyncio.wait([starting], timeout=OPEN_WITHIN)
        await starting
    finally:
        starting.cancel()


@contextmanager
def uncollected(outbox: Outbox) -> Iterator[None]:
    """Load `outbox` without the garbage collector, and keep what was loaded out of its sight.

    A hundred thousand writes live until they are sent: to look through all of them, again and again while they are
    loaded and some time after every key, takes the collector 0.1 s each time, and finds nothing.
    """
    if gc.get_freeze_count():
        # Those of the account that was open before.
        gc.unfreeze()
        gc.collect()
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        if outbox.pending > MANY:
            gc.freeze()
    finally:
        # During the start of the program it is not on before, and not behind this either.
        if collects:
            gc.enable()


def _own_folder(folder: Path) -> None:
    """Make the account's folder and the one around it, for the user alone. Raises UnsafeFolder."""
    private_folder(folder.parent)
    private_folder(folder)


def _closed(task: asyncio.Task[tuple[Intent, ...]]) -> None:
    _closing.discard(task)
    if not task.cancelled():
        task.exception()
