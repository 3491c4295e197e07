"""Server-sent events: what happens on a post, or in a subreddit, while one looks at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from server.context import Ctx, RequestContext
from server.feed import access, announce
from server.routing import IdPath
from server.threads.queries import subreddit_named
from server.threads.routes import SubredditName

router = APIRouter(tags=["streams"])

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=128)]
"""Where a reader that comes back was cut off; what it missed is sent first, or `reset` if that is not known."""

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Events, until the platform stops."}
}


@router.get("/posts/{id}/comments/stream", response_class=StreamingResponse, responses=_STREAM)
async def comment_stream(ctx: Ctx, post_id: IdPath, last_event_id: LastEventId = None) -> StreamingResponse:
    """Events `comment`, `score` and `deleted` of one post; each new comment is the record as strangers see it."""
    await ctx.begin()
    post = await access.readable_post(ctx.db, ctx.user, post_id)
    return await _stream(ctx, announce.post_topic(post.id), last_event_id)


@router.get("/r/{name}/stream", response_class=StreamingResponse, responses=_STREAM)
async def subreddit_stream(ctx: Ctx, name: SubredditName, last_event_id: LastEventId = None) -> StreamingResponse:
    """Events `post`, `comment`, `score` and `deleted` of one subreddit."""
    await ctx.begin()
    row = await subreddit_named(ctx.db, name)
    return await _stream(ctx, announce.subreddit_topic(row.name), last_event_id)


async def _stream(ctx: RequestContext, topic: str, last_event_id: str | None) -> StreamingResponse:
    # The session goes back now: a stream may last for hours, and there are few sessions.
    await ctx.close()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(ctx, topic, last_event_id), media_type="text/event-stream", headers=headers)


async def _lines(ctx: RequestContext, topic: str, last_event_id: str | None) -> AsyncIterator[str]:
    """Yield the stream until the access token runs out: coming back with a new one asks again what may be read."""
    until, clock = ctx.signed_in_until, ctx.state.clock
    async with ctx.state.streams.subscribe(topic, last_event_id) as reader:
        async for text in reader.lines():
            if clock.now() > until:
                return
            yield text
