"""Running one blocking call on a thread of its own, which never keeps the program from ending."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def run_in_thread(call: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Start `call` on a daemon thread and return a future on the running loop for what it returns or raises.

    Unlike an executor's, the thread is gone when the call is over, and a call that hangs does not hang the exit.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)  # type: ignore[arg-type]

    def deliver(value: T | None, error: BaseException | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, value, error)

    def run() -> None:
        try:
            value = call()
        except BaseException as error:
            deliver(None, error)
            if not isinstance(error, Exception):
                raise
        else:
            deliver(value, None)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
