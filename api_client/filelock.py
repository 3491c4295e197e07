"""A lock between the processes of one user, on a file."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path
from types import TracebackType

from api_client.clock import Clock, SystemClock
from api_client.errors import TimedOut

_LOOK_AGAIN = 0.02
"""Seconds between two looks at a lock that somebody else holds."""


class FileLock:
    """Holds `flock` on a file while it is entered; the kernel lets go of it if the process dies.

    One task enters it at a time. A blocking `flock` in a thread could not be given up, and would keep the program
    from leaving; so the lock is asked for again and again, and never on the event loop's own thread.
    """

    def __init__(self, path: Path, *, patience: float = 15.0, clock: Clock | None = None) -> None:
        """Lock the file at `path`, which is made with mode 0600 if missing; `patience` is in seconds."""
        self._path = path
        self._patience = patience
        self._clock = clock or SystemClock()
        self._descriptor: int | None = None

    async def __aenter__(self) -> None:
        give_up = self._clock.monotonic() + self._patience
        while not await asyncio.to_thread(self._take):
            if self._clock.monotonic() >= give_up:
                raise TimedOut("Another Parlour on this machine keeps the sign-in to itself. Close it and try again.")
            await self._clock.sleep(_LOOK_AGAIN)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self) -> bool:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True
