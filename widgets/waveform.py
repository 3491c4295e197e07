"""The waveform of what plays, and the way to any place in it: by click, by drag, by wheel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from widgets.palette import Palette
from widgets.textfmt import clock

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_HANGING = " ▔▔▔▀▀▀██"
_KNOB = "●"
WHEEL_SECONDS = 5.0


@lru_cache(maxsize=8)
def columns(peaks: bytes, width: int) -> tuple[float, ...]:
    """Return the heights, from 0 to 1, of `width` columns: the mean of their parts, stretched so that quiet and loud
    differ to the eye also in music that is loud all the time."""
    if not peaks or width <= 0:
        return ()
    count = len(peaks)
    found = []
    for column in range(width):
        start = column * count // width
        part = peaks[start : max((column + 1) * count // width, start + 1)]
        found.append(sum(part) / len(part) / 255)
    low, high = min(found), max(found)
    floor = min(low, 0.6 * high)
    span = high - floor or 1.0
    return tuple(max((height - floor) / span, 0.0) * 0.9 + 0.1 if height else 0.0 for height in found)


def reflected(rows: int) -> int:
    """Return how many of `rows` lines are the wave's reflection: there is none where it would be half of little."""
    return rows // 3 if rows >= 4 else 0


def wave_texts(heights: Sequence[float], rows: int) -> list[str]:
    """Return `rows` lines of a wave, top to bottom, with its reflection in the lowest of them."""
    lower = reflected(rows)
    upper = rows - lower
    full = [max(1, round(height * upper * 8)) for height in heights]
    hanging = [max(1, round(height * lower * 8)) for height in heights]
    above = ["".join(_EIGHTHS[max(0, min(height - row * 8, 8))] for height in full) for row in range(upper - 1, -1, -1)]
    below = ["".join(_HANGING[max(0, min(height - row * 8, 8))] for height in hanging) for row in range(lower)]
    return above + below


