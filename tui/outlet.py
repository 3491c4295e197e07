"""The way to the terminal: nothing here waits for one that is slow or gone.

The toolkit writes from a thread with a short queue, and the loop waits for room in it once the terminal takes no more.
Here what the terminal does not take at once is kept, and goes on when it has room; whoever paints asks `is_busy` first
and paints the newest state when it is told that everything is out.
"""

from __future__ import annotations

import asyncio
import os
import select
import threading
import time
from collections.abc import Callable

CLOGGED = 64 * 1024
"""Bytes."""


class Outlet:
    """Writes to one terminal without waiting for it."""

    def __init__(
        self, descriptor: int, loop: asyncio.AbstractEventLoop, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`descriptor` is open for writing, does not block, and is nobody else's; `clock` counts seconds."""
        self._descriptor = descriptor
        self._loop = loop
        self._clock = clock
        self._lock = threading.RLock()
        self._left = b""
        self._since = 0.0
        self._size = 0
        self._is_watched = False
        self.lost = False
        """Whether the terminal is gone, or nothing more is to be written to it."""
        self.taken: Callable[[int, float], None] | None = None
        """Told on the loop when everything written is out: how many bytes, and the seconds the terminal took."""

    @classmethod
    def to(cls, descriptor: int, loop: asyncio.AbstractEventLoop) -> Outlet | None:
        """Return the outlet to the terminal behind `descriptor`; None if it cannot be opened anew.

        Opened anew, because not to wait is a property that the shell would share otherwise.
        """
        try:
            own = os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return None
        return cls(own, loop)

    @property
    def is_busy(self) -> bool:
        """Whether the terminal has not taken everything yet."""
        return bool(self._left)

    @property
    def is_clogged(self) -> bool:
        """Whether more waits for the terminal than a few whole frames."""
        return len(self._left) > CLOGGED

    def write(self, text: str) -> None:
        """Write `text` behind what was written before; it is thrown away once the terminal is gone."""
        with self._lock:
            if self.lost:
                return
            data = text.encode("utf-8", "replace")
            if self._left:
                self._left += data
                self._size += len(data)
                return
            self._since, self._size = self._clock(), len(data)
            self._left = data
            self._push()
            if self._left:
                self._watch()
            elif self.taken is not None and threading.get_ident() == self._home:
                self.taken(self._size, 0.0)

    @property
    def _home(self) -> int:
        """The thread of the loop."""
        return getattr(self._loop, "_thread_id", None) or threading.get_ident()

    def _push(self) -> None:
        """Write as much as the terminal takes now."""
        try:
            while self._left:
                self._left = self._left[os.write(self._descriptor, self._left) :]
        except BlockingIOError:
            return
        except OSError:
            self.lost, self._left = True, b""

    def _watch(self) -> None:
        if threading.get_ident() != self._home:
            self._loop.call_soon_threadsafe(self._watch)
        elif not self._is_watched and self._left and not self.lost:
            self._is_watched = True
            self._loop.add_writer(self._descriptor, self._go_on)

    def _go_on(self) -> None:
        with self._lock:
            self._push()
            if self._left:
                return
            self._unwatch()
        if self.taken is not None and not self.lost:
            self.taken(self._size, self._clock() - self._since)

    def _unwatch(self) -> None:
        if self._is_watched:
            self._is_watched = False
            self._loop.remove_writer(self._descriptor)

    def drain(self) -> None:
        """Wait until the terminal has taken everything, or is gone."""
        with self._lock:
            self._unwatch()
            if not self._left:
                return
            waiting = select.poll()
            waiting.register(self._descriptor, select.POLLOUT)
            while self._left and not self.lost:
                waiting.poll(100)
                self._push()

    def close(self) -> None:
        """Write what is left and close; what is written afterwards is thrown away."""
        self.drain()
        self.lost = True
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
