"""What happens when the program itself fails: a log without secrets, one line on the terminal, a true exit status."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

from api_client.text import clean
from tui.ending import leave_what_hangs

log = logging.getLogger("parlour")


EXIT_FAILED = 1


def start_log(path: Path) -> None:
    """Write warnings and worse to `path`, which is made for the user alone; what nobody catches goes there as well."""
    path.touch(mode=0o600, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    log.propagate = False

    def uncaught(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        # Python would print it all over the terminal, and then wait for threads that hang.
        record(error)
        tell(path)
        leave_what_hangs(EXIT_FAILED)

    sys.excepthook = uncaught


def record(error: BaseException) -> None:
    """Log `error` with its traceback; the values of variables, among them tokens, are not written."""
    # A worker's failure comes wrapped, without its traceback.
    told = getattr(error, "error", error)
    cause = told if isinstance(told, BaseException) else error
    lines = traceback.TracebackException.from_exception(cause, capture_locals=False).format()
    log.error("%s", clean("".join(lines)))


def tell(log_file: Path) -> None:
    """Say on the terminal that the program has failed and where to read more."""
    sys.stderr.write(f"parlour: a fault of the program ended it. What happened is in {log_file}\n")
