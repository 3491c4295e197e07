"""The actions about playlists that are the same on every screen, and the choice of one among many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.app import App

from tui.places import PlaylistPlace

if TYPE_CHECKING:
    from tui.player.track import PlayerSnapshot
    from tui.shell import Severity
    from tui.state.session import Session
    from widgets.picker import Picked


class PlaylistActions(App[int]):
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def session(self) -> Session: ...

        @property
        def player(self) -> Any: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        async def ask(self, question: str, initial: str = "") -> str | None: ...

        def open_place(self, place: Any) -> None: ...

    async def pick(self, title: str, options: Sequence[tuple[str, str]], new: str = "") -> Picked | None:
        from widgets.picker import Picker

        return await self.push_screen_wait(Picker(title, options, new))

    async def action_add_playing(self) -> None:
        """Add what plays to one of the user's playlists."""
        snapshot: PlayerSnapshot = self.player.snapshot
        if snapshot.track is None:
            self.say("Nothing is playing.")
            return
        from tui.screens import adding

        track = await self.session.music.track(snapshot.track.id)
        await adding.add_to_playlist(self, [track])  # type: ignore[arg-type]  # the program is the shell

    async def action_blend(self, username: str = "") -> None:
        await self.blend(username)

    async def blend(self, username: str = "") -> None:
        """Blend the user's music with that of a friend, and open that once it is made."""
        name = username or await self.ask("blend your music with: ") or ""
        name = name.strip().removeprefix("/").removeprefix("u/").removeprefix("@")
        if not name:
            return
        making = await self.session.music.playlists.kinds.blend(name)
        if self.session.client.offline:
            self.say(f"Your blend with {name} is made once the platform can be reached.")
        blend = await making
        self.open_place(PlaylistPlace(blend.id))
