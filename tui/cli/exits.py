"""What the program's exit status says, the same for every command, and which one an error leads to."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from api_client.errors import PlatformError


class Exit(IntEnum):
    """The exit statuses of `parlour`."""

    OK = 0
    FAILED = 1
    """It was carried out, and what was asked for failed: a refusal of the platform, a check that does not hold."""
    USAGE = 2
    """The command line, or a file that it names, is wrong."""
    UNAVAILABLE = 3
    """It could not be tried: no connection, no answer in time, no screen, no place for files."""
    SIGN_IN = 4
    NOTHING = 5
    """Nothing was selected: who tests nothing must not be told that all is well."""
    INTERRUPTED = 130


class CannotGoOn(Exception):
    """A command ends here; `sentence` is for stderr, `exit` for the shell."""

    def __init__(self, sentence: str, exit: Exit = Exit.USAGE) -> None:  # noqa: A002 - what the shell calls it
        super().__init__(sentence)
        self.sentence = sentence
        self.exit = exit


def status_of(error: PlatformError) -> Exit:
    """Return the exit status for what kept a call from its reply."""
    from api_client.errors import SignInRequired, TimedOut, Unreachable

    if isinstance(error, SignInRequired):
        return Exit.SIGN_IN
    return Exit.UNAVAILABLE if isinstance(error, (Unreachable, TimedOut)) else Exit.FAILED


def leave(status: int) -> NoReturn:
    """End this process as it is: taking apart what goes with it anyway is a sixth of what a short command takes."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
