"""People: their profiles, who follows whom, and the user's own profile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from api_client import endpoints
from api_client.calls import Page
from api_client.client import PlatformClient
from api_client.errors import NotFound, PlatformError
from api_client.models.users import FollowRequest, FollowState, Profile, ProfileChange, User, UserRef
from tui.state.observable import Observable
from tui.state.tasks import Tasks
from tui.state.wishes import Wishes
from tui.state.writes import Writes

_CHANGEABLE = ("full_name", "bio", "avatar_url", "is_private", "version")


class PeoplePart(Enum):
    """What has changed."""

    PROFILE = "profile"
    REQUESTS = "requests"


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """One profile, by its username in lower case, or the requests to follow the user."""

    part: PeoplePart
    username: str = ""


class PeopleStore(Observable[PeopleChange]):
    """One for the session. A profile is kept as confirmed, with the user's wish to follow laid over it."""

    def __init__(self, client: PlatformClient, writes: Writes, me: User) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self.me = me
        self._profiles: dict[str, Profile] = {}
        self._wishes: Wishes[bool] = Wishes()
        self._tasks = Tasks()
        self.requests: list[FollowRequest] = []
        """Who asks to follow the user, as far as `load_requests` has fetched them."""

    # -- profiles

    def known(self, username: str) -> Profile | None:
        """Return a profile that was fetched before, as the user wants it."""
        profile = self._profiles.get(username.casefold())
        wish = self._wishes.of(username.casefold())
        return _wished(profile, wish) if profile is not None and wish is not None else profile

    async def profile(self, username: str) -> Profile:
        """Fetch a profile. Raises PlatformError."""
        profile = await self._client.users.profile(username)
        self._keep(profile)
        return self.known(username) or profile

    async def change_own(self, change: ProfileChange) -> None:
        """Change the user's own profile; fields that `change` does not set stay. Raises PlatformError."""
        await self._tasks.see_through(self._change_own(change))

    async def _change_own(self, change: ProfileChange) -> None:
        user: User = await self._writes.do(
            endpoints.CHANGE_PROFILE, object_key="users:me", label="change your profile", body=change
        )
        known = self._profiles.get(user.username.casefold())
        if known is not None:
            changed = {
                name: getattr(user, name) for name in ("full_name", "bio", "avatar_url", "is_private", "version")
            }
            self._keep(known.changed(**changed))

    def _keep(self, profile: Profile) -> None:
        name = profile.username.casefold()
        self._profiles[name] = profile
        self.tell(PeopleChange(PeoplePart.PROFILE, name))

    # -- following

    async def follow(self, username: str, wanted: bool) -> FollowState:
        """Follow somebody, or ask to if the account is private; or follow no more, or take the request back.

        Shown at once, taken back when refused. Raises PlatformError.
        """
        return await self._tasks.see_through(self._follow(username, wanted))

    async def _follow(self, username: str, wanted: bool) -> FollowState:
        name = username.casefold()
        number = self._wishes.want(name, wanted)
        self.tell(PeopleChange(PeoplePart.PROFILE, name))
        try:
            state: FollowState = await self._writes.do(
                endpoints.FOLLOW if wanted else endpoints.UNFOLLOW,
                object_key=f"follow:{name}",
                label=f"follow {username}" if wanted else f"follow {username} no more",
                params={"username": username},
            )
            if (profile := self._profiles.get(name)) is not None:
                self._profiles[name] = profile.changed(
                    is_following=state.following, follow_requested=state.pending, follower_count=state.follower_count
                )
        finally:
            self._wishes.settle(name, number)
            self.tell(PeopleChange(PeoplePart.PROFILE, name))
        return state

    async def followers(self, username: str, cursor: str | None = None) -> Page[UserRef]:
        """Return who follows somebody. Raises PlatformError."""
        return await self._client.users.followers(username, cursor, limit=50)

    async def following(self, username: str, cursor: str | None = None) -> Page[UserRef]:
        """Return whom somebody follows. Raises PlatformError."""
        return await self._client.users.following(username, cursor, limit=50)

    # -- requests to follow the user

    async def load_requests(self) -> None:
        """Fetch who asks to follow the user. Raises PlatformError."""
        self.requests = (await self._client.users.follow_requests(limit=100)).items
        self.tell(PeopleChange(PeoplePart.REQUESTS))

    async def answer(self, request: FollowRequest, accept: bool) -> None:
        """Let somebody follow, or not: gone from the list at once, back when refused. Raises PlatformError."""
        await self._tasks.see_through(self._answer(request, accept))

    async def _answer(self, request: FollowRequest, accept: bool) -> None:
        self.requests = [other for other in self.requests if other.id != request.id]
        self.tell(PeopleChange(PeoplePart.REQUESTS))
        try:
            await self._writes.do(
                endpoints.ACCEPT_FOLLOW if accept else endpoints.REJECT_FOLLOW,
                object_key=f"follow-requests:{request.id}",
                label=f"let {request.user.username} follow you" if accept else f"turn {request.user.username} away",
                params={"id": request.id},
            )
        except NotFound:
            return
        except PlatformError:
            if request.id not in {other.id for other in self.requests}:
                self.requests = [*self.requests, request]
                self.requests.sort(key=lambda other: other.created_at, reverse=True)
            self.tell(PeopleChange(PeoplePart.REQUESTS))
            raise


def _wished(profile: Profile, follow: bool) -> Profile:
    """Return `profile` as it will be once the user's wish is carried out."""
    if not follow:
        fewer = 1 if profile.is_following else 0
        return profile.changed(
            is_following=False, follow_requested=False, follower_count=max(profile.follower_count - fewer, 0)
        )
    if profile.is_following or profile.follow_requested:
        return profile
    if profile.is_private:
        return profile.changed(follow_requested=True)
    return profile.changed(is_following=True, follower_count=profile.follower_count + 1)
