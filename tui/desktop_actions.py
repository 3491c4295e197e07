"""The program as the desktop meets it: media keys, notifications, and how it stands with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.backstage import Backstage
    from tui.launch import Launch
    from tui.player.face import PlayerFace
    from tui.shell import Severity


class DesktopActions:
    """Mixed into the program."""

    launch: Launch
    app_focus: Any
    _backstage: Backstage | None
    _tells_focus = False
    """Whether the terminal has ever told that it came to the front or left it."""

    if TYPE_CHECKING:

        @property
        def player(self) -> PlayerFace: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        def call_later(self, callback: Callable[..., Any], *args: Any) -> bool: ...

        async def action_quit(self) -> None: ...

    def on_app_focus(self) -> None:
        self._tells_focus = True

    def on_app_blur(self) -> None:
        self._tells_focus = True

    async def open_desktop(self, backstage: Backstage) -> None:
        """Let the desktop see and control the player of `backstage`, which is open."""
        from tui.desktop.entrance import open_desktop

        covers = self.launch.paths.account_cache(backstage.admission.account.folder) / "covers"
        backstage.desktop = await open_desktop(
            self.player,
            backstage.client,
            self.launch.config.player,
            covers,
            lambda: self.call_later(self.action_quit),
            lambda: bool(self.app_focus) if self._tells_focus else None,
        )

    def action_desktop(self) -> None:
        from tui.desktop.entrance import OPENING, refusal

        desktop = self._backstage.desktop if self._backstage is not None else None
        self.say(desktop.sentence if desktop is not None else refusal(self.launch.config.player) or OPENING)
