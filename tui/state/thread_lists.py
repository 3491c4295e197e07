"""Subreddits and their posts as they are read: first from this machine, then from the platform, and kept up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from pydantic import TypeAdapter

from api_client.calls import Page
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.posts import Post, ThreadPost
from api_client.models.realtime import ServerFrame, Updates
from api_client.models.threads import PostSort, Subreddit, TopWindow
from api_client.models.users import User
from api_client.sync.cache import Cache
from tui.state.answers import Answers
from tui.state.freshness import Freshness
from tui.state.live_records import LiveRecords, Shelf
from tui.state.observable import Observable
from tui.state.tasks import Tasks

MINE, OTHERS = "subreddits:mine", "subreddits:others"
"""Names of the kept lists of subreddits."""
KEPT = 200
"""Posts of one listing that are kept on this machine."""
PAGES = 5
"""Pages that are fetched again, at most, where that many were shown."""


class ThreadsPart(Enum):
    """What has changed."""

    SUBREDDITS = "subreddits"
    LISTING = "listing"
    """The posts of `listing`, or which of them there are."""
    POST = "post"
    """The post `name`."""
    NEWS = "news"
    """There are other posts in the subreddit `name` than are shown."""
    AGE = "age"
    """Whether `listing` is shown as it is on the platform, or as it was on this machine."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Posts of one subreddit, or of the front page where that is None, in one order."""

    subreddit: str | None = None
    sort: PostSort = PostSort.HOT
    window: TopWindow | None = None

    @property
    def name(self) -> str:
        """What it is called where it is kept."""
        window = self.window.value if self.window else ""
        return f"threads:{(self.subreddit or '').casefold()}:{self.sort.value}:{window}"


@dataclass(frozen=True, slots=True)
class ThreadsChange:
    """A change; `name` is a post's id or a subreddit's name."""

    part: ThreadsPart
    name: str | None = None
    listing: Listing | None = None


@dataclass
class _Posts:
    """The ids of a listing, and where it goes on."""

    ids: list[str] = field(default_factory=list)
    next_cursor: str | None = None
    fetching: int = 0
    freshness: Freshness = field(default_factory=Freshness)


