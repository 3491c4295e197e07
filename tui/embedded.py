"""The platform in a process of its own beside the program, for the demo."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

READY = "listening on "
START_LIMIT = 180.0
"""Seconds the first start may take; it makes the demo data."""
STOP_LIMIT = 2.0


class EmbeddedFailed(Exception):
    """The platform did not start; the message is a sentence for the user."""


class EmbeddedPlatform:
    """Starts `python -m server`, waits until it listens, and ends it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._said: list[str] = []
        self._progress: Callable[[str], None] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended since."""
        return self._process is not None and self._process.returncode is None

    async def start(self, progress: Callable[[str], None]) -> str:
        """Start with demo data and return the base URL; `progress` gets a line now and then. Raises EmbeddedFailed."""
        if find_spec("fastapi") is None:
            raise EmbeddedFailed("The demo needs the platform's packages: pip install 'parlour[platform]'.")
        arguments = ("--data", str(self._folder), "--host", "127.0.0.1", "--port", "0", "--demo", "--exit-with-stdin")
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            *arguments,
            # Never written to: it ends when this program does, even if it is killed, and the platform with it.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # A ctrl+c in the terminal is for the program; the platform ends when the program says so.
            start_new_session=True,
        )
        self._progress = progress
        self._reader = asyncio.create_task(self._follow(process), name="embedded platform: progress")
        try:
            async with asyncio.timeout(START_LIMIT):
                return await self._address(process)
        except TimeoutError:
            await self.stop()
            raise EmbeddedFailed(f"The platform was not ready within {START_LIMIT:.0f} s.") from None
        finally:
            # What it says from now on is for nobody: who showed the progress may be gone.
            self._progress = None

    async def _address(self, process: Process) -> str:
        while line := (await _lines(process.stdout).readline()).decode(errors="replace"):
            if line.startswith(READY):
                return line.removeprefix(READY).strip()
        code = await process.wait()
        if self._reader is not None:
            await self._reader
        last = self._said[-1] if self._said else f"it ended with status {code}"
        raise EmbeddedFailed(f"The platform did not start: {last}")

    async def _follow(self, process: Process) -> None:
        """Read to the end whatever it says: a full pipe would hold it up."""
        while said := await _line(_lines(process.stderr)):
            if line := said.decode(errors="replace").strip():
                self._said = [*self._said[-20:], line]
                if self._progress is not None:
                    self._progress(line)

    async def stop(self) -> None:
        """End the platform: politely, and after a few seconds without asking."""
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_LIMIT)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._reader is not None:
            await self._reader

    def clear(self) -> None:
        """Delete the demo's data. Raises EmbeddedFailed if the folder holds something else."""
        if not self._folder.exists():
            return
        if not (self._folder / "platform.db").exists() and any(os.scandir(self._folder)):
            raise EmbeddedFailed(f"{self._folder} is not a folder of the demo; it is left as it is.")
        shutil.rmtree(self._folder)


async def _line(pipe: asyncio.StreamReader) -> bytes:
    """Return the next line, a newline for one that is too long to be kept, and nothing at the end."""
    try:
        return await pipe.readline()
    except ValueError:
        return b"\n"


def _lines(pipe: asyncio.StreamReader | None) -> asyncio.StreamReader:
    """Return what a process writes to a pipe that was asked for."""
    if pipe is None:
        raise EmbeddedFailed("The platform's output cannot be read.")
    return pipe
