"""Routes of friends' listening, of who may see the own, and of sessions in which several listen together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Path

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.base import Done
from api_client.models.realtime import ListeningPrivacyEvent
from api_client.models.together import (
    FriendsActivity,
    GroupCommand,
    GroupSession,
    GroupTrack,
    ListeningPrivacy,
    NewGroupSession,
    PrivacyChange,
    ServerTime,
    read_code,
)
from server.clock import to_ms
from server.context import Ctx, OwnCtx, RequestContext
from server.music.reader import reader_for
from server.problems import Problem
from server.routing import Router
from server.tables.together import GroupMemberRow
from server.together import storage
from server.together.friends import activity_for, announce_activity
from server.together.group import Group, Member, commanded, entries_of, joined, without
from server.together.privacy import change_privacy, privacy_of
from server.together.storage import Stored

router = Router()

CodePath = Annotated[str, Path(alias="code", min_length=1, max_length=32)]

NOT_IN_IT = "You are not in this session."


@router.handles(music_endpoints.FRIENDS_ACTIVITY)
async def friends_activity(ctx: Ctx) -> FriendsActivity:
    """What the friends hear now or heard last, as far as they let it be seen."""
    return FriendsActivity(friends=await activity_for(reader_for(ctx), ctx.state.hub))


@router.handles(music_endpoints.LISTENING_PRIVACY)
async def listening_privacy(ctx: Ctx) -> ListeningPrivacy:
    """Whom the own listening is shown to."""
    return await privacy_of(ctx.db, ctx.user_id, ctx.now)


@router.handles(music_endpoints.CHANGE_LISTENING_PRIVACY)
async def change_listening_privacy(ctx: Ctx, body: PrivacyChange) -> ListeningPrivacy:
    """Begin or end a private session, or decide for good whether friends see what is heard."""
    privacy = await change_privacy(ctx.db, ctx.user_id, body, ctx.now)
    ctx.after_commit(lambda: ctx.state.hub.to_user(ctx.user_id, ListeningPrivacyEvent(privacy=privacy)))
    _announce(ctx, [ctx.user_id])
    return privacy


@router.handles(music_endpoints.SERVER_TIME)
async def server_time(ctx: OwnCtx) -> ServerTime:
    """The platform's clock, for those who want to hear the same at the same time."""
    return ServerTime(now=to_ms(ctx.state.clock.now()))


@router.handles(music_endpoints.START_GROUP)
async def start_group(ctx: Ctx, body: NewGroupSession) -> GroupSession:
    """Begin a session, with the first of these tracks; a session that one is in is left."""
    ctx.limit("group-start", ctx.user_id, 30, 3600)
    await _leave_earlier(ctx, None)
    host, tracks = _me(ctx), await _tracks(ctx, body.track_ids)
    entries = entries_of([tracks[track_id] for track_id in body.track_ids if track_id in tracks], host, 1)
    first = entries[0] if entries else None
    now = to_ms(ctx.now)
    group = Group(
        host_id=host.user_id,
        members=(host,),
        at=now,
        entries=entries,
        current_id=first.id if first else None,
        position_ms=min(body.position_ms, max(first.track.duration_ms - 1, 0)) if first else 0,
        playing=body.playing and first is not None,
        guests_control=body.guests_control,
        open_to_friends=body.open_to_friends,
        next_id=len(entries) + 1,
    )
    stored = await storage.create(ctx.db, ctx.state.hub, group, ctx.now)
    _announce(ctx, [ctx.user_id])
    return await storage.view(ctx.db, ctx.state.hub, stored, ctx.now)


@router.handles(music_endpoints.GROUP)
async def group_session(ctx: Ctx, code: CodePath) -> GroupSession:
    """A session that one is in, as it is now."""
    stored = await _own(ctx, code)
    return await storage.view(ctx.db, ctx.state.hub, stored, ctx.now)


