"""The actions of listening among friends, the same on every screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from api_client.errors import NotFound, PlatformError
from api_client.sync.receipts import NotSent
from tui.places import FriendsPlace, GroupPlace, Place

if TYPE_CHECKING:
    from api_client.models.together import ListeningPrivacy
    from tui.backstage import Backstage
    from tui.shell import Severity, Shell
    from tui.state.session import Session
    from tui.state.together import GroupStore


class TogetherActions:
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def backstage(self) -> Backstage: ...

        @property
        def session(self) -> Session: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        def open_place(self, place: Place) -> None: ...

    @property
    def group(self) -> GroupStore:
        """The session in which the user listens with others."""
        return self.backstage.group

    def action_go_friends(self) -> None:
        self.open_place(FriendsPlace())

    def action_go_group(self) -> None:
        self.open_place(GroupPlace())

    async def action_join_group(self, written: str = "") -> None:
        # Not before it is asked for: no first screen needs the shapes of sessions.
        from tui.screens.joining import join_by_code

        await join_by_code(cast("Shell", self), written)

    async def action_private(self, word: str = "") -> None:
        privacy = self.session.privacy
        match word.strip().casefold():
            case "":
                await self._set_private(privacy.private_until is None)
            case "on" | "off" as wanted:
                await self._set_private(wanted == "on")
            case "hide" | "show" as wanted:
                self._mind(await privacy.show_listening(wanted == "show"))
                self.say(
                    "Friends see what you hear from now on."
                    if wanted == "show"
                    else "Friends do not see what you hear any more, until :private show."
                )
            case other:
                self.say(f":private takes on, off, hide or show, not {other}.", "warning")

    def _mind(self, following: asyncio.Task[ListeningPrivacy]) -> None:
        """Say so if the platform refuses: nobody is to believe that they are not seen."""
        following.add_done_callback(self._decided)

    def _decided(self, following: asyncio.Task[ListeningPrivacy]) -> None:
        error = None if following.cancelled() else following.exception()
        if isinstance(error, NotFound):
            self.say("This platform has no private sessions, and shows nobody what you hear.", "warning")
        elif isinstance(error, PlatformError) and not isinstance(error, NotSent):
            self.say(f"The platform refused: what you hear can be seen as before. {error.sentence}", "error")

    async def _set_private(self, on: bool) -> None:
        self._mind(await self.session.privacy.set_private(on))
        if on:
            self.say("A private session: for six hours nobody sees what you hear. Again ends it.")
        elif self.session.privacy.hides:
            self.say("The private session is over; :private show lets friends see what you hear.")
        else:
            self.say("The private session is over: friends see what you hear.")
