"""The last moments of the program: what it says on the terminal, and that nothing can keep it from leaving."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_PREFIX = "parlour worker"
PATIENCE = 0.3
"""Seconds that threads get to end by themselves."""
TURN = 0.1
"""Seconds between two looks at whether a program that is ending still lives."""
STUCK_AFTER = 1.8
"""Seconds without a sign of life after which a program that is to end is ended."""
ENDED_WITHIN = 6.0
"""Seconds after which it is ended whatever signs of life it gives."""
TAKEN_APART_WITHIN = 1.0
"""Seconds that the toolkit gets to take its screens apart."""


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
        until = time.monotonic() + ENDED_WITHIN
        answered = threading.Event()
        try:
            while time.monotonic() < until:
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


async def run_to_its_end(program: Coroutine[Any, Any, Any], told: asyncio.Event) -> bool:
    """Run `program`; once it is `told` to end it has a moment for that. Return whether it has ended.

    One widget that waits for another, or for the platform, would keep the toolkit from ending for ever, and with it
    what is still to be stored.
    """
    running, hearing = asyncio.create_task(program), asyncio.create_task(told.wait())
    await asyncio.wait({running, hearing}, return_when=asyncio.FIRST_COMPLETED)
    hearing.cancel()
    done, _ = await asyncio.wait({running}, timeout=TAKEN_APART_WITHIN)
    for task in done:
        task.result()
    return bool(done)


def tell_unsent(number: int) -> None:
    """Say on the terminal that something is still to be sent."""
    words = (
        "1 change waits to be sent; it goes out" if number == 1 else f"{number:,} changes wait to be sent; they go out"
    )
    sys.stdout.write(f"{words} the next time.\n")


def tell_lost(sentence: str) -> None:
    """Say on the terminal that what was being typed could not be stored, and why."""
    sys.stderr.write(f"parlour: what you were writing could not be stored. {sentence}\n")


def tell_recorded(sentence: str) -> None:
    """Say on the terminal where the recording is that ended with the program, if there was one."""
    if sentence:
        sys.stdout.write(f"{sentence}\n")


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
