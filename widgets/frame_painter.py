"""An app that writes to the terminal only what differs from what is there, and paints its lists without a detour.

The toolkit composes the whole screen and writes every line that may have changed. Here its updates pass through a
`FrameDiffer`, and a list that lies open hands its lines to it directly. Both rest on parts that the toolkit calls its
own: `fits_toolkit` looks at them, and where one is not as expected everything is written as the toolkit would.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from widgets.frame_differ import FrameDiffer, Piece, Shift
from widgets.frame_pace import ANSWER_SECONDS, FramePace

MEND_SECONDS = 0.3
"""Seconds in which whole screens that follow each other, as when one comes to the front, are written whole but once."""
_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"


def fits_toolkit() -> bool:
    """Return whether the private parts of the toolkit are those that this module knows."""

    def takes(function: object, *names: str) -> bool:
        return callable(function) and tuple(inspect.signature(function).parameters) == names

    return (
        takes(ChopsUpdate, "chops", "spans", "chop_ends")
        and takes(LayoutUpdate, "strips", "region")
        and takes(App._display, "self", "screen", "renderable")
        and isinstance(getattr(Compositor, "visible_widgets", None), property)
        and all(hasattr(App, name) for name in ("_on_resize", "check_idle", "post_display_hook"))
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


class PaintedList(Protocol):
    """A list that paints itself when it is its turn."""

    def paint_now(self) -> None:
        """Hand over what it shows."""


class ComposedScreen(Protocol):
    """A screen that is composed when it is its turn."""

    @property
    def is_current(self) -> bool:
        """Whether it is in front."""

    def compose_now(self) -> None:
        """Display what it shows."""


class FramePainter(App[int]):
    """The part of the program that writes frames.

    What is to be shown is laid over what was to be shown before; how often that is written is up to the pace, and to
    the line to the terminal. While that takes no more nothing is written, and then the newest state.
    """

    def __init__(self) -> None:
        super().__init__()
        self._differ: FrameDiffer | None = None
        self._differs = fits_toolkit()
        self._pace = FramePace()
        self._list_places: dict[Widget, tuple[Mapping[Widget, tuple[Region, Region]], Place | None]] = {}
        self._laid_over: tuple[object, ...] = ()
        self._waiting: dict[PaintedList, None] = {}
        self._composing: ComposedScreen | None = None
        self._turn_comes: asyncio.TimerHandle | None = None
        self._cursor_at: tuple[int, int] = (-1, -1)
        self._missed = False
        self._mended_at = float("-inf")
        # The turn to paint must come, too, while there is always another message.
        self._max_idle = ANSWER_SECONDS

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
            self._pace.key_came()
            self.screen.refresh()

    # -- when something is written

    @property
    def line_is_busy(self) -> bool:
        """Whether the terminal has not taken yet what was written last."""
        return False

    @property
    def line_is_clogged(self) -> bool:
        """Whether so much waits for the terminal that whole frames are better dropped than queued, too."""
        return False

    def line_took(self, size: int, seconds: float) -> None:
        """The terminal took `size` bytes within `seconds`, and has nothing more to take."""
        self.line_is_free()

    def line_is_free(self) -> None:
        """The terminal has taken everything that was written."""
        if self._missed:
            self._missed = False
            self.screen.refresh()
        if self._awaits_turn:
            self.check_idle()

    @property
    def _awaits_turn(self) -> bool:
        return bool(self._waiting or self._composing) or (self._differ is not None and self._differ.is_pending)

    def on_idle(self) -> None:
        """Paint what waits for it, if it is time."""
        differ = self._differ
        if differ is None or not self._awaits_turn or self.line_is_busy:
            return
        if wait := self._pace.wait:
            if self._turn_comes is None:
                self._turn_comes = asyncio.get_running_loop().call_later(wait, self._turn)
            return
        if self._composing is not None and self._composing.is_current:
            self._composing.compose_now()
        self._composing = None
        waiting, self._waiting = self._waiting, {}
        for each in waiting:
            each.paint_now()
        self._write_frame(differ)

    def _turn(self) -> None:
        self._turn_comes = None
        self.check_idle()

    def _write_frame(self, differ: FrameDiffer) -> None:
        driver = self._driver
        if driver is None or not self._running or self._closed:
            return
        x, y = cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        text = differ.flush()
        if text or cursor != self._cursor_at:
            self._cursor_at = cursor
            self._pace.written()
            text = f"{text}\x1b[{y + 1};{x + 1}H"
            driver.write(f"{_SYNC_START}{text}{_SYNC_END}" if self._sync_available else text)
            driver.flush()

    def answer(self) -> None:
        """The user has done something: the next frames come at once."""
        self._pace.key_came()

    def request(self, shown: PaintedList) -> None:
        """Paint a list in the next frame."""
        self._waiting[shown] = None
        # Also where the program itself seems to be at work: a task that it began is, and nothing may follow.
        self.check_idle()

    def composes(self, screen: ComposedScreen) -> bool:
        """Compose the screen in front for the next frame, not now; return False where that is left to the toolkit."""
        if not self.paints_lists:
            return False
        self._composing = screen
        # Also where the program itself seems to be at work: a task that it began is, and nothing may follow.
        self.check_idle()
        return True

    # -- what the toolkit has composed

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        differ = self.differ
        if differ is None:
            if self.line_is_clogged:
                self._missed = True  # all of it is written when the terminal takes something again
            else:
                super()._display(screen, renderable)
            return
        if not isinstance(renderable, ChopsUpdate | LayoutUpdate):
            super()._display(screen, renderable)
            return
        if self._batch_count or not self._running or self._closed:
            self.post_display_hook()
            return
        width, height = self.size
        is_whole = isinstance(renderable, LayoutUpdate) and time.monotonic() - self._mended_at > MEND_SECONDS
        if is_whole or (differ.width, differ.height) != (width, height):
            # It mends everything.
            self._mended_at = time.monotonic()
            differ.reset(width, height)
        differ.lay(_pieces(renderable, differ))
        self.check_idle()
        self.post_display_hook()

    # -- what a list paints by itself

    @property
    def paints_lists(self) -> bool:
        """Whether lists can be painted without the toolkit."""
        return self.differ is not None and self._running and not self._closed

    def paint(self, shown: Widget, lines: Sequence[Strip], bar: Widget | None, moved: int) -> bool:
        """Lay the content of `shown` and its scrollbar into the next frame; return False to leave it to the toolkit.

        `lines` fill its content region from the top; those that were painted last have moved up by `moved`.
        """
        differ, screen = self.differ, shown.screen
        if differ is None or self._batch_count or not self.paints_lists:
            return False
        if screen is not self.screen or screen._layout_required or screen._scroll_required:
            return False
        compositor = screen._compositor
        place = self._place_of(shown, compositor.visible_widgets)
        sizes = (differ.width, differ.height), tuple(self.size), tuple(compositor.size)
        if place is None or place.region.height != len(lines) or len(set(sizes)) > 1:
            return False
        self._lay(differ, place, shown, lines, bar, moved)
        return True

    def _lay(
        self, differ: FrameDiffer, place: Place, shown: Widget, lines: Sequence[Strip], bar: Widget | None, moved: int
    ) -> None:
        region, cells = place.region, differ.cells
        filters, background = self.get_line_filters(), shown.background_colors[1]
        laid_over = (tuple(filters), background, self.ansi_theme)
        if laid_over != self._laid_over:
            self._laid_over = laid_over
            cells.forget_lines()
            differ.forget_stamps()
        x, top = region.offset
        column, thumbs = (0, [None] * len(lines)) if bar is None else _thumbs(bar, region)
        shift = Shift(top, region.bottom, moved) if moved and not place.covers else None
        if shift is not None and _move_together(differ, shift, lines, x, max(region.right, column + 1)):
            shift = None
        stamps = differ.stamps
        pieces: list[Piece] = []
        marks: list[tuple[int, _Mark]] = []
        for y, (strip, thumb) in enumerate(zip(lines, thumbs, strict=True), top):
            mark = stamps[y]
            if isinstance(mark, _Mark) and mark.strip is strip and mark.thumb is thumb and mark.owner is shown:
                continue
            line = cells.known(strip)
            if line is None:
                segments = list(strip)
                for line_filter in filters:
                    segments = line_filter.apply(segments, background)
                line = cells.line(segments, keep_as=strip)
            pieces.append(Piece(y, x, line))
            if thumb is not None:
                pieces.append(Piece(y, column, cells.known(thumb) or cells.line(thumb, keep_as=thumb)))
            marks.append((y, _Mark(shown, strip, thumb)))
        differ.lay(_uncovered(pieces, place.covers), shift)
        for y, covered in marks:
            differ.stamp(y, covered)

    def _place_of(self, shown: Widget, visible: Mapping[Widget, tuple[Region, Region]]) -> Place | None:
        """Return where the content of `shown` is on the screen; None if it cannot be seen as it is."""
        known = self._list_places.get(shown)
        if known is not None and known[0] is visible:
            return known[1]
        place = _find_place(shown, visible)
        self._list_places = {each: found for each, found in self._list_places.items() if found[0] is visible}
        self._list_places[shown] = visible, place
        return place


class Place(NamedTuple):
    """Where a list is on the screen."""

    region: Region
    """Of its content."""
    covers: tuple[Region, ...]
    """What lies over it."""


class _Mark(NamedTuple):
    """What a list laid into a line of the screen."""

    owner: Widget
    strip: Strip
    thumb: Strip | None


def _find_place(shown: Widget, visible: Mapping[Widget, tuple[Region, Region]]) -> Place | None:
    if shown not in visible or shown.opacity < 1 or any(node.styles.has_rule("tint") for node in shown.ancestors):
        return None
    region, clip = visible[shown]
    if not clip.contains_region(region):
        return None
    covers: list[Region] = []
    for other, (place, cut) in visible.items():  # from the front to the back
        if other is shown:
            break
        if other.parent is not shown and (covering := place.intersection(cut)).overlaps(region):
            covers.append(covering)
    return Place(region.shrink(shown.gutter), tuple(covers))


def _thumbs(bar: Widget, region: Region) -> tuple[int, list[Strip | None]]:
    """Return the column of a scrollbar, and what it shows beside each line of `region`."""
    place = bar.region
    found = dict(enumerate(bar.render_lines(Region(0, 0, place.width, place.height)), place.y))
    return place.x, [found.get(y) for y in range(region.y, region.bottom)]


def _move_together(differ: FrameDiffer, shift: Shift, lines: Sequence[Strip], left: int, right: int) -> bool:
    """Let the terminal move the lines of a list if most of them stay; return whether it does."""
    top, bottom, moved = shift
    if differ.is_pending or abs(moved) >= bottom - top or right - left < differ.width * 9 // 10:
        return False
    stamps = differ.stamps
    ends = range(max(top, top - moved), min(bottom, bottom - moved))
    same = sum(isinstance(mark := stamps[y + moved], _Mark) and mark.strip is lines[y - top] for y in ends)
    if 2 * same <= bottom - top:
        return False
    differ.scroll(shift, left, right)
    return True


def _uncovered(pieces: Iterable[Piece], covers: Sequence[Region]) -> Iterator[Piece]:
    """Yield the parts of `pieces` that nothing lies over."""
    for piece in pieces:
        free = [piece]
        for cover in covers:
            if cover.y <= piece.y < cover.bottom:
                free = [part for each in free for part in _beside(each, cover)]
        yield from free


def _beside(piece: Piece, cover: Region) -> Iterator[Piece]:
    y, x, line = piece
    end = x + len(line.text)
    if cover.right <= x or cover.x >= end:
        yield piece
        return
    if cover.x > x:
        yield Piece(y, x, line.cut(0, cover.x - x))
    if cover.right < end:
        yield Piece(y, cover.right, line.cut(cover.right - x, end - x))


def _pieces(update: ChopsUpdate | LayoutUpdate, differ: FrameDiffer) -> Iterator[Piece]:
    return _laid_out(update, differ) if isinstance(update, LayoutUpdate) else _chopped(update, differ)


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
