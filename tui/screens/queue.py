"""The play queue: what played, what plays, what comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget

from tui.places import Place
from tui.player.entry import Entry
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Heading, Line, Note, Queued
from widgets.textfmt import clock, plural

if TYPE_CHECKING:
    from tui.shell import Shell


class QueueScreen(MusicPage):
    """Enter jumps, < and > move what is to come, d takes out, U puts it back."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicPage.TITLES,
        "list.open_item": "play this",
        "item.delete": "take out",
    }

    ON_MARKED: ClassVar[tuple[str, ...]] = ("delete", *MusicPage.ON_MARKED)

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._order: tuple[object, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        yield self.music_list()

    def start(self) -> None:
        super().start()
        self._to_current()

    # -- what is shown

    def lines(self) -> list[Line]:
        queue = self.shell.player.queue
        current = [queue.current] if queue.current is not None else []
        if not len(queue):
            return [Line("empty", Note("The queue is empty. 4 leads to the music; e adds a track from there."))]
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

    @property
    def _queued(self) -> Queued | None:
        return self.thing if isinstance(self.thing, Queued) else None

    def action_move_down(self) -> None:
        self._move(1)

    def action_move_up(self) -> None:
        self._move(-1)

    def _move(self, by: int) -> None:
        queued = self._queued
        ids = [entry.entry_id for entry in self.shell.player.queue.upcoming]
        if queued is None or queued.entry_id not in ids:
            self.shell.say("Only what is to come can be moved.")
            return
        to = ids.index(queued.entry_id) + by
        if 0 <= to < len(ids):
            self.shell.player.move(queued.entry_id, to)
            self.show()

    async def action_delete(self) -> None:
        if self.mark_count:
            marked = [line.thing.entry_id for line in self.chosen_lines if isinstance(line.thing, Queued)]
            self.clear_marks()
            for entry_id in marked:
                self.shell.player.remove(entry_id)
            self.shell.say(f"{plural(len(marked), 'track')} out of the queue. U puts them back, one after the other.")
        elif (queued := self._queued) is not None:
            self.shell.player.remove(queued.entry_id)
            self.shell.say(f"{queued.track.title} is out of the queue. U puts it back.")

    def action_undo(self) -> None:
        back = self.shell.player.undo()
        self.shell.say(f"{plural(back, 'track')} put back." if back else "Nothing was taken out.")

    def action_leave_item(self) -> None:
        self.shell.leave()


def _length(entries: Sequence[Entry[PlayableTrack]]) -> str:
    return clock(sum(entry.item.duration_ms for entry in entries) / 1000)
