"""When the whole memory is looked through for garbage: while nobody presses a key."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable

QUIET = 10.0
"""Seconds without a key after which nobody will notice a pause."""
_WORTH = 10
"""Looks at what is middle-aged since the last one at everything, after which Python thinks that another is worth it."""
_UNATTENDED = 20 * _WORTH
"""After so many, a pause is better than what has gathered: messages may come for days without a key being pressed."""


class Collector:
    """Keeps the garbage collector from looking at everything in the middle of something.

    A thread of 100,000 comments is half a million objects, and to look at all of them holds the whole program for
    0.2 to 0.4 s; Python does that several times while they are loaded, and finds nothing. Here it waits until no key
    was pressed for a while. What is alive then is not looked at again before the next such time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds; nothing happens before `start`."""
        self._clock = clock
        self._touched = clock()
        self._timer: asyncio.TimerHandle | None = None
        self._before: tuple[int, int, int] | None = None

    def start(self) -> None:
        """Begin; what there is now stays."""
        if self._before is None:
            self._before = gc.get_threshold()
            young, middle, _ = self._before
            gc.set_threshold(young, middle, _UNATTENDED)
        gc.freeze()
        gc.enable()

    def stop(self) -> None:
        """Leave it to Python again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._before is not None:
            gc.set_threshold(*self._before)
            self._before = None

    def touched(self) -> None:
        """A key was pressed, or the mouse moved: to be called on the event loop, and free of cost."""
        self._touched = self._clock()
        if self._timer is None and self._before is not None:
            self._timer = asyncio.get_running_loop().call_later(QUIET, self._look)

    def _look(self) -> None:
        self._timer = None
        quiet = self._clock() - self._touched
        if quiet < QUIET:
            self._timer = asyncio.get_running_loop().call_later(QUIET - quiet, self._look)
        elif gc.get_count()[2] >= _WORTH:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