class ThreadLists(Observable[ThreadsChange]):
    """What is known of subreddits and posts; `ThreadsStore` adds what the user does to them."""

    def __init__(self, client: PlatformClient, me: User, cache: Cache, now: Callable[[], float]) -> None:
        """`now` gives seconds since the epoch."""
        super().__init__()
        self._client = client
        self.me = me
        self._cache = cache
        self._now = now
        self._subreddits: dict[str, Subreddit] = {}
        self._mine: set[str] = set()
        self._others: list[str] = []
        self._posts: dict[str, ThreadPost] = {}
        self._answers: Answers[ThreadPost] = Answers()
        self._listings: dict[Listing, _Posts] = {}
        self._shown: Counter[Listing] = Counter()
        self._versions: dict[str, int] = {}
        """Of the subreddits that are shown, by name, as the socket told them."""
        self._tasks = Tasks()
        self.subreddits_loaded = False

    async def close(self) -> None:
        """Fetch nothing any more; what was changed is in the outbox."""
        await self._tasks.close()

    # -- subreddits

    def _known_subreddit(self, name: str) -> Subreddit | None:
        """Return a subreddit as the platform told it, in whatever case its name is written."""
        key = name.casefold()
        if key not in self._subreddits:
            found = self._cache.record(f"r:{name}", Subreddit)
            if found is not None:
                self._subreddits[key] = found
        return self._subreddits.get(key)

    def recall_subreddits(self) -> None:
        """Show the subreddits as this machine has them, unless they are known already."""
        mine, others = self._cache.listing(MINE, Subreddit), self._cache.listing(OTHERS, Subreddit)
        if mine is not None and others is not None and not self.subreddits_loaded:
            self._take_subreddits(mine.items, others.items)

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
        self._cache.keep_listing(OTHERS, {f"r:{sub.name}": sub for sub in others.items}, None)
        self._cache.keep_listing(MINE, {f"r:{sub.name}": sub for sub in mine}, None)
        self._take_subreddits(mine, others.items)

    def _take_subreddits(self, mine: list[Subreddit], others: list[Subreddit]) -> None:
        for sub in (*others, *mine):
            self._subreddits[sub.name.casefold()] = sub
        self._mine = {sub.name.casefold() for sub in mine}
        self._others = [sub.name.casefold() for sub in others]
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
        self._cache.keep({f"r:{found.name}": found})
        if found.is_joined:
            self._mine.add(key)
        else:
            self._mine.discard(key)
            if self.subreddits_loaded and key not in self._others:
                self._others.append(key)
        self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, found.name))

    # -- lists of posts

    def posts(self, listing: Listing) -> list[ThreadPost]:
        """Return the posts of a listing, as far as they are known."""
        known = self._listings.get(listing)
        found = (self.post(post_id) for post_id in known.ids) if known else ()
        return [post for post in found if post is not None]

    def post(self, post_id: str) -> ThreadPost | None:
        """Return a post as it is shown, or None if it is not known or was deleted."""
        raise NotImplementedError

    def _forget_post(self, post_id: str) -> None:
        """The platform has it no more."""
        raise NotImplementedError

    def is_loaded(self, listing: Listing) -> bool:
        """Whether at least the first page of a listing is known."""
        return listing in self._listings

    def has_more(self, listing: Listing) -> bool:
        """Whether a listing goes on."""
        known = self._listings.get(listing)
        return known is not None and known.next_cursor is not None

    def freshness(self, listing: Listing) -> Freshness:
        """Return whether a listing is shown as it was on this machine, and from when that is."""
        known = self._listings.get(listing)
        return known.freshness if known else Freshness()

    def show(self, listing: Listing) -> None:
        """A screen shows this listing, at once if it is on this machine: it is fetched after a gap, until `hide`."""
        self._shown[listing] += 1
        if listing.subreddit is not None:
            self._versions.pop(listing.subreddit, None)
        if listing not in self._listings and (kept := self._cache.listing(listing.name, ThreadPost)) is not None:
            known = self._listings[listing] = _Posts(self._remember(kept.items, 0), kept.next_cursor)
            known.freshness.recalled(kept.fetched_at)

    def hide(self, listing: Listing) -> None:
        """It does no more."""
        self._shown[listing] -= 1
        if self._shown[listing] <= 0:
            del self._shown[listing]

    async def load(self, listing: Listing) -> None:
        """Fetch a listing anew, as many pages as were there, and show it in one step.

        Raises PlatformError; what was there stays then, and counts as stale.
        """
        known = self._listings.get(listing) or _Posts()
        known.fetching += 1
        mine, asked, before = known.fetching, self._answers.ask(), len(known.ids)
        known.freshness.asked()
        self.tell(ThreadsChange(ThreadsPart.AGE, listing=listing))
        try:
            page = await self._page(listing, None)
            posts, cursor = page.items, page.next_cursor
            for _ in range(PAGES - 1):
                if cursor is None or len(posts) >= before or known.fetching != mine:
                    break
                page = await self._page(listing, cursor)
                posts, cursor = posts + page.items, page.next_cursor
        except PlatformError:
            if known.fetching == mine:
                known.freshness.failed()
                self.tell(ThreadsChange(ThreadsPart.AGE, listing=listing))
            raise
        if known.fetching == mine:
            known.ids = self._remember(posts, asked)
            known.next_cursor = cursor
            known.freshness.fetched(self._now())
            self._listings[listing] = known
            self._keep(listing, known)
            self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))

    async def load_more(self, listing: Listing) -> None:
        """Fetch the next page. Raises PlatformError."""
        known = self._listings.get(listing)
        if known is None or known.next_cursor is None:
            return
        cursor, mine, asked = known.next_cursor, known.fetching, self._answers.ask()
        page = await self._page(listing, cursor)
        if known.fetching == mine and known.next_cursor == cursor:
            there = set(known.ids)
            known.ids += [post_id for post_id in self._remember(page.items, asked) if post_id not in there]
            known.next_cursor = page.next_cursor
            self._keep(listing, known)
            self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))

    async def _page(self, listing: Listing, cursor: str | None) -> Page[ThreadPost]:
        return await self._client.threads.page(listing.subreddit, cursor, sort=listing.sort, window=listing.window)

    def _keep(self, listing: Listing, known: _Posts) -> None:
        if len(known.ids) <= KEPT:
            posts = {f"posts:{post_id}": self._posts[post_id] for post_id in known.ids}
            self._cache.keep_listing(listing.name, posts, known.next_cursor)

    def _remember(self, posts: Iterable[ThreadPost], asked: int) -> list[str]:
        """Take in the answer to a question and return the ids in it; what is known to be newer stays as it is."""
        ids: dict[str, None] = {}
        for post in posts:
            self._posts[post.id] = self._answers.newest(self._posts.get(post.id), post, asked)
            ids[post.id] = None
        return list(ids)

    # -- one post

    def recall(self, post_id: str) -> ThreadPost | None:
        """Return a post as it is shown, from this machine if it is not in memory; None if that has none either."""
        if post_id not in self._posts and (kept := self._cache.record(f"posts:{post_id}", ThreadPost)) is not None:
            self._remember([kept], 0)
        return self.post(post_id)

    def take(self, post: ThreadPost) -> None:
        """Take in a post that was fetched by somebody else just now."""
        self._remember([post], self._answers.ask())
        self._cache.keep({f"posts:{post.id}": self._posts[post.id]})
        self._changed(post.id)

    def _changed(self, post_id: str) -> None:
        self.tell(ThreadsChange(ThreadsPart.POST, post_id))

    def _tell_listings(self, post_id: str) -> None:
        """Tell that a post has come or gone."""
        self._changed(post_id)
        for listing, known in self._listings.items():
            if post_id in known.ids:
                self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))

    # -- the socket

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket."""
        if not isinstance(frame, Updates):
            return
        for notice in frame.updates:
            kind, _, name = notice.key.partition(":")
            if kind == "r" and notice.version > self._versions.setdefault(name, notice.version):
                # Not at the first notice: the platform answers a subscription with one, to say where things stand.
                self._versions[name] = notice.version
                self.tell(ThreadsChange(ThreadsPart.NEWS, name))

    def on_gap(self) -> None:
        """The socket was away: fetch what is shown again."""
        if self.subreddits_loaded:
            self._tasks.later(self.load_subreddits())
        for listing in self._shown:
            self._tasks.later(self.load(listing))

    def put_on_shelf(self, live: LiveRecords) -> None:
        """Let `live` keep posts and subreddits up to date."""
        posts: Shelf[Post, int] = Shelf(
            TypeAdapter(Post),
            known=self._version_of,
            asked=lambda _: self._answers.ask(),
            take=self._take_post,
            gone=self._forget_post,
            fetch=self._client.feed.post,
        )
        subreddits: Shelf[Subreddit, None] = Shelf(
            TypeAdapter(Subreddit),
            known=lambda name: None if (sub := self._subreddits.get(name.casefold())) is None else sub.version,
            asked=lambda _: None,
            take=lambda _, subreddit, __: self._remember_subreddit(subreddit),
            gone=self._forget_subreddit,
            fetch=self._client.threads.subreddit,
        )
        live.hold("posts", posts)
        live.hold("r", subreddits)

    def _version_of(self, post_id: str) -> int | None:
        known = self._posts.get(post_id)
        return None if known is None or self.post(post_id) is None else known.version

    def _take_post(self, post_id: str, post: Post, asked: int) -> None:
        if isinstance(post, ThreadPost):
            self._remember([post], asked)
            self._cache.keep({f"posts:{post_id}": self._posts[post_id]})
            self._changed(post_id)

    def _forget_subreddit(self, name: str) -> None:
        """The platform has it no more."""
        key = name.casefold()
        if (known := self._subreddits.pop(key, None)) is not None:
            self._cache.forget(f"r:{known.name}")
            self._mine.discard(key)
            self._others = [other for other in self._others if other != key]
            self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, known.name))
