"""How a store says that it has changed: plain callbacks, no toolkit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

C = TypeVar("C")


class Observable(Generic[C]):
    """Tells its subscribers what changed.

    `C` is the type of the change: a small frozen dataclass or an enumeration of the store. Subscribers are called at
    once, in the order they came, on the event loop; one that raises is a defect and is not shielded.
    """

    def __init__(self) -> None:
        self._subscribers: list[Callable[[C], None]] = []

    def subscribe(self, callback: Callable[[C], None]) -> Callable[[], None]:
        """Call `callback` at every change until the returned function is called."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def tell(self, change: C) -> None:
        """Tell every subscriber."""
        for callback in tuple(self._subscribers):
            callback(change)
