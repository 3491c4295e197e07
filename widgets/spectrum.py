"""The spectrum of what plays, drawn thirty times a second on the short way to the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.frame_painter import FramePainter
from widgets.palette import Palette
from widgets.spectrum_bars import Bars
from widgets.spectrum_frames import bar_rows, bars_in, mirrored_rows, spread, wave_rows


class Visual(StrEnum):
    """How the sound is shown."""

    BARS = "bars"
    MIRRORED = "mirrored"
    WAVE = "wave"
    OFF = "off"

    def following(self) -> Visual:
        """Return the one that the next press of the key shows."""
        every = list(Visual)
        return every[(every.index(self) + 1) % len(every)]


class SpectrumView(Widget):
    """Bars, a reflection or a wave; it moves when `advance` is called and never by itself."""

    DEFAULT_CSS = """
    SpectrumView { height: 6; width: 1fr; }
    """

    visual = Visual.BARS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._bars = Bars(1)
        self._lines: list[Strip] = []
        self._styles_of: tuple[object, list[Style]] = (None, [])
        self._painted = 0

    @property
    def rests(self) -> bool:
        """Whether nothing would move if the sound were over."""
        return self._bars.rests

    @property
    def painted(self) -> int:
        """How many frames were handed over so far."""
        return self._painted

    def advance(self, levels: bytes, seconds: float) -> None:
        """Let `seconds` pass, in which the bands are at `levels` (0 to 255; none for silence), and paint that."""
        width, height = self.size
        if not width or not height or self.visual is Visual.OFF:
            return
        count = bars_in(width)[0]
        self._bars.fit(count)
        self._bars.move(spread(levels, count) if levels else (), seconds)
        self._lines = self._build(width, height)
        self._painted += 1
        painter = self.app
        if isinstance(painter, FramePainter) and painter.paints_lists:
            painter.request(self)
        else:
            self.refresh()

    def show(self, visual: Visual) -> None:
        """Show the sound in another way."""
        self.visual = visual
        self._lines = []
        self.refresh()

    def paint_now(self) -> None:
        """Hand over what has changed."""
        painter = self.app
        if not isinstance(painter, FramePainter) or not self.is_attached:
            return
        self._styles_cache.clear()
        if not painter.paint(self, self._lines, None, 0):
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if not self._lines or len(self._lines) != self.size.height:
            self._lines = self._build(*self.size) if self.visual is not Visual.OFF else []
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """What was drawn for another size is drawn anew."""
        self._lines = []
        self.refresh()

    def notify_style_update(self) -> None:
        """Take up the colours of another theme."""
        super().notify_style_update()
        self._styles_of = (None, [])
        self._lines = []

    # -- drawing

    def _build(self, width: int, height: int) -> list[Strip]:
        bars = self._bars
        bars.fit(bars_in(width)[0])
        if self.visual is Visual.MIRRORED:
            texts = mirrored_rows(bars.heights, width, height)
        elif self.visual is Visual.WAVE:
            texts = wave_rows(bars.heights, width, height)
        else:
            texts = bar_rows(bars.heights, bars.caps, width, height)
        styles = self._styles(height)
        return [Strip([Segment(text, style)], width) for text, style in zip(texts, styles, strict=True)]

    def _styles(self, height: int) -> list[Style]:
        """Return the style of each row: from the theme's first colour at the ground to its second one at the top."""
        background = self.background_colors[1]
        wanted = (height, self.visual, background, self.app.theme)
        if self._styles_of[0] != wanted:
            palette = Palette(self.app.theme_variables, background)
            low, high = palette.paint("primary"), palette.paint("secondary")
            ground = background.rich_color
            shares = self._shares(height)
            blends = [low.blend(high, share) for share, _ in shares]
            blends = [blend.blend(background, fade) for blend, (_, fade) in zip(blends, shares, strict=True)]
            self._styles_of = wanted, [Style(color=blend.rich_color, bgcolor=ground) for blend in blends]
        return self._styles_of[1]

    def _shares(self, height: int) -> Sequence[tuple[float, float]]:
        """Return for each row how far it is from the ground, and how much it fades into the background."""
        if self.visual is Visual.BARS:
            return [((height - 1 - row) / max(height - 1, 1), 0.0) for row in range(height)]
        upper = height - height // 2
        above = [((upper - 1 - row) / max(upper - 1, 1), 0.0) for row in range(upper)]
        fade = 0.45 if self.visual is Visual.MIRRORED else 0.0
        return [*above, *((row / max(upper - 1, 1), fade) for row in range(height // 2))]
