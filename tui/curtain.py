"""The last frame of the account used last, painted at once and in front of the program until that is there.

It is a file among what can be fetched again, for the user alone, and goes with it when the user signs out. A frame is
painted only where it fits: the same account, size, colours, settings and version. Where none does, one line says that
somebody is at work. Nothing heavy is imported here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import select
import signal
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tui.accounts import Account, AccountBook
from tui.paths import Paths, write_private

SCREEN = 2
"""The descriptor that is drawn on; keys are read from `KEYS`."""
KEYS = 0
PATIENCE = 1.8
"""Seconds that giving the terminal back takes at most."""
TURN = 0.1
"""Seconds between two looks at whether a signal has come."""
OPENING = "◌ opening"
"""What the state line says as long as nothing is known."""
LIMIT = 512 * 1024
"""Bytes of a file that is looked at."""
_LOOKS = ("TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES", "TEXTUAL_COLOR_SYSTEM", "LC_ALL", "LC_CTYPE", "LANG")
"""What the environment says about how things look."""
_ROW = re.compile(r"(?:\x1b\[[0-9;]{0,64}m|[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff])*")
_OPEN, _CLOSE = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H", b"\x1b[?7h\x1b[?1049l\x1b[?25h"


@dataclass
class Curtain:
    """The frame in front, and the terminal as it was before."""

    before: list[Any]
    """The terminal's settings."""
    is_down: bool = True
    _left: bytes = b""
    """What is still to be painted."""
    _painting: bool = False
    _told: int | None = None
    """The signal that came while it was painted."""
    _handlers: dict[int, Any] = field(default_factory=dict)
    _restore: Callable[[], None] | None = None

    def drop(self, rows: Sequence[str]) -> None:
        """Paint `rows`. From now on keys wait, unseen, for whoever reads them; a signal ends the program tidily."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._end)
        raw = termios.tcgetattr(KEYS)
        raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        raw[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        raw[tty.CC][termios.VMIN] = 1
        termios.tcsetattr(KEYS, termios.TCSANOW, raw)
        painted = "".join(f"\x1b[{number};1H{row}\x1b[0m" for number, row in enumerate(rows, 1))
        self._left, self._painting = _OPEN + painted.encode(), True
        with _screen() as screen:
            while self._left and self._told is None:
                self._left = _written(screen, self._left, TURN)
        self._painting = False
        if self._told is not None:
            self._end(self._told, None)

    def hand_over(self, restore: Callable[[], None]) -> list[Any]:
        """Leave the screen as it is to the program, which draws over it; return the settings to go back to.

        `restore` gives the terminal back from then on, until the program minds its signals itself.
        """
        self.is_down = False
        self._restore = restore
        return self.before

    def lift(self) -> None:
        """Give the terminal back as it was, if the program has not taken it over."""
        if not self.is_down:
            return
        self.is_down = False
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        with contextlib.suppress(termios.error, OSError):  # then it is gone, and wants nothing back
            termios.tcsetattr(KEYS, termios.TCSANOW, self.before)
            # What was begun may be an escape sequence: it ends before the next.
            data = self._left[:1] + self._left[1:].partition(b"\x1b")[0] + _CLOSE
            until = time.monotonic() + PATIENCE
            with _screen() as screen:
                while data and time.monotonic() < until:
                    data = _written(screen, data, TURN)

    def _end(self, number: int, _: FrameType | None) -> None:
        if self._painting:
            # Nobody knows here how much of it the terminal has taken.
            self._told = number
            return
        (self._restore or self.lift)()
        os._exit(128 + number)


class LastFrame:
    """Where the last frame of one account is kept, and what it must fit."""

    def __init__(self, paths: Paths, version: str, options: Sequence[object], environment: Mapping[str, str]) -> None:
        """`options` are those of the command line that change what is drawn, or who is in."""
        self._paths = paths
        looks = [version, *map(str, options), *(f"{name}={environment.get(name)}" for name in _LOOKS)]
        files = [_content(path) for path in (paths.config_file, paths.keymap_file)]
        self._marks = hashlib.sha256(json.dumps([looks, files]).encode()).hexdigest()

    def drop(self, url: str | None) -> Curtain | None:
        """Paint the frame of the account used last, on the platform at `url` if one is given; None if nobody was in."""
        account = AccountBook(self._paths.accounts_file).last(url)
        if account is None:
            return None
        try:
            size = os.get_terminal_size(SCREEN)
            rows = self.kept(account, size) or _nothing_yet(size)
            # Who is in the background must not touch the terminal.
            if os.tcgetpgrp(KEYS) != os.getpgrp():
                return None
            curtain = Curtain(termios.tcgetattr(KEYS))
        except (termios.error, OSError):
            return None
        try:
            curtain.drop(rows)
        except (termios.error, OSError):
            curtain.lift()
            return None
        return curtain

    def keep(self, account: Account, rows: Sequence[str], columns: int, places: Sequence[object] = ()) -> None:
        """Store the frame, and the places that it shows. Raises OSError."""
        head = {"marks": self._marks, "columns": columns, "rows": len(rows), "account": account.folder}
        write_private(frame_file(self._paths, account), "\n".join([json.dumps({**head, "places": [*places]}), *rows]))

    def places(self, account: Account) -> list[Any]:
        """Return the places that were kept for `account`, whether or not the frame fits; they are not trusted."""
        try:
            with frame_file(self._paths, account).open("rb") as file:
                head = json.loads(file.readline(LIMIT))
        except (OSError, ValueError):
            return []
        mine = isinstance(head, dict) and head.get("account") == account.folder
        return found if mine and isinstance(found := head.get("places"), list) else []

    def kept(self, account: Account, size: os.terminal_size) -> list[str] | None:
        """Return the rows that were kept for `account`; None where there are none, or none that fit."""
        try:
            with frame_file(self._paths, account).open("rb") as file:
                head, *rows = file.read(LIMIT).decode().split("\n")
            found = {**json.loads(head), "places": None}
        except (OSError, ValueError, TypeError):
            return None
        fits = found == {
            "marks": self._marks,
            "columns": size.columns,
            "rows": size.lines,
            "account": account.folder,
            "places": None,
        }
        # A file is not trusted, not even one of our own.
        return rows if fits and len(rows) == size.lines and all(map(_ROW.fullmatch, rows)) else None


def frame_file(paths: Paths, account: Account) -> Path:
    """Return where the last frame of `account` is kept."""
    return paths.account_cache(account.folder) / "frame"


def _nothing_yet(size: os.terminal_size) -> list[str]:
    """Return the frame where none was kept: who is opening, and nothing else."""
    name = " Parlour"
    line = name + f"{OPENING} ".rjust(size.columns - len(name))
    return [line[: size.columns], *([""] * (size.lines - 1))]


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@contextlib.contextmanager
def _screen() -> Iterator[int]:
    """Yield the terminal, such that nothing waits for one that takes nothing any more. Raises OSError."""
    # Opened anew, because not to wait is a property that the shell would share otherwise.
    screen = os.open(os.ttyname(SCREEN), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        yield screen
    finally:
        os.close(screen)


def _written(screen: int, data: bytes, within: float) -> bytes:
    """Write what the terminal takes of `data` within so many seconds, and return the rest. Raises OSError."""
    if select.select([], [screen], [], within)[1]:
        with contextlib.suppress(BlockingIOError):
            return data[os.write(screen, data) :]
    return data
