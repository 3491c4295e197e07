"""What the user has heard, in figures: how much, of whom, what most, and on which days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.places import ListeningDayPlace, ListeningPlace
from tui.screens.listening_parts import day_lines, play_lines, summary, title_of_day, top_lines, weekday_lines
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Line, Note
from tui.state.listening import PERIODS, USUAL, Figures
from tui.state.music import MusicChange, MusicPart
from widgets.day_chart import DayChart


class ListeningScreen(MusicPage):
    """S chooses the period; Enter on a day opens it."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicPage.TITLES,
        "list.sort": "period",
        "list.next_block": "next figures",
        "list.previous_block": "previous figures",
    }
    DEFAULT_CSS = """
    ListeningScreen #summary { height: auto; padding: 0 1; background: $surface; }
    ListeningScreen DayChart { height: 9; margin: 1 0 0 0; }
    ListeningScreen.-low DayChart { display: none; }
    """

    place: ListeningPlace

    @property
    def period(self) -> str:
        """The name of the period that is shown."""
        return self.place.period if self.place.period in PERIODS else USUAL

    @property
    def figures(self) -> Figures | None:
        """What is shown, once it is there."""
        return self.store.listening.figures(self.period)

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="summary", markup=False)
        yield DayChart()
        yield self.music_list()

    async def load(self) -> None:
        await self.store.listening.load(self.period)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.LISTENING and change.id == self.period

    def stale_since(self) -> datetime | None:
        return self.store.listening.stale_since(self.period)

    def reading_place(self) -> str:
        return f"listening:{self.period}"

    def show(self) -> None:
        super().show()
        self._show_head()

    def on_resize(self) -> None:
        self.set_class(self.size.height < 20, "-low")

    def _show_head(self) -> None:
        figures = self.figures
        head = self.query_one("#summary", Static)
        title = PERIODS[self.period].title
        if figures is None:
            head.update(Content.assemble((title, "bold $primary")))
            return
        first, rest = summary(figures)
        head.update(
            Content.assemble((f"{title}  ", "bold $primary"), (first, "bold $foreground"), "\n", (rest, "$muted"))
        )
        days = figures.stats.days
        begun = next((place for place, day in enumerate(days) if day.listened_ms), 0) if self.period == "all" else 0
        self.query_one(DayChart).show([(day.day, day.listened_ms / 1000) for day in days[begun:]])

    def lines(self) -> list[Line] | None:
        figures = self.figures
        if figures is None:
            return None
        stats = figures.stats
        if not stats.listened_ms:
            return [Line("empty", Note("Nothing was heard in these days. 4 leads to the music, S to other days."))]
        return [*top_lines(stats), *weekday_lines(stats), *day_lines(stats)]

    async def action_sort(self, name: str = "") -> None:
        """Choose the period."""
        options = [(period.name, period.title) for period in PERIODS.values()]
        chosen = name if name in PERIODS else await self.shell.choose("What you heard in", options)
        if chosen is not None:
            self.place = ListeningPlace(chosen)
            self.show_anew()
            self._show_head()
            self.refresh_content()

    def action_leave_item(self) -> None:
        self.shell.leave()


class ListeningDayScreen(MusicPage):
    """Every play of a day, with its time and how it ended."""

    DEFAULT_CSS = """
    ListeningDayScreen #summary { height: auto; padding: 0 1; background: $surface; }
    """

    place: ListeningDayPlace

    def compose_body(self) -> Iterable[Widget]:
        yield Static(Content.assemble((title_of_day(self.place.day), "bold $primary")), id="summary", markup=False)
        yield self.music_list()

    async def load(self) -> None:
        await self.store.listening.load_day(self.place.day)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.LISTENING and change.id == self.place.day

    def stale_since(self) -> datetime | None:
        return self.store.listening.stale_since(self.place.day)

    def reading_place(self) -> str:
        return f"listening:{self.place.day}"

    def lines(self) -> list[Line] | None:
        heard = self.store.listening.day(self.place.day)
        if heard is None:
            return None
        return play_lines(heard.plays) or [Line("empty", Note("You did not hear anything on this day."))]

    def action_leave_item(self) -> None:
        self.shell.leave()
