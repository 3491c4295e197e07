"""The content of a list, drawn: items, header and footer, as rows that a window can lie over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.item_renderer import WAITING, BaseRenderer, GapState, ItemRenderer, RenderContext
from widgets.list_search import Sought, with_hits
from widgets.palette import Palette
from widgets.row_tree import RowTree
from widgets.strip_cache import Drawn, StripCache
from widgets.wrapping import wrap

T = TypeVar("T")

HEADER = "\x00header"
FOOTER = "\x00footer"
"""Keys that no item has: control characters are cleaned out of everything that comes from outside."""

_MOST_IN_A_TURN = 500
"""Drawings that are held beside the cache while something is worked out."""

RENDER_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a renderer can raise over an item that is not as it should be; the item then shows as a sentence."""

UPWARDS = " ↑"
"""At the end of a heading that is laid over the first line: what it stands for is further up."""

UNSHOWABLE = "this item can't be shown"

_logger = logging.getLogger(__name__)


class Look(NamedTuple):
    """How the lines of an item stand in the list: what is laid under and beside them."""

    marker: str
    """One cell, left of every line."""
    marker_style: Style
    base: Style
    """Colours wherever the renderer set none."""
    sought: Sought = Sought(())
    hit: Style = Style.null()
    """How a place is shown that was sought."""
    mark: str = ""
    """One cell that takes the place of the marker in the first line that says something."""


class Looks(NamedTuple):
    """How items look, and the heading that is laid over the first line."""

    plain: Look
    highlighted: Look
    marked: Look
    both: Look
    pinned: Look

    def of(self, *, at_cursor: bool, marked: bool) -> Look:
        """Return how an item looks."""
        if marked:
            return self.both if at_cursor else self.marked
        return self.highlighted if at_cursor else self.plain


