"""Stream addresses, the audio itself, playback events and the history over HTTP."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

from fastapi import Header, Path, Query, Request, Response

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.listening import ListeningStats
from api_client.models.music import Play, PlaybackEvent, PlaybackReceipt, StreamTicket
from server.context import Ctx
from server.idempotency import HEADER, KEY_PATTERN
from server.music.problems import track_not_found
from server.music.reader import is_out, reader_for
from server.music.regions import withheld
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing
from server.playback import subscriptions
from server.playback.audio import etag_of, size_of
from server.playback.history import history_of
from server.playback.listening import record
from server.playback.quality import quality_for
from server.playback.render import RenderFailed
from server.playback.stats import span_of, stats_of
from server.playback.tickets import AUDIO_PATH, AudioFile, audio_file
from server.problems import Problem
from server.ranges import file_reply
from server.routing import Router
from server.state import state_of
from server.tables.music import AlbumRow, TrackRow
from server.together.listening import heard

router = Router()
subscriptions.register()

TrackIdPath = Annotated[str, Path(alias="trackId", min_length=1, max_length=64)]
Connection = Annotated[str, Header(alias="X-Connection-Type", max_length=32, description="wifi, 4g, 3g, 2g, slow-2g")]
EventKey = Annotated[str | None, Header(alias=HEADER, pattern=KEY_PATTERN, include_in_schema=False)]
FirstDay = Annotated[date | None, Query(alias="from", description="The first day, YYYY-MM-DD.")]
LastDay = Annotated[date | None, Query(alias="to", description="The last day, included.")]
Offset = Annotated[
    int, Query(alias="utcOffset", ge=-900, le=900, description="Minutes that the days are ahead of UTC.")
]

_CACHE = "private, max-age=3600"


@router.handles(music_endpoints.STREAM)
async def stream(ctx: Ctx, track_id: TrackIdPath, connection: Connection = "wifi") -> StreamTicket:
    """A signed address of the track for one hour, in the quality that plan and connection allow.

    A file of the music folder is streamed as it is, so its own quality is what the ticket names.
    """
    track = await ctx.db.get(TrackRow, track_id)
    if track is None:
        raise track_not_found()
    album = await ctx.db.get_one(AlbumRow, track.album_id)
    if not is_out(album.release_date, ctx.now):
        raise Problem(ErrorCode.FORBIDDEN, f"This track is not out before {album.release_date}.")
    if await withheld(ctx.db, ctx.user_id, [track_id]):
        raise Problem(ErrorCode.NOT_AVAILABLE_IN_REGION, "This track is not available in your country.")
    audio = ctx.state.playback.audio
    source = await audio.source(ctx.db, track)
    if source is None:
        raise _gone()
    quality = source.quality or quality_for(is_premium=ctx.user.subscription == "premium", connection=connection)
    key = track.audio_key or ""
    path = source.path or audio.rendered_path(key, quality)
    size = await asyncio.to_thread(size_of, path)
    if size is None:
        ctx.background(lambda: audio.render_all([key], [quality], hurry=True))
    return ctx.state.playback.tickets.ticket(
        ctx.user_id,
        AudioFile(track.id, quality, source.suffix),
        ctx.now,
        mime_type=source.mime_type,
        size_bytes=size,
    )


@router.api_route(
    "/media/audio/{file}",
    methods=["GET", "HEAD"],
    name="media.audio",
    response_class=Response,
    include_in_schema=False,
)
async def audio(request: Request, file: str) -> Response:
    """The bytes of a track, whole or in part, for whoever holds a signed address."""
    state = state_of(request.app)
    state.signer.verify(AUDIO_PATH + file, request.query_params, state.clock.now())
    wanted = audio_file(file)
    if wanted is None:
        raise _gone()
    async with state.database.reading() as db:
        track = await db.get(TrackRow, wanted.track_id)
        source = await state.playback.audio.source(db, track) if track else None
    if track is None or source is None or source.suffix != wanted.suffix:
        raise _gone()
    try:
        path = source.path or await state.playback.audio.path(track.audio_key or "", wanted.quality)
        etag = await asyncio.to_thread(etag_of, path, file)
        return await file_reply(request, path, media_type=source.mime_type, etag=etag, cache_control=_CACHE)
    except FileNotFoundError:
        raise _gone() from None
    except RenderFailed:
        raise Problem(ErrorCode.UNAVAILABLE, "This track cannot be rendered.") from None


@router.handles(music_endpoints.PLAYBACK_EVENT, keeps_replies=False)
async def playback_event(ctx: Ctx, body: PlaybackEvent, key: EventKey = None) -> PlaybackReceipt:
    """Report that something happened to a track; reported again, it is known and changes nothing."""
    if await ctx.db.get(TrackRow, body.track_id) is None:
        raise track_not_found()
    recorded = await record(ctx.db, ctx.user_id, body, key, ctx.now)
    if recorded.is_new:
        await heard(ctx, body, recorded.play_id)
    streams = recorded.stream_count
    if streams is not None:
        ctx.after_commit(lambda: ctx.state.hub.notify(f"songs:{body.track_id}", streams))
    return PlaybackReceipt(deduplicated=not recorded.is_new)


@router.handles(music_endpoints.HISTORY)
async def history(
    ctx: Ctx,
    first: FirstDay = None,
    last: LastDay = None,
    offset: Offset = 0,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Listing[Play]:
    """What the user has listened to, all of it or from one day to another, the last first."""
    during = None if first is last is None else span_of(ctx.now, first, last, offset)
    return await history_of(reader_for(ctx), limit, cursor, during)


@router.handles(music_endpoints.STATS)
async def stats(ctx: Ctx, first: FirstDay = None, last: LastDay = None, offset: Offset = 0) -> ListeningStats:
    """How much the user has heard in four weeks or from one day to another, of whom, and on which days."""
    return await stats_of(reader_for(ctx), span_of(ctx.now, first, last, offset))


def _gone() -> Problem:
    return Problem(ErrorCode.NOT_FOUND, "There is no audio of this track any more.")
