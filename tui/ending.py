"""The last moments of the program: what it says on the terminal, and that nothing can keep it from leaving."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_PREFIX = "parlour worker"
PATIENCE = 0.3
"""Seconds that threads get to end by themselves."""
TURN = 0.1
"""Seconds between two looks at whether a program that is ending still lives."""
STUCK_AFTER = 1.8
"""Seconds without a sign of life after which a program that is to end is ended."""


class Watchdog:
    """Ends the process when it is to end and cannot.

    The loop may wait for something that never comes: a terminal that takes nothing any more, a disk. What ends the
    program then is a thread, which is there from the beginning, because a signal may come at a moment in which none can
    be started. Until the alarm it only waits.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, last_act: Callable[[], None]) -> None:
        """`last_act` is what is done before the process goes; it must not wait for anything."""
        self._loop = loop
        self._last_act = last_act
        self._status = 0
        self._alarm, self._alarmed = os.pipe()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def alarm(self, status: int) -> None:
        """The program is to end with `status` from now on; may be called in a signal handler, and several times."""
        self._status = status
        os.write(self._alarmed, b"!")

    def _watch(self) -> None:
        os.read(self._alarm, 1)
        answered = threading.Event()
        try:
            while True:
                answered.clear()
                self._loop.call_soon_threadsafe(answered.set)
                if not answered.wait(STUCK_AFTER):
                    break
                time.sleep(TURN)
        except RuntimeError:
            # The loop has ended, and the interpreter is about to, which takes this thread with it.
            time.sleep(STUCK_AFTER)
        self._last_act()
        os._exit(self._status)


class QuickThreads(ThreadPoolExecutor):
    """Threads for work that may hang, such as looking a name up: whoever leaves does not wait for them."""

    def __init__(self) -> None:
        super().__init__(thread_name_prefix=_PREFIX)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End what is idle, and leave what hangs behind; `wait` is not heeded."""
        super().shutdown(wait=False, cancel_futures=True)


def tell_unsent(number: int) -> None:
    """Say on the terminal that something is still to be sent."""
    words = (
        "1 change waits to be sent; it goes out" if number == 1 else f"{number:,} changes wait to be sent; they go out"
    )
    sys.stdout.write(f"{words} the next time.\n")


def tell_lost(sentence: str) -> None:
    """Say on the terminal that what was being typed could not be stored, and why."""
    sys.stderr.write(f"parlour: what you were writing could not be stored. {sentence}\n")


def leave_what_hangs(status: int) -> None:
    """End the process with `status` if a thread would keep it from ending; everything is stored by now."""
    until = time.monotonic() + PATIENCE
    while hanging := [thread for thread in threading.enumerate() if thread.name.startswith(_PREFIX)]:
        left = until - time.monotonic()
        if left <= 0:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        hanging[0].join(left)
