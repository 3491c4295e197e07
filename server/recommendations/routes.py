"""Recommendations over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import Path

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.recommendations import Mix, Mixes, MixKind, Recommendations, RecommendedTrack
from server.context import Ctx
from server.music.problems import track_not_found
from server.music.reader import CatalogueReader, reader_for
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing
from server.problems import Problem
from server.recommendations.for_you import Pick
from server.recommendations.mixes import daily_mixes
from server.recommendations.radio import similar, station
from server.recommendations.weekly import WEEK, weekly_list
from server.routing import Router
from server.tables.music import TrackRow

router = Router()

ALGORITHM = "hybrid_cf_cb_v1"
"""Similar listeners and similar sound, weighed 60 to 40."""
_BY_GENRE = "genre_clusters_v1"
_BY_DATE = "new_releases_v1"
_DISCOVER = ("Discover Weekly", "Music that is new to you, chosen for what you listen to. New every Monday.")
_RADAR = ("Release Radar", "New releases of the artists you follow and listen to. New every Monday.")

MixIdPath = Annotated[str, Path(alias="mixId", min_length=1, max_length=8)]
TrackIdPath = Annotated[str, Path(alias="trackId", min_length=1, max_length=64)]


@router.handles(music_endpoints.MIXES)
async def mixes(ctx: Ctx) -> Mixes:
    """Which lists there are for the user."""
    daily = [
        Mix(kind=MixKind.DAILY_MIX, mix_id=str(number), title=_mix_title(number), description=_mix_text(mix.genre))
        for number, mix in enumerate(await daily_mixes(reader_for(ctx)), start=1)
    ]
    discover, radar = (
        Mix(kind=kind, title=title, description=text)
        for kind, (title, text) in ((MixKind.DISCOVER_WEEKLY, _DISCOVER), (MixKind.RELEASE_RADAR, _RADAR))
    )
    return Mixes(mixes=[discover, *daily, radar])


@router.handles(music_endpoints.DISCOVER_WEEKLY)
async def discover_weekly(ctx: Ctx) -> Recommendations:
    """Up to thirty tracks, at most two of an artist; the same list from Monday 00:00 UTC to the next."""
    return await _weekly(ctx, MixKind.DISCOVER_WEEKLY, *_DISCOVER, ALGORITHM)


@router.handles(music_endpoints.RELEASE_RADAR)
async def release_radar(ctx: Ctx) -> Recommendations:
    """What came out in the last 28 days from followed artists, then from those listened to."""
    return await _weekly(ctx, MixKind.RELEASE_RADAR, *_RADAR, _BY_DATE)


@router.handles(music_endpoints.DAILY_MIX)
async def daily_mix(ctx: Ctx, mix_id: MixIdPath) -> Recommendations:
    """One of up to six mixes, each of a genre the user plays; the same for a day in UTC."""
    reader = reader_for(ctx)
    for number, mix in enumerate(await daily_mixes(reader), start=1):
        if mix_id == str(number):
            midnight = ctx.now.replace(hour=0, minute=0, second=0, microsecond=0)
            return Recommendations(
                id=f"{MixKind.DAILY_MIX.value}-{number}",
                title=_mix_title(number),
                description=_mix_text(mix.genre),
                tracks=await _tracks(reader, mix.picks),
                generated_at=ctx.now,
                valid_from=midnight,
                valid_until=midnight + timedelta(days=1),
                algorithm=_BY_GENRE,
            )
    raise Problem(ErrorCode.NOT_FOUND, "There is no such mix.")


@router.handles(music_endpoints.SIMILAR_TRACKS)
async def similar_tracks(ctx: Ctx, track_id: TrackIdPath) -> Recommendations:
    """Up to thirty tracks that go with one."""
    reader = reader_for(ctx)
    title = await _title(ctx, track_id)
    tracks = await _tracks(reader, await similar(reader, track_id))
    return Recommendations(
        id=f"similar-{track_id}", title=f"Like {title}", tracks=tracks, generated_at=ctx.now, algorithm=ALGORITHM
    )


@router.handles(music_endpoints.RADIO)
async def radio(
    ctx: Ctx, track_id: TrackIdPath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[RecommendedTrack]:
    """A station that begins with a track and never ends."""
    await _title(ctx, track_id)
    reader = reader_for(ctx)
    page = await station(reader, track_id, limit, cursor)
    return Listing(await _tracks(reader, page.items), page.next_cursor)


async def _weekly(ctx: Ctx, kind: MixKind, title: str, text: str, algorithm: str) -> Recommendations:
    reader = reader_for(ctx)
    made = await weekly_list(ctx.state.database, reader, kind)
    return Recommendations(
        id=kind.value,
        title=title,
        description=text,
        tracks=await _tracks(reader, made.picks),
        generated_at=made.generated_at,
        valid_from=made.week,
        valid_until=made.week + WEEK,
        algorithm=algorithm,
    )


async def _tracks(reader: CatalogueReader, picks: Sequence[Pick]) -> list[RecommendedTrack]:
    """Return the tracks that still exist, in the order of the picks."""
    wanted = [pick.track_id for pick in picks] + [pick.resembles for pick in picks if pick.resembles is not None]
    found = await reader.tracks(wanted)
    tracks = []
    for pick in picks:
        track, other = found.get(pick.track_id), found.get(pick.resembles or "")
        if track is not None:
            fields = {name: getattr(track, name) for name in type(track).model_fields}
            resembles = other.title if other is not None else None
            tracks.append(RecommendedTrack(**fields, reason=pick.reason, listeners=pick.listeners, resembles=resembles))
    return tracks


async def _title(ctx: Ctx, track_id: str) -> str:
    track = await ctx.db.get(TrackRow, track_id)
    if track is None:
        raise track_not_found()
    return track.title


def _mix_title(number: int) -> str:
    return f"Daily Mix {number}"


def _mix_text(genre: str) -> str:
    return f"What you know of {genre}, and what you do not know yet. New every day."
