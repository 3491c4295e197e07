"""What is on this machine: what comes, what could not, albums and lists, single tracks, and what was played."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from api_client.models.music import Track
from tui.actions import Action
from tui.places import DownloadsPlace, Place
from tui.player.track import PlayableTrack
from tui.player.vault_records import Kind, Wish, WishKey
from tui.screens.download_verbs import target_of
from tui.screens.downloads_parts import cache_lines, coming_lines, empty_words, failed_lines, totals_words, wish_line
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Gathered, Heading, Line, Note, Source, Thing, track_lines
from tui.state.download_shelf import DownloadChange
from widgets.textfmt import byte_size, plural

if TYPE_CHECKING:
    from tui.shell import Shell

DRAWN_AFTER = 0.25
"""Seconds in which news are gathered: pieces of tracks come many times a second."""
ORDERS = {"date": "Newest first", "size": "Largest first", "name": "By name"}


class DownloadsScreen(MusicPage):
    """Enter opens what was downloaded, d takes it off, p tries again what failed."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicPage.TITLES,
        "item.delete": "take off",
        "item.download": "take off",
        "item.resend": "try again",
        "list.sort": "order",
    }
    ON_MARKED: ClassVar[tuple[str, ...]] = ("delete", "enqueue", "play_next", "add_to_playlist", "save")
    DEFAULT_CSS = """
    DownloadsScreen #rows { height: 1fr; }
    DownloadsScreen #totals { height: auto; max-height: 3; padding: 0 1; color: $muted; }
    """

    place: DownloadsPlace

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._order = "date"
        self._drawing: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(id="rows"):
            yield Static(id="totals", markup=False)
            yield self.music_list()

    async def load(self) -> None:
        await self.downloads.load()

    def _downloads_changed(self, change: DownloadChange) -> None:
        """Draw anew what has changed, not more often than can be read."""
        if self._drawing is None:
            self._drawing = self.set_timer(DRAWN_AFTER, self._draw)

    def _draw(self) -> None:
        self._drawing = None
        self.show()

    # -- what is shown

    def show(self) -> None:
        super().show()
        self.query_one("#totals", Static).update(Content(totals_words(self.downloads, self.key_of)))

    def lines(self) -> list[Line]:
        if self.place.of:
            return self._lines_of_one()
        downloads = self.downloads
        wishes = self._sorted([wish for wish in downloads.wishes if wish.kind is not Kind.TRACK])
        single = self._sorted([wish for wish in downloads.wishes if wish.kind is Kind.TRACK])
        lines = [*coming_lines(downloads), *failed_lines(downloads, self.key_of)]
        if wishes:
            lines.append(Line("h:lists", Heading("Albums and playlists", plural(len(wishes), "entry"))))
            lines += [wish_line(downloads, wish) for wish in wishes]
        if single:
            found = [track for wish in single if (track := downloads.known(wish.id)) is not None]
            size = byte_size(downloads.size(track.id for track in found))
            lines.append(Line("h:single", Heading("Tracks", f"{plural(len(single), 'track')}, {size}")))
            lines += track_lines("single", found, Source(tuple(found)))
        lines += cache_lines(downloads)
        if not lines:
            return [Line("empty", Note(downloads.trouble or empty_words(self.key_of)))]
        first = lines[0]
        if isinstance(first.thing, Heading):
            lines[0] = Line(first.key, Heading(first.thing.title, first.thing.aside, first=True))
        return lines

    def _lines_of_one(self) -> list[Line]:
        wish = self._wish
        if wish is None:
            return [Line("empty", Note("This is not on this machine any more."))]
        source = Source(tuple(self._tracks_in(wish)), *_context(wish))
        itself = Line("itself", Gathered(wish.kind, wish.id, wish.title, wish.by), source, itself=True)
        heading = Heading(
            wish.title, " · ".join(text for text in (wish.by, wish_line(self.downloads, wish).note) if text)
        )
        return [Line("h", heading), itself, *track_lines("one", source.tracks, source)]

    @property
    def _wish(self) -> Wish | None:
        kind, _, item_id = self.place.of.partition("/")
        return next((wish for wish in self.downloads.wishes if wish.key == (kind, item_id)), None)

    def _tracks_in(self, wish: Wish) -> list[Track]:
        return [track for each in wish.track_ids if (track := self.downloads.known(each)) is not None]

    def _sorted(self, wishes: list[Wish]) -> list[Wish]:
        keys: dict[str, Callable[[Wish], Any]] = {
            "date": lambda wish: -wish.added_at,
            "size": lambda wish: -self.downloads.size(wish.track_ids),
            "name": lambda wish: wish.title.casefold(),
        }
        return sorted(wishes, key=keys[self._order])

    # -- what can be done

    def fits(self, action: Action) -> bool:
        name = action.id.partition(".")[2]
        if name == "resend" and self.line is not None and isinstance(self.thing, Track):
            return self.line.key.startswith(("coming:", "failed:"))
        if name in ("delete", "download", "resend") and isinstance(self.thing, Track | Gathered):
            return self.focused is self.music
        return super().fits(action)

    async def _tracks_of(self, thing: Thing) -> list[PlayableTrack]:
        if isinstance(thing, Gathered):
            wish = next((wish for wish in self.downloads.wishes if wish.key == (thing.kind, thing.id)), None)
            return Source(tuple(self._tracks_in(wish)), *_context(wish)).playable() if wish is not None else []
        return await super()._tracks_of(thing)

    async def action_delete(self) -> None:
        """Take off what is marked or highlighted; of a track in an album the whole album is meant, and asked for."""
        keys: dict[WishKey, None] = {}
        loose: list[str] = []
        for line in self.chosen_lines:
            target = target_of(line.thing)
            if target is None:
                continue
            holding = [wish.key for wish in self.downloads.wishes_with(target.id)]
            if self.downloads.is_wanted(*target.key):
                keys[target.key] = None
            elif holding:
                keys |= dict.fromkeys(holding)
            else:
                loose.append(target.id)
        self.clear_marks()
        if loose and (vault := self.downloads.vault) is not None:
            await vault.drop([stored for each in loose for stored in vault.contents.files.get(each, ())])
            self.shell.say(f"{plural(len(loose), 'track')} out of the cache.")
        others = [key for key in keys if key[0] is not Kind.TRACK]
        is_meant = not others or any(isinstance(line.thing, Gathered) for line in self.chosen_lines)
        if keys and (is_meant or await self._means_all(others)):
            await self.take_off(keys)

    async def _means_all(self, keys: list[WishKey]) -> bool:
        names = [wish.title for wish in self.downloads.wishes if wish.key in keys]
        return await self.shell.confirm(f"This belongs to {', '.join(names[:3])}. Take all of it off?", "take off")

    async def action_download(self, what: str = "") -> None:
        """Keep a track of the cache for good; take off what was asked for."""
        thing = self.thing
        is_loose = isinstance(thing, Track) and not self.downloads.wishes_with(thing.id)
        await (super().action_download(what) if is_loose else self.action_delete())

    async def action_resend(self) -> None:
        """Try again what could not be had, and go on if that was held up."""
        again = await self.downloads.retry()
        self.shell.say(f"{plural(again, 'track')} tried again." if again else "Trying again.")

    async def action_sort(self, name: str = "") -> None:
        """Choose the order of what is here."""
        chosen = name if name in ORDERS else await self.shell.choose("Order", list(ORDERS.items()))
        if chosen is not None:
            self._order = chosen
            self.show()

    def action_leave_item(self) -> None:
        self.shell.leave()


def _context(wish: Wish) -> tuple[str, str]:
    """Return what the platform calls the place from which tracks of a download play."""
    if wish.kind is Kind.MIX:
        kind, _, item = wish.id.partition("/")
        return kind.replace("-", "_"), item or "weekly"
    return (wish.kind.value, wish.id) if wish.kind is not Kind.TRACK else ("", "")
