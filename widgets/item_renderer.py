"""How a list asks for the drawing of an item, and what it tells the one who draws."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from rich.style import Style
from textual.strip import Strip

T_contra = TypeVar("T_contra", contravariant=True)

WHOLE = 1 << 30
"""More lines than any item has."""


@dataclass(frozen=True, slots=True)
class GapState:
    """How a place stands at which items are still to come."""

    phase: Literal["waiting", "loading", "failed"] = "waiting"
    sentence: str = ""
    """Why they have not come."""


WAITING = GapState()


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What a renderer may know besides the item."""

    width: int
    """Cells per line; shorter lines are padded, longer ones are cut."""
    style: Callable[[str], Style]
    """Resolves "accent", "muted italic", "bold text": see `widgets.palette.Palette.style`."""
    folded: bool
    """Whether the item's descendants are hidden."""
    hidden: int
    """How many descendants are hidden, 0 unless folded."""
    now: float
    """The time, in seconds since the epoch."""
    gap: GapState = WAITING
    """How the item stands, if it is a gap."""


class ItemRenderer(Protocol[T_contra]):
    """Draws the items of one kind. Subclass `BaseRenderer` for the defaults."""

    def key(self, item: T_contra) -> str:
        """Return what stays the same while the item changes; unique within a list."""

    def version(self, item: T_contra) -> Hashable:
        """Return what differs whenever the drawing differs for another cause than width, theme, folding or time."""

    def depth(self, item: T_contra) -> int:
        """Return the level in the tree, from 0; descendants come right after their ancestor with greater depths."""

    def estimate(self, item: T_contra, width: int) -> int:
        """Guess the lines of the item, cheaply: it is asked for hundreds at once."""

    def words(self, item: T_contra) -> str | None:
        """Return what the item says, to be searched; None where it has to be drawn for that."""

    def is_gap(self, item: T_contra) -> bool:
        """Return whether the item stands for others that are still to come."""

    def may_mark(self, item: T_contra) -> bool:
        """Return whether the item can be marked, to be acted on with others."""

    def pins(self, item: T_contra) -> int:
        """Return how many of its first lines head what lies under it: `WHOLE` for all, 0 if it heads nothing."""

    def pinned(self, item: T_contra, context: RenderContext) -> Strip:
        """Draw what stands at the top of the list while the item's first lines are above it."""

    def render(self, item: T_contra, context: RenderContext) -> list[Strip]:
        """Draw the item. Leave the background of text open, so that the highlight can lie under it."""


class BaseRenderer(Generic[T_contra]):
    """The defaults of a renderer: a flat list, whose items are three lines until they are seen."""

    def depth(self, item: T_contra) -> int:
        """Return 0: no tree."""
        return 0

    def estimate(self, item: T_contra, width: int) -> int:
        """Return 3 lines."""
        return 3

    def words(self, item: T_contra) -> str | None:
        """Return None: what is drawn is searched."""
        return None

    def is_gap(self, item: T_contra) -> bool:
        """Return False: everything is there."""
        return False

    def may_mark(self, item: T_contra) -> bool:
        """Return True: in a list with marks, every item can have one."""
        return True

    def pins(self, item: T_contra) -> int:
        """Return 0: nothing has a heading."""
        return 0

    def pinned(self, item: T_contra, context: RenderContext) -> Strip:
        """Return an empty line."""
        return Strip([])
