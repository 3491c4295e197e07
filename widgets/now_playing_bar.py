"""The bar at the bottom of every screen: what is playing, how far, how loud."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from widgets.textfmt import clock


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

    _bar: tuple[int, int] = (0, 0)

    def watch_now(self, now: NowPlaying) -> None:
        self.set_class(bool(now.title or now.note), "-shown")

    def render(self) -> Content:
        now = self.now
        width = self.content_size.width
        if not now.title:
            return Content.styled(now.note, "$muted")
        mark = "◌" if now.buffering else ("▶" if now.playing else "⏸")
        times = f"{clock(now.position)} / {clock(now.duration)}"
        volume = "muted" if now.muted else f"vol {now.volume}"
        flags = "".join(part for part in (" ⤮" if now.shuffle else "", {"all": " ↻", "one": " ↻1"}.get(now.repeat, "")))
        quality = (f" {now.quality}k" if now.quality else "") + (f" {now.ends}" if now.ends else "")
        tail = f" {times}  {volume}{flags}{quality}"
        name = f"{now.title} · {now.artist}" if now.artist else now.title
        note = f"  {now.note}" if now.note else ""
        room = max(width - cell_len(tail) - 4, 10)
        bar = max(8, min(40, room // 3)) if room > 40 else 0
        label = name + note
        if note and cell_len(label) >= room - bar:
            # What is wrong matters more than how far the track is: the times say that as well.
            bar = 0
        label_room = room - bar - (1 if bar else 0)
        if cell_len(label) > label_room:
            label = set_cell_size(label, max(label_room - 1, 1)) + "…"
        label = set_cell_size(label, label_room)
        fraction = min(max(now.position / now.duration, 0.0), 1.0) if now.duration else 0.0
        filled = round(fraction * bar)
        start = 2 + cell_len(label) + 1
        self._bar = (start, start + bar)
        return Content.assemble(
            (f"{mark} ", "bold $primary"),
            (label, "$foreground"),
            (" " if bar else "", ""),
            ("━" * filled, "$primary"),
            ("─" * (bar - filled), "$faint"),
            (tail, "$muted"),
        )

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        start, end = self._bar
        if start <= offset.x < end:
            self.post_message(self.Sought((offset.x - start) / max(end - start, 1)))
        elif offset.x < 2:
            self.post_message(self.Toggled())
