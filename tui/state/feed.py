"""Photo posts: home, explore, saved ones and one person's, the stories above them, and what the user does to them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from api_client import endpoints
from api_client.calls import Page
from api_client.client import PlatformClient
from api_client.errors import NotFound, PlatformError
from api_client.models.posts import PhotoPost, Post, TrayEntry
from api_client.models.users import User
from api_client.sync.cache import Cache
from api_client.sync.intents import Inverse
from api_client.sync.receipts import Receipt
from tui.state.attachments import Attachments
from tui.state.live_records import LiveRecords, Shelf
from tui.state.lookout import Lookout
from tui.state.new_photos import NewPhotos, Outgoing
from tui.state.observable import Observable
from tui.state.opinions import Opinions
from tui.state.photo_sender import PhotoSender
from tui.state.post_book import PostBook, PostList
from tui.state.stories import Stories
from tui.state.tasks import Tasks
from tui.state.writes import Writes

if TYPE_CHECKING:
    from api_client.models.realtime import ServerFrame

HOME, EXPLORE, SAVED = "home", "explore", "saved"
"""Keys of the lists; those of a person come from `user_key`."""
PAGE = 20
DELETED_AFTER = 5.0
"""Seconds for which a deleted post can be taken back before anybody else sees that it is gone."""


def user_key(username: str) -> str:
    """Return the key of the list of somebody's posts."""
    return f"user:{username.casefold()}"


class FeedPart(Enum):
    """What has changed."""

    LIST = "list"
    """Which posts a list has, or their order."""
    NEWS = "news"
    """How many posts wait to be shown at the top of a list."""
    POST = "post"
    """One post."""
    TRAY = "tray"


@dataclass(frozen=True, slots=True)
class FeedChange:
    """What has changed: `key` names the list for LIST and NEWS, the post for POST."""

    part: FeedPart
    key: str = ""


