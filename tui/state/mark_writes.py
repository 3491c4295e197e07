"""Keeping and following: how it looks until the platform has decided, and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from api_client import music_endpoints
from api_client.errors import PlatformError
from api_client.models.music import Followed, Saved
from api_client.sync.intents import Inverse
from api_client.sync.receipts import Receipt
from tui.state.marks import MarkKind, Marks
from tui.state.writes import Writes


class MarkWrites:
    """One for the store."""

    def __init__(self, writes: Writes, marks: Marks, changed: Callable[[str], None]) -> None:
        """`changed` is called with the id of what is kept or followed, or no more."""
        self._writes = writes
        self._marks = marks
        self._changed = changed
        saving = (music_endpoints.LIBRARY_SAVE, music_endpoints.LIBRARY_REMOVE)
        writes.show(*saving, music_endpoints.FOLLOW_ARTIST, music_endpoints.UNFOLLOW_ARTIST, by=self._follow)

    async def mark(self, kind: MarkKind, item_id: str, on: bool, name: str) -> None:
        """Keep or follow something that is called `name`, or no more."""
        there, back = (music_endpoints.LIBRARY_SAVE, music_endpoints.LIBRARY_REMOVE)
        params = {"type": kind, "itemId": item_id}
        words = (f"save {name or 'to the library'}", f"take {name or 'something'} out of the library")
        if kind == "artists":
            there, back = (music_endpoints.FOLLOW_ARTIST, music_endpoints.UNFOLLOW_ARTIST)
            params = {"id": item_id}
            words = (f"follow {name or 'an artist'}", f"unfollow {name or 'an artist'}")
        if not on:
            there, back = back, there
            words = (words[1], words[0])
        await self._writes.do(
            there,
            object_key=f"mark:{kind}:{item_id}",
            label=words[0],
            params=params,
            undo=Inverse(back, params, label=words[1]),
        )

    async def _follow(self, receipt: Receipt) -> Saved | Followed:
        endpoint, params = receipt.intent.endpoint.name, receipt.intent.params
        is_artist = endpoint in (music_endpoints.FOLLOW_ARTIST.name, music_endpoints.UNFOLLOW_ARTIST.name)
        kind = "artists" if is_artist else cast(MarkKind, params["type"])
        item_id = params["id"] if is_artist else params["itemId"]
        on = endpoint in (music_endpoints.FOLLOW_ARTIST.name, music_endpoints.LIBRARY_SAVE.name)
        serial = self._marks.wish(kind, item_id, on)
        self._changed(item_id)
        try:
            reply: Saved | Followed = await receipt
        except PlatformError:
            self._marks.refuse(kind, item_id, serial)
            self._changed(item_id)
            raise
        self._marks.confirm(kind, item_id, serial, reply.followed if isinstance(reply, Followed) else reply.saved)
        self._changed(item_id)
        return reply
