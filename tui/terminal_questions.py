"""Asks the terminal itself what it can do, in one breath, and reads what it answers."""

from __future__ import annotations

import atexit
import os
import re
import select
import termios
import time
import tty
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

ANSWER_WITHIN = 1.0
"""Seconds for all answers together: over a slow line they take as long as one."""

WIDE = {
    "CJK": "漢",
    "emoji": "😀",
    "heart with emoji style": "\u2764\ufe0f",
    "family": "👨\u200d👩\u200d👧",
    "skin tone": "👍🏽",
    "flag": "🇨🇭",
}
"""Signs that take two cells each, as the program reckons."""

_MODES = {1004: "focus", 1006: "mouse", 2004: "paste", 2026: "synchronised"}
"""Modes of DEC and their successors (DECRQM, VT510), by number."""

_NAME = re.compile(rb"\x1bP>\|([^\x1b]{1,200})\x1b\\")
_ATTRIBUTES = re.compile(rb"\x1b\[\?([0-9;]*)c")
_CURSOR = re.compile(rb"\x1b\[(\d+);(\d+)R")
_MODE = re.compile(rb"\x1b\[\?(\d+);(\d)\$y")
_KITTY_KEYS = re.compile(rb"\x1b\[\?(\d+)u")
_KITTY_PICTURES = re.compile(rb"\x1b_Gi=31;([A-Z]+)")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_COLOUR = re.compile(rb"\x1bP1\$r[0-9;:]*38[:;]2[:;]+1[:;]2[:;]3")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a terminal has said of itself."""

    came: bool = False
    """Whether it answered at all."""
    milliseconds: float = 0.0
    """Until the last answer."""
    name: str = ""
    attributes: frozenset[int] = frozenset()
    """Primary device attributes (DA1): 4 is sixel, 52 that the clipboard can be written."""
    truecolour: bool = False
    kitty_pictures: bool = False
    kitty_keys: bool = False
    size: tuple[int, int] = (0, 0)
    """Columns and rows, as the system says; zeros where it does not."""
    cell: tuple[int, int] | None = None
    """Height and width of a cell, in pixels."""
    modes: Mapping[str, bool] = field(default_factory=dict)
    """`focus`, `mouse`, `paste`, `synchronised`: whether it has them, as far as it says."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """Cells that each of `WIDE` takes."""


def questions(environment: Mapping[str, str]) -> bytes:
    """Return what to write: every question, and last the one that everything answers.

    What a terminal would show instead of understanding it is not asked: the console of Linux and GNU screen print
    strings that they do not know.
    """
    term = environment.get("TERM", "")
    parts = ["\x1b[>q", "\x1b[16t", "\x1b[?u", *(f"\x1b[?{mode}$p" for mode in _MODES)]
    if not (term.startswith("linux") or "STY" in environment):
        parts.append("\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\")
        parts.append("\x1b[38;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m")
    parts += [f"\r{sign}\x1b[6n" for sign in WIDE.values()]
    return ("".join(parts) + "\r\x1b[K\x1b[c").encode()


def read_answers(data: bytes, milliseconds: float = 0.0) -> Answers:
    """Return what `data`, which came back, says; keys that were typed meanwhile are passed over."""
    attributes = _ATTRIBUTES.search(data)
    name, cell, picture = _NAME.search(data), _CELL.search(data), _KITTY_PICTURES.search(data)
    columns = [int(column) - 1 for _, column in _CURSOR.findall(data)]
    modes = {_MODES[int(mode)]: state in b"123" for mode, state in _MODE.findall(data) if int(mode) in _MODES}
    return Answers(
        came=attributes is not None or bool(columns),
        milliseconds=milliseconds,
        name="" if name is None else "".join(c for c in name[1].decode("ascii", "replace") if c.isprintable()),
        attributes=frozenset(int(part) for part in attributes[1].split(b";") if part) if attributes else frozenset(),
        truecolour=_COLOUR.search(data) is not None,
        kitty_pictures=picture is not None and picture[1] == b"OK",
        kitty_keys=_KITTY_KEYS.search(data) is not None,
        cell=(int(cell[1]), int(cell[2])) if cell else None,
        modes=modes,
        widths=dict(zip(WIDE, columns, strict=False)) if len(columns) == len(WIDE) else {},
    )


def ask_terminal(environment: Mapping[str, str] = os.environ, seconds: float = ANSWER_WITHIN) -> Answers | None:
    """Return what the terminal of this process answers within `seconds`; None where there is none to ask.

    Blocks. The line that the cursor is in is used and left empty. Keys that are typed meanwhile are lost.
    """
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            return None  # Who asks from the background is stopped.
        return ask_at(descriptor, questions(environment), seconds)
    except (OSError, termios.error):
        return None
    finally:
        os.close(descriptor)


def ask_at(descriptor: int, batch: bytes, seconds: float) -> Answers:
    """Return what the terminal at `descriptor` answers to `batch`; its settings stay as they were. Raises OSError."""
    before = termios.tcgetattr(descriptor)
    begun = time.monotonic()
    data = b""

    def restore() -> None:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)

    # This may be a thread that Ctrl+C leaves behind: the end of the program then gives the terminal back.
    atexit.register(restore)
    try:
        tty.setcbreak(descriptor, termios.TCSANOW)
        os.write(descriptor, batch)
        while _ATTRIBUTES.search(data) is None:
            left = begun + seconds - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                # What comes later must not be taken for something that was typed.
                termios.tcflush(descriptor, termios.TCIFLUSH)
                break
            data += os.read(descriptor, 4_096)
    finally:
        restore()
        atexit.unregister(restore)
    size = os.get_terminal_size(descriptor)
    return replace(read_answers(data, (time.monotonic() - begun) * 1_000), size=(size.columns, size.lines))
