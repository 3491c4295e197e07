"""A list of posts with everything that can be done to them: the ground of the threads' screens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from api_client.errors import PlatformError
from api_client.models.posts import Media, ThreadPost
from api_client.models.threads import MemberRole, PostSort, Subreddit, TopWindow
from api_client.sync.receipts import Receipt
from tui.actions import Action
from tui.places import Place, PostPlace, ProfilePlace
from tui.screens import item_menu
from tui.screens.kept_place import KeptPlace
from tui.screens.marking import Marking, all_of
from tui.screens.outbox_details import edit_words
from tui.screens.post_list import has_picture, may_show
from tui.screens.thread_form import ThreadForm
from tui.screens.thread_orders import SORTS, WINDOWED, WINDOWS, order_words, parse_order
from tui.screens.thread_rows import PostRowRenderer
from tui.state.threads import Listing, ThreadsChange, ThreadsPart
from tui.state.wishes import Vote, toggled
from widgets.list_gaps import BOTTOM
from widgets.list_messages import Chosen, GapReached, Highlighted, VisibleChanged
from widgets.textfmt import plural
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

NARROW = 100
"""Columns below which only the posts are shown."""

DROPS_POST = "Discard this post? It was not sent, and its words go with it."
DROPS_COMMENT = "Discard this comment? It was not sent, and its words go with it."


class ThreadBrowser(Marking):
    """Shows one listing at a time; a subclass says what stands beside it."""

    SECTION = "threads"
    ON_MARKED = ("save",)
    TITLES: ClassVar[dict[str, str]] = {
        "item.positive": "upvote",
        "item.create": "new post",
        "item.follow": "join",
        "item.thread": "comments",
        "list.open_item": "comments",
        "list.leave_item": "communities",
    }
    DEFAULT_CSS = """
    ThreadBrowser #posts-pane { width: 1fr; height: 1fr; }
    ThreadBrowser #heading { height: 1; background: $surface; padding: 0 2; }
    ThreadBrowser #about { height: 1; background: $surface; color: $muted; padding: 0 2; }
    ThreadBrowser.-narrow #about { display: none; }
    ThreadBrowser #posts { padding: 0 0 0 1; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = shell.session.threads
        self.listing = Listing()
        self._has_news = False
        self._cards = PostRowRenderer(self.store.unsent)
        self._reading: KeptPlace | None = None

    def compose_posts(self) -> Iterable[Widget]:
        """Yield the heading and the list of posts."""
        with Vertical(id="posts-pane"):
            yield Static(id="heading", markup=False)
            yield Static(id="about", markup=False)
            yield VirtualList(self._cards, empty="No posts here yet. c writes the first one.", marks=True, id="posts")

    # -- life

    def start(self) -> None:
        self._reading = KeptPlace(self.shell.session.cache, self.posts)
        self.keep(self._reading.keep)
        self.keep(self.store.subscribe(self._changed))
        self.keep(self._stop_watching)

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < NARROW, "-narrow")

    def refresh_content(self) -> None:
        self._has_news = False
        self.work_on(self._load(), "posts")

    def open_listing(self, listing: Listing) -> None:
        """Show the posts of `listing`, at once as far as they are known."""
        if self._reading is not None:
            self._reading.keep()
        self._stop_watching()
        self.listing = listing
        self._has_news = False
        self._watch()
        self._cards.names_subreddit = listing.subreddit is None
        self.posts.set_items([], keep_anchor=False)
        self.posts.set_footer(None)
        if self._reading is not None:
            self._reading.open(listing.name)
        if self.store.is_loaded(listing):
            self._show_posts()
        else:
            self.posts.show_loading()
        self._show_heading()
        self.work_on(self._load(), "posts")

    def _watch(self) -> None:
        self.store.show(self.listing)
        if self.listing.subreddit is not None:
            self.shell.session.realtime.subscribe(f"r:{self.listing.subreddit}")

    def _stop_watching(self) -> None:
        self.store.hide(self.listing)
        if self.listing.subreddit is not None:
            self.shell.session.realtime.unsubscribe(f"r:{self.listing.subreddit}")

    async def _load(self) -> None:
        listing = self.listing
        try:
            await self.store.load(listing)
            if listing.subreddit is not None:
                await self.store.load_subreddit(listing.subreddit)
        except PlatformError as error:
            self.say_failed(self.posts, error)
            if not self.store.is_loaded(listing):
                raise
        finally:
            if self._reading is not None and listing == self.listing:
                self._reading.settle()

    async def _load_more(self) -> None:
        self.posts.show_loading()
        try:
            await self.store.load_more(self.listing)
        except PlatformError as error:
            self.say_failed(self.posts, error)
            raise

    # -- what is shown

    @property
    def posts(self) -> VirtualList[ThreadPost]:
        """The list of posts."""
        return self.query_one("#posts", VirtualList)

    @property
    def subreddit(self) -> Subreddit | None:
        """The subreddit whose posts are shown, or that is highlighted beside them."""
        return self.store.subreddit(self.listing.subreddit) if self.listing.subreddit else None

    def _changed(self, change: ThreadsChange) -> None:
        match change.part:
            case ThreadsPart.LISTING if change.listing == self.listing:
                self._show_posts()
            case ThreadsPart.POST if change.name is not None:
                if (post := self.store.post(change.name)) is not None:
                    self.posts.update(post)
            case ThreadsPart.NEWS if change.name == self.listing.subreddit:
                self._has_news = True
                self._show_heading()
            case ThreadsPart.SUBREDDITS:
                self._show_heading()
            case ThreadsPart.AGE if change.listing == self.listing:
                self._show_age()
            case _:
                pass

    def _show_posts(self) -> None:
        posts = self.store.posts(self.listing)
        self.posts.set_items(posts)
        if posts and not self.store.has_more(self.listing):
            self.posts.set_footer("that is all")
        if self._reading is not None:
            self._reading.find()
        self._show_age()
        self._show_heading()

    def _show_age(self) -> None:
        self.say_stale(self.store.freshness(self.listing).stale_since)

    @on(Highlighted, "#posts")
    @on(VisibleChanged, "#posts")
    def _moved(self) -> None:
        if self._reading is not None:
            self._reading.keep()

    def _show_heading(self) -> None:
        found = self.subreddit
        name = f"r/{found.name if found else self.listing.subreddit}" if self.listing.subreddit else "Front page"
        parts: list[Content | tuple[str, str]] = [
            (name, "bold $primary"),
            (f"   {order_words(self.listing)}", "$muted"),
        ]
        if found is not None:
            parts.append((f"   {plural(found.subscriber_count, 'member')}", "$muted"))
            parts.append(
                ("   ✓ joined", "$accent") if found.is_joined else (f"   {self.key_of('item.follow')} joins", "$muted")
            )
            if found.my_role in (MemberRole.MODERATOR, MemberRole.OWNER):
                parts.append((f"   you are {found.my_role.value}", "$secondary"))
        if self._has_news:
            parts.append(("   ● new posts: Ctrl+R", "bold $unread"))
        self.query_one("#heading", Static).update(Content.assemble(*parts))
        about = (found.description if found else None) or ("" if self.listing.subreddit else "What you joined, mixed")
        self.query_one("#about", Static).update(Content(" ".join(about.split())))

    @on(GapReached, "#posts")
    def _edge(self, event: GapReached) -> None:
        if event.place == BOTTOM and self.store.has_more(self.listing):
            self.work_on(self._load_more(), "more")

    @on(Chosen, "#posts")
    def _post_chosen(self, event: Chosen) -> None:
        self.shell.open_place(PostPlace(event.item.id))

    # -- what the user does

    def fits(self, action: Action) -> bool:
        post = self.selected
        if action.id == "item.media":
            return post is not None and has_picture(post)
        if action.id in ("item.edit", "item.resend"):
            return self._unsent is not None
        return super().fits(action)

    @property
    def selected(self) -> ThreadPost | None:
        """The post that the verbs act on."""
        return self.posts.highlighted

    @property
    def _unsent(self) -> Receipt | None:
        """Where the highlighted post stands in the outbox, None for one that the platform has."""
        post = self.selected
        return None if post is None else self.store.unsent_receipt(post.id)

    async def _vote(self, pressed: Vote) -> None:
        if (post := self.selected) is not None:
            await self.store.vote(post, toggled(post.my_vote, pressed))

    async def action_positive(self) -> None:
        await self._vote(1)

    async def action_negative(self) -> None:
        await self._vote(-1)

    async def action_save(self) -> None:
        """Save the marked posts, or the highlighted one; if all of them are saved, take them out."""
        posts = [post for key in self.chosen_keys if (post := self.posts.item(key)) is not None]
        wanted = not all(post.is_saved_by_me for post in posts)
        changing = [post for post in posts if post.is_saved_by_me != wanted]
        if self.clear_marks():
            verb = "saved" if wanted else "taken out of the saved posts"
            self.shell.say(f"{plural(len(changing), 'post')} {verb}.")
        await all_of(self.store.save(post, wanted) for post in changing)

    def action_thread(self) -> None:
        if (post := self.selected) is not None:
            self.shell.open_place(PostPlace(post.id))

    def action_user(self) -> None:
        if (post := self.selected) is not None:
            self.shell.open_place(ProfilePlace(post.author_username))

    async def action_open_link(self) -> None:
        if (post := self.selected) is not None:
            if post.url:
                if await may_show(self.shell, post):
                    await self.shell.open_link(post.url)
            else:
                self.shell.say("This post has no link; o in its comments opens those of its text.")

    async def action_media(self) -> None:
        post = self.selected
        if post is not None and await may_show(self.shell, post):
            show_picture(self.shell, post)

    def action_copy_text(self) -> None:
        if (post := self.selected) is not None:
            self.shell.copy(f"{post.title}\n\n{post.body}" if post.body else post.title, "The post")

    def action_copy_link(self) -> None:
        if (post := self.selected) is not None:
            self.shell.copy(link_to(self.shell, post.id), "The link")

    async def action_follow(self) -> None:
        found = self.subreddit
        if found is None and (post := self.selected) is not None:
            found = self.store.subreddit(post.subreddit_name) or await self.store.load_subreddit(post.subreddit_name)
        if found is not None:
            await self.store.join(found, not found.is_joined)
            self.shell.say(f"You {'left' if found.is_joined else 'joined'} r/{found.name}.")

    async def action_delete(self) -> None:
        post = self.selected
        if post is None:
            return
        if not may_delete(self.shell, post):
            self.shell.say("Only your own posts can be deleted.", "warning")
        elif self._unsent is None or await self.shell.confirm(DROPS_POST, "discard"):
            await self.store.delete(post)

    async def action_edit(self) -> None:
        """Change the words of a post that was not sent."""
        if (receipt := self._unsent) is not None:
            await edit_words(self, receipt)

    def action_resend(self) -> None:
        """Send a post again, now, that waits or was refused."""
        if (receipt := self._unsent) is not None:
            self.shell.session.outbox.retry(receipt.id)

    async def action_create(self) -> None:
        drafts = self.shell.session.outbox.drafts
        posted = await self.app.push_screen_wait(ThreadForm(self.store, drafts, self.listing.subreddit or ""))
        if posted is not None:
            self.shell.open_place(PostPlace(posted.id))

    async def action_sort(self, order: str = "") -> None:
        listing = await self._choose_order() if not order else None
        if order:
            parsed = parse_order(order)
            if parsed is None:
                self.shell.say(f"There is no order {order}. There are: {', '.join(PostSort)}, top-year.", "warning")
            else:
                listing = Listing(self.listing.subreddit, *parsed)
        if listing is not None and listing != self.listing:
            self.open_listing(listing)

    async def _choose_order(self) -> Listing | None:
        chosen = await self.shell.choose("Order of the posts", [(sort.value, words) for sort, words in SORTS.items()])
        if chosen is None:
            return None
        sort, window = PostSort(chosen), None
        if sort in WINDOWED:
            picked = await self.shell.choose(sort.value, [(w.value, words) for w, words in WINDOWS.items()])
            if picked is None:
                return None
            window = TopWindow(picked)
        return Listing(self.listing.subreddit, sort, window)

    async def action_item_menu(self) -> None:
        if (post := self.selected) is not None:
            fitting = {
                "item.open_link": bool(post.url),
                "item.media": has_picture(post),
                "item.delete": may_delete(self.shell, post),
                "item.edit": self._unsent is not None,
                "item.resend": self._unsent is not None,
            }
            without = [action_id for action_id, fits in fitting.items() if not fits]
            await item_menu.offer(self, post.title[:60], without=without)


def link_to(shell: Shell, post_id: str) -> str:
    """Return the address of a post."""
    return f"{shell.session.client.address.origin}/p/{post_id}"


def moderates(shell: Shell, post: ThreadPost) -> bool:
    """Whether the user moderates the subreddit of `post`, as far as is known."""
    found = shell.session.threads.subreddit(post.subreddit_name)
    return found is not None and found.my_role in (MemberRole.MODERATOR, MemberRole.OWNER)


def may_delete(shell: Shell, post: ThreadPost) -> bool:
    """Whether the user wrote `post` or moderates its subreddit."""
    return moderates(shell, post) or post.author_id == shell.session.me.id


def show_picture(shell: Shell, post: ThreadPost) -> None:
    """Show the picture that a post carries full screen, or say that there is none."""
    if post.url and has_picture(post):
        shell.view_pictures([Media(id=post.id, url=post.url)], post.title)
    else:
        shell.say("This post has no picture.")
