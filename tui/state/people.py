"""People: their profiles, who follows whom, and the user's own profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import TypeAdapter

from api_client import endpoints
from api_client.calls import Page
from api_client.client import PlatformClient
from api_client.errors import NotFound
from api_client.models.base import Items
from api_client.models.users import FollowRequest, FollowState, Profile, ProfileChange, User, UserRef
from api_client.sync.cache import Cache
from api_client.sync.intents import Base, Inverse
from api_client.sync.receipts import Receipt
from tui.state.live_records import LiveRecords, Shelf
from tui.state.observable import Observable
from tui.state.wishes import Wishes
from tui.state.writes import Writes

_CHANGEABLE = ("full_name", "bio", "avatar_url", "is_private")
_REQUESTS = "follow-requests"
_PAGE = 50


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
    """One for the session. A profile is kept as confirmed, with what the user wants of it laid over it."""

    def __init__(self, client: PlatformClient, writes: Writes, me: User, cache: Cache | None = None) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self.me = me
        self._cache = cache or Cache.in_memory()
        self._profiles: dict[str, Profile] = {}
        self._looked_up: set[str] = set()
        """Names of profiles that were looked for in the cache."""
        self._wishes: Wishes[bool] = Wishes()
        self._changes: dict[str, Mapping[str, Any]] = {}
        """Changes of the own profile on their way, by the key of the write."""
        self._requests: list[FollowRequest] | None = None
        self._answering: dict[str, int] = {}
        """By request, how many answers to it are on their way."""
        writes.show(endpoints.FOLLOW, endpoints.UNFOLLOW, by=self._follow_following)
        writes.show(endpoints.ACCEPT_FOLLOW, endpoints.REJECT_FOLLOW, by=self._follow_answer)
        writes.show(endpoints.CHANGE_PROFILE, by=self._follow_change)

    # -- profiles

    def known(self, username: str) -> Profile | None:
        """Return a profile as it was fetched last, now or in an earlier run, and as the user wants it."""
        profile = self._confirmed(username)
        if profile is None:
            return None
        if profile.username.casefold() == self.me.username.casefold():
            for fields in self._changes.values():
                profile = profile.changed(**fields)
        wish = self._wishes.of(username.casefold())
        return profile if wish is None else _wished(profile, wish)

    async def profile(self, username: str) -> Profile:
        """Fetch a profile. Raises PlatformError."""
        profile = await self._client.users.profile(username)
        self._keep(profile)
        return self.known(username) or profile

    async def change_own(self, change: ProfileChange, *, draft: str | None = None) -> None:
        """Change the user's own profile, and come back when that is stored; what `change` does not set stays.

        If somebody changed the same fields elsewhere meanwhile, the write waits in the outbox for a decision.
        Raises StoreTrouble.
        """
        before = self._confirmed(self.me.username)
        base, back = None, None
        if before is not None:
            wanted = {name for name in change.model_fields_set if name in _CHANGEABLE}
            old = {name: getattr(before, name) for name in wanted}
            base = Base(before.version, ProfileChange(**old).model_dump(mode="json", exclude_unset=True))
            back = Inverse(endpoints.CHANGE_PROFILE, {}, ProfileChange(**old), label="change your profile back")
            change = ProfileChange(
                base_version=before.version or None, **{name: getattr(change, name) for name in wanted}
            )
        await self._writes.begin(
            endpoints.CHANGE_PROFILE,
            object_key="users:me",
            label="change your profile",
            body=change,
            base=base,
            holds_words=True,
            undo=back,
            draft=draft,
        )

    async def _follow_change(self, receipt: Receipt) -> User:
        change = receipt.intent.body
        fields = {name: getattr(change, name) for name in change.model_fields_set if name in _CHANGEABLE}
        self._changes[receipt.id] = fields
        self._tell_profile(self.me.username)
        try:
            user: User = await receipt
            if (known := self._confirmed(user.username)) is not None:
                self._keep(known.changed(**{name: getattr(user, name) for name in (*_CHANGEABLE, "version")}))
        finally:
            self._changes.pop(receipt.id, None)
            self._tell_profile(self.me.username)
        return user

    def _confirmed(self, username: str) -> Profile | None:
        name = username.casefold()
        if name not in self._profiles and name not in self._looked_up:
            self._looked_up.add(name)
            kept = self._cache.record(f"users:{name}", Profile)
            if kept is not None:
                self._profiles[name] = kept
        return self._profiles.get(name)

    def _keep(self, profile: Profile) -> None:
        name = profile.username.casefold()
        known = self._profiles.get(name)
        if known is None or known.version <= profile.version:
            self._profiles[name] = profile
            self._cache.keep({f"users:{name}": profile})
        self._tell_profile(name)

    def put_on_shelf(self, live: LiveRecords) -> None:
        """Let `live` keep profiles up to date; they are followed by name (`users:{username}`), or by id."""
        profiles: Shelf[Profile, None] = Shelf(
            TypeAdapter(Profile),
            known=lambda name: None if (profile := self._named(name)) is None else profile.version,
            asked=lambda _: None,
            take=lambda _, profile, __: self._keep(profile),
            gone=self._forget,
            fetch=self._fetch,
        )
        live.hold("users", profiles)

    def _named(self, name: str) -> Profile | None:
        """Return a profile by its username or its id; no name is as long as an id."""
        found = self._profiles.get(name.casefold())
        return found or next((profile for profile in self._profiles.values() if profile.id == name), None)

    async def _fetch(self, name: str) -> Profile:
        found = self._named(name)
        return await self._client.users.profile(name if found is None else found.username)

    def _forget(self, name: str) -> None:
        """The platform has nobody of this name any more."""
        if (found := self._named(name)) is not None:
            key = found.username.casefold()
            del self._profiles[key]
            self._cache.forget(f"users:{key}")
            self._tell_profile(key)

    def _tell_profile(self, username: str) -> None:
        self.tell(PeopleChange(PeoplePart.PROFILE, username.casefold()))

    # -- following

    async def follow(self, username: str, wanted: bool) -> FollowState:
        """Follow somebody, or ask to if the account is private; or follow no more, or take the request back.

        Shown at once, taken back when refused. Raises PlatformError.
        """
        labels = (f"follow {username}", f"follow {username} no more")
        pair = (endpoints.FOLLOW, endpoints.UNFOLLOW)
        if not wanted:
            labels, pair = labels[::-1], pair[::-1]
        params = {"username": username}
        state: FollowState = await self._writes.do(
            pair[0],
            object_key=f"follow:{username.casefold()}",
            label=labels[0],
            params=params,
            undo=Inverse(pair[1], params, label=labels[1]),
        )
        return state

    async def _follow_following(self, receipt: Receipt) -> FollowState:
        name = receipt.intent.params["username"].casefold()
        with self._wishes.wished(name, receipt.intent.endpoint == endpoints.FOLLOW, self._tell_profile):
            state: FollowState = await receipt
            if (profile := self._confirmed(name)) is not None:
                self._keep(
                    profile.changed(
                        is_following=state.following,
                        follow_requested=state.pending,
                        follower_count=state.follower_count,
                    )
                )
        return state

    def kept_people(self, name: str, username: str) -> Page[UserRef] | None:
        """Return the `followers` or `following` of somebody as they were fetched last, None if they never were."""
        kept = self._cache.listing(_people(name, username), UserRef)
        return None if kept is None else Page(kept.items, kept.next_cursor)

    async def followers(self, username: str, cursor: str | None = None) -> Page[UserRef]:
        """Return who follows somebody. Raises PlatformError."""
        return await self._people("followers", self._client.users.followers, username, cursor)

    async def following(self, username: str, cursor: str | None = None) -> Page[UserRef]:
        """Return whom somebody follows. Raises PlatformError."""
        return await self._people("following", self._client.users.following, username, cursor)

    async def _people(self, name: str, fetch: Callable[..., Any], username: str, cursor: str | None) -> Page[UserRef]:
        page: Page[UserRef] = await fetch(username, cursor, limit=_PAGE)
        if cursor is None:
            people = {f"people:{user.id}": user for user in page}
            self._cache.keep_listing(_people(name, username), people, page.next_cursor)
        return page

    # -- requests to follow the user

    @property
    def requests(self) -> list[FollowRequest]:
        """Who asks to follow the user, as far as it was fetched; those that were answered are gone from it."""
        return [request for request in self._requests or () if request.id not in self._answering]

    async def load_requests(self) -> None:
        """Show who asked to follow the user, then fetch who does. Raises PlatformError."""
        if self._requests is None and (kept := self._cache.document(_REQUESTS, Items[FollowRequest])) is not None:
            self._requests = kept.value
            self.tell(PeopleChange(PeoplePart.REQUESTS))
        self._take_requests((await self._client.users.follow_requests(limit=100)).items)

    def _take_requests(self, requests: list[FollowRequest]) -> None:
        self._requests = requests
        self._cache.keep_document(_REQUESTS, requests)
        self.tell(PeopleChange(PeoplePart.REQUESTS))

    async def answer(self, request: FollowRequest, accept: bool) -> None:
        """Let somebody follow, or not: gone from the list at once, back when refused. Raises PlatformError."""
        await self._writes.do(
            endpoints.ACCEPT_FOLLOW if accept else endpoints.REJECT_FOLLOW,
            object_key=f"follow-requests:{request.id}",
            label=f"let {request.user.username} follow you" if accept else f"turn {request.user.username} away",
            params={"id": request.id},
        )

    async def _follow_answer(self, receipt: Receipt) -> None:
        request_id = receipt.intent.params["id"]
        self._answering[request_id] = self._answering.get(request_id, 0) + 1
        self.tell(PeopleChange(PeoplePart.REQUESTS))
        try:
            await receipt
            self._answered(request_id)
        except NotFound:
            # They have taken it back, which is as good as answered.
            await self._writes.outbox.discard(receipt.id)
            self._answered(request_id)
        finally:
            self._answering[request_id] -= 1
            if not self._answering[request_id]:
                del self._answering[request_id]
            self.tell(PeopleChange(PeoplePart.REQUESTS))

    def _answered(self, request_id: str) -> None:
        if self._requests is not None:
            self._take_requests([request for request in self._requests if request.id != request_id])


def _people(name: str, username: str) -> str:
    """Return the name of a list of people in the cache."""
    return f"{name}:{username.casefold()}"


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
