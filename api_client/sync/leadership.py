"""Which of the processes on one account sends: a lock that dies with its holder, and a sign of life on it."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from pathlib import Path

from api_client.clock import Clock, SystemClock
from api_client.sync.ports import StoreTrouble

LEASE = 5.0
"""Seconds without a sign of life after which another process may take the lead."""


class SoleLeader:
    """For an account that no other process can see: this one always leads."""

    leads = True

    async def acquire(self) -> bool:
        """Lead."""
        return True

    async def release(self) -> None:
        """Nobody waits for it."""


class FileLeadership:
    """Leads while it holds `flock` on the file that stands at the path, and says once a second that it lives.

    If the leader dies, the kernel lets go of the lock and the next one to ask has it. If the leader hangs, its beats
    stop; another then puts a new file in the place of the locked one and leads. The old leader finds, when it wakes,
    that the path names another file, and sends nothing more: the file itself is the number of its reign. Silence is
    measured by the watcher's own clock, so that no jump of the wall clock makes or unmakes a leader.
    """

    def __init__(self, path: Path, *, clock: Clock | None = None, lease: float = LEASE) -> None:
        """Lock the file at `path`, made with mode 0600 if missing; `lease` is in seconds."""
        self._path = path
        self._clock = clock or SystemClock()
        self._lease = lease
        self._descriptor: int | None = None
        self._beats = 0
        self._beat_at = 0.0
        self._seen: tuple[bytes, float] | None = None

    @property
    def leads(self) -> bool:
        """Whether this process leads at this moment: its lock is in force, and it has not slept through its lease."""
        if self._descriptor is None or self._clock.monotonic() - self._beat_at >= self._lease:
            return False
        return self._in_force(self._descriptor)

    async def acquire(self) -> bool:
        """Lead, go on leading, or see whether the one who leads is alive; raises StoreTrouble if the file cannot be."""
        try:
            return await asyncio.to_thread(self._acquire)
        except OSError as error:
            self._let_go()
            raise StoreTrouble(f"Parlour cannot tell whether it runs twice: {error.strerror}.") from error

    async def release(self) -> None:
        """Let another one lead."""
        self._let_go()

    def _acquire(self) -> bool:
        if self._descriptor is not None:
            if self._in_force(self._descriptor):
                return self._beat(self._descriptor)
            self._let_go()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            silent = self._silent(os.pread(descriptor, 200, 0))
            os.close(descriptor)
            return silent and self._take_over()
        return self._lead_by(descriptor)

    def _silent(self, sign: bytes) -> bool:
        """Whether the same sign of life has stood there for the whole lease."""
        now = self._clock.monotonic()
        if self._seen is None or self._seen[0] != sign:
            self._seen = (sign, now)
        return now - self._seen[1] >= self._lease

    def _take_over(self) -> bool:
        """Put a file of our own, locked before anybody sees it, in the place of the one that a hanging leader holds."""
        mine = self._path.with_name(f"{self._path.name}.{os.getpid()}.{id(self):x}")
        descriptor = os.open(mine, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.replace(mine, self._path)
        return self._lead_by(descriptor)

    def _lead_by(self, descriptor: int) -> bool:
        # Between opening and locking, another may have put its file in the place of this one.
        if not self._in_force(descriptor):
            os.close(descriptor)
            return False
        self._descriptor, self._seen = descriptor, None
        return self._beat(descriptor)

    def _beat(self, descriptor: int) -> bool:
        self._beats += 1
        sign = json.dumps({"process": os.getpid(), "beat": self._beats}).encode()
        os.pwrite(descriptor, sign, 0)
        os.ftruncate(descriptor, len(sign))
        self._beat_at = self._clock.monotonic()
        return True

    def _in_force(self, descriptor: int) -> bool:
        try:
            there, mine = os.stat(self._path), os.fstat(descriptor)
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
