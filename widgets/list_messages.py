"""What a virtual list tells its screen, in the past tense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.message import Message

from widgets.direct_message import DirectMessage

if TYPE_CHECKING:
    from widgets.list_surface import ListSurface


class ListMessage(DirectMessage, namespace="virtual_list"):
    """Something happened in a list; handlers are called `on_virtual_list_<what>`."""

    def __init__(self, source: ListSurface[Any]) -> None:
        super().__init__()
        self.list = source
        """The list in which it happened."""

    @property
    def control(self) -> ListSurface[Any]:
        """The list, for the selector of `@on`."""
        return self.list


class Highlighted(ListMessage, namespace="virtual_list"):
    """The cursor stands on another item, or on none."""

    def __init__(self, source: ListSurface[Any], item: Any) -> None:
        super().__init__(source)
        self.item = item
        """The item, None when the list has become empty."""


class Chosen(ListMessage, namespace="virtual_list"):
    """An item was double-clicked, or chosen by key."""

    def __init__(self, source: ListSurface[Any], item: Any) -> None:
        super().__init__(source)
        self.item = item


class GapReached(ListMessage, namespace="virtual_list"):
    """What is still to come at a place is wanted.

    At an end (`widgets.list_gaps.TOP`, `BOTTOM`): less than about a page is left there; posted once per approach, and
    again when more came. Inside: a gap has come into view. In both cases also when a failed one is to be tried again.
    """

    def __init__(self, source: ListSurface[Any], place: str, *, asked: bool = False) -> None:
        super().__init__(source)
        self.place = place
        """`TOP`, `BOTTOM` or the key of the gap."""
        self.asked = asked
        """Whether the user asked for it, and did not just come by."""


class NewBelow(ListMessage, namespace="virtual_list"):
    """In a list that follows its end: so many items came below since the end was last shown (0 when it is)."""

    def __init__(self, source: ListSurface[Any], count: int) -> None:
        super().__init__(source)
        self.count = count


class MarksChanged(ListMessage, namespace="virtual_list"):
    """Other items are marked than before."""

    def __init__(self, source: ListSurface[Any], count: int) -> None:
        super().__init__(source)
        self.count = count
        """How many are marked now."""

    def can_replace(self, message: Message) -> bool:
        """Of several in the queue, only the newest counts."""
        return isinstance(message, MarksChanged) and message.list is self.list


class VisibleChanged(ListMessage, namespace="virtual_list"):
    """Other items are on the screen, or within one page below it: what they need may be fetched."""

    def __init__(self, source: ListSurface[Any], keys: tuple[str, ...]) -> None:
        super().__init__(source)
        self.keys = keys
        """Keys from the top down."""

    def can_replace(self, message: Message) -> bool:
        """Of several in the queue, only the newest counts."""
        return isinstance(message, VisibleChanged) and message.list is self.list
