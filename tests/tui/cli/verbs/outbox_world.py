"""The program's own side of the outbox, for what a command has put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_client.auth import MemoryTokens
from api_client.raw import RawClient
from api_client.sync.cache import Cache
from tui.accounts import Account
from tui.gate import Admission
from tui.paths import Paths
from tui.storage import open_storage

if TYPE_CHECKING:
    from tests.tui.cli.verbs.conftest import Sitting


async def sent_by_the_program(who: Sitting) -> None:
    """Open the account's storage as the program does, and wait until all of it is sent."""
    async with RawClient(who.url, tokens=MemoryTokens(who.tokens)) as client:
        account = Account(client.address.base, who.name, who.id)
        admission = Admission(client, await client.accounts.me(), "nowhere", account, Cache.in_memory())
        storage = await open_storage(Paths.find(who.folder), admission)
        assert storage.trouble is None
        storage.outbox.resume()
        for receipt in storage.outbox.open:
            await receipt
        await storage.outbox.close()
        await admission.cache.close()
