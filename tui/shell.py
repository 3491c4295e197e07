"""What a screen may ask of the program around it; the app is the one that answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from tui.config import Config
from tui.keys import Keymap
from tui.places import Place

if TYPE_CHECKING:
    from api_client.errors import PlatformError
    from api_client.models.posts import Media
    from tui.connect import Connect
    from tui.inspecting import Inspecting
    from tui.player.face import PlayerFace
    from tui.player.player import Player
    from tui.screens.base import ParlourScreen
    from tui.screens.pictures import PictureLoader
    from tui.state.session import Session
    from tui.state.stations import Stations
    from tui.state.together import GroupStore
    from widgets.picker import Picked

Severity = Literal["information", "warning", "error"]


class Shell(Protocol):
    """The program, as its screens see it."""

    @property
    def config(self) -> Config:
        """The user's settings."""

    @property
    def keymap(self) -> Keymap:
        """The keys in force."""

    @property
    def session(self) -> Session:
        """The signed-in account with its client and stores."""

    @property
    def player(self) -> PlayerFace:
        """The music player that is driven, of this machine or of another one."""

    @property
    def local_player(self) -> Player:
        """The player of this machine, for what has to do with its own sound."""

    @property
    def stations(self) -> Stations:
        """Starts queues that go on by themselves."""

    @property
    def group(self) -> GroupStore:
        """The session in which the user listens with others."""

    @property
    def connect(self) -> Connect:
        """What joins this terminal with the user's other devices."""

    @property
    def draws_pictures(self) -> bool:
        """Whether lists draw pictures, or only name them."""

    @property
    def pictures(self) -> PictureLoader:
        """Fetches and decodes pictures, bounded."""

    @property
    def inspection(self) -> Inspecting:
        """What is recorded of what goes over the wire."""

    def record(self, on: bool) -> None:
        """Record what goes over the wire, or no more."""

    def open_place(self, place: Place) -> None:
        """Go to `place`."""

    def dress(self, screen: ParlourScreen) -> None:
        """Draw the frame of a screen that has come to the front."""

    def leave(self) -> None:
        """Close the screen in front; at the root, ask before leaving the program."""

    def report(self, error: PlatformError) -> None:
        """Show what went wrong; an expired sign-in leads to the sign-in screen."""

    def say(self, sentence: str, severity: Severity = "information") -> None:
        """Show one sentence for a few seconds."""

    async def ask(self, question: str, initial: str = "") -> str | None:
        """Ask for one line of text at the bottom of the screen; None if the user thought better of it."""

    async def confirm(self, question: str, yes: str) -> bool:
        """Ask before something that cannot be taken back; `yes` is the verb."""

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        """Let the user pick one of `options`, (id, text) pairs, by arrow or first letter; None if none."""

    async def pick(self, title: str, options: Sequence[tuple[str, str]], new: str = "") -> Picked | None:
        """Let the user find one of `options`, (id, text) pairs, by typing; `new` names what can be made instead."""

    async def blend(self, username: str = "") -> None:
        """Blend the user's music with that of a friend, asked for where no name is given, and open that."""

    def view_pictures(self, media: Sequence[Media], caption: str, start: int = 0) -> None:
        """Show pictures full screen."""

    async def open_link(self, url: str) -> None:
        """Open a link in the browser, after showing where it leads."""

    async def action_undo(self) -> None:
        """Take back what was done last, on whichever screen."""

    def copy(self, text: str, what: str) -> None:
        """Put `text` on the clipboard; `what` names it in the confirmation."""
