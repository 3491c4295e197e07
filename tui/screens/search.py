"""One search over people, communities, posts and music."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget
from textual.widgets import Input

from api_client.domains.platform import SearchType
from api_client.errors import PlatformError
from api_client.models.platform import SearchResults
from api_client.models.posts import PhotoPost, ThreadPost
from api_client.models.threads import Subreddit
from tui.places import (
    AlbumPlace,
    ArtistPlace,
    Place,
    PlaylistPlace,
    PostPlace,
    ProfilePlace,
    SearchPlace,
    SubredditPlace,
)
from tui.screens.base import ParlourScreen
from widgets.line_row import LineRenderer, LineRow
from widgets.list_messages import Chosen
from widgets.textfmt import clock, count_compact
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

KINDS: tuple[SearchType, ...] = ("user", "subreddit", "post", "track", "artist", "album", "playlist")

PAUSE = 0.2
"""Seconds of rest in typing after which the platform is asked."""


class SearchScreen(ParlourScreen):
    """A field, and what was found by kind; Enter goes there."""

    TITLES: ClassVar[dict[str, str]] = {"item.compose": "other words", "list.open_item": "go there"}
    DEFAULT_CSS = """
    SearchScreen Input { height: 1; border: none; background: $surface; padding: 0 1; }
    SearchScreen Input:focus { border: none; }
    SearchScreen VirtualList { padding: 0 1; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._places: dict[str, Place] = {}
        self._asked = ""

    def compose_body(self) -> Iterable[Widget]:
        words = self.place.words if isinstance(self.place, SearchPlace) else ""
        yield Input(words, placeholder="search people, communities, posts and music", compact=True)
        yield VirtualList(LineRenderer(), empty="Nothing was found. Fewer or other words may help.")

    def start(self) -> None:
        if self.query_one(Input).value.strip():
            self.query_one(VirtualList).focus()
            self.refresh_content()
        else:
            self.query_one(Input).focus()

    def refresh_content(self) -> None:
        self.work_on(self._search(self.query_one(Input).value), "search")

    def on_input_changed(self) -> None:
        self.set_timer(PAUSE, self._rested, name="search")

    def _rested(self) -> None:
        words = self.query_one(Input).value
        if words.strip() and words != self._asked:
            self.work_on(self._search(words), "search")

    async def _search(self, words: str) -> None:
        if not words.strip():
            return
        self._asked = words
        found = self.query_one(VirtualList)
        if not len(found):
            found.show_loading()
        try:
            results = await self.shell.session.client.platform.search(words.strip(), KINDS)
        except PlatformError as error:
            self.say_failed(found, error)
            return
        rows, self._places = result_rows(results)
        found.set_items(rows, keep_anchor=False)
        if (first := next((row for row in rows if not row.is_heading), None)) is not None:
            found.highlight(first.key)

    def on_input_submitted(self) -> None:
        self.query_one(VirtualList).focus()

    def on_virtual_list_chosen(self, event: Chosen) -> None:
        if (place := self._places.get(event.item.key)) is not None:
            self.shell.open_place(place)

    def action_compose(self) -> None:
        self.query_one(Input).focus()

    async def action_find(self) -> None:
        self.action_compose()


def result_rows(results: SearchResults) -> tuple[list[LineRow], dict[str, Place]]:
    """Return the rows of a search, headings between, and where each leads."""
    places: dict[str, Place] = {}
    groups: list[tuple[str, list[LineRow]]] = []

    def group(title: str, found: Iterable[tuple[LineRow, Place]]) -> None:
        rows = []
        for row, place in found:
            places[row.key] = place
            rows.append(row)
        groups.append((title, rows))

    group("People", (_person(u.id, u.username, u.full_name or "") for u in results.users))
    group("Communities", (_community(subreddit) for subreddit in results.subreddits))
    group("Posts", (_post(post) for post in results.posts))
    group("Tracks", ((LineRow(f"t{t.id}", t.title, f"{t.artist_names}  {clock(t.duration_ms / 1000)}", mark="♪"),
                      AlbumPlace(t.album.id)) for t in results.tracks if t.album))  # fmt: skip
    group("Artists", ((LineRow(f"a{a.id}", a.name, ", ".join(a.genres)), ArtistPlace(a.id)) for a in results.artists))
    group("Albums", ((LineRow(f"l{a.id}", a.title, a.artist.name), AlbumPlace(a.id)) for a in results.albums))
    group("Playlists", ((LineRow(f"p{p.id}", p.name, f"by {p.owner_name}"), PlaylistPlace(p.id))
                        for p in results.playlists))  # fmt: skip
    rows: list[LineRow] = []
    for title, found in groups:
        if found:
            rows += [LineRow(f"heading {title}", title, is_heading=True), *found]
    return rows, places


def _community(subreddit: Subreddit) -> tuple[LineRow, Place]:
    members = f"{count_compact(subreddit.subscriber_count)} members"
    row = LineRow(f"r{subreddit.id}", f"r/{subreddit.name}", members, subreddit.description or "")
    return row, SubredditPlace(subreddit.name)


def _person(user_id: str, username: str, full_name: str) -> tuple[LineRow, Place]:
    return LineRow(f"u{user_id}", f"@{username}", full_name), ProfilePlace(username)


def _post(post: PhotoPost | ThreadPost) -> tuple[LineRow, Place]:
    if isinstance(post, PhotoPost):
        words = " ".join((post.caption or "a photo").split())
        return LineRow(f"m{post.id}", words, f"photo by {post.user.username}"), PostPlace(post.id)
    return LineRow(f"h{post.id}", post.title, f"r/{post.subreddit_name}"), PostPlace(post.id)
