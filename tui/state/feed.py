"""Photo posts: home, explore, saved ones and one person's, the stories above them, and what the user does to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from api_client import endpoints
from api_client.calls import Page
from api_client.client import PlatformClient
from api_client.errors import Forbidden, NotFound, PlatformError
from api_client.models.posts import (
    LikeState,
    NewPhotoPost,
    PhotoPost,
    Post,
    SaveState,
    TrayEntry,
)
from api_client.models.realtime import ServerFrame, Updates
from api_client.models.users import User
from tui.state.observable import Observable
from tui.state.post_book import PostBook, PostList
from tui.state.tasks import Tasks
from tui.state.writes import Writes

HOME, EXPLORE, SAVED = "home", "explore", "saved"
"""Keys of the lists; those of a person come from `user_key`."""
PAGE = 20


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
    """One for the session. Reads are awaited; events from the socket come through `on_event`."""

    def __init__(self, client: PlatformClient, writes: Writes, me: User) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self.me = me
        self._book = PostBook()
        self._lists: dict[str, PostList] = {}
        self._tasks = Tasks()
        self._asked_again: set[str] = set()
        self._leaving: set[str] = set()
        """Ids of posts that were deleted, also while the platform has not confirmed it."""
        self.tray: list[TrayEntry] = []

    # -- lists

    def list_of(self, key: str) -> PostList:
        """Return what is known of a list."""
        return self._lists.setdefault(key, PostList())

    def posts(self, key: str) -> list[Post]:
        """Return the posts of a list in order, as the user wants them."""
        found = (self._book.get(post_id) for post_id in self.list_of(key).ids if post_id not in self._leaving)
        return [post for post in found if post is not None]

    def post(self, post_id: str) -> Post | None:
        """Return a post that is known, as the user wants it."""
        return self._book.get(post_id)

    async def load(self, key: str) -> None:
        """Fetch the beginning of a list and show it. Raises PlatformError."""
        page = await self._page(key, None)
        self.list_of(key).begin([post.id for post in page], page.next_cursor)
        self.tell(FeedChange(FeedPart.LIST, key))

    async def load_more(self, key: str) -> None:
        """Fetch the page behind what is shown; nothing at the end. Raises PlatformError."""
        found = self.list_of(key)
        cursor = found.next_cursor
        if cursor is None:
            return
        page = await self._page(key, cursor)
        if found.next_cursor == cursor:
            found.extend([post.id for post in page], page.next_cursor)
            self.tell(FeedChange(FeedPart.LIST, key))

    async def look_for_new(self, key: str) -> None:
        """Fetch the beginning of a list and announce what is new; what is shown stays. Raises PlatformError."""
        page = await self._page(key, None)
        found = self.list_of(key)
        found.announce([post.id for post in page], page.next_cursor)
        if not found.loaded:
            found.show_waiting()
        self.tell(FeedChange(FeedPart.NEWS if found.news else FeedPart.LIST, key))

    def show_new(self, key: str) -> None:
        """Show what was announced."""
        self.list_of(key).show_waiting()
        self.tell(FeedChange(FeedPart.LIST, key))

    async def fetch(self, post_id: str) -> Post:
        """Return a post of either kind, fetched anew. Raises PlatformError."""
        asked = self._book.now()
        post = await self._client.feed.post(post_id)
        self._book.take([post], asked)
        self.tell(FeedChange(FeedPart.POST, post_id))
        return self._book.get(post_id) or post

    async def _page(self, key: str, cursor: str | None) -> Page[Any]:
        asked = self._book.now()
        page: Page[Any]
        match key.partition(":"):
            case ("user", _, username):
                page = await self._client.users.posts(username, cursor, limit=PAGE)
            case (name, _, _):
                fetch = {HOME: self._client.feed.page, EXPLORE: self._client.feed.explore}
                page = await fetch.get(name, self._client.feed.saved)(cursor, limit=PAGE)
        self._book.take(page, asked)
        for post in page:
            self.tell(FeedChange(FeedPart.POST, post.id))
        return page

    # -- what the user does

    async def like(self, post_id: str, liked: bool) -> None:
        """Like a photo post, or take the like back: shown at once, taken back when refused. Raises PlatformError."""
        await self._tasks.see_through(self._like(post_id, liked))

    async def _like(self, post_id: str, liked: bool) -> None:
        number = self._book.likes.want(post_id, liked)
        self.tell(FeedChange(FeedPart.POST, post_id))
        try:
            state: LikeState = await self._writes.do(
                endpoints.LIKE if liked else endpoints.UNLIKE,
                object_key=f"posts:{post_id}",
                label="like a photo" if liked else "take a like back",
                params={"id": post_id},
            )
            self._book.decide(post_id, is_liked_by_me=state.liked, like_count=state.like_count)
        finally:
            self._book.likes.settle(post_id, number)
            self.tell(FeedChange(FeedPart.POST, post_id))

    async def save(self, post_id: str, saved: bool) -> None:
        """Keep a post of either kind among the saved ones, or no more. Raises PlatformError."""
        await self._tasks.see_through(self._save(post_id, saved))

    async def _save(self, post_id: str, saved: bool) -> None:
        number = self._book.saves.want(post_id, saved)
        self.tell(FeedChange(FeedPart.POST, post_id))
        try:
            state: SaveState = await self._writes.do(
                endpoints.SAVE_POST if saved else endpoints.UNSAVE_POST,
                object_key=f"posts:{post_id}",
                label="save a post" if saved else "take a post out of the saved ones",
                params={"id": post_id},
            )
            self._book.decide(post_id, is_saved_by_me=state.saved)
            if state.saved and self.list_of(SAVED).loaded:
                self.list_of(SAVED).put_first(post_id)
                self.tell(FeedChange(FeedPart.LIST, SAVED))
        finally:
            self._book.saves.settle(post_id, number)
            self.tell(FeedChange(FeedPart.POST, post_id))

    async def delete(self, post_id: str) -> None:
        """Delete an own post of either kind; it comes back when that is refused. Raises PlatformError."""
        await self._tasks.see_through(self._delete(post_id))

    async def _delete(self, post_id: str) -> None:
        self._leaving.add(post_id)
        self._tell_lists_with(post_id)
        try:
            await self._writes.do(
                endpoints.DELETE_POST, object_key=f"posts:{post_id}", label="delete a post", params={"id": post_id}
            )
        except NotFound:
            return
        except PlatformError:
            self._leaving.discard(post_id)
            self._tell_lists_with(post_id)
            raise

    async def upload(self, data: bytes, name: str, mime_type: str, progress: Callable[[int, int], None]) -> str:
        """Bring a picture or video to the platform and return its upload id; `progress` hears bytes of bytes.

        Raises PlatformError.
        """
        return await self._client.uploads.upload(data, name, mime_type, purpose="post", progress=progress)

    async def create(self, wish: NewPhotoPost, idempotency_key: str) -> PhotoPost:
        """Publish a photo post and show it at the top. Raises PlatformError; the words then stay in the outbox."""
        return await self._tasks.see_through(self._create(wish, idempotency_key))

    async def _create(self, wish: NewPhotoPost, idempotency_key: str) -> PhotoPost:
        post: PhotoPost = await self._writes.do(
            endpoints.CREATE_POST,
            object_key=f"new:{idempotency_key}",
            label="publish a photo",
            body=wish,
            holds_words=True,
            idempotency_key=idempotency_key,
        )
        self._book.take([post], self._book.now())
        own = user_key(self.me.username)
        for key in (HOME, own):
            if self.list_of(key).loaded:
                self.list_of(key).put_first(post.id)
        self._tell_lists_with(post.id)
        return post

    # -- stories

    async def load_tray(self) -> None:
        """Fetch who has stories. Raises PlatformError."""
        self.tray = (await self._client.stories.tray(limit=50)).items
        self.tell(FeedChange(FeedPart.TRAY))

    async def view_stories(self, entry: TrayEntry) -> None:
        """Mark somebody's stories as seen; shown at once. Raises PlatformError, and the mark is back."""
        await self._tasks.see_through(self._view_stories(entry))

    async def _view_stories(self, entry: TrayEntry) -> None:
        self._replace(entry.changed(seen=True, stories=[story.changed(seen=True) for story in entry.stories]))
        try:
            for story in entry.stories:
                if not story.seen:
                    await self._writes.do(
                        endpoints.VIEW_STORY,
                        object_key=f"stories:{story.id}",
                        label="mark a story as seen",
                        params={"id": story.id},
                    )
        except NotFound:
            # It has ended in the meantime, which is as good as seen.
            return
        except PlatformError:
            self._replace(entry)
            raise

    def _replace(self, entry: TrayEntry) -> None:
        self.tray = [entry if old.user.id == entry.user.id else old for old in self.tray]
        self.tell(FeedChange(FeedPart.TRAY))

    # -- the socket

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket: a post that is shown has a new version."""
        if not isinstance(frame, Updates):
            return
        for notice in frame.updates:
            kind, _, post_id = notice.key.partition(":")
            known = self._book.version_of(post_id) if kind == "posts" else None
            if known is not None and known < notice.version and post_id not in self._asked_again:
                self._asked_again.add(post_id)
                self._tasks.later(self._fetch_again(post_id))

    def on_gap(self) -> None:
        """The socket was away: look for what is new in every list that is shown."""
        for key, found in self._lists.items():
            if found.loaded:
                self._tasks.later(self.look_for_new(key))
        self._tasks.later(self.load_tray())

    async def _fetch_again(self, post_id: str) -> None:
        try:
            await self.fetch(post_id)
        except (NotFound, Forbidden):
            self._leaving.add(post_id)
            self._tell_lists_with(post_id)
        finally:
            self._asked_again.discard(post_id)

    def _tell_lists_with(self, post_id: str) -> None:
        for key, found in self._lists.items():
            if post_id in found.ids:
                self.tell(FeedChange(FeedPart.LIST, key))
