"""The actions on what is kept on this machine, the same on every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.places import DownloadsPlace, Place
from widgets.textfmt import byte_size, plural

if TYPE_CHECKING:
    from tui.backstage import Backstage
    from tui.keys import Keymap
    from tui.shell import Severity
    from tui.state.downloads import Downloads

MOST_MEGABYTES = 1_000_000


class DownloadActions:
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def backstage(self) -> Backstage: ...

        @property
        def keymap(self) -> Keymap: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        def open_place(self, place: Place) -> None: ...

        async def ask(self, question: str, initial: str = "") -> str | None: ...

    @property
    def _downloads(self) -> Downloads:
        return self.backstage.session.downloads

    def action_go_downloads(self) -> None:
        self.open_place(DownloadsPlace())

    async def action_hold_downloads(self) -> None:
        on = not self._downloads.is_paused
        await self._downloads.pause(on)
        key = self.keymap.key_of("global.hold_downloads")
        self.say(f"Downloads are held. {key} lets them go on." if on else "Downloads go on.")

    async def action_cache(self, what: str = "") -> None:
        """Set how much of what was played is kept, or let go of it."""
        downloads = self._downloads
        if downloads.vault is None:
            self.say(downloads.trouble, "warning")
            return
        totals = downloads.totals()
        if not what:
            held = f"{byte_size(totals.cached)} of {byte_size(totals.limit)}"
            what = await self.ask(f"cache ({held}): megabytes, or clear: ") or ""
        what = what.strip().casefold()
        if what == "clear":
            gone = await downloads.vault.clear()
            self.say(f"{byte_size(gone)} of what was played let go of. Downloads stay.")
        elif what.isdecimal() and int(what) <= MOST_MEGABYTES:
            await downloads.vault.set_limit(int(what))
            self.say(
                f"Up to {byte_size(int(what) * 1_000_000)} of what is played stays on this machine."
                if int(what)
                else "Nothing of what is played stays on this machine, but for downloads."
            )
        elif what:
            self.say(f"{what} is not a size. Try 500, for megabytes, or clear.", "warning")

    async def undo_taking_off(self) -> bool:
        """Have back the downloads that were just taken off; return whether there were any."""
        if not self._downloads.can_undo:
            return False
        back = await self._downloads.undo()
        self.say(f"{back[0].title if len(back) == 1 else plural(len(back), 'entry')} kept on this machine again.")
        return True
