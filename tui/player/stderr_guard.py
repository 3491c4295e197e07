"""Keeps what C libraries write to file descriptor 2 off the screen, while the program still draws on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def guard_stderr(log_path: Path) -> Iterator[None]:
    """Send descriptor 2 to `log_path` (appended, mode 0600) and leave `sys.stderr` on the terminal.

    ALSA and JACK write to descriptor 2 themselves, and Textual draws on `sys.__stderr__`, which is the same one: so
    Python's streams get a descriptor of their own. To be entered before the app starts; everything is put back at the
    end. Raises OSError if the log cannot be opened.
    """
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    old = (sys.stderr, sys.__stderr__)
    screen = os.dup(2)
    stream = os.fdopen(screen, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    try:
        for each in old:
            if each is not None:
                each.flush()
        os.dup2(log, 2)
        os.close(log)
        _set_streams(stream, stream)
        yield
    finally:
        _set_streams(*old)
        # A terminal that is gone takes nothing any more.
        with suppress(OSError):
            stream.flush()
        os.dup2(screen, 2)
        os.close(screen)


def _set_streams(stderr: object, original: object) -> None:
    """`sys.__stderr__` is declared final; replacing it is the whole point here."""
    vars(sys).update(stderr=stderr, __stderr__=original)
