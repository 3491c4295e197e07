"""Subreddits, their posts, and votes on them."""

from __future__ import annotations

from typing import Literal

from api_client import endpoints as table
from api_client.calls import Group, Page, build
from api_client.models.posts import ThreadPost, VoteRequest, VoteState
from api_client.models.threads import JoinState, NewSubreddit, PostSort, Subreddit, TopWindow


class Threads(Group):
    """Subreddits and thread posts; one post of them is `feed.post`, publishing is `feed.create`."""

    async def subreddits(
        self, query: str | None = None, cursor: str | None = None, *, limit: int | None = None
    ) -> Page[Subreddit]:
        """Return the subreddits whose names hold `query`, or all."""
        return await self._page(table.SUBREDDITS, query={"query": query}, cursor=cursor, limit=limit)

    async def mine(self, cursor: str | None = None, *, limit: int | None = None) -> Page[Subreddit]:
        """Return the subreddits that the user joined."""
        return await self._page(table.MY_SUBREDDITS, cursor=cursor, limit=limit)

    async def subreddit(self, name: str) -> Subreddit:
        """Return one subreddit."""
        return await self._one(Subreddit, table.SUBREDDIT, path={"name": name})

    async def found(self, subreddit: NewSubreddit) -> Subreddit:
        """Found a subreddit; the user owns it."""
        return await self._one(Subreddit, table.CREATE_SUBREDDIT, body=subreddit)

    async def join(self, name: str) -> JoinState:
        """Join a subreddit."""
        return await self._one(JoinState, table.JOIN, path={"name": name})

    async def leave(self, name: str) -> JoinState:
        """Leave it."""
        return await self._one(JoinState, table.LEAVE, path={"name": name})

    async def page(
        self,
        subreddit: str | None = None,
        cursor: str | None = None,
        *,
        sort: PostSort = PostSort.HOT,
        window: TopWindow | None = None,
        limit: int | None = None,
    ) -> Page[ThreadPost]:
        """Return posts of a subreddit, or of all that the user joined; `window` is how far back `top` looks."""
        query = {"subreddit": subreddit, "sort": sort.value, "t": window.value if window else None}
        return await self._page(table.THREADS, query=query, cursor=cursor, limit=limit)

    async def vote(self, post_id: str, value: Literal[-1, 0, 1]) -> VoteState:
        """Vote a post up, down, or not at all."""
        return await self._one(VoteState, table.VOTE_POST, path={"id": post_id}, body=build(VoteRequest, value=value))
