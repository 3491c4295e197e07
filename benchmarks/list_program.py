"""The program's frame around one list of made-up content, for measuring what keys cost in a terminal.

Run as `python -m benchmarks.list_program KIND COUNT [plain]`: KIND is `thread`, `lines`, `photos` or `floor` (the
smallest Textual app there is); F2 opens the list, `q` goes back, Ctrl+Q ends. `plain` writes frames as Textual does.
"""

from __future__ import annotations

import colorsys
import random
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.driver import Driver
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

import tui
from api_client.models.posts import Comment, Media, MediaType, PhotoPost, ThreadPost
from benchmarks.words import WORDS
from themes.loader import load_themes
from tui.config import Config
from tui.driver import TerminalDriver
from tui.key_routing import KeyRouting
from tui.keys import Keymap
from tui.places import SectionPlace
from tui.screens.base import ParlourScreen
from widgets import backstop
from widgets.comment_item import CommentItem
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.photo_card import PhotoCardRenderer
from widgets.picture import SPREAD, DecodedPicture, merge_runs
from widgets.post_page import PageItem, PostHead, PostPageRenderer
from widgets.virtual_list import VirtualList

READY = "ready for a key"
_NOW = 1_700_000_000.0


def thread(count: int) -> list[PageItem]:
    """Return a post and `count` comments up to nine levels deep; the first comment holds nine tenths of them."""
    rng = random.Random(count)
    when = datetime.fromtimestamp(_NOW - 7200, UTC)
    post = ThreadPost.model_validate(
        {"id": "post", "subreddit_id": "s", "subreddit_name": "radio", "author_username": "ada", "created_at": when,
         "title": "Which sets from before the war still play?", "body": " ".join(WORDS), "comment_count": count}
    )  # fmt: skip
    items: list[PageItem] = [PostHead(post, f"{count} comments · best first")]
    level = 0
    for n in range(count):
        under_first = 0 < n < count * 9 // 10
        level = 0 if n == 0 else max(int(under_first), min(level + rng.choice((1, 1, 0, -1, -3)), 8))
        body = " ".join(rng.choices(WORDS, k=rng.randint(4, 45)))
        comment = Comment(
            id=str(n), post_id="post", author_id="u", author_username=rng.choice(("bea", "carlo", "dee", "emil")),
            body=body, score=rng.randint(-3, 400), depth=level, created_at=when,
        )  # fmt: skip
        items.append(CommentItem(comment.id, comment, level))
    return items


def photos(count: int) -> list[PhotoPost]:
    """Return `count` photo posts."""
    user = {"id": "u", "username": "ada", "full_name": "Ada Marsh"}
    medium = {"id": "m", "type": MediaType.IMAGE, "url": "https://p/x.jpg", "width": 900, "height": 600, "order": 0}
    return [
        PhotoPost.model_validate(
            {"id": f"p{n}", "user": user, "caption": " ".join(WORDS[n % 9 :]), "media": [medium],
             "like_count": 3 * n, "comment_count": n, "created_at": datetime.fromtimestamp(_NOW - 60 * n, UTC)}
        )
        for n in range(count)
    ]  # fmt: skip


def _picture(post_id: str, medium: Media, columns: int, rows: int) -> DecodedPicture:
    """Return a picture with the gradients of a photograph, its runs merged as those of decoded ones are."""
    shift = int(post_id[1:]) * 0.07
    pixels = bytearray()
    for y in range(rows * 2):
        for x in range(columns):
            red, green, blue = colorsys.hsv_to_rgb((x / columns / 3 + shift) % 1, 0.6, 0.3 + 0.6 * y / rows / 2)
            pixels += bytes((int(red * 255), int(green * 255), int(blue * 255)))
    return DecodedPicture(columns, rows, merge_runs(bytes(pixels), columns, SPREAD))


class _Lines(BaseRenderer[int]):
    """One line an item, as in a library of tracks."""

    def key(self, item: int) -> str:
        return str(item)

    def version(self, item: int) -> int:
        return 0

    def estimate(self, item: int, width: int) -> int:
        return 1

    def render(self, item: int, context: RenderContext) -> list[Strip]:
        title = " ".join(WORDS[(item * 7 + k) % len(WORDS)] for k in range(4))
        return [
            Strip(
                [
                    Segment(f"{item:>7} ", context.style("muted")),
                    Segment(f"{title:<48}", context.style("text")),
                    Segment(f"{WORDS[item % len(WORDS)]:<24}", context.style("secondary")),
                    Segment(f"{item % 6}:{item % 60:02}", context.style("muted")),
                ]
            )
        ]


class ListScreen(ParlourScreen):
    """The frame with one list."""

    SECTION = "threads"
    DEFAULT_CSS = "ListScreen VirtualList { padding: 0 1; }"

    def __init__(self, shell: Any, kind: str, items: Sequence[Any]) -> None:
        super().__init__(shell, SectionPlace("threads"))
        self._kind, self._items = kind, items

    def compose_body(self) -> Iterable[Widget]:
        pictures = PhotoCardRenderer(_picture, 16)
        renderers: dict[str, Any] = {"thread": PostPageRenderer(pictures), "lines": _Lines(), "photos": pictures}
        yield VirtualList(renderers[self._kind], now=lambda: _NOW)

    def start(self) -> None:
        self.query_one(VirtualList).set_items(self._items)

    async def action_toggle(self, attribute_name: str = "") -> None:
        found = self.query_one(VirtualList)
        if found.highlighted_key is not None:
            found.toggle_fold(found.highlighted_key)


class ListProgram(KeyRouting):
    """Shows a sentence until F2 opens the list; stands in for the screens' shell."""

    CSS_PATH = Path(tui.__file__).parent / "app.tcss"
    BINDINGS: ClassVar[list[Any]] = [Binding("f2", "open", priority=True)]

    def __init__(self, kind: str, count: int, *, plain: bool) -> None:
        super().__init__(Keymap())
        self._kind = kind
        if plain:
            self.write_whole_frames()
        self._items: Sequence[Any] = {"thread": thread, "photos": photos}.get(kind, range)(count)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(load_themes().themes["parlour-dark"].variables)

    def get_driver_class(self) -> type[Driver]:
        return TerminalDriver

    @property
    def config(self) -> Config:
        return Config()

    @property
    def front(self) -> ParlourScreen | None:
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, ParlourScreen)), None)

    def dress(self, screen: ParlourScreen) -> None:
        """The frame shows nothing here."""

    def leave(self) -> None:
        self.pop_screen()

    def compose(self) -> ComposeResult:
        yield Static(READY)

    def on_mount(self) -> None:
        self.register_theme(load_themes().themes["parlour-dark"])
        self.theme = "parlour-dark"

    def action_open(self) -> None:
        self.push_screen(ListScreen(self, self._kind, self._items))


class Floor(App[None]):
    """The smallest app."""

    def compose(self) -> ComposeResult:
        yield Static(READY)


def main(kind: str, count: str, *more: str) -> None:
    """Run until Ctrl+Q."""
    if kind == "floor":
        Floor().run()
    else:
        backstop.install()
        ListProgram(kind, int(count), plain="plain" in more).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
