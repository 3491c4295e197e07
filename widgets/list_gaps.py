"""Places in a list where something is still to come: reached, on the way, or failed; at its ends and inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

from rich.segment import Segment
from textual.strip import Strip

from widgets import list_messages
from widgets.item_renderer import GapState, RenderContext
from widgets.list_body import FOOTER, HEADER, RENDER_ERRORS
from widgets.list_surface import ListSurface
from widgets.wrapping import cells, ellipsis

T = TypeVar("T")

TOP, BOTTOM = HEADER, FOOTER
"""The places above the first item and below the last one; any other place is the key of an item."""


@dataclass(frozen=True, slots=True)
class GapWords:
    """What a row says that stands for items which are not there yet."""

    waiting: str
    """Before it was asked for: "34 more replies"."""
    loading: str
    """While it is on its way: "34 replies"."""


def gap_line(words: GapWords, context: RenderContext, lead: Segment | None = None) -> Strip:
    """Return the line of a gap, `lead` before it: what it stands for, grey bars while it loads, or what went wrong.

    It is one line in every state, so that nothing moves when the state changes.
    """
    before = [] if lead is None else [lead]
    room = max(context.width - sum(cells(segment.text) for segment in before), 8)
    style, gap = context.style, context.gap
    if gap.phase == "failed":
        shown = ellipsis(f"✗ {gap.sentence} · Enter tries again", room)
        return Strip([*before, Segment(shown, style("error"))])
    if gap.phase == "loading":
        shown = ellipsis(f"{words.loading} on the way", room)
        bar = "░" * min(room - cells(shown) - 2, 40)
        return Strip([*before, Segment(shown, style("italic muted")), Segment(f"  {bar}", style("muted"))])
    return Strip([*before, Segment(ellipsis(f"▸ {words.waiting}", room), style("italic link"))])


class ListGaps(ListSurface[T], inherit_bindings=False):
    """A list surface that tells when a gap is reached, and shows how it stands.

    A renderer says which items are gaps (`is_gap`) and draws them with `gap_line`. `GapReached` is posted when one
    comes into view, and again when the user asks for it. Whoever fetches says `load_gap` and `fail_gap`; when its items
    have come the gap is taken out, and what is read stays where it is.
    """

    _near_gaps: dict[str, bool]
    """Whether the items on the screen are gaps; what is told of was not on the screen before."""

    def gap(self, place: str) -> GapState:
        """Return how a gap stands."""
        return self._body.gaps.get(place, GapState())

    def load_gap(self, place: str) -> None:
        """Show that what belongs into a gap is on its way."""
        self._set_gap(place, GapState("loading"))

    def fail_gap(self, place: str, sentence: str) -> None:
        """Show why what belongs into a gap has not come."""
        self._set_gap(place, GapState("failed", sentence))

    def close_gap(self, place: str) -> None:
        """Show a gap as nobody has asked for it, or nothing at an end of the list."""
        self._set_gap(place, GapState())

    def retry_gap(self, place: str) -> bool:
        """Ask once more for what belongs into a gap; return whether it is one that waits for that."""
        is_gap = place in (TOP, BOTTOM) or self._is_gap(place)
        waits = is_gap and self.gap(place).phase != "loading"
        if waits:
            self.post_message(list_messages.GapReached(self, place, asked=True))
        return waits

    def _set_gap(self, place: str, state: GapState) -> None:
        if self.gap(place) == state:
            return
        with self._steady():
            if state.phase == "waiting":
                del self._body.gaps[place]
            else:
                self._body.gaps[place] = state
            self._body.changed()

    def _is_gap(self, key: str) -> bool:
        try:
            return self._body.renderer.is_gap(self._body.rows.item(key))
        except RENDER_ERRORS:
            return False

    def _tell(self) -> None:
        super()._tell()
        known = self._near_gaps
        near = {span.key: known.get(span.key) for span in self._spans if span.key not in (TOP, BOTTOM)}
        self._near_gaps = {key: self._is_gap(key) if found is None else found for key, found in near.items()}
        for key, is_gap in self._near_gaps.items():
            if is_gap and key not in known and self.gap(key).phase != "loading":
                self.post_message(list_messages.GapReached(self, key))

    def _tell_edges(self) -> None:
        top = self._window.top
        if top is None:
            return
        height = self._window.height
        above = self._body.row_of(top.key) + top.line
        ends: tuple[tuple[Literal["top", "bottom"], int], ...] = (
            ("top", above),
            ("bottom", self._body.height - above - height),
        )
        for end, left in ends:
            if left > height:
                self._armed[end] = True
            elif self._armed[end]:
                self._armed[end] = False
                self.post_message(list_messages.GapReached(self, TOP if end == "top" else BOTTOM))
