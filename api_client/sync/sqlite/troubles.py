"""What SQLite and the system complain of, as sentences for the user."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from api_client.sync.ports import StoreTrouble


class Damaged(sqlite3.DatabaseError):
    """The file is a database, but not as we left it."""


_NOTHING_STORED = "Nothing was stored"

_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk is full. {nothing}: free some space, then try again.",
    sqlite3.SQLITE_BUSY: "Another program keeps {path} locked. {nothing}: close it, or try again.",
    sqlite3.SQLITE_LOCKED: "Another program keeps {path} locked. {nothing}: close it, or try again.",
    sqlite3.SQLITE_READONLY: "{path} cannot be written. {nothing}: see to its permissions and to the disk it is on.",
    sqlite3.SQLITE_PERM: "{path} cannot be written. {nothing}: see to its permissions.",
    sqlite3.SQLITE_AUTH: "{path} cannot be written. {nothing}: see to its permissions.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened. {nothing}: see to its folder, its permissions and its disk.",
    sqlite3.SQLITE_IOERR: "The disk reports an error on {path}. {nothing}: copy what you typed, and see to the disk.",
    sqlite3.SQLITE_PROTOCOL: "{path} is on a disk that cannot be shared safely. {nothing}: move it to a local one.",
    sqlite3.SQLITE_NOMEM: "There is no memory left. {nothing}: close something, then try again.",
    sqlite3.SQLITE_TOOBIG: "This is too long to be stored. {nothing}: shorten it.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged. {nothing}: try again, and what can be read of it is saved.",
    sqlite3.SQLITE_NOTADB: "{path} is damaged. {nothing}: try again, and what can be read of it is saved.",
}


def trouble(error: sqlite3.Error | OSError, path: Path) -> StoreTrouble:
    """Return `error`, met on the database at `path`, as a sentence that says what to do."""
    if isinstance(error, OSError):
        reason = (error.strerror or type(error).__name__).lower()
        return StoreTrouble(f"{path} cannot be written: {reason}. {_NOTHING_STORED}: see to the disk and the folder.")
    sentence = _SENTENCES.get(_code(error) & 0xFF, "{path} could not be written ({error}). {nothing}.")
    return StoreTrouble(sentence.format(path=path, nothing=_NOTHING_STORED, error=error))


def is_damage(error: sqlite3.Error) -> bool:
    """Whether `error` says that the file itself is not as it should be, rather than that it cannot be had now."""
    code = _code(error)
    if isinstance(error, Damaged):
        return True
    if code == sqlite3.SQLITE_IOERR_SHORT_READ or code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    # Text that is no UTF-8 has no code: Python says so, and not SQLite.
    return code == 0 and "decode" in str(error)


def is_passing(error: sqlite3.Error) -> bool:
    """Whether the connection is as good as before `error`, which has to do with what was asked, or with the moment."""
    return _code(error) & 0xFF not in _BREAKS_CONNECTION


def is_interruption(error: sqlite3.Error) -> bool:
    """Whether it was we who stopped the work."""
    return _code(error) == sqlite3.SQLITE_INTERRUPT


_BREAKS_CONNECTION = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL)


def _code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code
