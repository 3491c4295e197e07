"""The folder and the files of a database: private, ours, and where they are said to be."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api_client.sync.ports import StoreTrouble

SIDE_FILES = ("-wal", "-shm")
"""What SQLite keeps beside a database."""

_PATIENCE = 2.0
"""Seconds to wait for another process that makes, migrates or salvages the database."""


def beside(path: Path, ending: str) -> Path:
    """Return the path of a file that stands beside the one at `path` and is named after it."""
    return path.with_name(path.name + ending)


def make_private(path: Path) -> None:
    """Make the folder of `path`, and see that it and the files of the database are ours alone: 0700 and 0600.

    Raises StoreTrouble where one of them belongs to somebody else or is not what it should be, OSError where the disk
    does not let us.
    """
    _make_folders(path.parent)
    _own(path.parent, stat.S_ISDIR, "folder", 0o700)
    for file in (path, *(beside(path, ending) for ending in SIDE_FILES)):
        if os.path.lexists(file):
            _own(file, stat.S_ISREG, "file", 0o600)


def create(path: Path) -> None:
    """Make an empty file at `path`, 0600 whatever the umask; raises OSError, FileExistsError among them."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def settle(path: Path) -> None:
    """Have the disk take what was written to the file or folder at `path`; nobody may have it open as a database."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def identity(path: Path) -> tuple[int, int]:
    """Return what tells the file at `path` from any other that may stand there later; raises FileNotFoundError."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from making, migrating or salvaging a database in `folder` meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        give_up = time.monotonic() + _PATIENCE
        while not _locked(descriptor):
            if time.monotonic() >= give_up:
                raise StoreTrouble(f"Another Parlour is busy with {folder}. Close it, or try again.")
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_folders(folder: Path) -> None:
    missing = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
    for place in reversed(missing):
        try:
            place.mkdir()
        except FileExistsError:
            # Another process has made it at the same moment.
            continue
        place.chmod(0o700)


def _own(place: Path, is_right: Callable[[int], bool], noun: str, mode: int) -> None:
    # Looked at by name and never opened: closing a descriptor would drop the locks that SQLite has on the file.
    found = os.lstat(place)
    if stat.S_ISLNK(found.st_mode):
        raise StoreTrouble(f"{place} is a link, and Parlour keeps nothing private behind one. Put a {noun} there.")
    if not is_right(found.st_mode):
        raise StoreTrouble(f"{place} is not a {noun}. Move it away, and Parlour makes a {noun} of its own there.")
    if found.st_uid != os.geteuid():
        raise StoreTrouble(f"{place} belongs to another user of this machine. Move it away, or make it yours.")
    if stat.S_IMODE(found.st_mode) != mode:
        place.chmod(mode)
