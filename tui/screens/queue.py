"""The play queue: what played, what plays, what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widget import Widget

from tui.actions import Action
from tui.places import Place
from tui.player.entry import Entry
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Heading, Line, Note, Queued
from widgets.drag_list import DragList
from widgets.shelf_row import MusicRenderer, MusicRow
from widgets.textfmt import clock, plural

if TYPE_CHECKING:
    from tui.shell import Shell


NEXT = "h:Next"
"""The key of the heading of what is to come."""


class QueueScreen(MusicPage):
    """Enter jumps, < and > or the mouse move what is to come, d takes out, U puts it back, c makes a playlist of it."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicPage.TITLES,
        "list.open_item": "play this",
        "item.delete": "take out",
        "item.create": "save as playlist",
    }

    ON_MARKED: ClassVar[tuple[str, ...]] = ("delete", *MusicPage.ON_MARKED)

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._order: tuple[object, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        yield self.music_list()

    def music_list(self) -> Widget:
        """Return the list: what is to come can be dragged to another place in it, or to its beginning."""
        return DragList[MusicRow](
            MusicRenderer(), may_drag=self._is_to_come, may_lie_behind=self._may_lie_behind, marks=True, id="music"
        )

    def start(self) -> None:
        super().start()
        self._to_current()

    # -- what is shown

    def lines(self) -> list[Line]:
        queue = self.shell.player.queue
        current = [queue.current] if queue.current is not None else []
        if not len(queue):
            music, add = self.key_of("global.go_music"), self.key_of("item.enqueue")
            note = f"The queue is empty. {music} leads to the music; {add} adds a track from there."
            return [Line("empty", Note(note))]
        lines: list[Line] = []
        parts: tuple[tuple[str, Sequence[Entry[PlayableTrack]], bool], ...] = (
            ("Played", queue.history, False),
            ("Now playing", current, True),
            ("Next", queue.upcoming, False),
            ("Jumped over", queue.aside, False),
        )
        for title, entries, now in parts:
            if entries:
                aside = "" if now else f"{plural(len(entries), 'track')}, {_length(entries)}"
                if title == "Next" and (station := self.shell.stations.playing) is not None:
                    aside += f", station from {station.title}"
                lines.append(Line(f"h:{title}", Heading(title, aside, first=not lines)))
            for place, entry in enumerate(entries, 1):
                number = str(place) if title == "Next" else ""
                lines.append(Line(str(entry.entry_id), Queued(entry.entry_id, entry.item, now), number=number))
        return lines

    def follow_player(self, snapshot: PlayerSnapshot) -> None:
        order = (snapshot.entry_id, snapshot.queue_length, snapshot.upcoming, snapshot.playing, snapshot.shuffle)
        if order != self._order:
            self._order = order
            self.show()

    def _to_current(self) -> None:
        current = self.shell.player.queue.current
        if current is not None:
            self.music.highlight(str(current.entry_id))

    # -- changing it

    def fits(self, action: Action) -> bool:
        if action.id == "item.create":
            return len(self.shell.player.queue) > 0
        return super().fits(action)

    @property
    def _queued(self) -> Queued | None:
        return self.thing if isinstance(self.thing, Queued) else None

    def action_move_down(self) -> None:
        self._move(1)

    def action_move_up(self) -> None:
        self._move(-1)

    @property
    def _upcoming(self) -> list[int]:
        return [entry.entry_id for entry in self.shell.player.queue.upcoming]

    def _is_to_come(self, key: str) -> bool:
        return key.isdecimal() and int(key) in self._upcoming

    def _may_lie_behind(self, key: str) -> bool:
        return key == NEXT or self._is_to_come(key)

    @on(DragList.Dropped)
    def _dropped(self, event: DragList.Dropped) -> None:
        ids = self._upcoming
        if not self._is_to_come(event.key) or not self._may_lie_behind(event.behind):
            return  # it has begun to play meanwhile
        here = ids.index(int(event.key))
        above = -1 if event.behind == NEXT else ids.index(int(event.behind))
        self.shell.player.move(int(event.key), above if above > here else above + 1)
        self.show()

    def _move(self, by: int) -> None:
        queued, ids = self._queued, self._upcoming
        if queued is None or queued.entry_id not in ids:
            self.shell.say("Only what is to come can be moved.")
            return
        to = ids.index(queued.entry_id) + by
        if 0 <= to < len(ids):
            self.shell.player.move(queued.entry_id, to)
            self.show()

    async def action_delete(self) -> None:
        key = self.key_of("global.undo")
        if self.mark_count:
            marked = [line.thing.entry_id for line in self.chosen_lines if isinstance(line.thing, Queued)]
            self.clear_marks()
            for entry_id in marked:
                self.shell.player.remove(entry_id)
            self.shell.say(
                f"{plural(len(marked), 'track')} out of the queue. {key} puts them back, one after the other."
            )
        elif (queued := self._queued) is not None:
            self.shell.player.remove(queued.entry_id)
            self.shell.say(f"{queued.track.title} is out of the queue. {key} puts it back.")

    async def action_undo(self) -> None:
        """Put back what was taken out of the queue last; where there is nothing, take back what was done elsewhere."""
        if back := self.shell.player.undo():
            self.shell.say(f"{plural(back, 'track')} put back.")
        else:
            await self.shell.action_undo()

    async def action_create(self) -> None:
        """Make a playlist of what is marked, or of what played, plays and comes."""
        queue = self.shell.player.queue
        current = [queue.current] if queue.current is not None else []
        found = [line.thing.track for line in self.chosen_lines if isinstance(line.thing, Queued)]
        if not self.mark_count:
            found = [entry.item for entry in (*queue.history, *current, *queue.upcoming)]
        ids = list(dict.fromkeys(track.id for track in found))
        if not ids:
            self.shell.say("The queue is empty.")
        elif name := await self._ask_name():
            self.clear_marks()
            tracks = [await self.store.track(track_id) for track_id in ids]
            playlists = self.store.playlists
            playlist = await playlists.create(name)
            following = await playlists.begin_adding(playlist.id, tracks)
            self.shell.say(f"{name} has the {plural(len(tracks), 'track')} of the queue.")
            await asyncio.gather(*map(asyncio.shield, following))

    def action_close(self) -> None:
        """Leave a drag first."""
        music = self.music
        if not (isinstance(music, DragList) and music.cancel_drag()):
            super().action_close()

    def action_leave_item(self) -> None:
        self.shell.leave()


def _length(entries: Sequence[Entry[PlayableTrack]]) -> str:
    return clock(sum(entry.item.duration_ms for entry in entries) / 1000)
