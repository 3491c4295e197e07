"""Making subreddits and posts in them, joining and leaving: the writes of the threads."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from api_client.errors import ErrorCode
from api_client.models.posts import NewThreadPost
from api_client.models.threads import JoinState, MemberRole, NewSubreddit
from server.client_ids import is_repetition
from server.context import RequestContext
from server.db import new_id
from server.feed import announce, hydrate
from server.feed.limits import count_post
from server.problems import Problem
from server.tables.posts import PhotoPostRow, ThreadPostRow
from server.tables.subreddits import SubredditMemberRow, SubredditRow
from server.threads.queries import subreddit_named
from server.threads.votes import rank


async def create_thread(ctx: RequestContext, body: NewThreadPost) -> str:
    """Make a post in a subreddit and return its id; raises Problem NOT_FOUND for an unknown subreddit.

    With an id that its author used before, nothing is made. A new post has no votes: authors may vote for their own,
    and earn no karma by it.
    """
    if await is_repetition(ctx.db, ctx.user_id, "thread", body.id, ctx.now, PhotoPostRow, ThreadPostRow):
        return body.id or ""
    subreddit = await subreddit_named(ctx.db, body.subreddit)
    post = ThreadPostRow(
        id=body.id or new_id(),
        subreddit_id=subreddit.id,
        author_id=ctx.user_id,
        title=body.title,
        body=body.body or None,
        url=body.url,
        post_type=body.post_type,
        flair=body.flair or None,
        score=0,
        upvotes=0,
        downvotes=0,
        is_nsfw=subreddit.is_nsfw,
        created_at=ctx.now,
    )
    rank(post)
    ctx.db.add(post)
    announce.post_counted(ctx, ctx.user, 1)
    await announce.subreddit_changed(ctx, subreddit)
    made = (await hydrate.thread_posts(ctx.db, ctx.user_id, [post.id]))[post.id]
    count_post(ctx)
    neutral = announce.wire(made)
    topic = announce.subreddit_topic(subreddit.name)
    ctx.after_commit(lambda: ctx.state.streams.publish(topic, "post", neutral))
    return post.id


async def found(ctx: RequestContext, body: NewSubreddit) -> str:
    """Make a subreddit owned by the user and return its id; raises Problem DUPLICATE if the name is taken."""
    row = SubredditRow(
        id=new_id(),
        name=body.name,
        name_key=body.name.casefold(),
        display_name=body.display_name or body.name,
        description=body.description,
        is_nsfw=body.is_nsfw,
        subscriber_count=1,
        rules=[],
        created_at=ctx.now,
    )
    ctx.db.add(row)
    try:
        await ctx.db.flush()
    except IntegrityError:
        raise Problem(ErrorCode.DUPLICATE, "This name is taken.") from None
    ctx.db.add(_member(ctx, row, MemberRole.OWNER))
    await ctx.db.flush()
    return row.id


async def join(ctx: RequestContext, name: str) -> JoinState:
    """Join a subreddit; joined already, it stays so."""
    row = await subreddit_named(ctx.db, name)
    if await ctx.db.get(SubredditMemberRow, (row.id, ctx.user_id)) is None:
        ctx.db.add(_member(ctx, row, MemberRole.MEMBER))
        row.subscriber_count += 1
        await announce.subreddit_changed(ctx, row)
    return JoinState(joined=True, subscriber_count=row.subscriber_count)


async def leave(ctx: RequestContext, name: str) -> JoinState:
    """Leave a subreddit; raises Problem CONFLICT for its owner, without whom nobody could look after it."""
    row = await subreddit_named(ctx.db, name)
    membership = await ctx.db.get(SubredditMemberRow, (row.id, ctx.user_id))
    if membership is not None:
        if membership.role == MemberRole.OWNER:
            raise Problem(ErrorCode.CONFLICT, "The owner cannot leave a subreddit.")
        await ctx.db.delete(membership)
        row.subscriber_count = max(0, row.subscriber_count - 1)
        await announce.subreddit_changed(ctx, row)
    return JoinState(joined=False, subscriber_count=row.subscriber_count)


def _member(ctx: RequestContext, row: SubredditRow, role: MemberRole) -> SubredditMemberRow:
    return SubredditMemberRow(subreddit_id=row.id, user_id=ctx.user_id, role=role.value, joined_at=ctx.now)
