"""The threads: communities beside their posts, and a single subreddit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import ValidationError
from textual import on
from textual.containers import Horizontal
from textual.widget import Widget

from api_client.errors import PlatformError
from api_client.models.posts import ThreadPost
from api_client.models.threads import NewSubreddit, Subreddit
from tui.actions import Action, Context
from tui.places import Place, SubredditPlace
from tui.screens.thread_orders import parse_order
from tui.screens.threads_parts import ThreadBrowser
from tui.state.threads import Listing, ThreadsChange, ThreadsPart
from widgets.list_messages import Chosen, Highlighted
from widgets.subreddit_row import SubredditRow, SubredditRowRenderer
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

FRONT = "front page"
"""Key of the row that is no subreddit: names have no blanks."""


class ThreadsScreen(ThreadBrowser):
    """On a narrow terminal the communities are a drawer: Tab or h opens it."""

    DEFAULT_CSS = """
    ThreadsScreen #threads { layers: base drawer; }
    ThreadsScreen #communities { width: 30; height: 1fr; border-right: solid $panel; padding: 0 0 0 1; }
    ThreadsScreen.-narrow #communities {
        display: none; layer: drawer; dock: left; width: 34; background: $surface; border-right: solid $primary;
    }
    ThreadsScreen.-narrow.-drawer #communities { display: block; }
    """

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="threads"):
            yield VirtualList(SubredditRowRenderer(), empty="No communities yet. c founds one.", id="communities")
            yield from self.compose_posts()

    def start(self) -> None:
        super().start()
        self.store.recall_subreddits()
        if self.store.subreddits_loaded:
            self._show_communities()
        else:
            self._communities.show_loading()
        self.open_listing(self.listing)
        self.posts.focus()
        self.work_on(self._load_communities(), "communities")

    def refresh_content(self) -> None:
        super().refresh_content()
        self.work_on(self._load_communities(), "communities")

    async def _load_communities(self) -> None:
        try:
            await self.store.load_subreddits()
        except PlatformError as error:
            self.say_failed(self._communities, error)
            if not self.store.subreddits_loaded:
                raise

    @property
    def _communities(self) -> VirtualList[SubredditRow]:
        return self.query_one("#communities", VirtualList)

    @property
    def selected(self) -> ThreadPost | None:
        """The post that the verbs act on; none while the list of communities has the focus."""
        return None if self.focused is self._communities else super().selected

    @property
    def subreddit(self) -> Subreddit | None:
        row = self._communities.highlighted
        if self.focused is self._communities and row is not None:
            return self.store.subreddit(row.key)
        return super().subreddit

    def _changed(self, change: ThreadsChange) -> None:
        super()._changed(change)
        if change.part is ThreadsPart.SUBREDDITS and self.store.subreddits_loaded:
            self._show_communities()

    def _show_communities(self) -> None:
        here = self.listing.subreddit

        def row(found: Subreddit) -> SubredditRow:
            return SubredditRow(found.name, f"r/{found.name}", found.subscriber_count, open=found.name == here)

        rows = [SubredditRow(FRONT, "Front page", open=here is None)]
        if mine := self.store.mine:
            rows += [SubredditRow("group joined", "JOINED", heading=True), *map(row, mine)]
        if others := self.store.others:
            rows += [SubredditRow("group others", "MORE COMMUNITIES", heading=True), *map(row, others)]
        self._communities.set_items(rows)

    def open_listing(self, listing: Listing) -> None:
        super().open_listing(listing)
        if self.store.subreddits_loaded:
            self._show_communities()

    @on(Chosen, "#communities")
    def _community_chosen(self, event: Chosen) -> None:
        row: SubredditRow = event.item
        if row.heading:
            return
        self.open_listing(Listing(None if row.key == FRONT else row.key, self.listing.sort, self.listing.window))
        self._close_drawer()

    @on(Highlighted, "#communities")
    def _community_highlighted(self) -> None:
        self._show_heading()

    # -- the drawer

    def action_leave_item(self) -> None:
        """From the posts to the communities."""
        self.add_class("-drawer")
        self._communities.focus()

    def action_focus_next_pane(self) -> None:
        if self.focused is self._communities:
            self._close_drawer()
        else:
            self.action_leave_item()

    action_focus_previous_pane = action_focus_next_pane

    def _close_drawer(self) -> None:
        self.remove_class("-drawer")
        self.posts.focus()

    def action_close(self) -> None:
        if self.focused is self._communities:
            self._close_drawer()
        else:
            super().action_close()

    def fits(self, action: Action) -> bool:
        if action.id == "list.leave_item":
            return self.has_class("-narrow") and self.focused is self.posts
        if self.focused is self._communities:
            row = self._communities.highlighted
            named = row is not None and not row.heading
            if action.id == "item.follow":
                return named and row is not None and row.key != FRONT
            if action.id == "list.open_item":
                return named
            if action.context is Context.ITEM:
                return action.id == "item.create"
        return super().fits(action)

    def title_of(self, action: Action) -> str:
        if action.id == "item.create" and self.focused is self._communities:
            return "new community"
        return super().title_of(action)

    async def action_create(self) -> None:
        """A new post; from the list of communities, a new community."""
        if self.focused is not self._communities:
            await super().action_create()
            return
        name = (await self.shell.ask("name of the new community: r/") or "").strip().removeprefix("r/")
        if not name:
            return
        try:
            wish = NewSubreddit(name=name)
        except ValidationError:
            self.shell.say("A name has 2 to 21 letters, digits or underscores.", "warning")
            return
        founded = await self.store.found(wish)
        self.open_listing(Listing(founded.name))
        self._close_drawer()


class SubredditScreen(ThreadBrowser):
    """One subreddit, opened from elsewhere."""

    TITLES: ClassVar[dict[str, str]] = {**ThreadBrowser.TITLES, "list.leave_item": "back"}

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        if isinstance(place, SubredditPlace):
            order = parse_order(place.sort) or parse_order(None)
            if order is not None:
                self.listing = Listing(place.name, *order)

    def compose_body(self) -> Iterable[Widget]:
        yield from self.compose_posts()

    def start(self) -> None:
        super().start()
        self.open_listing(self.listing)
        self.posts.focus()

    def action_leave_item(self) -> None:
        self.shell.leave()
