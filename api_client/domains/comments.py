"""Comments under posts of either kind."""

from __future__ import annotations

from typing import Literal

from api_client import endpoints as table
from api_client.calls import Group, Page, build
from api_client.models.base import Done
from api_client.models.posts import Comment, LikeState, NewComment, VoteRequest, VoteState
from api_client.models.threads import CommentSort


class Comments(Group):
    """Reading, writing and judging comments."""

    async def page(
        self,
        post_id: str,
        cursor: str | None = None,
        *,
        sort: CommentSort | None = None,
        root: str | None = None,
        limit: int | None = None,
        whole: bool = False,
    ) -> Page[Comment]:
        """Return comments depth first, parents before children; with `root`, those below that comment.

        With `whole` a page has as much as fits into one, instead of `limit` roots.
        """
        query = {"sort": sort.value if sort else None, "root": root, "whole": whole or None}
        return await self._page(table.COMMENTS, path={"id": post_id}, query=query, cursor=cursor, limit=limit)

    async def create(
        self,
        post_id: str,
        body: str,
        *,
        parent_id: str | None = None,
        comment_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Comment:
        """Comment on a post, or reply to the comment `parent_id`; `comment_id` is the id that it shall have."""
        return await self._one(
            Comment,
            table.CREATE_COMMENT,
            path={"id": post_id},
            body=build(NewComment, id=comment_id, body=body, parent_id=parent_id),
            idempotency_key=idempotency_key,
        )

    async def delete(self, comment_id: str) -> None:
        """Delete a comment; its replies stay."""
        await self._one(Done, table.DELETE_COMMENT, path={"id": comment_id})

    async def like(self, comment_id: str) -> LikeState:
        """Like a comment; liking it again changes nothing."""
        return await self._one(LikeState, table.LIKE_COMMENT, path={"id": comment_id})

    async def unlike(self, comment_id: str) -> LikeState:
        """Take the like back."""
        return await self._one(LikeState, table.UNLIKE_COMMENT, path={"id": comment_id})

    async def toggle_like(self, comment_id: str) -> LikeState:
        """Like a comment, or take the like back; for platforms that have no other way."""
        return await self._one(LikeState, table.TOGGLE_COMMENT_LIKE, path={"id": comment_id})

    async def vote(self, comment_id: str, value: Literal[-1, 0, 1]) -> VoteState:
        """Vote a comment up, down, or not at all."""
        return await self._one(
            VoteState, table.VOTE_COMMENT, path={"id": comment_id}, body=build(VoteRequest, value=value)
        )
