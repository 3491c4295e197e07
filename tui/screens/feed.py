"""The photo feed of those one follows, with their stories above it; photos to explore; and saved posts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from api_client.errors import PlatformError
from api_client.models.posts import Media, TrayEntry
from tui.places import Place
from tui.screens.feed_parts import MixedListBase, PostListBase
from tui.screens.post_list import PostListView
from tui.state.feed import EXPLORE, HOME, SAVED, FeedChange, FeedPart
from widgets.story_tray import StoryTray
from widgets.textfmt import ago, plural

if TYPE_CHECKING:
    from tui.screens.photo_parts import PhotoDraft
    from tui.shell import Shell

LOOK_EVERY = 300.0
"""Seconds between two looks for new posts, where the platform does not tell of them."""


class FeedScreen(PostListBase):
    """The home feed."""

    DEFAULT_CSS = """
    FeedScreen #news { height: 1; display: none; background: $panel; color: $unread; padding: 0 1; text-style: bold; }
    FeedScreen.-news #news { display: block; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._draft: PhotoDraft | None = None

    @property
    def list_key(self) -> str:
        return HOME

    @property
    def empty(self) -> str:
        explore, create = self.key_of("global.go_explore"), self.key_of("item.create")
        return f"Nobody you follow has posted yet. {explore} shows photos to explore, {create} posts your own."

    @property
    def end_note(self) -> str:
        return f"you have seen it all · {self.key_of('global.go_explore')} explores"

    def compose_body(self) -> Iterable[Widget]:
        yield StoryTray()
        yield Static(id="news", markup=False)
        yield from super().compose_body()

    def start(self) -> None:
        super().start()
        self._show_tray()
        self.set_interval(LOOK_EVERY, self._look)

    def refresh_content(self) -> None:
        super().refresh_content()
        self.work_on(self.store.load_tray(), "tray")

    def _look(self) -> None:
        if self.store.list_of(HOME).loaded and not self.store.hears_of_new:
            self.run_worker(self._look_quietly(), group="look", exclusive=True)

    async def _look_quietly(self) -> None:
        try:
            await self.store.look_for_new(HOME)
        except PlatformError:
            # Nobody asked for this look; the status line tells about the connection.
            return

    def _feed_changed(self, change: FeedChange) -> None:
        super()._feed_changed(change)
        if change.part is FeedPart.TRAY:
            self._show_tray()
        if change.part in (FeedPart.LIST, FeedPart.NEWS) and change.key == HOME:
            self._show_news()

    def _show_news(self) -> None:
        news = self.store.list_of(HOME).news
        self.set_class(bool(news), "-news")
        words = f"↑ {plural(news, 'new post')} · {self.key_of('list.cursor_top')} shows {'it' if news == 1 else 'them'}"
        self.query_one("#news", Static).update(Content(words))

    @on(PostListView.TopWanted)
    def _top_wanted(self) -> None:
        if self.store.list_of(HOME).news:
            self.store.show_new(HOME)
            self.show_posts(from_top=True)

    # -- stories

    def _show_tray(self) -> None:
        self.query_one(StoryTray).show(self.store.tray, self.shell.session.me.id, self.key_of("global.stories"))

    @on(StoryTray.Opened)
    def _story_clicked(self, event: StoryTray.Opened) -> None:
        self._open_stories(event.entry)

    async def action_stories(self) -> None:
        """Choose whose stories to see."""
        if not self.store.tray:
            await self.store.load_tray()
        tray = [entry for entry in self.store.tray if entry.stories]
        if not tray:
            self.shell.say("There are no stories now.")
            return
        options = [(entry.user.id, _story_line(entry)) for entry in tray]
        chosen = await self.shell.choose("Whose stories?", options)
        entry = next((entry for entry in tray if entry.user.id == chosen), None)
        if entry is not None:
            self._open_stories(entry)

    def _open_stories(self, entry: TrayEntry) -> None:
        """Show somebody's stories full screen, from the first one not seen."""
        name = entry.user.full_name or entry.user.username
        now = datetime.now(UTC).timestamp()
        media = [
            Media(
                id=story.id,
                url=story.media_url,
                type=story.media_type,
                order=index,
                alt=f"{name}, {ago(story.created_at, now)}",
                width=9,
                height=16,
            )
            for index, story in enumerate(entry.stories)
        ]
        unseen = (index for index, story in enumerate(entry.stories) if not story.seen)
        self.shell.view_pictures(media, name, next(unseen, 0))
        self.work_on(self.store.view_stories(entry), "stories", exclusive=False)

    # -- posting

    def action_create(self) -> None:
        from tui.screens.photo_form import PhotoForm
        from tui.screens.photo_parts import PhotoDraft

        self._draft = self._draft or PhotoDraft()
        self.app.push_screen(PhotoForm(self.shell, self._draft), self._posted)

    def _posted(self, posted: bool | None) -> None:
        if posted:
            self.posts.action_cursor_top()
            self.shell.say("Your photo is on its way.")


class ExploreScreen(PostListBase):
    """Photos of people one does not follow yet."""

    @property
    def list_key(self) -> str:
        return EXPLORE

    @property
    def empty(self) -> str:
        return f"There is nothing to explore: you follow everybody. {self.key_of('global.go_feed')} is your feed."


class SavedScreen(MixedListBase):
    """Posts of both kinds that were saved; one taken out stays on the screen until it is refreshed."""

    @property
    def list_key(self) -> str:
        return SAVED

    @property
    def empty(self) -> str:
        return f"Nothing saved yet. {self.key_of('item.save')} on a post keeps it here."


def _story_line(entry: TrayEntry) -> str:
    name = entry.user.full_name or entry.user.username
    new = sum(not story.seen for story in entry.stories)
    mark = "●" if new else "○"
    return f"{name}  {mark} {f'{new} new' if new else 'seen'}"
