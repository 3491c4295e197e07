"""The frame of an artist, an album or a playlist: the picture and the facts beside the list, or the facts above it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.music_page_parts import MusicPage
from widgets.cover import Cover

WIDE = 100
"""Columns from which the picture stands at the side."""
COVER = (32, 16)
"""Columns and rows of the picture."""
HIGH = 28
"""Rows from which there is room for the picture above the facts."""


class MusicDetail(MusicPage):
    """A subclass says what is written about its subject."""

    DEFAULT_CSS = """
    MusicDetail #side { width: 36; height: 1fr; padding: 0 1; border-right: solid $panel; }
    MusicDetail #side Static { width: 32; height: auto; }
    MusicDetail #summary { height: auto; padding: 0 1; display: none; }
    MusicDetail.-narrow #side { display: none; }
    MusicDetail.-narrow #summary { display: block; }
    MusicDetail #rows { width: 1fr; height: 1fr; }
    """

    def facts(self) -> list[str]:
        """Return what is to be said: the name first, then by whom, then the rest; empty while nothing is known."""
        raise NotImplementedError

    def cover_url(self) -> str:
        """Return the address of the picture, empty if there is none."""
        raise NotImplementedError

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal():
            with Vertical(id="side"):
                yield Cover()
                yield Static(id="facts", markup=False)
            with Vertical(id="rows"):
                yield Static(id="summary", markup=False)
                yield self.music_list()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")
        self._show_cover()

    def show(self) -> None:
        super().show()
        self.show_facts()

    def show_facts(self) -> None:
        """Write the facts and draw the picture, as far as they are known."""
        facts = [fact for fact in self.facts() if fact]
        if not facts:
            return
        name, *rest = facts
        by = rest[:1]
        self.query_one("#facts", Static).update(
            Content.assemble("\n", (name, "bold $primary"), *(("\n" + fact, "$foreground") for fact in by),
                             *(("\n" + fact, "$muted") for fact in rest[1:]))
        )  # fmt: skip
        self.query_one("#summary", Static).update(
            Content.assemble((name, "bold $primary"), *((f" · {fact}", "$foreground") for fact in by), "\n",
                             (" · ".join(rest[1:4]), "$muted"))
        )  # fmt: skip
        self._show_cover()

    def _show_cover(self) -> None:
        cover, url = self.query_one(Cover), self.cover_url()
        wanted = self.shell.draws_pictures
        cover.display = bool(url) and wanted and self.size.height >= HIGH
        if not cover.display or self.has_class("-narrow"):
            return
        picture = self.shell.pictures.peek(url, *COVER)
        cover.show(picture, "cover")
        if picture is None:
            self.shell.pictures.want(url, *COVER, self._arrived)

    def _arrived(self) -> None:
        if self.is_mounted:
            self.query_one(Cover).show(self.shell.pictures.peek(self.cover_url(), *COVER), "cover")

    def action_leave_item(self) -> None:
        self.shell.leave()
