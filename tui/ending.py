"""The last moments of the program: what it says on the terminal, and that nothing can keep it from leaving."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

_PREFIX = "parlour worker"
PATIENCE = 0.3
"""Seconds that threads get to end by themselves."""


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
