"""Keeps the catalogue in line with the music folder: at the start, now and then, and when told to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from server.clock import Clock
from server.db import Database
from server.music.scan import BATCH, MusicFolderMissing, SaveCover, ScanReport, scan

_log = logging.getLogger(__name__)
_REPORT_EVERY = 500
"""Files between two lines of progress."""
_REST = 20
"""Looking takes at most a twentieth of the time: a folder of a million files is looked at more rarely."""

Say = Callable[[str], None]
"""Takes a line about how far the reading has come."""


class FolderWatch:
    """One music folder, and how it stands with it: for the terminal, the log and the figures."""

    def __init__(self, root: Path, database: Database, save_cover: SaveCover, clock: Clock, say: Say) -> None:
        self._root = root
        self._database = database
        self._save_cover = save_cover
        self._clock = clock
        self._say = say
        self._wanted = asyncio.Event()
        self._told = ""
        self.to_read = 0
        """Files that are new or changed in this run; in the last one, if none is under way."""
        self.done = 0
        """How many of them are read."""
        self.read_in_all = 0
        """Files that were opened since the start."""
        self.runs = 0
        """How often the folder was looked through."""
        self.reading = False

    def again(self) -> None:
        """Look through the folder now; where that is under way, once more behind it."""
        self._wanted.set()

    async def keep_up(self, every_seconds: float) -> None:
        """Look through the folder, and again after `every_seconds` or when told to, for ever."""
        while True:
            self._wanted.clear()
            began = time.monotonic()
            await self.look()
            rest = max(every_seconds, _REST * (time.monotonic() - began) if not self.done else 0.0)
            try:
                async with asyncio.timeout(rest):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def look(self) -> ScanReport | None:
        """Look through the folder once and say what came of it, if anything; None where there is no folder."""
        self.reading, self.to_read, self.done = True, 0, 0
        try:
            report = await scan(self._database, self._save_cover, self._clock, self._root, self._follow)
        except MusicFolderMissing as missing:
            self._once(str(missing))
            return None
        except (SQLAlchemyError, OSError):
            # A database that is busy or a disk that is full today: what is written stays, the rest comes next time.
            _log.exception("the music folder could not be read")
            return None
        finally:
            self.reading = False
            self.runs += 1
        self._tell(report)
        return report

    def _follow(self, done: int, total: int, _name: str) -> None:
        self.read_in_all += done - self.done
        self.done, self.to_read = done, total
        if done == total or done % _REPORT_EVERY < BATCH:
            self._say(f"reading music: {done} of {total}")

    def _tell(self, report: ScanReport) -> None:
        if self.runs > 1 and not (report.read or report.removed):
            return
        moved = f", {report.moved} of them moved" if report.moved else ""
        self._say(
            f"music folder: {report.added} new, {report.changed} changed{moved}, {report.unchanged} unchanged, "
            f"{report.removed} gone, {len(report.skipped)} left out"
        )
        left_out = "\n".join(f"  {item.name} {item.reason}" for item in report.skipped)
        if left_out and left_out != self._told:
            self._say(left_out)
        self._told = left_out

    def _once(self, sentence: str) -> None:
        """Say it when it begins to be so, and not every minute."""
        if sentence != self._told:
            self._told = sentence
            _log.error("%s", sentence)
            self._say(sentence)