class FeedStore(Observable[FeedChange]):
    """One for the session. Reads are awaited; events from the socket come through `on_event`.

    A list is first shown as this machine has kept it (`PostList.stale_since` says from when), then as the platform
    answers; where that fails, what is shown stays, and `PostList.failed` says so.
    """

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        me: User,
        cache: Cache | None = None,
        attachments: Attachments | None = None,
        photos: PhotoSender | None = None,
    ) -> None:
        """Without `attachments`, photos can only be posted while the platform can be reached.

        `photos` is what the outbox sends through.
        """
        super().__init__()
        self._client = client
        self._writes = writes
        self.me = me
        self._cache = cache or Cache.in_memory()
        self._book = PostBook()
        self._lists: dict[str, PostList] = {}
        self._tasks = Tasks()
        self._lookout = Lookout(HOME, f"feed:{me.id}", self._look, self._tasks)
        self._leaving: set[str] = set()
        """Ids of posts that were deleted, also while the platform has not confirmed it."""
        self._stories = Stories(client, writes, self._cache, lambda: self.tell(FeedChange(FeedPart.TRAY)))
        self._new = NewPhotos(
            writes,
            me,
            self._book,
            attachments,
            photos,
            on_change=lambda post_id: self.tell(FeedChange(FeedPart.POST, post_id)),
            on_list=self._tell_own_lists,
            on_arrival=self._arrived,
        )
        self._opinions = Opinions(
            writes, self._book, self._cache, on_change=lambda post_id: self._keep([post_id]), on_saved=self._saved
        )
        writes.show(endpoints.DELETE_POST, by=self._follow_delete)

    async def close(self) -> None:
        """Fetch nothing any more; what was changed is in the outbox."""
        await self._tasks.close()
        await self._new.close()

    # -- lists

    def list_of(self, key: str) -> PostList:
        """Return what is known of a list."""
        return self._lists.setdefault(key, PostList())

    def posts(self, key: str) -> list[Post]:
        """Return the posts of a list in order, as the user wants them; those on their way to the platform first."""
        arriving = self._new.arriving.ids if key in self._own_lists else []
        ids = dict.fromkeys(itertools.chain(arriving, self.list_of(key).ids))
        found = (self._book.get(post_id) for post_id in ids if post_id not in self._leaving)
        return [post for post in found if post is not None]

    def post(self, post_id: str) -> Post | None:
        """Return a post that is known, as the user wants it."""
        return self._book.get(post_id)

    def words_for(self, post_id: str) -> str | None:
        """Return where a post stands that the platform does not have yet, None for any other."""
        return self._new.arriving.words_for(post_id)

    @property
    def _own_lists(self) -> tuple[str, str]:
        """The lists at the head of which the user's own new posts stand."""
        return HOME, user_key(self.me.username)

    def recall(self, key: str) -> None:
        """Show a list as this machine has kept it, if nothing is shown yet."""
        found = self.list_of(key)
        if found.loaded or (kept := self._cache.listing(_name(key), Post)) is None:
            return
        self._book.recall(kept)
        found.recall([post.id for post in kept], kept.next_cursor, kept.fetched_at)
        self.tell(FeedChange(FeedPart.LIST, key))

    async def load(self, key: str) -> None:
        """Show what is kept of a list, then fetch its beginning and show that. Raises PlatformError."""
        self.recall(key)
        found = self.list_of(key)
        try:
            page, asked = await self._page(key, None)
        except PlatformError:
            found.failed = True
            self.tell(FeedChange(FeedPart.LIST, key))
            raise
        if asked > found.answered:
            found.answered = asked
            found.begin([post.id for post in page], page.next_cursor)
            self._keep_list(key)
        self.tell(FeedChange(FeedPart.LIST, key))

    async def load_more(self, key: str) -> None:
        """Fetch the page behind what is shown; nothing at the end. Raises PlatformError."""
        found = self.list_of(key)
        cursor = found.next_cursor
        if cursor is None:
            return
        page, _ = await self._page(key, cursor)
        if found.next_cursor == cursor:
            found.extend([post.id for post in page], page.next_cursor)
            self._keep_list(key)
            self.tell(FeedChange(FeedPart.LIST, key))

    async def look_for_new(self, key: str) -> None:
        """Fetch the beginning of a list and announce what is new; what is shown stays. Raises PlatformError."""
        page, asked = await self._page(key, None)
        found = self.list_of(key)
        if asked < found.answered:
            return
        found.answered = asked
        found.announce([post.id for post in page], page.next_cursor)
        if not found.loaded or found.stale_since is not None:
            found.show_waiting()
            self._keep_list(key)
        self.tell(FeedChange(FeedPart.NEWS if found.news else FeedPart.LIST, key))

    def show_new(self, key: str) -> None:
        """Show what was announced."""
        self.list_of(key).show_waiting()
        self._keep_list(key)
        self.tell(FeedChange(FeedPart.LIST, key))

    async def fetch(self, post_id: str) -> Post:
        """Return a post of either kind, fetched anew. Raises PlatformError."""
        asked = self._book.now()
        post = await self._client.feed.post(post_id)
        self._take([post], asked)
        return self._book.get(post_id) or post

    async def _page(self, key: str, cursor: str | None) -> tuple[Page[Any], int]:
        """Return a page, and when it was asked for."""
        asked = self._book.now()
        page: Page[Any]
        match key.partition(":"):
            case ("user", _, username):
                page = await self._client.users.posts(username, cursor, limit=PAGE)
            case (name, _, _):
                fetch = {HOME: self._client.feed.page, EXPLORE: self._client.feed.explore}
                page = await fetch.get(name, self._client.feed.saved)(cursor, limit=PAGE)
        self._take(page, asked)
        return page, asked

    def _take(self, posts: Iterable[Post], asked: int) -> None:
        posts = list(posts)
        self._book.take(posts, asked)
        self._keep(post.id for post in posts)

    def _keep(self, post_ids: Iterable[str]) -> None:
        """Keep what the platform has confirmed of these posts, and tell that they have changed."""
        post_ids = list(post_ids)
        self._cache.keep(self._book.confirmed(post_ids))
        for post_id in post_ids:
            self.tell(FeedChange(FeedPart.POST, post_id))

    def _keep_list(self, key: str) -> None:
        found = self.list_of(key)
        self._cache.keep_listing(_name(key), self._book.confirmed(found.ids), found.next_cursor)

    # -- what the user does

    async def like(self, post_id: str, liked: bool) -> None:
        """Like a photo post, or take the like back: shown at once, taken back when refused. Raises PlatformError."""
        await self._opinions.like(post_id, liked)

    async def save(self, post_id: str, saved: bool) -> None:
        """Keep a post of either kind among the saved ones, or no more. Raises PlatformError."""
        await self._opinions.save(post_id, saved)

    def _saved(self, post_id: str) -> None:
        if self.list_of(SAVED).loaded:
            self._put_first(SAVED, post_id)

    async def delete(self, post_id: str) -> None:
        """Delete an own post of either kind, so that it can be taken back for some seconds.

        It comes back when that is refused. Raises PlatformError.
        """
        await self._writes.do(
            endpoints.DELETE_POST,
            object_key=f"posts:{post_id}",
            label="delete a post",
            params={"id": post_id},
            undo=Inverse(label="delete a post"),
            hold=DELETED_AFTER,
        )

    async def _follow_delete(self, receipt: Receipt) -> None:
        post_id = receipt.intent.params["id"]
        self._leaving.add(post_id)
        self._tell_lists_with(post_id)
        try:
            await receipt
        except NotFound:
            await self._writes.outbox.discard(receipt.id)
        except PlatformError:
            self._leaving.discard(post_id)
            self._tell_lists_with(post_id)
            raise
        self._gone(post_id)

    def _gone(self, post_id: str) -> None:
        """The platform no longer has a post."""
        self._leaving.add(post_id)
        self._cache.forget(f"posts:{post_id}")
        self._tell_lists_with(post_id)

    # -- new photos

    async def upload(self, data: bytes, name: str, mime_type: str, progress: Callable[[int, int], None]) -> str:
        """Bring a picture or video to the platform and return its upload id; `progress` hears bytes of bytes.

        Raises PlatformError.
        """
        return await self._client.uploads.upload(data, name, mime_type, purpose="post", progress=progress)

    async def publish(
        self,
        caption: str | None,
        location: str | None = None,
        *,
        files: Sequence[Outgoing] = (),
        urls: Sequence[str] = (),
        draft: str | None = None,
    ) -> str:
        """Take on a new photo post of either `files` or `urls` and return its id: stored, and shown at the top.

        What the platform says of it is shown at the post (`words_for`) and in the outbox. Raises StoreTrouble where it
        could not be stored, and Invalid for what cannot be a post.
        """
        return await self._new.publish(caption, location, files, urls, draft)

    def _arrived(self, post: PhotoPost) -> None:
        self._take([post], self._book.now())
        for key in self._own_lists:
            if self.list_of(key).loaded:
                self._put_first(key, post.id)
        self._tell_own_lists()

    # -- stories

    @property
    def tray(self) -> list[TrayEntry]:
        """Who has stories, as the user has looked at them."""
        return self._stories.tray

    async def load_tray(self) -> None:
        """Show who had stories, then fetch who has. Raises PlatformError."""
        await self._stories.load()

    async def view_stories(self, entry: TrayEntry) -> None:
        """Mark somebody's stories as seen; shown at once. Raises PlatformError, and the mark is back."""
        await self._stories.view(entry)

    # -- the socket

    def put_on_shelf(self, live: LiveRecords) -> None:
        """Let `live` keep the posts and stories up to date."""
        posts: Shelf[Post, int] = Shelf(
            TypeAdapter(Post),
            known=lambda post_id: None if post_id in self._leaving else self._book.version_of(post_id),
            asked=lambda _: self._book.now(),
            take=lambda _, post, asked: self._take([post], asked),
            gone=self._gone,
            fetch=self._client.feed.post,
        )
        live.hold("posts", posts)
        live.hold("stories", self._stories.shelf)

    @property
    def hears_of_new(self) -> bool:
        """Whether the platform tells of new posts in the home feed; if not, somebody has to look for them."""
        return self._lookout.is_told

    @property
    def socket_key(self) -> str:
        """The key under which it tells of them."""
        return self._lookout.socket_key

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket: there may be something new in the home feed."""
        self._lookout.on_event(frame)

    def on_gap(self) -> None:
        """The socket was away: look for what is new in every list."""
        for key in self._lists:
            self._lookout.look(key)
        self._tasks.later(self.load_tray())

    async def _look(self, key: str) -> None:
        if self.list_of(key).loaded:
            await self.look_for_new(key)

    # -- telling

    def _put_first(self, key: str, post_id: str) -> None:
        self.list_of(key).put_first(post_id)
        self._keep_list(key)
        self.tell(FeedChange(FeedPart.LIST, key))

    def _tell_own_lists(self) -> None:
        for key in self._own_lists:
            self.tell(FeedChange(FeedPart.LIST, key))

    def _tell_lists_with(self, post_id: str) -> None:
        for key, found in self._lists.items():
            if post_id in found.ids or (post_id in self._new.arriving.ids and key in self._own_lists):
                self.tell(FeedChange(FeedPart.LIST, key))


def _name(key: str) -> str:
    """Return the name of a list in the cache."""
    return f"feed:{key}"
