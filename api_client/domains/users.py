"""People: profiles, and who follows whom."""

from __future__ import annotations

from api_client import endpoints as table
from api_client.calls import Group, Page
from api_client.models.base import Done
from api_client.models.posts import Post
from api_client.models.users import FollowRequest, FollowState, Profile, ProfileChange, User, UserRef


class Users(Group):
    """Profiles and follows; people are named by their usernames."""

    async def change(self, change: ProfileChange) -> User:
        """Change the own profile; fields that `change` does not set stay."""
        return await self._one(User, table.CHANGE_PROFILE, body=change)

    async def profile(self, username: str) -> Profile:
        """Return somebody as the signed-in user sees them."""
        return await self._one(Profile, table.PROFILE, path={"username": username})

    async def posts(self, username: str, cursor: str | None = None, *, limit: int | None = None) -> Page[Post]:
        """Return somebody's posts of both kinds, newest first."""
        return await self._page(table.USER_POSTS, path={"username": username}, cursor=cursor, limit=limit)

    async def followers(self, username: str, cursor: str | None = None, *, limit: int | None = None) -> Page[UserRef]:
        """Return who follows somebody."""
        return await self._page(table.FOLLOWERS, path={"username": username}, cursor=cursor, limit=limit)

    async def following(self, username: str, cursor: str | None = None, *, limit: int | None = None) -> Page[UserRef]:
        """Return whom somebody follows."""
        return await self._page(table.FOLLOWING, path={"username": username}, cursor=cursor, limit=limit)

    async def follow(self, username: str) -> FollowState:
        """Follow somebody, or ask to if the account is private."""
        return await self._one(FollowState, table.FOLLOW, path={"username": username})

    async def unfollow(self, username: str) -> FollowState:
        """Follow somebody no more, or take the request back."""
        return await self._one(FollowState, table.UNFOLLOW, path={"username": username})

    async def follow_requests(self, cursor: str | None = None, *, limit: int | None = None) -> Page[FollowRequest]:
        """Return who asks to follow the signed-in user."""
        return await self._page(table.FOLLOW_REQUESTS, cursor=cursor, limit=limit)

    async def accept_follow(self, request_id: str) -> None:
        """Let somebody follow."""
        await self._one(Done, table.ACCEPT_FOLLOW, path={"id": request_id})

    async def reject_follow(self, request_id: str) -> None:
        """Do not; they are not told."""
        await self._one(Done, table.REJECT_FOLLOW, path={"id": request_id})
