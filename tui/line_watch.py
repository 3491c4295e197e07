"""Fits what is drawn to the line to the terminal, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.driver import TerminalDriver
from tui.line_speed import LineSpeed, Quality
from widgets.frame_pace import FRAME_SECONDS
from widgets.frame_painter import FramePainter
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.backstage import Backstage
    from tui.config import Config
    from tui.shell import Severity


class LineWatch(FramePainter):
    """The part of the program that minds the line: fewer frames and coarser pictures where it is slow."""

    _backstage: Backstage | None = None

    if TYPE_CHECKING:

        @property
        def config(self) -> Config: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

    def __init__(self) -> None:
        super().__init__()
        self._speed: LineSpeed | None = None
        self._fitted: tuple[int | None, Backstage | None] = (None, None)
        """What was last done about it: frames per second, and for whom."""

    @property
    def line_is_busy(self) -> bool:
        return isinstance(self._driver, TerminalDriver) and self._driver.is_busy

    @property
    def line_is_clogged(self) -> bool:
        return isinstance(self._driver, TerminalDriver) and self._driver.is_clogged

    def line_took(self, size: int, seconds: float) -> None:
        """The terminal took `size` bytes within `seconds`, and has nothing more to take."""
        if self._speed is None:
            self._speed = LineSpeed(self.config.view.line)
        self._speed.took(size, seconds)
        self.line_is_free()
        if self._fitted != (self._speed.frames_per_second, self._backstage):
            # Not now: this is told in the middle of a frame.
            self.call_later(self._fit, self._speed.frames_per_second, self._backstage)

    def move_smoothly(self, on: bool) -> None:
        """Something on the screen moves from now on, or no more: frames may follow each other faster."""
        self._pace.smooth = on

    @property
    def frame_seconds(self) -> float:
        """The least time between two frames that the line to the terminal takes."""
        return self._pace.interval

    def _fit(self, frames: int | None, backstage: Backstage | None) -> None:
        before, self._fitted = self._fitted[0], (frames, backstage)
        self._pace.seconds = FRAME_SECONDS if frames is None else 1 / frames
        if backstage is not None:
            judged = frames if self.config.view.line is Quality.AUTO else None
            backstage.chrome.follow_line(judged)
            if backstage.pictures.coarse != (frames is not None):
                backstage.pictures.coarse = frames is not None
                for found in self.screen.query(VirtualList):
                    found.redraw()
        if self.config.view.line is not Quality.AUTO:
            return
        if before is None and frames is not None:
            self.say("The line to this terminal is slow: coarser pictures and fewer frames, until it is fast again.")
        elif before is not None and frames is None:
            self.say("The line to this terminal is fast again.")
