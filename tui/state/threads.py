"""Subreddits and their posts: what the user joined, the lists in their orders, votes, and publishing."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.models.posts import NewThreadPost, SaveState, ThreadPost, VoteRequest, VoteState
from api_client.models.realtime import ServerFrame, Updates
from api_client.models.threads import JoinState, NewSubreddit, PostSort, Subreddit, TopWindow
from api_client.models.users import User
from tui.state.observable import Observable
from tui.state.tasks import Tasks
from tui.state.wishes import Vote, Wishes, confirmed, with_vote
from tui.state.writes import Writes


class ThreadsPart(Enum):
    """What has changed."""

    SUBREDDITS = "subreddits"
    LISTING = "listing"
    """The posts of `listing`, or which of them there are."""
    POST = "post"
    """The post `name`."""
    NEWS = "news"
    """There are other posts in the subreddit `name` than are shown."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Posts of one subreddit, or of the front page where that is None, in one order."""

    subreddit: str | None = None
    sort: PostSort = PostSort.HOT
    window: TopWindow | None = None


@dataclass(frozen=True, slots=True)
class ThreadsChange:
    """A change; `name` is a post's id or a subreddit's name."""

    part: ThreadsPart
    name: str | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class ThreadDraft:
    """A post that is being written."""

    subreddit: str = ""
    kind: Literal["text", "link", "image", "video"] = "text"
    title: str = ""
    url: str = ""
    body: str = ""


@dataclass
class _Posts:
    """The ids of a listing, and where it goes on."""

    ids: list[str] = field(default_factory=list)
    next_cursor: str | None = None
    fetching: int = 0


