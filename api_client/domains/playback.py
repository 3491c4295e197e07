"""Playing: signed addresses for tracks, and what the platform hears about listening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from api_client import music_endpoints as table
from api_client.calls import Group, Page
from api_client.models.listening import ListeningStats
from api_client.models.music import Play, PlaybackEvent, PlaybackReceipt, StreamTicket, StreamTickets

Connection = Literal["wifi", "4g", "3g", "2g", "slow-2g"]


class Playback(Group):
    """Streams, playback events and the history."""

    async def stream(self, track_id: str, *, connection: Connection | None = None) -> StreamTicket:
        """Return a signed address for a track; the slower the `connection`, the fewer kbit/s."""
        headers = {"X-Connection-Type": connection} if connection else None
        return await self._one(StreamTicket, table.STREAM, path={"trackId": track_id}, headers=headers)

    async def streams_ahead(self, track_ids: Sequence[str], *, connection: Connection | None = None) -> StreamTickets:
        """Return signed addresses for those of the tracks, a screenful of them, that can be played at once."""
        headers = {"X-Connection-Type": connection} if connection else None
        query = {"ids": ",".join(track_ids)}
        return await self._one(StreamTickets, table.STREAMS_AHEAD, query=query, headers=headers)

    async def event(self, event: PlaybackEvent, *, idempotency_key: str | None = None) -> PlaybackReceipt:
        """Say what happened to a track that plays."""
        return await self._one(PlaybackReceipt, table.PLAYBACK_EVENT, body=event, idempotency_key=idempotency_key)

    async def history(
        self,
        cursor: str | None = None,
        *,
        limit: int | None = None,
        first: date | None = None,
        last: date | None = None,
        utc_offset: int | None = None,
    ) -> Page[Play]:
        """Return what the user has heard, newest first; with `first` or `last` given, of those days and between."""
        return await self._page(table.HISTORY, cursor=cursor, limit=limit, query=_days(first, last, utc_offset))

    async def stats(
        self, first: date | None = None, last: date | None = None, *, utc_offset: int | None = None
    ) -> ListeningStats:
        """Return what the user's listening amounts to; `utc_offset`: the minutes its days are ahead of UTC."""
        return await self._one(ListeningStats, table.STATS, query=_days(first, last, utc_offset))


def _days(first: date | None, last: date | None, utc_offset: int | None) -> dict[str, str | int | None]:
    return {
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
        "utcOffset": utc_offset,
    }
