"""How changes of versioned records are made anew when somebody else has changed the record in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api_client import endpoints, music_endpoints
from api_client.calls import build
from api_client.client import PlatformClient
from api_client.errors import ErrorCode, api_error
from api_client.models.base import WireModel
from api_client.postponed import records, transactions
from api_client.sync.intents import Intent
from api_client.sync.rebasing import PutRebase, Rebase, TransactionRebase


def rebases(client: PlatformClient) -> Mapping[str, Rebase]:
    """Return, by the name of the endpoint, what the outbox has to know of each change that carries a version."""

    async def me(_: Intent) -> Mapping[str, Any]:
        return _fields(await client.accounts.me())

    async def playlist(intent: Intent) -> Mapping[str, Any]:
        return _fields(await client.playlists.get(intent.params["id"]))

    async def edited(intent: Intent) -> Mapping[str, Any]:
        changed = transactions.touched(intent.body.operations)
        if len(changed) != 1:
            raise api_error(409, ErrorCode.CONFLICT, "Somebody has changed what this changes as well.")
        ((name, record_id),) = changed
        found = await client.records.fetch([build(records.RecordPointer, table=name, id=record_id)])
        record = found.find(name, record_id)
        if record is None:
            raise api_error(404, ErrorCode.NOT_FOUND, "What this changes is not there any more.")
        return record

    return {
        endpoints.CHANGE_PROFILE.name: PutRebase(me),
        music_endpoints.CHANGE_PLAYLIST.name: PutRebase(playlist),
        music_endpoints.SET_RULES.name: PutRebase(playlist),
        endpoints.WRITE_RECORDS.name: TransactionRebase(edited),
    }


def _fields(record: WireModel) -> Mapping[str, Any]:
    return record.model_dump(mode="json", by_alias=True)