@router.handles(music_endpoints.JOIN_GROUP)
async def join_group(ctx: Ctx, code: CodePath) -> GroupSession:
    """Enter a session by its code; another one is left."""
    _count_try(ctx)
    stored = await storage.find(ctx.db, code, ctx.now)
    await _leave_earlier(ctx, stored.row.code)
    group = joined(stored.group, _me(ctx))
    if group == stored.group:
        return await storage.view(ctx.db, ctx.state.hub, stored, ctx.now)
    return await _saved(ctx, stored, group, with_queue=True)


@router.handles(music_endpoints.LEAVE_GROUP)
async def leave_group(ctx: Ctx, code: CodePath) -> Done:
    """Leave a session; after the host, who has been in it longest is the host, and after the last it is over."""
    stored = await _own(ctx, code)
    await _saved(ctx, stored, without(stored.group, ctx.user_id, ctx.user.username))
    return Done()


@router.handles(music_endpoints.COMMAND_GROUP)
async def command_group(ctx: Ctx, code: CodePath, body: GroupCommand) -> GroupSession:
    """Play, pause, seek, skip, change the queue, or decide about the session; everybody in it is told."""
    ctx.limit("group-command", ctx.user_id, 300, 60)
    stored = await _own(ctx, code)
    tracks = await _tracks(ctx, body.track_ids or ())
    group = commanded(stored.group, body, _me(ctx), to_ms(ctx.now), tracks)
    return await _saved(ctx, stored, group)


# -- how


def _me(ctx: RequestContext) -> Member:
    return Member(ctx.user_id, ctx.user.username)


def _count_try(ctx: RequestContext) -> None:
    """Count an attempt to find a session by its code: codes cannot be tried through, whatever is asked for."""
    ctx.limit("group-join", ctx.user_id, 30, 60)


async def _own(ctx: RequestContext, code: str) -> Stored:
    mine = await ctx.db.get(GroupMemberRow, ctx.user_id)
    if mine is None or mine.code != read_code(code):
        _count_try(ctx)
    stored = await storage.find(ctx.db, code, ctx.now)
    if not stored.group.has(ctx.user_id):
        raise Problem(ErrorCode.FORBIDDEN, NOT_IN_IT)
    return stored


async def _leave_earlier(ctx: RequestContext, code: str | None) -> None:
    """Leave the session one is in, if it is another one than `code`."""
    earlier = await storage.of_user(ctx.db, ctx.user_id, ctx.now)
    if earlier is not None and earlier.row.code != code:
        await _saved(ctx, earlier, without(earlier.group, ctx.user_id, ctx.user.username))


async def _saved(ctx: RequestContext, stored: Stored, group: Group, *, with_queue: bool = False) -> GroupSession:
    """Store what has become of a session, tell its members, and return what whoever asked is told."""
    before, queue = stored.group, stored.row.queue_version
    await storage.save(ctx.db, ctx.state.hub, stored, group, ctx.now)
    now = Stored(stored.row, group)
    changed = with_queue or stored.row.queue_version != queue
    state = await storage.view(ctx.db, ctx.state.hub, now, ctx.now, with_queue=changed)
    gone = [member for member in before.members if not group.has(member.user_id)]
    ctx.after_commit(lambda: storage.tell(ctx.state.hub, state, group.members, gone))
    if before.members != group.members or before.open_to_friends != group.open_to_friends or group.ended:
        _announce(ctx, [member.user_id for member in {*before.members, *group.members}])
    return state


def _announce(ctx: RequestContext, user_ids: Sequence[str]) -> None:
    ctx.background(lambda: announce_activity(ctx.state, user_ids))


async def _tracks(ctx: RequestContext, ids: Sequence[str]) -> dict[str, GroupTrack]:
    """Return those tracks that can be played."""
    found = await reader_for(ctx).tracks(ids) if ids else {}
    return {
        track.id: GroupTrack(
            id=track.id,
            title=track.title,
            artist=track.artist_names,
            album=track.album.title if track.album else "",
            duration_ms=track.duration_ms,
            cover_url=track.album.cover_url if track.album else None,
        )
        for track in found.values()
        if track.is_playable
    }
