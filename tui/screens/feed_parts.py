"""What the screens with posts in a list share: the list, its pictures, and the verbs on a post."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.timer import Timer
from textual.widget import Widget

from api_client.errors import PlatformError
from api_client.models.posts import Media, PhotoPost, Post, ThreadPost
from tui.actions import Action
from tui.places import Place, PostPlace, ProfilePlace
from tui.screens.item_menu import offer
from tui.screens.marking import Marking, all_of
from tui.screens.post_list import (
    Listed,
    PostListView,
    author_of,
    has_picture,
    links_of,
    may_show,
    picture_source,
    text_of,
    toggle_follow,
)
from tui.screens.read_position import ReadPosition
from tui.state.feed import FeedChange, FeedPart
from tui.state.wishes import toggled
from widgets.item_renderer import ItemRenderer
from widgets.list_gaps import BOTTOM
from widgets.list_messages import Chosen, GapReached, VisibleChanged
from widgets.mixed_post import MixedPostRenderer
from widgets.photo_card import PhotoCardRenderer
from widgets.textfmt import plural

if TYPE_CHECKING:
    from tui.shell import Shell
    from tui.state.threads import ThreadsChange

HEART_SECONDS = 1.0
STALE_AFTER = 1.0
"""Seconds that the platform has to answer before a list is said to be from an earlier time."""
WATCHED = 40
"""Posts whose counts are followed over the socket: what is on the screen and about a page below it."""


_SOMETIMES = ("item.delete", "item.follow", "item.negative", "item.open_link", "item.media")
"""Verbs that do not fit every post."""


class PostListBase(Marking):
    """A list of posts of both kinds. A subclass says which (`list_key`) and what an empty one says (`empty`)."""

    SECTION = "feed"
    ON_MARKED = ("save",)
    TITLES: ClassVar[dict[str, str]] = {
        "item.positive": "like",
        "item.negative": "downvote",
        "item.create": "new photo",
        "list.open_item": "comments",
    }
    DEFAULT_CSS = """
    PostListBase PostListView { padding: 0 1; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = shell.session.feed
        self.cards = PhotoCardRenderer(
            picture_source(shell, self), shell.config.view.picture_rows, draws=lambda: shell.draws_pictures
        )
        self._place: ReadPosition | None = None
        self._hearts: dict[str, Timer] = {}
        self._hears_threads = False
        """Whether there is a post of a subreddit, of which the store of those tells."""

    @property
    def list_key(self) -> str:
        """Which list of the feed store is shown."""
        raise NotImplementedError

    @property
    def empty(self) -> str:
        """The sentence for a list without posts."""
        return "Nothing here yet."

    def compose_body(self) -> Iterable[Widget]:
        yield PostListView(self.renderer(), empty=self.empty, marks=True, id="posts")

    def renderer(self) -> ItemRenderer[Any]:
        """Return what draws the list."""
        return MixedPostRenderer(self.cards)

    @property
    def posts(self) -> PostListView:
        """The list."""
        return self.query_one("#posts", PostListView)

    # -- life

    def start(self) -> None:
        self.keep(self.store.subscribe(self._feed_changed))
        self._place = ReadPosition(self.posts, self.shell.session.cache, f"feed:{self.list_key}")
        self.keep(self._place.keep)
        self.store.recall(self.list_key)
        if not len(self.posts):
            if self.store.list_of(self.list_key).loaded:
                self.show_posts()
            else:
                self.posts.show_loading()
        self.posts.focus()
        self.set_timer(STALE_AFTER, self._show_stale)
        self.refresh_content()

    def refresh_content(self) -> None:
        self.work_on(self.load(), "posts")

    async def load(self) -> None:
        """Fetch the beginning of the list."""
        try:
            await self.store.load(self.list_key)
        except PlatformError as error:
            if not self.store.list_of(self.list_key).loaded:
                self.say_failed(self.posts, error)
            raise

    def on_unmount(self) -> None:
        super().on_unmount()
        self._watch(())

    def on_screen_suspend(self) -> None:
        if self._place is not None:
            self._place.keep()

    def _show_stale(self) -> None:
        """Say from when the list is, as long as the platform has not answered."""
        since = self.store.list_of(self.list_key).stale_since
        self.say_stale(None if since is None else datetime.fromtimestamp(since, UTC))

    # -- what is shown

    def show_posts(self, *, from_top: bool = False) -> None:
        """Show what the stores have."""
        posts = [shown for post in self.store.posts(self.list_key) if (shown := self._shown(post)) is not None]
        items = [*self.above(), *posts]
        found = self.store.list_of(self.list_key)
        if not found.loaded and not items:
            return
        waiting = {post.id: words for post in posts if (words := self.store.words_for(post.id)) is not None}
        self.cards.states.clear()
        self.cards.states.update(waiting)
        untouched = self._place is not None and not self._place.moved
        self.posts.set_items(items, keep_anchor=not (from_top or untouched))
        if self._place is not None:
            self._place.restore()
        self.posts.set_footer(self.end_note if found.loaded and found.next_cursor is None and items else None)

    def above(self) -> Iterable[Listed]:
        """Return what stands above the first post."""
        return ()

    @property
    def end_note(self) -> str:
        """What stands below the last post."""
        return "that is everything"

    def _shown(self, post: Post) -> Post | None:
        """Return a post as the store of its kind has it; None if it was deleted there."""
        if not isinstance(post, ThreadPost):
            return post
        if not self._hears_threads:
            self._hears_threads = True
            self.keep(self.shell.session.threads.subscribe(self._threads_changed))
        return self.shell.session.threads.post(post.id)

    def _feed_changed(self, change: FeedChange) -> None:
        if change.part is FeedPart.LIST and change.key == self.list_key:
            for post in self.store.posts(self.list_key):
                if isinstance(post, ThreadPost) and self.posts.item(post.id) is None:
                    self.shell.session.threads.take(post)
            self.show_posts()
            found = self.store.list_of(self.list_key)
            if found.stale_since is None or found.failed:
                self._show_stale()
        elif change.part is FeedPart.POST and (known := self.store.post(change.key)) is not None:
            if (words := self.store.words_for(change.key)) is not None:
                self.cards.states[change.key] = words
            shown = self._shown(known)
            if shown is not None:
                self.posts.update(shown)

    def _threads_changed(self, change: ThreadsChange) -> None:
        from tui.state.threads import ThreadsPart

        if change.part is not ThreadsPart.POST or change.name is None:
            return
        if not isinstance(self.posts.item(change.name), ThreadPost):
            return
        post = self.shell.session.threads.post(change.name)
        if post is None:
            self.posts.remove_item(change.name)
        else:
            self.posts.update(post)

    @on(GapReached, "#posts")
    def _edge(self, event: GapReached) -> None:
        if event.place == BOTTOM and self.store.list_of(self.list_key).next_cursor is not None:
            self.work_on(self._load_more(), "more")

    async def _load_more(self) -> None:
        self.posts.show_loading()
        try:
            await self.store.load_more(self.list_key)
        except PlatformError as error:
            self.say_failed(self.posts, error)

    @on(VisibleChanged, "#posts")
    def _visible(self, event: VisibleChanged) -> None:
        self._watch(event.keys[:WATCHED])

    def _watch(self, post_ids: Iterable[str]) -> None:
        """Follow the counts of what is on the screen, and of nothing else."""
        self.shell.session.live.follow(self, (f"posts:{post_id}" for post_id in post_ids))

    # -- verbs

    def fits(self, action: Action) -> bool:
        post = self.selected
        if action.id == "item.save" and self.mark_count:
            return True
        if action.needs_item and post is None:
            return False
        return super().fits(action) and (post is None or self._applies(action.id, post))

    @property
    def selected(self) -> Post | None:
        """The post that the verbs act on."""
        item = self.posts.highlighted
        return item if isinstance(item, PhotoPost | ThreadPost) else None

    @on(Chosen, "#posts")
    def _chosen(self, event: Chosen) -> None:
        if isinstance(event.item, PhotoPost | ThreadPost):
            self.shell.open_place(PostPlace(event.item.id))

    def action_thread(self) -> None:
        if (post := self.selected) is not None:
            self.shell.open_place(PostPlace(post.id))

    def action_leave_item(self) -> None:
        """Back, where there is something behind this screen."""
        if len(self.app.screen_stack) > 1:
            self.shell.leave()

    async def action_positive(self) -> None:
        """Like, or take the like back; a post of a subreddit is voted up."""
        post = self.selected
        if isinstance(post, PhotoPost):
            await self.store.like(post.id, not post.is_liked_by_me)
        elif post is not None:
            await self.shell.session.threads.vote(post, toggled(post.my_vote, 1))

    @on(PostListView.DoubleClicked)
    def _double_clicked(self, event: PostListView.DoubleClicked) -> None:
        """Two clicks only ever like: they never take a like back."""
        post = event.post
        if not isinstance(post, PhotoPost):
            self.shell.open_place(PostPlace(post.id))
            return
        if (earlier := self._hearts.pop(post.id, None)) is not None:
            earlier.stop()
        self.cards.hearts.add(post.id)
        self.posts.invalidate(post.id)
        self._hearts[post.id] = self.set_timer(HEART_SECONDS, lambda: self._heart_over(post.id))
        if not post.is_liked_by_me:
            self.work_on(self.store.like(post.id, True), "like", exclusive=False)

    def _heart_over(self, post_id: str) -> None:
        self._hearts.pop(post_id, None)
        self.cards.hearts.discard(post_id)
        self.posts.invalidate(post_id)

    @property
    def chosen_posts(self) -> list[Post]:
        """What a verb for several posts acts on: the marked ones, else the one that is highlighted."""
        found = (self.posts.item(key) for key in self.chosen_keys)
        return [item for item in found if isinstance(item, PhotoPost | ThreadPost)]

    async def action_save(self) -> None:
        """Save the marked posts, or the highlighted one; if all of them are saved, take them out."""
        posts = self.chosen_posts
        wanted = not all(post.is_saved_by_me for post in posts)
        changing = [post for post in posts if post.is_saved_by_me != wanted]
        if changing:
            several = self.clear_marks()
            what = f"{plural(len(changing), 'post')} " if several else ""
            self.shell.say((what + ("saved." if wanted else "taken out of the saved posts.")).capitalize())
            await all_of(self._save(post, wanted) for post in changing)

    async def _save(self, post: Post, wanted: bool) -> None:
        if isinstance(post, ThreadPost):
            await self.shell.session.threads.save(post, wanted)
        else:
            await self.store.save(post.id, wanted)

    def action_user(self) -> None:
        if (name := author_of(self.selected)) is not None:
            self.shell.open_place(ProfilePlace(name))

    async def action_follow(self) -> None:
        """Follow the author; one who is followed is left after a question."""
        name = author_of(self.selected)
        if name is None or name.casefold() == self.shell.session.me.username.casefold():
            return
        await toggle_follow(self.shell, name)

    async def action_media(self) -> None:
        post = self.selected
        if not await may_show(self.shell, post):
            return
        if isinstance(post, PhotoPost) and post.media:
            self.shell.view_pictures(post.media, post.caption or f"Photo by {post.user.username}")
        elif isinstance(post, ThreadPost) and post.url and has_picture(post):
            self.shell.view_pictures([Media(id=post.id, url=post.url)], post.title)

    async def action_open_link(self) -> None:
        links = links_of(self.selected)
        if not links:
            self.shell.say("There is no link in this post.")
            return
        chosen = links[0] if len(links) == 1 else await self.shell.choose("Which link?", [(url, url) for url in links])
        if chosen and await may_show(self.shell, self.selected):
            await self.shell.open_link(chosen)

    def action_copy_text(self) -> None:
        text = text_of(self.selected)
        if text:
            self.shell.copy(text, "The text")

    def action_copy_link(self) -> None:
        if (post := self.selected) is not None:
            self.shell.copy(f"{self.shell.session.client.address.origin}/p/{post.id}", "The link")

    async def action_delete(self) -> None:
        post = self.selected
        if post is None:
            return
        if not self._is_own(post):
            self.shell.say("Only your own posts can be deleted.", "warning")
        elif isinstance(post, ThreadPost):
            await self.shell.session.threads.delete(post)
        else:
            await self.store.delete(post.id)

    def _is_own(self, post: Post) -> bool:
        author = post.user.id if isinstance(post, PhotoPost) else post.author_id
        return author == self.shell.session.me.id

    async def action_item_menu(self) -> None:
        """Everything that can be done with the post, with its keys."""
        post = self.selected
        if post is None:
            return
        without = [action_id for action_id in _SOMETIMES if not self._applies(action_id, post)]
        await offer(self, f"Post by {author_of(post)}", without=without)

    def _applies(self, action_id: str, post: Post) -> bool:
        match action_id:
            case "item.delete":
                return self._is_own(post)
            case "item.follow":
                return not self._is_own(post)
            case "item.negative":
                return isinstance(post, ThreadPost)
            case "item.open_link":
                return bool(links_of(post))
            case "item.media":
                return bool(post.media) if isinstance(post, PhotoPost) else has_picture(post)
            case _:
                return True


class MixedListBase(PostListBase):
    """A list in which posts of subreddits stand as well: they can be voted down."""

    async def action_negative(self) -> None:
        post = self.selected
        if isinstance(post, ThreadPost):
            await self.shell.session.threads.vote(post, toggled(post.my_vote, -1))
