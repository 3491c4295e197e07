"""The actions on the user's devices, and which player keys act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_client.errors import PlatformError
from tui.places import DevicesPlace, Place

if TYPE_CHECKING:
    from tui.backstage import Backstage
    from tui.connect import Connect
    from tui.player.face import PlayerFace
    from tui.player.player import Player
    from tui.shell import Severity


class DeviceActions:
    """Mixed into the program; each action is one of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def backstage(self) -> Backstage: ...

        def open_place(self, place: Place) -> None: ...

        async def ask(self, question: str, initial: str = "") -> str | None: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        def refuse(self, error: PlatformError) -> None: ...

    @property
    def player(self) -> PlayerFace:
        return self.backstage.sound.face

    @property
    def local_player(self) -> Player:
        return self.backstage.sound.player

    @property
    def connect(self) -> Connect:
        return self.backstage.connect

    def action_go_devices(self) -> None:
        self.open_place(DevicesPlace())

    async def action_name_device(self, name: str = "") -> None:
        wanted = name or await self.ask("name of this terminal: ", self.connect.name)
        if wanted is None:
            return
        try:
            self.say(f"This terminal is called {await self.connect.rename(wanted)} now.")
        except PlatformError as error:
            self.refuse(error)
