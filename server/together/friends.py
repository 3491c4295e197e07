"""What friends hear: read from their plays, told to those who are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api_client.models.music import Track
from api_client.models.realtime import FriendActivityEvent
from api_client.models.together import FriendActivity, GroupHint, ListeningContext
from server.chat.presence import friends_of
from server.clock import from_ms, to_ms
from server.music.reader import CatalogueReader, chunks
from server.people.relations import shown_to
from server.people.views import user_ref
from server.player.views import reached
from server.realtime.hub import Hub
from server.state import ServerState
from server.tables.devices import DeviceRow, PlayerStateRow
from server.tables.music import ArtistRow, PlaylistRow, PlayRow
from server.tables.together import GroupMemberRow, GroupSessionRow, ListeningPrivacyRow
from server.tables.users import FollowRow, UserRow
from server.together.privacy import hides, may_be_told

SHOWN = 100
"""Friends in one answer, those who were heard last."""
SLACK = timedelta(seconds=10)
"""By how much a track may be late: what a pause of the line, and the way here, take."""


async def activity_for(reader: CatalogueReader, hub: Hub) -> list[FriendActivity]:
    """Return what the viewer's friends hear and let them know: who hears something now first, then by time."""
    friends = sorted(await friends_of(reader.db, reader.viewer_id))
    visible: list[str] = []
    for part in chunks(friends):
        visible += await reader.db.scalars(select(UserRow.id).where(UserRow.id.in_(part), shown_to(reader.viewer_id)))
    found = [one for one in await activities(reader, hub, visible) if one.track is not None or one.group is not None]
    epoch = from_ms(0)
    return sorted(found, key=lambda one: (one.playing, one.at or epoch), reverse=True)[:SHOWN]


async def activities(reader: CatalogueReader, hub: Hub, user_ids: Sequence[str]) -> list[FriendActivity]:
    """Return what these people let their friends know, whoever asks, in a fixed number of queries for each 500."""
    found: list[FriendActivity] = []
    for part in chunks(list(user_ids)):
        people = (await reader.db.scalars(select(UserRow).where(UserRow.id.in_(part)))).all()
        hidden = await _hidden(reader.db, part, reader.now)
        shown = [user_id for user_id in part if user_id not in hidden or hidden[user_id].shows_listening]
        plays = await _last_plays(reader.db, shown)
        tracks = await reader.tracks(play.track_id for play in plays.values())
        contexts = await _contexts(reader.db, plays.values(), tracks)
        states = await _states(reader.db, [user_id for user_id in shown if user_id not in hidden])
        groups = await _groups(reader.db, [user_id for user_id in part if user_id not in hidden], reader.now)
        for person in people:
            play = plays.get(person.id)
            track = tracks.get(play.track_id) if play is not None else None
            group = groups.get(person.id)
            if play is None or track is None:
                found.append(FriendActivity(user=user_ref(person), group=group))
                continue
            private = person.id in hidden
            left = 0
            if not private and hub.is_online(person.id):
                left = _left_ms(hub, play, track, states.get(person.id), reader.now)
            found.append(
                FriendActivity(
                    user=user_ref(person),
                    track=track,
                    playing=left > 0,
                    at=reader.now if left else min(reader.now, from_ms(play.heard_at_ms)),
                    left_ms=left,
                    context=contexts.get(play.id),
                    group=group,
                )
            )
    return found


def _left_ms(hub: Hub, play: PlayRow, track: Track, told: _Told | None, now: datetime) -> int:
    """Return how much of a track is still to be heard; 0 where it is over, or paused as far as its player says.

    Whatever a client says of times and places, that is no more than the whole track.
    """
    if play.ended_ms is not None:
        return 0
    if told is not None and told.state.current is not None and told.state.current[1] == track.id:
        if not told.state.is_playing:
            return 0
        left = track.duration_ms - round(reached(hub, told.state, told.left_at, now) * 1000)
        return max(min(left, track.duration_ms), 1)
    left = play.heard_at_ms + track.duration_ms - play.heard_to_ms - to_ms(now)
    return max(min(left, track.duration_ms), 1) if left > -SLACK // timedelta(milliseconds=1) else 0


class _Told(NamedTuple):
    """What a player says, and when its device was there last."""

    state: PlayerStateRow
    left_at: datetime | None


