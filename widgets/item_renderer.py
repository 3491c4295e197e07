"""How a list asks for the drawing of an item, and what it tells the one who draws."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from rich.style import Style
from textual.strip import Strip

T_contra = TypeVar("T_contra", contravariant=True)


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
