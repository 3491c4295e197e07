"""What a click on the bar at the bottom does, and how the window gets its title: what plays, seen from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.driver import TerminalDriver
from tui.places import NowPlayingPlace, Place
from tui.terminal_title import has_title
from widgets.now_playing_bar import NowPlayingBar

if TYPE_CHECKING:
    from textual.driver import Driver

    from tui.config import Config
    from tui.player.face import PlayerFace


class BarActions:
    """Mixed into the program; each method is the handler of a message of the bar."""

    if TYPE_CHECKING:
        _driver: Driver | None

        @property
        def config(self) -> Config: ...

        @property
        def player(self) -> PlayerFace: ...

        def open_place(self, place: Place) -> None: ...

    def title_writer(self) -> Callable[[str], None] | None:
        """Return what gives the window a title, None where it is left alone."""
        driver = self._driver
        wanted = self.config.view.title and has_title()
        return driver.set_title if wanted and isinstance(driver, TerminalDriver) else None

    def on_now_playing_bar_sought(self, event: NowPlayingBar.Sought) -> None:
        self.player.seek_to(event.fraction * self.player.snapshot.duration_s)

    def on_now_playing_bar_toggled(self) -> None:
        self.player.toggle()

    def on_now_playing_bar_opened(self) -> None:
        self.open_place(NowPlayingPlace())

    def on_now_playing_bar_turned(self, event: NowPlayingBar.Turned) -> None:
        self.player.change_volume(event.by)

    def on_now_playing_bar_muted(self) -> None:
        self.player.toggle_mute()