class Waveform(Widget):
    """The wave in all rows but the last, which says the times; a plain line where no wave is known."""

    DEFAULT_CSS = """
    Waveform { height: 3; width: 1fr; }
    """

    class Sought(Message):
        """The listener wants to hear the place at `seconds`."""

        def __init__(self, seconds: float) -> None:
            super().__init__()
            self.seconds = seconds

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._peaks = b""
        self._position = 0.0
        self._duration = 0.0
        self._buffered = 1.0
        self._note = ""
        self._pointer: int | None = None
        self._dragged = False

    # -- what is shown

    def show_peaks(self, peaks: bytes | None) -> None:
        """Draw these peaks, from 0 to 255; None for a plain line."""
        if (peaks or b"") != self._peaks:
            self._peaks = peaks or b""
            self.refresh()

    def show_place(self, position: float, duration: float, buffered: float = 1.0, note: str = "") -> None:
        """Show where the song is, in seconds; `buffered` is the part that is at hand, `note` says what it waits for."""
        before = self._seen
        self._position, self._duration = max(position, 0.0), max(duration, 0.0)
        self._buffered, self._note = buffered, note
        if self._seen != before:
            self.refresh()

    @property
    def _seen(self) -> tuple[object, ...]:
        """What can be told apart on the screen."""
        width = self.size.width
        return (
            self._column(self._position),
            int(self._position),
            int(self._duration),
            round(self._buffered * width),
            self._note,
        )

    def _column(self, seconds: float) -> int:
        width = self.size.width
        return min(int(seconds / self._duration * width), width - 1) if self._duration and width else 0

    def _seconds_at(self, column: int) -> float:
        width = max(self.size.width, 1)
        return self._duration * min(max(column + 0.5, 0.0), width) / width if column > 0 else 0.0

    # -- drawing

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if y == height - 1:
            return self._times(width)
        rows = height - 1
        if not self._duration:
            return Strip.blank(width, self.rich_style)
        if not self._peaks:
            return self._plain(width) if y == rows // 2 else Strip.blank(width, self.rich_style)
        text = wave_texts(columns(self._peaks, width), rows)[y]
        return self._coloured(text, dimmed=y >= rows - reflected(rows))

    def _plain(self, width: int) -> Strip:
        here = self._column(self._position)
        strip = self._coloured("━" * width, dimmed=False)
        knob = Segment(_KNOB, self._palette.style("bold primary") + self.rich_style.background_style)
        return Strip.join([strip.crop(0, here), Strip([knob]), strip.crop(here + 1, width)])

    def _coloured(self, text: str, *, dimmed: bool) -> Strip:
        """Return a row in its colours: what was heard, up to the pointer, what is at hand, what is not."""
        width = len(text)
        played = self._column(self._position) + 1
        at_hand = max(round(self._buffered * width), played)
        pointer = self._pointer
        ground = self.rich_style.background_style
        palette = self._palette
        ahead, missing = (palette.style(token) + ground for token in ("muted", "faint"))
        heard, between = (
            ground + Style.from_color(palette.paint(name).rich_color) for name in ("primary", "secondary")
        )
        if dimmed:
            heard, ahead, between = (style + Style(dim=True) for style in (heard, ahead, between))
        cuts = [(0, played, heard), (played, at_hand, ahead), (at_hand, width, missing)]
        if pointer is not None:
            low, high = sorted((played, pointer + 1))
            cuts = [
                part
                for start, end, style in cuts
                for part in (
                    (start, min(end, low), style),
                    (max(start, low), min(end, high), between),
                    (max(start, high), end, style),
                )
            ]
        return Strip([Segment(text[start:end], style) for start, end, style in cuts if end > start], width)

    def _times(self, width: int) -> Strip:
        ground = self.rich_style.background_style
        muted = self._palette.style("muted") + ground
        if not self._duration:
            return Strip.blank(width, self.rich_style)
        left = clock(self._position)
        right = f"-{clock(max(self._duration - self._position, 0.0))} / {clock(self._duration)}"
        middle = self._note if len(left) + len(right) + len(self._note) + 4 <= width else ""
        lead = max(min((width - len(middle)) // 2, width - len(right) - len(middle)), len(left))
        line = (left.ljust(lead) + middle).ljust(width - len(right)) + right
        strip = Strip([Segment(line[:width].ljust(width), muted)], width)
        if self._pointer is None:
            return strip
        tip = f" {clock(self._seconds_at(self._pointer))} "
        at = max(0, min(self._pointer - len(tip) // 2, width - len(tip)))
        mark = Segment(tip, self._palette.style("bold primary reverse") + ground)
        return Strip.join([strip.crop(0, at), Strip([mark], len(tip)), strip.crop(at + len(tip), width)])

    @property
    def _palette(self) -> Palette:
        return Palette(self.app.theme_variables, self.background_colors[1])

    # -- the mouse

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._duration and event.x != self._pointer:
            self._pointer = max(0, min(event.x, self.size.width - 1))
            self.refresh()

    def on_leave(self) -> None:
        if not self._dragged:
            self._forget_pointer()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self._duration and event.button == 1:
            self._dragged = True
            self._pointer = max(0, min(event.x, self.size.width - 1))
            self.capture_mouse()
            self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if not self._dragged:
            return
        self._dragged = False
        self.release_mouse()
        if self._duration:
            self.post_message(self.Sought(self._seconds_at(max(0, min(event.x, self.size.width - 1)))))
        self._forget_pointer()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._step(event, WHEEL_SECONDS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._step(event, -WHEEL_SECONDS)

    def _step(self, event: events.MouseEvent, seconds: float) -> None:
        if self._duration:
            event.stop()
            self.post_message(self.Sought(min(max(self._position + seconds, 0.0), self._duration)))

    def _forget_pointer(self) -> None:
        self._pointer = None
        self.refresh()
