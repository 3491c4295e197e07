"""An app that writes to the terminal only what differs from what is there, and paints its lists without a detour.

The toolkit composes the whole screen and writes every line that may have changed. Here its updates pass through a
`FrameDiffer`, and a list that lies open hands its lines to it directly. Both rest on parts that the toolkit calls its
own: `fits_toolkit` looks at them, and where one is not as expected everything is written as the toolkit would.
"""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from widgets.frame_differ import FrameDiffer, Piece, Shift

FRAME_SECONDS = 1 / 60
"""The least time between two frames that a list paints."""
_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"


def fits_toolkit() -> bool:
    """Return whether the private parts of the toolkit are those that this module knows."""

    def takes(function: object, *names: str) -> bool:
        return callable(function) and tuple(inspect.signature(function).parameters) == names

    return (
        takes(ChopsUpdate, "chops", "spans", "chop_ends")
        and takes(LayoutUpdate, "strips", "region")
        and takes(App._display, "self", "screen", "renderable")
        and takes(CompositorUpdate.render_segments, "self", "console")
        and isinstance(getattr(Compositor, "visible_widgets", None), property)
        and all(hasattr(App, name) for name in ("_begin_update", "_end_update", "_on_resize"))
    )


def erases_with_colour() -> bool:
    """Return whether the terminal says of itself that what it erases takes the background colour."""
    try:
        import curses
    except ImportError:
        return False
    try:
        curses.setupterm(os.environ.get("TERM"), fd=1)
    except curses.error:
        return False
    return curses.tigetflag("bce") == 1 and bool(curses.tigetstr("ech"))


class _Difference(CompositorUpdate):
    """An update of the toolkit, of which only what differs is written."""

    def __init__(self, painter: FramePainter, update: ChopsUpdate | LayoutUpdate) -> None:
        self._painter = painter
        self._update = update

    def render_segments(self, console: Console) -> str:
        return self._painter.difference(self._update, console)


