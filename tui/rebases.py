"""How changes of versioned records are made anew when somebody else has changed the record in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.models.base import WireModel
from api_client.sync.intents import Intent
from api_client.sync.rebasing import PutRebase, Rebase


def rebases(client: PlatformClient) -> Mapping[str, Rebase]:
    """Return, by the name of the endpoint, what the outbox has to know of each change that carries a version."""

    async def me(_: Intent) -> Mapping[str, Any]:
        return _fields(await client.accounts.me())

    async def playlist(intent: Intent) -> Mapping[str, Any]:
        return _fields(await client.playlists.get(intent.params["id"]))

    return {
        endpoints.CHANGE_PROFILE.name: PutRebase(me),
        endpoints.CHANGE_PLAYLIST.name: PutRebase(playlist),
    }


def _fields(record: WireModel) -> Mapping[str, Any]:
    return record.model_dump(mode="json", by_alias=True)
