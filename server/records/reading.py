"""Reading records of every kind that version notices exist for, each in its wire shape and under its own rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from sqlalchemy import func, select

from api_client.models.base import WireModel
from api_client.models.records import SELF_FILLING_LIMIT, RecordMap, RecordPointer
from api_client.operations import Record
from server.chat.overview import conversations_with
from server.comments import queries as comment_queries
from server.comments.tree import Placed
from server.context import RequestContext
from server.feed import access, hydrate
from server.feed.hydrate import batches
from server.music.reader import reader_for
from server.people.profiles import ids_of, profiles
from server.playlists.reader import PlaylistReader
from server.problems import invalid
from server.stories.queries import stories_for
from server.studio.access import access_to
from server.studio.rows import ROWS, load
from server.tables.posts import CommentRow
from server.tables.subreddits import SubredditRow

_Read = Callable[[RequestContext, Sequence[str]], Awaitable[Mapping[str, Record]]]


async def records(ctx: RequestContext, pointers: Iterable[RecordPointer]) -> RecordMap:
    """Return the records that `pointers` name and the user may read, by table and id."""
    wanted: dict[str, list[str]] = {}
    for pointer in pointers:
        wanted.setdefault(pointer.table, []).append(pointer.id)
    found: RecordMap = {}
    for table, ids in wanted.items():
        read = _READERS.get(table)
        records = await read(ctx, list(dict.fromkeys(ids))) if read is not None else {}
        if records:
            found[table] = dict(records)
    return found


async def _posts(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
    readable = await access.readable_posts(ctx.db, ctx.user, ids)
    return _by_id(await hydrate.posts(ctx.db, ctx.user_id, [post_id for post_id in ids if post_id in readable]))


async def _comments(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
    posts: dict[str, str] = {}
    replies: dict[str, int] = {}
    for batch in batches(ids):
        there = CommentRow.deleted_at.is_(None)
        rows = await ctx.db.execute(select(CommentRow.id, CommentRow.post_id).where(CommentRow.id.in_(batch), there))
        posts.update((comment_id, post_id) for comment_id, post_id in rows)
        counts = select(CommentRow.parent_id, func.count()).where(CommentRow.parent_id.in_(batch), there)
        for parent_id, count in await ctx.db.execute(counts.group_by(CommentRow.parent_id)):
            replies[parent_id or ""] = count
    readable = await access.readable_posts(ctx.db, ctx.user, posts.values())
    placed = [Placed(id_, replies.get(id_, 0), None) for id_, post_id in posts.items() if post_id in readable]
    return _by_id(await comment_queries.comments(ctx.db, ctx.user_id, placed))


async def _stories(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
    return _by_id(await stories_for(ctx.db, ctx.user, ids, ctx.now))


async def _playlists(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
    reader = PlaylistReader(reader_for(ctx))
    listed = await reader.playlists(ids)
    filling = [one for one in listed.values() if one.rules is not None or one.blend is not None]
    if len(filling) > SELF_FILLING_LIMIT:
        raise invalid("pointers", f"At most {SELF_FILLING_LIMIT} playlists that fill themselves are read at once.")
    return _by_id([await reader.filled(playlist) for playlist in listed.values()])


async def _songs(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
    tracks = await reader_for(ctx).tracks(ids)
    # A song's version is how often it was streamed, as on the socket.
    return {id_: {**_plain(track), "version": track.stream_count} for id_, track in tracks.items()}


async def _users(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
    named = await ids_of(ctx.db, ids)
    found = {profile.id: _plain(profile) for profile in await profiles(ctx.db, ctx.user_id, list(named.values()))}
    return {name: found[user_id] for name, user_id in named.items()}


async def _conversations(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
    return _by_id(await conversations_with(ctx.db, ctx.user_id, ids, ctx.now))


async def _subreddits(ctx: RequestContext, names: Sequence[str]) -> Mapping[str, Record]:
    keys = {name.casefold() for name in names}
    ids = await ctx.db.scalars(select(SubredditRow.id).where(SubredditRow.name_key.in_(keys)))
    found = {
        subreddit.name.casefold(): _plain(subreddit)
        for subreddit in await hydrate.subreddits(ctx.db, ctx.user_id, list(ids))
    }
    return {name: found[name.casefold()] for name in names if name.casefold() in found}


def _studio(table: str) -> _Read:
    async def read(ctx: RequestContext, ids: Sequence[str]) -> Mapping[str, Record]:
        stored = await load(ctx.db, table, ids)
        may = await access_to(ctx.db, ctx.user_id, {record.project_id for record in stored.values()})
        return {id_: record.record() for id_, record in stored.items() if record.project_id in may}

    return read


def _by_id(models: Iterable[WireModel]) -> Mapping[str, Record]:
    records = [_plain(model) for model in models]
    return {str(record["id"]): record for record in records}


def _plain(model: WireModel) -> Record:
    return model.model_dump(mode="json")


_READERS: Mapping[str, _Read] = {
    "posts": _posts,
    "comments": _comments,
    "stories": _stories,
    "playlists": _playlists,
    "songs": _songs,
    "users": _users,
    "conversations": _conversations,
    "r": _subreddits,
    **{table: _studio(table) for table in ROWS},
}
"""By the table of the pointer, which is the part of a key before the colon."""
