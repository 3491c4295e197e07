"""Signed addresses for a list of tracks at once, so that whichever of them is chosen starts a round trip sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import Header, Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client import music_endpoints
from api_client.models.music import StreamTickets, TicketAhead
from server.context import Ctx
from server.music.reader import is_out
from server.music.regions import withheld
from server.playback.audio import size_of
from server.playback.quality import quality_for
from server.playback.tickets import AudioFile
from server.routing import Router
from server.tables.music import AlbumRow, TrackRow

MOST = 32
"""Tracks that one request gets addresses for."""

router = Router()

Ids = Annotated[str, Query(max_length=4096, description=f"Track ids, with commas between them; at most {MOST} count.")]
Connection = Annotated[str, Header(alias="X-Connection-Type", max_length=32, description="wifi, 4g, 3g, 2g, slow-2g")]


@router.handles(music_endpoints.STREAMS_AHEAD)
async def streams_ahead(ctx: Ctx, ids: Ids = "", connection: Connection = "wifi") -> StreamTickets:
    """Signed addresses of those tracks that can be played at once; nothing is rendered for them.

    What is not here, not out, not for the listener's country or not rendered yet is left out, without a word.
    """
    wanted = [track_id for track_id in dict.fromkeys(ids.split(",")) if track_id][:MOST]
    tracks = await _playable(ctx, wanted)
    audio = ctx.state.playback.audio
    sources = await audio.sources(ctx.db, tracks)
    best = quality_for(is_premium=ctx.user.subscription == "premium", connection=connection)
    found = []
    for track in tracks:
        if (source := sources.get(track.id)) is not None:
            quality = source.quality or best
            path = source.path or audio.rendered_path(track.audio_key or "", quality)
            found.append((AudioFile(track.id, quality, source.suffix), source.mime_type, path))
    sizes = await asyncio.to_thread(lambda: [size_of(path) for _, _, path in found])
    tickets = []
    for (file, mime_type, _), size in zip(found, sizes, strict=True):
        if size is not None:
            ticket = ctx.state.playback.tickets.ticket(ctx.user_id, file, ctx.now, mime_type=mime_type, size_bytes=size)
            tickets.append(TicketAhead(track_id=file.track_id, **ticket.model_dump()))
    return StreamTickets(tickets=tickets)


async def _playable(ctx: Ctx, ids: Sequence[str]) -> list[TrackRow]:
    db: AsyncSession = ctx.db
    query = select(TrackRow, AlbumRow.release_date).join(AlbumRow, AlbumRow.id == TrackRow.album_id)
    rows = [(track, date) for track, date in await db.execute(query.where(TrackRow.id.in_(ids)))] if ids else []
    kept_back = await withheld(db, ctx.user_id, ids) if rows else set()
    return [track for track, date in rows if is_out(date, ctx.now) and track.id not in kept_back]
