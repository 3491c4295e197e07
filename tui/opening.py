"""How the program opens, and what it leaves for the next time: the account used last, behind its last frame."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

from rich.color import ColorSystem
from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from api_client.errors import PlatformError
from tui.account_actions import WELCOME
from tui.driver import TerminalDriver
from tui.frame_taking import Picture, take
from tui.navigation import screen_for
from tui.places import ConflictPlace, DirectChatPlace, InspectorPlace, Place, SectionPlace, from_words, to_words
from tui.screens.base import ParlourScreen

if TYPE_CHECKING:
    from tui.accounts import Account
    from tui.backstage import Backstage
    from tui.gate import Admission, Gate
    from tui.launch import Launch
    from tui.shell import Shell
    from tui.typed_ahead import TypedAhead

_PASSING = (ConflictPlace, DirectChatPlace, InspectorPlace)
"""Places that a start does not go back to: a conflict is gone when it is decided, a direct chat stands for one with a
name, and the inspector would record although nobody asked for it."""
PAINTED_WITHIN = 2.0
"""Seconds that the first screen has to be drawn before the platform is asked all the same."""


class Opening(App[int]):
    """Mixed into the program."""

    launch: Launch
    gate: Gate
    _backstage: Backstage | None
    _signing_out: bool
    _typed_ahead: TypedAhead
    _drawn: asyncio.Event
    """Set when a screen of an account has been drawn."""
    _is_opening = False
    _picture: Picture | None = None
    """The screen in front as it was left."""
    _places: tuple[Place, ...] = ()
    """What it shows, and the section around that."""

    if TYPE_CHECKING:

        @property
        def front(self) -> ParlourScreen | None: ...

        async def admitted(self, admission: Admission) -> None: ...

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        if isinstance(driver, TerminalDriver):
            driver.curtain = self.launch.curtain
        return driver

    def begin(self) -> None:
        """Open the account used last, or ask who it is."""
        if not self.gate.may_reopen:
            self.switch_mode(WELCOME)
            return
        # Until its first screen is there nothing is drawn, and keys wait for it.
        self._is_opening = True
        self._begin_batch()
        self._typed_ahead.hold()
        self.run_worker(self._come_back(), group="opening", exclusive=True)

    async def _come_back(self) -> None:
        try:
            with contextlib.suppress(PlatformError):  # which is told where one can do something about it
                admission = await self.gate.reopen(asks=False)
                if admission is not None:
                    await self.admitted(admission)
                    return
            self._typed_ahead.drop()
            await self.switch_mode(WELCOME)
        finally:
            self.opened()

    def opened(self) -> None:
        """Draw from now on: what is to be seen first is there."""
        if self._is_opening:
            self._is_opening = False
            self._end_batch()
            self.screen.refresh()
            self._typed_ahead.let_go()

    async def painted(self) -> None:
        """Wait until the screen in front has been drawn; not for ever, in case it never is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PAINTED_WITHIN):
                await self._drawn.wait()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if renderable is not None and not self._is_opening and isinstance(screen, ParlourScreen):
            self._drawn.set()

    async def open_where_left(self, account: Account) -> None:
        """Open what was in front when the program was left; the feed where nothing is kept."""
        kept = self.launch.last_frame
        places = [from_words(words) for words in kept.places(account)[:2]] if kept is not None else []
        section = places[0] if places and isinstance(places[0], SectionPlace) else SectionPlace("feed")
        await self.switch_mode(section.section)
        inner = places[1] if len(places) > 1 else None
        if inner is not None and not isinstance(inner, _PASSING):
            await self.push_screen(screen_for(cast("Shell", self), inner))

    def take_picture(self) -> None:
        """Remember what the screen in front shows, or the one behind a dialog, and where that is."""
        backstage, front = self._backstage, self.front
        if backstage is None or self._signing_out or self.launch.last_frame is None or front is None:
            return
        section = SectionPlace(self.current_mode)
        is_inner = not isinstance(front.place, (SectionPlace, *_PASSING))
        self._places = (section, front.place) if is_inner else (section,)
        if front.place in self._places and not self.is_headless:
            self._picture = take(front, backstage.admission.account)

    async def keep_picture(self) -> None:
        """Store what was remembered, for the next start; what cannot be stored will not be missed."""
        kept, picture, backstage = self.launch.last_frame, self._picture, self._backstage
        if kept is None or backstage is None or not self._places:
            return
        account, rows, columns = backstage.admission.account, [], 0
        if picture is not None and picture.account == account and self.theme == self.launch.config.view.theme:
            rows, columns = picture.rows(self.console._color_system or ColorSystem.TRUECOLOR), picture.columns
        with contextlib.suppress(OSError):
            await asyncio.to_thread(kept.keep, account, rows, columns, [to_words(place) for place in self._places])