class ThreadsStore(Observable[ThreadsChange]):
    """One for the session."""

    def __init__(self, client: PlatformClient, writes: Writes, me: User) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self.me = me
        self._subreddits: dict[str, Subreddit] = {}
        self._mine: set[str] = set()
        self._others: list[str] = []
        self._posts: dict[str, ThreadPost] = {}
        self._listings: dict[Listing, _Posts] = {}
        self._shown: Counter[Listing] = Counter()
        self._votes: Wishes[Vote] = Wishes()
        self._saves: Wishes[bool] = Wishes()
        self._joins: Wishes[bool] = Wishes()
        self._gone: set[str] = set()
        self._versions: dict[str, int] = {}
        """Of the subreddits that are shown, by name, as the socket told them."""
        self._tasks = Tasks()
        self.subreddits_loaded = False
        self.draft = ThreadDraft()

    # -- subreddits

    @property
    def mine(self) -> list[Subreddit]:
        """The subreddits that the user joined, by name."""
        found = (self.subreddit(key) for key in self._mine | {key for key in self._subreddits if self._joins.of(key)})
        return sorted((sub for sub in found if sub and sub.is_joined), key=lambda sub: sub.name.casefold())

    @property
    def others(self) -> list[Subreddit]:
        """The largest subreddits that the user did not join."""
        found = (self.subreddit(key) for key in self._others)
        return [sub for sub in found if sub and not sub.is_joined]

    def subreddit(self, name: str) -> Subreddit | None:
        """Return a subreddit that is known, in whatever case its name is written, or None."""
        key = name.casefold()
        found = self._subreddits.get(key)
        wish = self._joins.of(key)
        if found is None or wish is None or wish == found.is_joined:
            return found
        members = max(0, found.subscriber_count + (1 if wish else -1))
        return found.changed(is_joined=wish, subscriber_count=members)

    async def load_subreddits(self) -> None:
        """Fetch the subreddits that were joined, and the largest of the others. Raises PlatformError."""
        mine: list[Subreddit] = []
        cursor: str | None = None
        while True:
            page = await self._client.threads.mine(cursor, limit=100)
            mine += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        others = await self._client.threads.subreddits(limit=50)
        for sub in (*others.items, *mine):
            self._subreddits[sub.name.casefold()] = sub
        self._mine = {sub.name.casefold() for sub in mine}
        self._others = [sub.name.casefold() for sub in others.items]
        self.subreddits_loaded = True
        self.tell(ThreadsChange(ThreadsPart.SUBREDDITS))

    async def load_subreddit(self, name: str) -> Subreddit:
        """Fetch one subreddit. Raises PlatformError."""
        found = await self._client.threads.subreddit(name)
        self._remember_subreddit(found)
        return found

    def _remember_subreddit(self, found: Subreddit) -> None:
        key = found.name.casefold()
        self._subreddits[key] = found
        if found.is_joined:
            self._mine.add(key)
        else:
            self._mine.discard(key)
            if self.subreddits_loaded and key not in self._others:
                self._others.append(key)
        self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, found.name))

    async def join(self, subreddit: Subreddit, joined: bool) -> None:
        """Join or leave. Raises PlatformError; nothing has changed then."""
        key = subreddit.name.casefold()

        async def work() -> None:
            serial = self._joins.want(key, joined)
            self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, subreddit.name))
            try:
                state: JoinState = await self._writes.do(
                    endpoints.JOIN if joined else endpoints.LEAVE,
                    object_key=f"join:{key}",
                    label=f"{'join' if joined else 'leave'} r/{subreddit.name}",
                    params={"name": subreddit.name},
                )
                known = self._subreddits.get(key, subreddit)
                self._remember_subreddit(known.changed(is_joined=state.joined, subscriber_count=state.subscriber_count))
            finally:
                self._joins.settle(key, serial)
                self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, subreddit.name))

        await self._tasks.see_through(work())

    async def found(self, wish: NewSubreddit) -> Subreddit:
        """Found a subreddit. Raises PlatformError."""
        subreddit: Subreddit = await self._writes.do(
            endpoints.CREATE_SUBREDDIT, object_key="subreddits", label=f"found r/{wish.name}", body=wish
        )
        self._remember_subreddit(subreddit)
        return subreddit

    # -- lists of posts

    def posts(self, listing: Listing) -> list[ThreadPost]:
        """Return the posts of a listing, as far as they were fetched."""
        known = self._listings.get(listing)
        found = (self.post(post_id) for post_id in known.ids) if known else ()
        return [post for post in found if post is not None]

    def is_loaded(self, listing: Listing) -> bool:
        """Whether the first page of a listing was fetched."""
        return listing in self._listings

    def has_more(self, listing: Listing) -> bool:
        """Whether a listing goes on."""
        known = self._listings.get(listing)
        return known is not None and known.next_cursor is not None

    def show(self, listing: Listing) -> None:
        """A screen shows this listing: it is fetched again after a lost connection, until `hide`."""
        self._shown[listing] += 1
        if listing.subreddit is not None:
            self._versions.pop(listing.subreddit, None)

    def hide(self, listing: Listing) -> None:
        """It does no more."""
        self._shown[listing] -= 1
        if self._shown[listing] <= 0:
            del self._shown[listing]

    async def load(self, listing: Listing) -> None:
        """Fetch the first page of a listing anew. Raises PlatformError; what was there stays then."""
        known = self._listings.get(listing) or _Posts()
        known.fetching += 1
        mine = known.fetching
        page = await self._client.threads.page(listing.subreddit, sort=listing.sort, window=listing.window)
        if known.fetching == mine:
            known.ids = self._remember(page.items)
            known.next_cursor = page.next_cursor
            self._listings[listing] = known
            self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))

    async def load_more(self, listing: Listing) -> None:
        """Fetch the next page. Raises PlatformError."""
        known = self._listings.get(listing)
        if known is None or known.next_cursor is None:
            return
        cursor, mine = known.next_cursor, known.fetching
        page = await self._client.threads.page(listing.subreddit, cursor, sort=listing.sort, window=listing.window)
        if known.fetching == mine and known.next_cursor == cursor:
            there = set(known.ids)
            known.ids += [post_id for post_id in self._remember(page.items) if post_id not in there]
            known.next_cursor = page.next_cursor
            self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))

    def _remember(self, posts: Iterable[ThreadPost]) -> list[str]:
        """Take in posts and return their ids; a post that is known in a later version stays as it is."""
        ids: list[str] = []
        for post in posts:
            known = self._posts.get(post.id)
            if known is None or known.version <= post.version:
                self._posts[post.id] = post
            if post.id not in ids:
                ids.append(post.id)
        return ids

    # -- one post

    def post(self, post_id: str) -> ThreadPost | None:
        """Return a post as it is shown, or None if it is not known or was deleted."""
        post = self._posts.get(post_id)
        if post is None or post_id in self._gone:
            return None
        saved = self._saves.of(post_id)
        if saved is not None and saved != post.is_saved_by_me:
            post = post.changed(is_saved_by_me=saved)
        return with_vote(post, self._votes.of(post_id))

    def take(self, post: ThreadPost) -> None:
        """Take in a post that was fetched by somebody else."""
        self._remember([post])
        self.tell(ThreadsChange(ThreadsPart.POST, post.id))

    async def vote(self, post: ThreadPost, value: Vote) -> None:
        """Vote on a post. Raises PlatformError; the vote is then taken back."""

        async def work() -> None:
            serial = self._votes.want(post.id, value)
            self._changed(post.id)
            try:
                state: VoteState = await self._writes.do(
                    endpoints.VOTE_POST,
                    object_key=f"vote:{post.id}",
                    label="vote on a post",
                    params={"id": post.id},
                    body=VoteRequest(value=value),
                )
                self._posts[post.id] = confirmed(self._posts.get(post.id, post), state)
            finally:
                self._votes.settle(post.id, serial)
                self._changed(post.id)

        await self._tasks.see_through(work())

    async def save(self, post: ThreadPost, saved: bool) -> None:
        """Save a post, or take it out of the saved ones. Raises PlatformError; nothing has changed then."""

        async def work() -> None:
            serial = self._saves.want(post.id, saved)
            self._changed(post.id)
            try:
                state: SaveState = await self._writes.do(
                    endpoints.SAVE_POST if saved else endpoints.UNSAVE_POST,
                    object_key=f"save:{post.id}",
                    label="save a post" if saved else "take a post out of the saved ones",
                    params={"id": post.id},
                )
                self._posts[post.id] = self._posts.get(post.id, post).changed(is_saved_by_me=state.saved)
            finally:
                self._saves.settle(post.id, serial)
                self._changed(post.id)

        await self._tasks.see_through(work())

    async def publish(self, wish: NewThreadPost) -> ThreadPost:
        """Publish a post; it then stands in the lists of its subreddit. Raises PlatformError."""
        key = str(uuid.uuid4())
        post: ThreadPost = await self._writes.do(
            endpoints.CREATE_POST,
            object_key=f"post:{key}",
            label=f"post to r/{wish.subreddit}",
            body=wish,
            idempotency_key=key,
        )
        self._remember([post])
        for listing, known in self._listings.items():
            if listing.subreddit is not None and listing.subreddit.casefold() == post.subreddit_name.casefold():
                pinned = sum(1 for post_id in known.ids if self._posts[post_id].is_pinned)
                known.ids.insert(pinned, post.id)
                self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))
        return post

    async def delete(self, post: ThreadPost) -> None:
        """Delete a post. Raises PlatformError; it is then shown again."""

        async def work() -> None:
            self._gone.add(post.id)
            self._tell_listings(post.id)
            done = False
            try:
                await self._writes.do(
                    endpoints.DELETE_POST,
                    object_key=f"post:{post.id}",
                    label="delete a post",
                    params={"id": post.id},
                )
                done = True
            finally:
                if not done:
                    self._gone.discard(post.id)
                    self._tell_listings(post.id)

        await self._tasks.see_through(work())

    def _tell_listings(self, post_id: str) -> None:
        self._changed(post_id)
        for listing, known in self._listings.items():
            if post_id in known.ids:
                self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))

    def _changed(self, post_id: str) -> None:
        self.tell(ThreadsChange(ThreadsPart.POST, post_id))

    # -- the socket

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket."""
        if not isinstance(frame, Updates):
            return
        for notice in frame.updates:
            kind, _, name = notice.key.partition(":")
            known = self._posts.get(name)
            if kind == "posts" and known is not None and known.version < notice.version:
                self._tasks.later(self._fetch_again(name))
            elif kind == "r" and notice.version > self._versions.setdefault(name, notice.version):
                # Not at the first notice: the platform answers a subscription with one, to say where things stand.
                self._versions[name] = notice.version
                self.tell(ThreadsChange(ThreadsPart.NEWS, name))

    def on_gap(self) -> None:
        """The socket was away: fetch what is shown again."""
        if self.subreddits_loaded:
            self._tasks.later(self.load_subreddits())
        for listing in self._shown:
            self._tasks.later(self.load(listing))

    async def _fetch_again(self, post_id: str) -> None:
        post = await self._client.feed.post(post_id)
        if isinstance(post, ThreadPost):
            self.take(post)
