"""Tells subscribers about the player: at once when something changed, four times a second while time passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tui.player.clock import Clock, Timer
from tui.player.track import PlayerSnapshot

TICK_S = 0.25

Subscriber: TypeAlias = Callable[[PlayerSnapshot], None]


class Publisher:
    """Coalesces: however many changes one turn of the loop brings, each subscriber hears of them once."""

    def __init__(self, clock: Clock, take: Callable[[], PlayerSnapshot]) -> None:
        """`take` makes the snapshot, only when it is due."""
        self._clock = clock
        self._take = take
        self._subscribers: dict[object, Subscriber] = {}
        self._timer: Timer | None = None
        self._due = 0.0
        self._last = -TICK_S

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every snapshot from now on; return what ends that."""
        token = object()
        self._subscribers[token] = subscriber

        def unsubscribe() -> None:
            self._subscribers.pop(token, None)

        return unsubscribe

    def changed(self) -> None:
        """Something other than the position changed: publish in this turn of the loop."""
        self._arrange(0.0)

    def ticked(self) -> None:
        """The position moved on: publish, but at most every `TICK_S` seconds."""
        self._arrange(max(0.0, self._last + TICK_S - self._clock.monotonic()))

    def close(self) -> None:
        """Publish nothing any more."""
        self._subscribers.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _arrange(self, delay_s: float) -> None:
        due = self._clock.monotonic() + delay_s
        if self._timer is not None:
            if self._due <= due:
                return
            self._timer.cancel()
        self._due = due
        self._timer = self._clock.call_later(delay_s, self._publish)

    def _publish(self) -> None:
        self._timer = None
        self._last = self._clock.monotonic()
        snapshot = self._take()
        for subscriber in list(self._subscribers.values()):
            # Each in a call of its own: a subscriber that fails is reported by the loop and stops no other.
            self._clock.call_later(0.0, lambda call=subscriber: call(snapshot))  # type: ignore[misc]
