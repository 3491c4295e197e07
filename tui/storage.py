"""Opens what an account has stored; where that cannot be, the program goes on in memory and says so."""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path

from api_client.sync.intents import Intent, sender
from api_client.sync.leadership import FileLeadership
from api_client.sync.outbox import Outbox
from api_client.sync.ports import StoreTrouble
from api_client.sync.sqlite import SqliteOutboxStore
from tui.gate import Admission
from tui.paths import Paths, UnsafeFolder, private_folder
from tui.rebases import rebases

OPEN_WITHIN = 2.5
"""Seconds after which a file that cannot be opened is given up."""

_closing: set[asyncio.Task[tuple[Intent, ...]]] = set()


async def open_outbox(paths: Paths, admission: Admission) -> tuple[Outbox, str | None]:
    """Return the account's outbox, loaded, and why it is in memory alone: one sentence, None where it is stored."""
    send = sender(admission.client)
    folder = paths.account_data(admission.account.folder)
    writer = f"{os.getpid()}-{secrets.token_hex(6)}"
    try:
        await asyncio.to_thread(_own_folder, folder)
        outbox = Outbox(
            send,
            store=SqliteOutboxStore(folder / "outbox.db", writer=writer, account=admission.account.folder),
            leadership=FileLeadership(folder / "outbox.lock"),
            rebase=rebases(admission.client),
            writer=writer,
        )
        async with asyncio.timeout(OPEN_WITHIN):
            await outbox.start()
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
        return outbox, None
    outbox = Outbox(send, rebase=rebases(admission.client))
    await outbox.start()
    return outbox, trouble


def _own_folder(folder: Path) -> None:
    """Make the account's folder and the one around it, for the user alone. Raises UnsafeFolder."""
    private_folder(folder.parent)
    private_folder(folder)


def _closed(task: asyncio.Task[tuple[Intent, ...]]) -> None:
    _closing.discard(task)
    if not task.cancelled():
        task.exception()
