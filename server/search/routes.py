"""Search over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import or_, select

from api_client import endpoints
from api_client.models.platform import SearchResults
from server.context import Ctx, RequestContext
from server.feed.hydrate import photo_posts, subreddits, thread_posts
from server.music.reader import ordered, reader_for
from server.music.repair import folded
from server.people.relations import shown_to
from server.people.views import user_ref
from server.playlists.reader import PlaylistReader
from server.problems import invalid
from server.routing import Router
from server.search.query import find, words_of
from server.search.tags import tags_in
from server.tables.posts import PhotoPostRow
from server.tables.users import UserRow

router = Router()

DEFAULT_TYPES = "track,album,artist"
DEFAULT_COUNT = 20
MAXIMUM_COUNT = 50
TAGGED = 2000
"""Photos whose tags are counted."""

Typed = Annotated[str, Query(min_length=1, max_length=200, description="What to look for; the last word may be begun.")]
Types = Annotated[str, Query(max_length=100, description="Types separated by commas.")]
Count = Annotated[int, Query(ge=1, le=MAXIMUM_COUNT, description="Results of each type.")]

Finder = Callable[[RequestContext, str, int], Awaitable[list[Any]]]


@router.handles(endpoints.SEARCH)
async def search(ctx: Ctx, q: Typed, types: Types = DEFAULT_TYPES, limit: Count = DEFAULT_COUNT) -> SearchResults:
    """Find records by the beginnings of their words; case and diacritics make no difference."""
    typed = q.strip()
    if not typed:
        raise invalid("q", "Say what to look for.")
    wanted = [name.strip().casefold().removesuffix("s") for name in types.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in _FINDERS]
    if unknown:
        raise invalid("types", f"Known types are {', '.join(sorted(_FINDERS))}.")
    found = {f"{name}s": await _FINDERS[name](ctx, typed, limit) for name in dict.fromkeys(wanted)}
    return SearchResults(**found)


async def _ids(ctx: RequestContext, kind: str, typed: str) -> list[str]:
    return [match.item_id for match in await find(ctx.db, kind, typed)]


async def _tracks(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    ids = (await _ids(ctx, "track", typed))[:count]
    return ordered(ids, await reader_for(ctx).tracks(ids))


async def _albums(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    ids = (await _ids(ctx, "album", typed))[:count]
    return ordered(ids, await reader_for(ctx).albums(ids))


async def _artists(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    ids = (await _ids(ctx, "artist", typed))[:count]
    return ordered(ids, await reader_for(ctx).artists(ids))


async def _playlists(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    ids = (await _ids(ctx, "playlist", typed))[:count]
    return ordered(ids, await PlaylistReader(reader_for(ctx)).playlists(ids))


async def _users(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    ids = (await _ids(ctx, "user", typed))[:count]
    found = {row.id: user_ref(row) for row in await ctx.db.scalars(select(UserRow).where(UserRow.id.in_(ids)))}
    return ordered(ids, found)


async def _subreddits(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    ids = (await _ids(ctx, "subreddit", typed))[:count]
    return list(await subreddits(ctx.db, ctx.user_id, ids))


async def _posts(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    """Posts of both kinds in one order; photos only of accounts that the user may see."""
    photos = await find(ctx.db, "photo", typed)
    visible = set(await _visible(ctx, [match.item_id for match in photos]))
    matches = [match for match in photos if match.item_id in visible] + await find(ctx.db, "thread", typed)
    ids = [match.item_id for match in sorted(matches, key=lambda match: match.distance)][:count]
    found: dict[str, Any] = {**await photo_posts(ctx.db, ctx.user_id, ids)}
    found |= await thread_posts(ctx.db, ctx.user_id, ids)
    return ordered(ids, found)


async def _tags(ctx: RequestContext, typed: str, count: int) -> list[Any]:
    """Tags that begin with what was typed, the most used first."""
    words = words_of(typed)
    if len(words) != 1:
        return []
    matches = await find(ctx.db, "photo", typed, TAGGED)
    visible = set(await _visible(ctx, [match.item_id for match in matches]))
    begun = folded(words[0])
    used = Counter(
        tag
        for match in matches
        if match.item_id in visible
        for tag in tags_in(match.title)
        if folded(tag).startswith(begun)
    )
    return [tag for tag, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))][:count]


async def _visible(ctx: RequestContext, photo_ids: list[str]) -> list[str]:
    query = (
        select(PhotoPostRow.id)
        .join(UserRow, UserRow.id == PhotoPostRow.author_id)
        .where(PhotoPostRow.id.in_(photo_ids), shown_to(ctx.user_id))
        .where(or_(PhotoPostRow.is_archived.is_(False), PhotoPostRow.author_id == ctx.user_id))
    )
    return list(await ctx.db.scalars(query))


_FINDERS: dict[str, Finder] = {
    "track": _tracks,
    "album": _albums,
    "artist": _artists,
    "playlist": _playlists,
    "user": _users,
    "subreddit": _subreddits,
    "post": _posts,
    "tag": _tags,
}