class ListBody(Generic[T]):
    """Implements `widgets.anchor.Rows` over the items of a list."""

    def __init__(self, renderer: ItemRenderer[T], palette: Palette, now: Callable[[], float]) -> None:
        """`now` gives seconds since the epoch."""
        self.renderer = renderer
        self._now = now
        self._cache = StripCache()
        self._generation = 0
        self._turn: dict[str, Drawn] = {}
        """What was drawn since something may have changed."""
        self._pinned: tuple[Hashable, Strip] | None = None
        """The heading that was laid over the first line last, with all that its drawing depends on."""
        self.has_heads = getattr(type(renderer), "pins", None) is not BaseRenderer.pins
        """Whether any item can head others: lists in which none does are spared the question."""
        self.palette = palette
        self.width = 0
        """Cells for an item's lines, the marker not counted."""
        self.rows: RowTree[T] = RowTree(renderer.key, self._estimate, renderer.depth)
        self.header: str | None = None
        """A line above the first item, where nothing is still to come."""
        self.footer: str | None = None
        """A line below the last one."""
        self.gaps: dict[str, GapState] = {}
        """How what is still to come stands, by key; `HEADER` and `FOOTER` for the two ends."""

    # -- rows ----------------------------------------------------------------------------------------------------

    def _has(self, note: str) -> bool:
        """Return whether a line stands at this end of the list."""
        return note in self.gaps or (self.header if note == HEADER else self.footer) is not None

    def first(self) -> str | None:
        """Return the first key: the header's, if there is one."""
        first = self.rows.first()
        return HEADER if first is not None and self._has(HEADER) else first

    def last(self) -> str | None:
        """Return the last key: the footer's, if there is one."""
        last = self.rows.last()
        return FOOTER if last is not None and self._has(FOOTER) else last

    def after(self, key: str) -> str | None:
        """Return the key below `key`."""
        if key == HEADER:
            return self.rows.first()
        if key == FOOTER:
            return None
        following = self.rows.after(key)
        return FOOTER if following is None and self._has(FOOTER) else following

    def before(self, key: str) -> str | None:
        """Return the key above `key`."""
        if key == FOOTER:
            return self.rows.last()
        if key == HEADER:
            return None
        previous = self.rows.before(key)
        return HEADER if previous is None and self._has(HEADER) else previous

    def measure(self, key: str) -> int:
        """Return the lines of `key`, drawing it where it is not drawn yet."""
        return len(self.drawn(key).strips)

    def changed(self) -> None:
        """Look anew from now on: items, folds or what lies beside an item may have changed since the last time."""
        self._turn.clear()

    def __contains__(self, key: str) -> bool:
        if key == HEADER:
            return self._has(HEADER) and len(self.rows) > 0
        if key == FOOTER:
            return self._has(FOOTER) and len(self.rows) > 0
        return key in self.rows and not self.rows.is_hidden(key)

    @property
    def height(self) -> int:
        """All rows, estimates included."""
        return self.rows.rows + self._has(HEADER) + self._has(FOOTER)

    def place_of(self, key: str) -> int:
        """Return a number that grows from the top down."""
        if key == HEADER:
            return -1
        return len(self.rows) if key == FOOTER else self.rows.position(key)

    def row_of(self, key: str) -> int:
        """Return the rows above `key`."""
        header = int(self._has(HEADER))
        if key == HEADER:
            return 0
        return header + (self.rows.rows if key == FOOTER else self.rows.row_of(key))

    def find(self, row: int) -> tuple[str, int] | None:
        """Return the key at `row` and the line within it."""
        if self._has(HEADER):
            if row == 0:
                return HEADER, 0
            row -= 1
        found = self.rows.find(row)
        return (FOOTER, 0) if found is None and self._has(FOOTER) and row >= self.rows.rows else found

    # -- drawing -------------------------------------------------------------------------------------------------

    def resize(self, width: int) -> None:
        """Lay everything out anew for lines of `width` cells."""
        self.width = width
        self.changed()
        self.rows.forget_heights()

    def repaint(self, palette: Palette | None = None) -> None:
        """Draw everything anew, as it comes into view; in the colours of `palette` if they have changed."""
        self.palette = palette or self.palette
        self._generation += 1
        self.changed()
        self._cache.clear()

    def forget(self, key: str) -> None:
        """Draw `key` anew when it is next seen."""
        self.changed()
        self._cache.drop(key)

    def drawn(self, key: str) -> Drawn:
        """Return the drawing of `key`, from the cache where that is still good."""
        drawn = self._turn.get(key)
        if drawn is None:
            if len(self._turn) >= _MOST_IN_A_TURN:
                self._turn.clear()
            drawn = self._turn[key] = self._drawn_note(key) if key in (HEADER, FOOTER) else self._drawn_item(key)
        return drawn

    def _drawn_item(self, key: str) -> Drawn:
        item = self.rows.item(key)
        folded = self.rows.is_folded(key)
        hidden = self.rows.descendants(key) if folded else 0
        gap = self.gaps.get(key, WAITING)
        stamp = (self._version(item), self.width, self._generation, hidden, gap)
        drawn = self._cache.get(key, stamp)
        if drawn is None:
            context = RenderContext(self.width, self.palette.style, folded, hidden, self._now(), gap)
            drawn = self._cache.put(key, stamp, self._render(item, context))
            self.rows.set_height(key, len(drawn.strips))
        return drawn

    def _drawn_note(self, key: str) -> Drawn:
        text, token = (self.header if key == HEADER else self.footer), "muted"
        if (gap := self.gaps.get(key)) is not None:
            text, token = (gap.sentence, "error") if gap.phase == "failed" else ("Loading more…", "muted")
        stamp = (text, token, self.width, self._generation)
        return self._cache.get(key, stamp) or self._cache.put(
            key, stamp, [self._centred(text or "", self.palette.style(token))]
        )

    def words(self, key: str) -> str:
        """Return what the item says, to be searched."""
        try:
            words = self.renderer.words(self.rows.item(key))
        except RENDER_ERRORS:
            words = None
        return self.text(key) if words is None else words

    def text(self, key: str) -> str:
        """Return what is drawn of the item, without colours."""
        return "\n".join(strip.text.rstrip() for strip in self.drawn(key).strips)

    def undress(self) -> None:
        """Forget how the items looked, because that has changed; their drawings stay."""
        self._cache.undress()

    def _version(self, item: T) -> object:
        try:
            return self.renderer.version(item)
        except RENDER_ERRORS:
            return None

    def _estimate(self, item: T) -> int:
        try:
            return max(1, self.renderer.estimate(item, max(1, self.width)))
        except RENDER_ERRORS:
            return 1

    def _render(self, item: T, context: RenderContext) -> list[Strip]:
        try:
            strips = self.renderer.render(item, context)
            lines = [self._fit(strip) for strip in strips]
        except RENDER_ERRORS:
            _logger.warning("an item could not be drawn", exc_info=True)
            lines = []
            strips = [Strip([Segment(UNSHOWABLE, self.palette.style("muted italic"))])]
            lines = [self._fit(strip) for strip in strips]
        return lines or [self._fit(Strip([]))]

    def _fit(self, strip: Strip) -> Strip:
        """Return `strip` with exactly the cells of a line: blanks that lack a segment would have no background."""
        return strip.adjust_cell_length(self.width, Style.null())

    def _centred(self, text: str, style: Style) -> Strip:
        line = (wrap(text, self.width) or [""])[0]
        return self._fit(Strip([Segment(line, style)]).text_align(self.width, "center"))

    def dressed(self, key: str, look: Look) -> list[Strip]:
        """Return the lines of `key` with `look` laid over them: marker cell first, then the width of the body."""
        drawn = self.drawn(key)
        lines = drawn.dressed.get(look)
        if lines is None:
            lines = drawn.dressed[look] = [dress(strip, look) for strip in drawn.strips]
            if look.mark:
                at = next((y for y, strip in enumerate(drawn.strips) if strip.text.strip()), 0)
                lines[at] = dress(drawn.strips[at], look._replace(marker=look.mark))
        return lines

    # -- headings that stay ----------------------------------------------------------------------------------------

    def pins(self, key: str) -> int:
        """Return how many of the first lines of `key` head what lies under it."""
        if key in (HEADER, FOOTER):
            return 0
        try:
            return self.renderer.pins(self.rows.item(key))
        except RENDER_ERRORS:
            return 0

    def head_of(self, key: str) -> str | None:
        """Return the nearest item above `key` in the tree that heads what lies under it."""
        if key in (HEADER, FOOTER) or not self.has_heads:
            return None
        above = self.rows.parent(key)
        while above is not None and not self.pins(above):
            above = self.rows.parent(above)
        return above

    def pinned(self, key: str, look: Look) -> Strip:
        """Return the line that stands for the heading `key` while its own are above the screen."""
        item = self.rows.item(key)
        stamp = (key, self._version(item), self.width, self._generation, look)
        if self._pinned is None or self._pinned[0] != stamp:
            context = RenderContext(self.width, self.palette.style, False, 0, self._now())
            try:
                strip = self.renderer.pinned(item, context)
            except RENDER_ERRORS:
                strip = Strip([])
            line = strip.adjust_cell_length(max(self.width - len(UPWARDS), 0), Style.null())
            self._pinned = stamp, dress(self._fit(Strip([*line, Segment(UPWARDS, look.marker_style)])), look)
        return self._pinned[1]

    def sign(self, words: str, look: Look) -> Strip:
        """Return the line that says what is being done with the items."""
        stamp = (words, self.width, self._generation, look)
        if self._pinned is None or self._pinned[0] != stamp:
            self._pinned = stamp, dress(self._centred(words, self.palette.style("italic muted")), look)
        return self._pinned[1]

    # -- when there is nothing to show ---------------------------------------------------------------------------

    def skeleton(self, height: int) -> list[Strip]:
        """Return `height` lines that stand for items on their way: still, because an animation costs 99 KB a second."""
        style = self.palette.style("muted")
        shares = (0.35, 0.85, 0.6, 0.0)
        lines = []
        for y in range(height):
            bar = int(min(self.width - 1, 72) * shares[y % len(shares)])
            lines.append(self._fit(Strip([Segment(" " + "░" * bar, style)] if bar > 0 else [])))
        return lines

    def sentence(self, text: str, token: str, height: int) -> list[Strip]:
        """Return `height` lines with `text` in the middle."""
        style = self.palette.style(token)
        lines = [
            self._fit(Strip([Segment(line, style)]).text_align(self.width, "center"))
            for line in wrap(text, max(1, self.width - 4))[:height]
        ]
        above = max(0, (height - len(lines)) // 3)
        blank = self._fit(Strip([]))
        return [*[blank] * above, *lines, *[blank] * max(0, height - above - len(lines))]


def dress(strip: Strip, look: Look) -> Strip:
    """Return `strip` with the marker before it and the base colours under it."""
    base = look.base
    segments = [Segment(look.marker, base + look.marker_style)]
    segments += [Segment(text, base + style) for text, style, control in strip if not control and text]
    dressed = Strip(segments, strip.cell_length + 1)
    return with_hits(dressed, look.sought, look.hit) if look.sought else dressed
