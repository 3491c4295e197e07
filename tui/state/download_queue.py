"""The tracks that are to be fetched, two at a time: held up, gone on with, tried again, by one process for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from api_client.errors import PlatformError, SignInRequired, TimedOut
from api_client.filelock import FileLock
from api_client.sync.ports import StoreTrouble
from tui.player.engine import Fault
from tui.player.source import SourceError
from tui.player.vault import TrackVault
from tui.player.vault_fetch import Dropped
from tui.player.vault_files import DiskFull
from tui.player.vault_records import Setback, Stored

AT_ONCE = 2
LOOK_AGAIN_S = 2.0
"""Seconds between two looks at what another Parlour fetches."""
DELAYS_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Before each next attempt after nothing came; any progress begins anew."""
TRIES = 4
"""Attempts at a track that the server gives up on, before the others are gone on with."""
NO_SPACE = "no_space"


class DownloadQueue:
    """Works as long as there is something to do and nothing holds it up; in between there is no task and no timer."""

    def __init__(
        self,
        vault: TrackVault,
        run: Callable[[str], Awaitable[Stored]],
        lock: Path,
        changed: Callable[[str], None],
        delays: Sequence[float] = DELAYS_S,
    ) -> None:
        """`run` fetches a track, and tells `progressed` how far it is. `changed` is told which track is news."""
        self._vault, self._run, self._lock, self._changed, self._delays = vault, run, lock, changed, delays
        self.under_way: dict[str, tuple[int, int]] = {}
        """By track, how many bytes are here and how many there are; 0 of 0 until that is known."""
        self.elsewhere = False
        """Whether another Parlour fetches."""
        self.trouble = ""
        """Why nothing comes although it should, a sentence: no network, a full disk, signed out."""
        self._holds: set[str] = set()
        self._tries: dict[str, int] = {}
        self._failures = 0
        self._not_before = 0.0
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    # -- what is to be done

    def waiting(self) -> list[str]:
        """Return the tracks that are to be fetched, in the order they were asked for."""
        contents = self._vault.contents
        ordered = (track_id for wish in contents.wishes.values() for track_id in wish.track_ids)
        return [
            track_id
            for track_id in dict.fromkeys(ordered)
            if track_id not in contents.files and track_id not in contents.setbacks
        ]

    def hold(self, why: str) -> None:
        """Let nothing be fetched as long as there is a reason such as `paused`."""
        self._holds.add(why)
        self._woken.set()

    def let_go(self, why: str) -> None:
        """The reason is gone."""
        self._holds.discard(why)
        self.wake()

    @property
    def is_held(self) -> bool:
        """Whether there is a reason to fetch nothing."""
        return bool(self._holds)

    def wake(self) -> None:
        """Look again now: there is something new, or the network is back."""
        self._failures, self._not_before, self.trouble = 0, 0.0, ""
        self._woken.set()
        if self._task is None and not self._closed and not self._holds and self.waiting():
            self._task = asyncio.create_task(self._serve(), name="downloads")

    def progressed(self, track_id: str, here: int, size: int) -> None:
        """A piece of a track has come."""
        self._failures = 0
        self._tries.pop(track_id, None)
        self.trouble = ""
        if track_id in self.under_way:
            self.under_way[track_id] = here, size
            self._changed(track_id)

    async def close(self) -> None:
        """Stop; what is half here is gone on with another time."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # -- doing it

    async def _serve(self) -> None:
        try:
            while not self._holds and self.waiting():
                self._woken.clear()
                try:
                    async with FileLock(self._lock, patience=0.0):
                        self.elsewhere = False
                        await self._vault.sync()
                        await self._work()
                except TimedOut:
                    self.elsewhere = True
                    self._changed("")
                    await self._pause(LOOK_AGAIN_S)
                    await self._vault.sync()
                except OSError as error:
                    self.trouble = f"Downloads cannot be kept: {error.strerror}."
                    return
                except StoreTrouble as error:
                    self.trouble = error.sentence
                    return
                if self.trouble and not self._not_before:
                    return
        finally:
            self._task = None
            self._changed("")

    async def _work(self) -> None:
        """Fetch until nothing is left, or something holds everything up."""
        running: dict[asyncio.Task[Stored], str] = {}
        loop = asyncio.get_running_loop()
        try:
            while not self._holds:
                rest = self._not_before - loop.time()
                self._woken.clear()
                if rest <= 0:
                    self._start_some(running)
                if not running:
                    if rest <= 0:
                        return
                    await self._pause(rest)
                    continue
                waking = loop.create_task(self._woken.wait())
                done, _ = await asyncio.wait({*running, waking}, return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
                for task in [each for each in running if each in done]:
                    await self._ended(running.pop(task), task)
                self._let_go_unwanted(running)
                if self.trouble and not self._not_before:
                    return
        finally:
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)
            self.under_way.clear()

    def _start_some(self, running: dict[asyncio.Task[Stored], str]) -> None:
        busy = set(running.values())
        for track_id in self.waiting():
            if len(running) >= AT_ONCE:
                return
            if track_id not in busy:
                self.trouble = ""
                self.under_way[track_id] = self._vault.grown(track_id), 0
                running[asyncio.ensure_future(self._run(track_id))] = track_id
                self._changed(track_id)

    def _let_go_unwanted(self, running: dict[asyncio.Task[Stored], str]) -> None:
        """What was taken off while it came need not come."""
        pinned = self._vault.contents.pinned()
        for task, track_id in running.items():
            if track_id not in pinned:
                task.cancel()

    async def _ended(self, track_id: str, task: asyncio.Task[Stored]) -> None:
        """Make of the outcome of one attempt what becomes of the others. Raises StoreTrouble."""
        self.under_way.pop(track_id, None)
        if task.cancelled():
            await self._vault.abandon(track_id)
            return
        error = task.exception()
        match error:
            case None:
                self._failures = 0
            case Dropped(fault=Fault.NO_NETWORK | Fault.OFFLINE):
                self._wait(error.sentence)
            case Dropped() if self._tried(track_id) < TRIES:
                self._wait(error.sentence)
            case SourceError():
                await self._vault.put_setback(Setback(track_id, error.fault.value, error.sentence))
            case DiskFull():
                if not await self._vault.clear():
                    self.trouble = error.sentence
            case SignInRequired() | StoreTrouble():
                self.trouble = error.sentence
            case PlatformError():
                self._wait(error.sentence)
            case _:
                raise error
        self._changed(track_id)

    def _tried(self, track_id: str) -> int:
        self._tries[track_id] = self._tries.get(track_id, 0) + 1
        return self._tries[track_id]

    def _wait(self, sentence: str) -> None:
        delay = self._delays[min(self._failures, len(self._delays) - 1)]
        self._failures += 1
        self._not_before = asyncio.get_running_loop().time() + delay
        self.trouble = sentence

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until `wake`."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
