"""The bar at the bottom of every screen: what is playing, how far, how loud."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from widgets.textfmt import clock
from widgets.wrapping import ellipsis

VOLUME_STEP = 5
"""Percent for a turn of the wheel."""
_FLAGS_FROM = 40
"""Columns from which the volume and the signs for shuffle, repeat and quality are shown."""
_ALL_FROM = 100
"""Columns from which they are shown beside a sentence about what is wrong, too."""


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """What the bar shows; times in seconds, volume in percent."""

    title: str = ""
    artist: str = ""
    position: float = 0.0
    duration: float = 0.0
    playing: bool = False
    buffering: bool = False
    volume: int = 70
    muted: bool = False
    shuffle: bool = False
    repeat: str = "off"
    ends: str = ""
    """Signs that the sound will end by itself, see `ending_mark`."""
    quality: int | None = None
    place: str = ""
    """The name of the device that plays, if it is not this one."""
    note: str = ""
    """A sentence of the engine or of the last failure."""


def ending_mark(stops_after: bool, sleep_left_s: float | None) -> str:
    """Return the signs for a stop after this track, and for the minutes that a sleep timer leaves."""
    sleep = "" if sleep_left_s is None else f"☾{max(1, round(sleep_left_s / 60))}m"
    return " ".join(part for part in ("⇥" if stops_after else "", sleep) if part)


class NowPlayingBar(Static):
    """One row; hidden as long as nothing was ever played."""

    DEFAULT_CSS = """
    NowPlayingBar { height: 1; width: 1fr; background: $surface; color: $foreground; padding: 0 1; display: none; }
    NowPlayingBar.-shown { display: block; }
    """

    now: reactive[NowPlaying] = reactive(NowPlaying())

    class Sought(Message):
        """The bar was clicked; `fraction` of the track, 0 to 1."""

        def __init__(self, fraction: float) -> None:
            super().__init__()
            self.fraction = fraction

    class Toggled(Message):
        """The play mark was clicked."""

    class Opened(Message):
        """What plays was clicked: more of it is wanted."""

    class Muted(Message):
        """The volume was clicked."""

    class Turned(Message):
        """The wheel was turned; `by` percent of the volume."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    _bar: tuple[int, int] = (0, 0)
    _volume: tuple[int, int] = (0, 0)

    def watch_now(self, now: NowPlaying) -> None:
        self.set_class(bool(now.title or now.note), "-shown")

    def render(self) -> Content:
        now = self.now
        width = self.content_size.width
        if not now.title:
            return Content.styled(ellipsis(now.note, width), "$muted")
        mark = "◌" if now.buffering else ("▶" if now.playing else "⏸")
        times, volume, flags = self._tail(now, width)
        tail = f"{times}{volume}{flags}"
        name = f"{now.title} · {now.artist}" if now.artist else now.title
        if now.place:
            name = f"on {ellipsis(now.place, max(width // 4, 8))}: {name}"
        note = f"  {now.note}" if now.note else ""
        room = max(width - cell_len(tail) - 2, 1)
        bar = max(8, min(40, room // 3)) if room > 40 else 0
        if note and cell_len(name + note) >= room - bar:
            # What is wrong matters more than how far the track is: the times say that as well.
            bar = 0
        label_room = room - bar - (1 if bar else 0)
        if note and cell_len(name + note) > label_room:
            # And it matters more than the end of a long name.
            name = ellipsis(name, max(label_room - cell_len(note), label_room // 3))
        label = ellipsis(name + note, label_room)
        shown, trouble = (label[: len(name)], label[len(name) :]) if note else (label, "")
        fill = " " * max(label_room - cell_len(label), 0)
        fraction = min(max(now.position / now.duration, 0.0), 1.0) if now.duration else 0.0
        filled = round(fraction * bar)
        start = 2 + label_room + 1
        self._bar = (start, start + bar)
        behind = 2 + room + cell_len(times)
        self._volume = (behind, behind + cell_len(volume))
        return Content.assemble(
            (f"{mark} ", "bold $primary"),
            (shown, "$foreground"),
            (trouble, "$warning"),
            (fill + (" " if bar else ""), ""),
            ("━" * filled, "$primary"),
            ("─" * (bar - filled), "$faint"),
            (tail, "$muted"),
        )

    def _tail(self, now: NowPlaying, width: int) -> tuple[str, str, str]:
        """Return times, volume and signs; a narrow bar says less."""
        if width < _FLAGS_FROM:
            return f" {clock(now.position)}", "", ""
        volume = "  muted" if now.muted else f"  vol {now.volume}"
        if now.note and width < _ALL_FROM:
            # What is wrong needs the room.
            return f" {clock(now.position)} / {clock(now.duration)}", volume, ""
        flags = (" ⤮" if now.shuffle else "") + {"all": " ↻", "one": " ↻1"}.get(now.repeat, "")
        quality = (f" {now.quality}k" if now.quality else "") + (f" {now.ends}" if now.ends else "")
        return f" {clock(now.position)} / {clock(now.duration)}", volume, flags + quality

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        start, end = self._bar
        if start <= offset.x < end:
            self.post_message(self.Sought((offset.x - start) / max(end - start - 1, 1)))
        elif offset.x < 2:
            self.post_message(self.Toggled())
        elif self._volume[0] <= offset.x < self._volume[1]:
            self.post_message(self.Muted())
        elif self.now.title:
            self.post_message(self.Opened())

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Turned(VOLUME_STEP))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Turned(-VOLUME_STEP))