async def _states(db: AsyncSession, ids: Sequence[str]) -> dict[str, _Told]:
    query = (
        select(PlayerStateRow, DeviceRow.last_seen_at)
        .outerjoin(DeviceRow, DeviceRow.id == PlayerStateRow.device_id)
        .where(PlayerStateRow.user_id.in_(ids))
    )
    return {row[0].user_id: _Told(row[0], row[1]) for row in await db.execute(query)}


async def _hidden(db: AsyncSession, ids: Sequence[str], now: datetime) -> dict[str, ListeningPrivacyRow]:
    rows = await db.scalars(select(ListeningPrivacyRow).where(ListeningPrivacyRow.user_id.in_(ids)))
    return {row.user_id: row for row in rows if hides(row, now)}


async def _last_plays(db: AsyncSession, ids: Sequence[str]) -> dict[str, PlayRow]:
    """Return the last play of each that is not hidden; each is one look into an index."""
    if not ids:
        return {}
    one = aliased(PlayRow)
    newest = (
        select(one.id)
        .where(one.user_id == UserRow.id, may_be_told(one.id))
        .order_by(one.played_at.desc(), one.id.desc())
        .limit(1)
        .correlate(UserRow)
        .scalar_subquery()
    )
    wanted = select(newest).where(UserRow.id.in_(ids))
    rows = await db.scalars(select(PlayRow).where(PlayRow.id.in_(wanted)))
    return {row.user_id: row for row in rows}


async def _contexts(
    db: AsyncSession, plays: Iterable[PlayRow], tracks: Mapping[str, Track]
) -> dict[str, ListeningContext]:
    """Return by play what it was played from, as far as that is for everybody's eyes."""
    listed = [play for play in plays if play.context_id is not None]
    found: dict[str, ListeningContext] = {}
    for kind, row in (("playlist", PlaylistRow), ("artist", ArtistRow)):
        ids = {play.context_id for play in listed if play.context_type == kind}
        if not ids:
            continue
        query = select(row.id, row.name).where(row.id.in_(ids))
        if row is PlaylistRow:
            query = query.where(PlaylistRow.is_public)
        names: dict[str, str] = {item_id: name or "" for item_id, name in await db.execute(query)}
        found |= {
            play.id: ListeningContext(type=kind, id=play.context_id, name=names[play.context_id])
            for play in listed
            if play.context_type == kind and play.context_id in names
        }
    for play in listed:
        album = tracks[play.track_id].album if play.track_id in tracks else None
        if play.context_type == "album" and album is not None and album.id == play.context_id:
            found[play.id] = ListeningContext(type="album", id=album.id, name=album.title)
    return found


async def _groups(db: AsyncSession, ids: Sequence[str], now: datetime) -> dict[str, GroupHint]:
    """Return by person the session they are in, if their friends may join it."""
    counted = aliased(GroupMemberRow)
    members = (
        select(func.count()).where(counted.code == GroupSessionRow.code).correlate(GroupSessionRow).scalar_subquery()
    )
    query = (
        select(GroupMemberRow.user_id, GroupSessionRow.code, members)
        .join(GroupSessionRow, GroupSessionRow.code == GroupMemberRow.code)
        .where(GroupMemberRow.user_id.in_(ids), GroupSessionRow.open_to_friends, GroupSessionRow.expires_at > now)
    )
    return {user_id: GroupHint(code=code, members=count) for user_id, code, count in await db.execute(query)}


async def announce_activity(state: ServerState, user_ids: Sequence[str]) -> None:
    """Tell the friends who are there what these people let them know now."""
    async with state.database.reading() as db:
        reader = CatalogueReader(db, "", state.clock.now(), state.media.url)
        for activity in await activities(reader, state.hub, user_ids):
            friends = {friend for friend in await friends_of(db, activity.user.id) if state.hub.is_online(friend)}
            person = await db.get(UserRow, activity.user.id)
            if person is not None and person.is_private and friends:
                followers = select(FollowRow.follower_id).where(
                    FollowRow.followed_id == person.id, FollowRow.follower_id.in_(friends)
                )
                friends = set(await db.scalars(followers))
            state.hub.to_users(friends, FriendActivityEvent(activity=activity))
