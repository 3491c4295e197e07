"""The files of the vault: written whole or not at all, private, named so that a foreign word never names a path."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from api_client.sync.ports import StoreTrouble

MIB = 1024 * 1024
RESERVE = 64 * MIB
"""Bytes that are left free on the disk, for what the user writes."""
ORPHAN_AFTER_S = 3600.0
"""Seconds after which a file that the index does not know belongs to nobody; younger ones may be on their way."""
PARTIAL = ".part"
_BLOCK = 256 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskFull(StoreTrouble):
    """There is no room for what was to be stored."""


def trouble(error: OSError) -> StoreTrouble:
    """Return what to say when the disk refused."""
    if error.errno in _FULL:
        return DiskFull("The disk is full: nothing more can be kept for offline.")
    return StoreTrouble(f"Music cannot be kept on this disk: {error.strerror or error}.")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that stands whole in the folder."""

    name: str
    size: int
    sha256: bytes


class VaultFolder:
    """One folder, mode 0700, of files, mode 0600. Everything here blocks and belongs on a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def file(self, name: str) -> Path:
        """Return where the file called `name` stands."""
        return self.path / name

    def check_room(self, size: int) -> None:
        """Raise DiskFull unless `size` bytes fit, with some left for everything else; OSError where nobody knows."""
        if shutil.disk_usage(self.path).free < size + RESERVE:
            raise DiskFull("The disk is full: nothing more can be kept for offline.")

    def write(self, key: str, parts: Iterable[bytes]) -> Written:
        """Store `parts` as one file, named after `key` and what is in it. Raises OSError, and leaves nothing."""
        partial = self.file(f"{_digest(key)}-{secrets.token_hex(6)}{PARTIAL}")
        checksum, size = hashlib.sha256(), 0
        try:
            with os.fdopen(_create(partial), "wb", buffering=0) as file:
                for part in parts:
                    _write_all(file.fileno(), part)
                    checksum.update(part)
                    size += len(part)
                os.fsync(file.fileno())
            return self._put(partial, key, size, checksum.digest())
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise

    def take(self, partial: Path, key: str, size: int, sha256: bytes) -> Written:
        """Make a finished partial file one of the vault's. Raises OSError."""
        file = os.open(partial, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fsync(file)
        finally:
            os.close(file)
        return self._put(partial, key, size, sha256)

    def partial(self, key: str) -> Path:
        """Return where a download called `key` grows, always at the same place."""
        return self.file(f"{_digest(key)}{PARTIAL}")

    def remove(self, name: str) -> None:
        """Delete a file, if it is there; a reader that has it open goes on. Raises OSError."""
        self.file(name).unlink(missing_ok=True)

    def is_sound(self, name: str, size: int, sha256: bytes) -> bool:
        """Whether the file `name` is what it was when it was stored."""
        checksum = hashlib.sha256()
        try:
            with self.file(name).open("rb", buffering=0) as file:
                if os.fstat(file.fileno()).st_size != size:
                    return False
                while block := file.read(_BLOCK):
                    checksum.update(block)
        except OSError:
            return False
        return checksum.digest() == sha256

    def sizes(self) -> dict[str, int]:
        """Return the size of every file there is by its name. Raises OSError."""
        with os.scandir(self.path) as found:
            return {entry.name: entry.stat(follow_symlinks=False).st_size for entry in found if entry.is_file()}

    def sweep(self, known: Collection[str], keep: Collection[str] = ()) -> None:
        """Delete the files that are neither `known` nor in `keep`, unless somebody may just be writing them."""
        limit = time.time() - ORPHAN_AFTER_S
        with os.scandir(self.path) as found:
            for entry in found:
                if entry.name in known or entry.name in keep or not is_ours(entry.name):
                    continue
                with contextlib.suppress(OSError):  # somebody else may sweep, too
                    if entry.stat(follow_symlinks=False).st_mtime < limit:
                        os.unlink(entry.path)

    def _put(self, partial: Path, key: str, size: int, sha256: bytes) -> Written:
        name = f"{_digest(key)}-{sha256.hex()[:16]}"
        partial.replace(self.file(name))
        folder = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return Written(name, size, sha256)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def is_ours(name: str) -> bool:
    """Whether a name is one that files of the vault have; any other one may lead anywhere."""
    stem = name.removesuffix(PARTIAL)
    return all(part and set(part) <= set("0123456789abcdef") for part in stem.split("-"))
