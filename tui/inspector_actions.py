"""The inspector over the running program: opening it with one key, and what is recorded when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual.binding import Binding
from textual.screen import Screen

from tui.places import InspectorPlace, Place
from widgets.frame_painter import FramePainter

if TYPE_CHECKING:
    from tui.backstage import Backstage
    from tui.config import Config
    from tui.inspecting import Inspecting
    from tui.screens.base import ParlourScreen
    from tui.shell import Severity


class InspectorActions(FramePainter):
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    BINDINGS: ClassVar[list[Any]] = [
        # Also while something is typed, and in front of a dialog.
        Binding("f12", "go_inspector", "Inspector", show=False, priority=True, id="inspector")
    ]
    _backstage: Backstage | None = None
    _inspection: Inspecting | None = None

    if TYPE_CHECKING:

        @property
        def config(self) -> Config: ...

        @property
        def backstage(self) -> Backstage: ...

        @property
        def front(self) -> ParlourScreen | None: ...

        def open_place(self, place: Place) -> None: ...

        def leave(self) -> None: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

    @property
    def inspection(self) -> Inspecting:
        """What is recorded of the account that is signed in, loaded when it is first asked for."""
        backstage, found = self.backstage, self._inspection
        if found is None or found.client is not backstage.client:
            from tui.inspecting import Inspecting

            found = self._inspection = Inspecting(backstage.client)
        return found

    def record_from_the_start(self) -> None:
        """Record from the first call on, where the settings say so."""
        if self.config.developer.record == "always":
            self.record(True)

    def record(self, on: bool) -> None:
        """Record what goes over the wire, or no more."""
        self.inspection.record(on)
        self._pace.on_written = self.inspection.store.paints.note if on else None

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if self._pace.on_written is not None and renderable is not None and self.differ is None:
            # Where the toolkit writes whole frames, it does so at once.
            self._pace.on_written()

    def action_go_inspector(self, filter_text: str = "") -> None:
        """Open the inspector over whatever there is, or close it."""
        if self._backstage is None:
            self.say("Sign in first: the inspector shows what goes over the wire for an account.")
            return
        front = self.front
        if front is not None and isinstance(front.place, InspectorPlace) and not filter_text:
            if self.screen is front:
                self.leave()
            return
        if self.config.developer.record == "open" and not self.inspection.records:
            self.record(True)
        self.open_place(InspectorPlace(filter_text))
