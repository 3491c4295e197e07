"""Photo posts in the feed, and what is done to posts of either kind."""

from __future__ import annotations

from api_client import endpoints as table
from api_client.calls import Group, Page
from api_client.models.base import Done
from api_client.models.posts import LikeState, NewPhotoPost, NewThreadPost, PhotoPost, Post, SaveState


class Feed(Group):
    """The feed and its posts."""

    async def page(self, cursor: str | None = None, *, limit: int | None = None) -> Page[PhotoPost]:
        """Return the feed from `cursor` on, newest first."""
        return await self._page(table.FEED, cursor=cursor, limit=limit)

    async def explore(self, cursor: str | None = None, *, limit: int | None = None) -> Page[PhotoPost]:
        """Return posts of people whom the user does not follow."""
        return await self._page(table.EXPLORE, cursor=cursor, limit=limit)

    async def saved(self, cursor: str | None = None, *, limit: int | None = None) -> Page[Post]:
        """Return the posts that the user saved, of both kinds."""
        return await self._page(table.SAVED_POSTS, cursor=cursor, limit=limit)

    async def post(self, post_id: str) -> Post:
        """Return one post of either kind."""
        post: Post = await self._caller.call(table.POST, path={"id": post_id})
        return post

    async def create(self, post: NewPhotoPost | NewThreadPost, *, idempotency_key: str | None = None) -> Post:
        """Publish a photo post, or a post for a subreddit."""
        created: Post = await self._caller.call(table.CREATE_POST, body=post, idempotency_key=idempotency_key)
        return created

    async def delete(self, post_id: str) -> None:
        """Delete a post of either kind."""
        await self._one(Done, table.DELETE_POST, path={"id": post_id})

    async def like(self, post_id: str) -> LikeState:
        """Like a photo post; liking it again changes nothing."""
        return await self._one(LikeState, table.LIKE, path={"id": post_id})

    async def unlike(self, post_id: str) -> LikeState:
        """Take the like back."""
        return await self._one(LikeState, table.UNLIKE, path={"id": post_id})

    async def toggle_like(self, post_id: str) -> LikeState:
        """Like a photo post, or take the like back; for platforms that have no other way."""
        return await self._one(LikeState, table.TOGGLE_LIKE, path={"id": post_id})

    async def save(self, post_id: str) -> SaveState:
        """Keep a post among the saved ones."""
        return await self._one(SaveState, table.SAVE_POST, path={"id": post_id})

    async def unsave(self, post_id: str) -> SaveState:
        """Keep it there no more."""
        return await self._one(SaveState, table.UNSAVE_POST, path={"id": post_id})
