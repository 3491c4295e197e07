"""Where the artists play that the user follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from textual.widget import Widget

from tui.screens.concert_parts import concert_lines
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Heading, Line, Note
from tui.state.catalogue import CONCERTS
from tui.state.music import MusicChange, MusicPart


class ConcertsScreen(MusicPage):
    """By month; Enter opens the artist."""

    def compose_body(self) -> Iterable[Widget]:
        yield self.music_list()

    async def load(self) -> None:
        await self.store.catalogue.load_concerts()

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.CATALOGUE and change.id == CONCERTS

    def stale_since(self) -> datetime | None:
        return self.store.catalogue.stale_since(CONCERTS)

    def reading_place(self) -> str:
        return CONCERTS

    def lines(self) -> list[Line] | None:
        concerts = self.store.catalogue.concerts
        if concerts is None:
            return None
        lines: list[Line] = []
        for month, group in groupby(concerts, lambda concert: f"{concert.starts_at.astimezone():%B %Y}"):
            lines.append(Line(f"h:{month}", Heading(month, first=not lines)))
            lines += concert_lines(list(group), whose=True)
        none = f"No artist that you follow plays anywhere soon. {self.key_of('item.follow')} follows one."
        return lines or [Line("empty", Note(none))]

    def action_leave_item(self) -> None:
        self.shell.leave()
