"""Blends: two people's music in turns. It is not stored; a day's blend is the same however often it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.music import Blend, BlendPerson, PlaylistTrack
from server.music.reader import CatalogueReader
from server.people.relations import is_following
from server.tables.music import AlbumRow, LibraryItemRow, PlayRow, TrackArtistRow, TrackRow
from server.tables.playlists import BlendRow
from server.tables.together import ListeningPrivacyRow
from server.tables.users import UserRow
from server.together.privacy import may_be_told

HISTORY = timedelta(days=28)
TOP = 50
"""Tracks of each that are looked at."""
LENGTH = 50
"""Tracks of a blend."""


@dataclass(frozen=True, slots=True)
class Favourites:
    """What somebody plays most: tracks in order, and by main artist the share of the plays, 1 in all."""

    tracks: Sequence[str]
    shares: Mapping[str, float]


NOTHING = Favourites((), {})


def interleaved(first: Sequence[str], second: Sequence[str], most: int = LENGTH) -> list[tuple[str, tuple[int, ...]]]:
    """Return tracks of both in turns, each once, with whose they are: (0,), (1,) or (0, 1).

    Once one has no more, the other's follow.
    """
    whose = [set(first), set(second)]
    rest = [list(dict.fromkeys(tracks)) for tracks in (first, second)]
    taken: dict[str, tuple[int, ...]] = {}
    turn = 0
    while len(taken) < most and (rest[0] or rest[1]):
        if rest[turn]:
            track = rest[turn].pop(0)
            if track in taken:
                continue
            taken[track] = tuple(side for side in (0, 1) if track in whose[side])
        turn = 1 - turn
    return list(taken.items())


def taste_match(first: Mapping[str, float], second: Mapping[str, float]) -> int:
    """Return how much two tastes have in common, in percent: the overlap of their shares by artist.

    The sum over all artists of the smaller of the two shares (histogram intersection, Swain and Ballard 1991): 100
    where both give every artist the same share, 0 where they have no artist in common.
    """
    return round(100 * sum(min(share, second.get(artist, 0.0)) for artist, share in first.items()))


async def blends_among(db: AsyncSession, ids: Sequence[str], now: datetime) -> dict[str, Blend]:
    """Return, for the playlists among `ids` that are blends, whose they are; without the match."""
    rows = list(await db.scalars(select(BlendRow).where(BlendRow.playlist_id.in_(ids))))
    people = {user_id for row in rows for user_id in (row.first_id, row.second_id)}
    query = select(UserRow.id, UserRow.username).where(UserRow.id.in_(people))
    names = {row[0]: row[1] for row in await db.execute(query)} if people else {}
    return {
        row.playlist_id: Blend(
            people=[BlendPerson(id=one, name=names.get(one, "")) for one in (row.first_id, row.second_id)],
            made_for=as_of(row.created_at, now),
        )
        for row in rows
    }


def as_of(created_at: datetime, now: datetime) -> datetime:
    """Return up to when listening counts: the beginning of the day in UTC; on its first day, when it was made."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return max(midnight, created_at)


async def blended(reader: CatalogueReader, blend: Blend) -> tuple[Blend, list[PlaylistTrack]]:
    """Return a blend with the match, and its tracks: none once the two do not follow each other any more."""
    first, second = blend.people
    pairs = ((first.id, second.id), (second.id, first.id))
    are_friends = all([await is_following(reader.db, *pair) for pair in pairs])
    one, other = [
        await favourites(reader.db, person.id, blend.made_for) if are_friends else NOTHING for person in (first, second)
    ]
    chosen = interleaved(one.tracks, other.tracks)
    tracks = await reader.tracks(track_id for track_id, _ in chosen)
    ids = (first.id, second.id)
    shown = [(tracks[track_id], whose) for track_id, whose in chosen if track_id in tracks]
    entries = [
        PlaylistTrack(**dict(track), position=position, comes_from=[ids[side] for side in whose])
        for position, (track, whose) in enumerate(shown, 1)
    ]
    return blend.changed(match=taste_match(one.shares, other.shares)), entries


async def favourites(db: AsyncSession, user_id: str, until: datetime) -> Favourites:
    """Return what somebody played most in the 28 days before `until`; who played nothing, what they saved last.

    What they heard in private is left out, and everything of who lets nobody see what they hear.
    """
    privacy = await db.get(ListeningPrivacyRow, user_id)
    if privacy is not None and not privacy.shows_listening:
        return NOTHING
    plays = func.sum(cast(PlayRow.counted, Integer))
    heard = (
        select(PlayRow.track_id, plays)
        .join(TrackRow, TrackRow.id == PlayRow.track_id)
        .where(PlayRow.user_id == user_id, PlayRow.played_at > until - HISTORY, PlayRow.played_at <= until)
        .where(TrackRow.is_available, may_be_told(PlayRow.id))
        .group_by(PlayRow.track_id)
        .having(plays > 0)
        .order_by(plays.desc(), func.sum(PlayRow.listened_ms).desc(), PlayRow.track_id)
        .limit(TOP)
    )
    counts = {row[0]: row[1] for row in await db.execute(heard)}
    if not counts:
        saved = (
            select(LibraryItemRow.item_id)
            .join(TrackRow, TrackRow.id == LibraryItemRow.item_id)
            .where(LibraryItemRow.user_id == user_id, LibraryItemRow.kind == "tracks", TrackRow.is_available)
            .where(LibraryItemRow.saved_at <= until)
            .order_by(LibraryItemRow.saved_at.desc(), LibraryItemRow.item_id)
            .limit(TOP)
        )
        counts = dict.fromkeys(await db.scalars(saved), 1)
    return Favourites(list(counts), await _shares(db, counts))


async def _shares(db: AsyncSession, counts: Mapping[str, int]) -> dict[str, float]:
    main = func.coalesce(TrackArtistRow.artist_id, AlbumRow.artist_id)
    query = (
        select(TrackRow.id, main)
        .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
        .outerjoin(TrackArtistRow, and_(TrackArtistRow.track_id == TrackRow.id, TrackArtistRow.place == 0))
        .where(TrackRow.id.in_(counts))
    )
    shares: dict[str, float] = {}
    total = sum(counts.values())
    for track_id, artist_id in await db.execute(query):
        shares[artist_id] = shares.get(artist_id, 0.0) + counts[track_id] / total
    return shares


async def blend_between(db: AsyncSession, one: str, other: str) -> BlendRow | None:
    """Return the blend of two people, whoever made it."""
    first, second = sorted((one, other))
    query = select(BlendRow).where(BlendRow.first_id == first, BlendRow.second_id == second)
    return (await db.scalars(query)).one_or_none()


async def is_blended(db: AsyncSession, playlist_id: str, user_id: str) -> bool:
    """Whether a playlist is a blend with somebody's music."""
    theirs = or_(BlendRow.first_id == user_id, BlendRow.second_id == user_id)
    query = select(BlendRow.playlist_id).where(BlendRow.playlist_id == playlist_id, theirs)
    return await db.scalar(query) is not None