class FramePainter(App[int]):
    """The part of the program that writes frames."""

    def __init__(self) -> None:
        super().__init__()
        self._differ: FrameDiffer | None = None
        self._differs = fits_toolkit()
        self._painted_at = 0.0
        self._open_places: dict[Widget, tuple[Mapping[Widget, tuple[Region, Region]], Region | None]] = {}
        self._laid_over: tuple[object, ...] = ()

    def write_whole_frames(self) -> None:
        """Write frames as the toolkit does, from now on."""
        self._differs = False
        self._differ = None

    @property
    def differ(self) -> FrameDiffer | None:
        """What knows what the terminal shows; None where frames are written whole."""
        if not self._differs or self.is_headless or self.is_inline:
            return None
        if self._differ is None:
            colours = self.console._color_system or ColorSystem.TRUECOLOR
            self._differ = FrameDiffer(colours, erases=erases_with_colour())
        return self._differ

    def on_resize(self) -> None:
        """The terminal may show anything now."""
        if self._differ is not None and self.screen_stack:
            self._differ.reset(*self.size)
            self.screen.refresh()

    # -- what the toolkit has composed

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, ChopsUpdate | LayoutUpdate) and self.differ is not None:
            super()._display(screen, _Difference(self, renderable))  # type: ignore[arg-type]
        else:
            super()._display(screen, renderable)

    def difference(self, update: ChopsUpdate | LayoutUpdate, console: Console) -> str:
        """Return what is to be written for `update`. One of the whole screen is written whole: it mends everything."""
        differ = self.differ
        if differ is None:
            return update.render_segments(console)
        width, height = self.size
        if isinstance(update, LayoutUpdate) or (differ.width, differ.height) != (width, height):
            differ.reset(width, height)
        pieces = _laid_out(update, differ) if isinstance(update, LayoutUpdate) else _chopped(update, differ)
        return differ.draw(pieces)

    # -- what a list paints by itself

    @property
    def paints_lists(self) -> bool:
        """Whether lists can be painted without the toolkit."""
        return self.differ is not None and self._running and not self._closed

    @property
    def frame_is_due_in(self) -> float:
        """Seconds until the next frame may be painted; 0 for now."""
        return max(0.0, self._painted_at + FRAME_SECONDS - time.monotonic())

    def paint(self, shown: Widget, lines: Sequence[Strip], bar: Widget | None, moved: int) -> bool:
        """Write the content of `shown` and its scrollbar; return False where that is left to the toolkit.

        `lines` fill its content region from the top; those that were painted last have moved up by `moved`.
        """
        differ, driver, screen = self.differ, self._driver, shown.screen
        if differ is None or driver is None or self._batch_count or not self.paints_lists:
            return False
        if screen is not self.screen or screen._layout_required or screen._scroll_required:
            return False
        compositor = screen._compositor
        region = self._open_region(shown, compositor.visible_widgets)
        sizes = (differ.width, differ.height), tuple(self.size), tuple(compositor.size)
        if region is None or region.height != len(lines) or len(set(sizes)) > 1:
            return False
        text = differ.draw(self._own_pieces(differ, shown, lines, bar, region), Shift(region.y, region.bottom, moved))
        self._painted_at = time.monotonic()
        if text:
            x, y = screen.outer_size.clamp_offset(self.cursor_position)
            text = f"{text}\x1b[{y + 1};{x + 1}H"
            driver.write(f"{_SYNC_START}{text}{_SYNC_END}" if self._sync_available else text)
            driver.flush()
        return True

    def _own_pieces(
        self, differ: FrameDiffer, shown: Widget, lines: Sequence[Strip], bar: Widget | None, region: Region
    ) -> Iterator[Piece]:
        cells = differ.cells
        filters, background = self.get_line_filters(), shown.background_colors[1]
        laid_over = (tuple(filters), background, self.ansi_theme)
        if laid_over != self._laid_over:
            self._laid_over = laid_over
            cells.forget_lines()
        for y, strip in enumerate(lines, region.y):
            line = cells.known(strip)
            if line is None:
                filtered = strip
                for line_filter in filters:
                    filtered = filtered.apply_filter(line_filter, background)
                line = cells.line(filtered, keep_as=strip)
            yield Piece(y, region.x, line)
        if bar is not None:
            place = bar.region
            for y, strip in enumerate(bar.render_lines(Region(0, 0, place.width, place.height)), place.y):
                yield Piece(y, place.x, cells.known(strip) or cells.line(strip, keep_as=strip))

    def _open_region(self, shown: Widget, visible: Mapping[Widget, tuple[Region, Region]]) -> Region | None:
        """Return where the content of `shown` is on the screen; None if not all of it can be seen as it is."""
        known = self._open_places.get(shown)
        if known is not None and known[0] is visible:
            return known[1]
        region = self._find_open_region(shown, visible)
        self._open_places = {shown: (visible, region)}
        return region

    @staticmethod
    def _find_open_region(shown: Widget, visible: Mapping[Widget, tuple[Region, Region]]) -> Region | None:
        if shown not in visible or shown.opacity < 1 or any(node.styles.has_rule("tint") for node in shown.ancestors):
            return None
        region, clip = visible[shown]
        if not clip.contains_region(region):
            return None
        for other, (place, cut) in visible.items():  # from the front to the back
            if other is shown:
                break
            if other.parent is not shown and place.intersection(cut).overlaps(region):
                return None
        return region.shrink(shown.gutter)


def _laid_out(update: LayoutUpdate, differ: FrameDiffer) -> Iterator[Piece]:
    """Yield the pieces of a whole screen."""
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            line = differ.cells.line(strip)
            yield Piece(y, x, line)
            x += len(line.text)


def _chopped(update: ChopsUpdate, differ: FrameDiffer) -> Iterator[Piece]:
    """Yield the pieces of a part of the screen: what the toolkit would write, cut where it would cut."""
    for y, start, stop in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > stop or end <= start:
                continue
            whole = start <= x < stop and end <= stop
            yield Piece(y, x, differ.cells.line(strip if whole else strip.crop(0, min(end, stop) - x)))
