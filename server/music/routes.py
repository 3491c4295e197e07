"""Artists, albums, tracks, lyrics and the music home over HTTP."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.catalogue import Concert, Region, Versions
from api_client.models.music import Album, Artist, Followed, Home, LyricLine, Lyrics, Track
from server.context import Ctx, RequestContext
from server.music.concerts import concerts_of, concerts_of_followed
from server.music.lists import HomeShelves, albums_of, top_tracks_of, tracks_of_album
from server.music.problems import track_not_found
from server.music.reader import reader_for
from server.music.regions import region_of, set_region
from server.music.versions import versions_of
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing
from server.playlists.home import my_playlists_shelf
from server.problems import Problem
from server.recommendations.for_you import made_for_you_shelf
from server.routing import IdPath, Router
from server.tables.music import ArtistFollowRow, ArtistRow, LyricsRow, TrackRow

router = Router()


@router.handles(music_endpoints.MUSIC_HOME)
async def home(ctx: Ctx) -> Home:
    """Shelves for the signed-in user; what would be empty is left out."""
    reader = reader_for(ctx)
    shelves = HomeShelves(reader)
    return Home(
        shelves=[
            *await shelves.recently_played(),
            *await made_for_you_shelf(reader),
            *await my_playlists_shelf(reader),
            *await shelves.new_releases(),
            *await shelves.popular_tracks(),
            *await shelves.artists_for_you(),
        ]
    )


@router.handles(music_endpoints.ARTIST)
async def artist(ctx: Ctx, artist_id: IdPath) -> Artist:
    """One artist."""
    return await _artist(ctx, artist_id)


@router.handles(music_endpoints.ARTIST_ALBUMS)
async def artist_albums(
    ctx: Ctx,
    artist_id: IdPath,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Listing[Album]:
    """An artist's releases, the newest first."""
    await _artist(ctx, artist_id)
    return await albums_of(reader_for(ctx), artist_id, limit, cursor)


@router.handles(music_endpoints.ARTIST_TOP_TRACKS)
async def artist_top_tracks(
    ctx: Ctx,
    artist_id: IdPath,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Listing[Track]:
    """An artist's tracks, the most played first."""
    await _artist(ctx, artist_id)
    return await top_tracks_of(reader_for(ctx), artist_id, limit, cursor)


@router.handles(music_endpoints.FOLLOW_ARTIST)
async def follow_artist(ctx: Ctx, artist_id: IdPath) -> Followed:
    """Follow an artist; doing it twice changes nothing."""
    await _must_exist(ctx, artist_id)
    row = {"user_id": ctx.user_id, "artist_id": artist_id, "created_at": ctx.now}
    await ctx.db.execute(insert(ArtistFollowRow).values(row).on_conflict_do_nothing())
    return Followed(followed=True)


@router.handles(music_endpoints.UNFOLLOW_ARTIST)
async def unfollow_artist(ctx: Ctx, artist_id: IdPath) -> Followed:
    """Follow an artist no more."""
    await _must_exist(ctx, artist_id)
    mine = (ArtistFollowRow.user_id == ctx.user_id, ArtistFollowRow.artist_id == artist_id)
    await ctx.db.execute(delete(ArtistFollowRow).where(*mine))
    return Followed(followed=False)


@router.handles(music_endpoints.ARTIST_CONCERTS)
async def artist_concerts(
    ctx: Ctx, artist_id: IdPath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[Concert]:
    """Where an artist plays, the next concert first."""
    await _must_exist(ctx, artist_id)
    return await concerts_of(reader_for(ctx), artist_id, limit, cursor)


@router.handles(music_endpoints.CONCERTS)
async def concerts(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[Concert]:
    """Where the artists play that the user follows, the next concert first."""
    return await concerts_of_followed(reader_for(ctx), limit, cursor)


@router.handles(music_endpoints.REGION)
async def region(ctx: Ctx) -> Region:
    """The country for which the user's catalogue is."""
    return Region(country=await region_of(ctx.db, ctx.user_id))


@router.handles(music_endpoints.SET_REGION)
async def change_region(ctx: Ctx, body: Region) -> Region:
    """Say which country the user is in; without one nothing is withheld."""
    await set_region(ctx.db, ctx.user_id, body.country)
    return body


@router.handles(music_endpoints.ALBUM)
async def album(ctx: Ctx, album_id: IdPath) -> Album:
    """One release with its tracks."""
    reader = reader_for(ctx)
    found = (await reader.albums([album_id])).get(album_id)
    if found is None:
        raise Problem(ErrorCode.NOT_FOUND, "Album not found")
    return found.changed(tracks=await tracks_of_album(reader, album_id))


@router.handles(music_endpoints.TRACK)
async def track(ctx: Ctx, track_id: IdPath) -> Track:
    """One track."""
    found = (await reader_for(ctx).tracks([track_id])).get(track_id)
    if found is None:
        raise track_not_found()
    return found


@router.handles(music_endpoints.VERSIONS)
async def versions(ctx: Ctx, track_id: IdPath) -> Versions:
    """Other versions of a track: the same recording on other releases first, then other recordings of the song."""
    if await ctx.db.get(TrackRow, track_id) is None:
        raise track_not_found()
    return Versions(tracks=await versions_of(reader_for(ctx), track_id))


@router.handles(music_endpoints.LYRICS)
async def lyrics(ctx: Ctx, track_id: IdPath) -> Lyrics:
    """The words of a track; without any lines where none are known."""
    row = await ctx.db.get(LyricsRow, track_id)
    if row is None:
        if await ctx.db.get(TrackRow, track_id) is None:
            raise track_not_found()
        return Lyrics()
    return Lyrics(synced=row.synced, lines=[LyricLine.model_validate(line) for line in row.lines])


async def _artist(ctx: RequestContext, artist_id: str) -> Artist:
    found = (await reader_for(ctx).artists([artist_id])).get(artist_id)
    if found is None:
        raise _artist_not_found()
    return found


async def _must_exist(ctx: RequestContext, artist_id: str) -> None:
    if await ctx.db.scalar(select(ArtistRow.id).where(ArtistRow.id == artist_id)) is None:
        raise _artist_not_found()


def _artist_not_found() -> Problem:
    return Problem(ErrorCode.NOT_FOUND, "Artist not found")
