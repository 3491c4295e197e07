"""What lies in a music folder: audio files and cover pictures, without leaving the folder."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.music.repair import repaired
from server.music.tags import EXTENSIONS

COVER_LIMIT = 10 * 1024 * 1024
"""Bytes."""

_COVER_NAMES = tuple(
    re.compile(rf"(?:{pattern})\.(?:jpe?g|png|webp)$", re.IGNORECASE)
    for pattern in (
        r"cover",
        r"folder",
        r"front",
        r"album[ _-]?art(?:[ _-]?large|_\{[^}]*\}_large)?",
        r"album|artwork",
        r"(?:cover|front)[ ._-]?(?:front|large|big|1|01)",
        r".{0,100}[ _(\[-](?:cover|front)[)\]]?",
    )
)
"""What covers are called, the surest first; a back, a disc and a thumbnail are none of them."""
WORDS_SUFFIX = b".lrc"
_LARGEST = 2**62
"""More than any time in nanoseconds, and within what a database keeps."""


@dataclass(frozen=True, slots=True)
class Found:
    """An audio file: `path` is relative to the folder, in the file system's own bytes."""

    path: bytes
    size_bytes: int
    mtime_ns: int
    """When it changed; where words or a cover lie beside it, a number that is another one when one of them changes."""
    words: bytes | None = None
    """The path of the words beside it, like `path`."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was left out: `name` is relative and fit for a screen, `reason` completes "the file ..."."""

    name: str
    reason: str


def shown(path: bytes) -> str:
    """Return a relative path as text that can be shown, whatever bytes it consists of."""
    return repaired(path.decode("utf-8", "replace"))


def inside(root: Path, path: bytes) -> Path | None:
    """Return the real place of a relative `path`, or None where it lies outside `root` or is no regular file."""
    real = Path(os.path.realpath(root / os.fsdecode(path)))
    if not real.is_relative_to(os.path.realpath(root)):
        return None
    return real if real.is_file() else None


def walk(root: Path) -> tuple[list[Found], list[Skipped]]:
    """List every audio file below `root`, in the order of their names; linked folders are not entered."""
    found: list[Found] = []
    skipped: list[Skipped] = []
    base = os.fsencode(root)

    def closed(problem: OSError) -> None:
        name = os.path.relpath(os.fsencode(problem.filename or base), base)
        skipped.append(Skipped(shown(name), "cannot be opened"))

    for folder, subfolders, names in os.walk(base, onerror=closed):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(b"."))
        for entry in _entries(root, base, folder, names):
            (found if isinstance(entry, Found) else skipped).append(entry)  # type: ignore[arg-type]
    return found, skipped


def _entries(root: Path, base: bytes, folder: bytes, names: list[bytes]) -> Iterator[Found | Skipped]:
    words = {name[: -len(WORDS_SUFFIX)]: name for name in names if name.lower().endswith(WORDS_SUFFIX)}
    covers = [name for name in names if _is_cover(os.fsdecode(name))]
    cover_ns = sum(_changed_ns(os.path.join(folder, name)) for name in covers)
    for name in sorted(names):
        if name.startswith(b".") or Path(os.fsdecode(name)).suffix.lower() not in EXTENSIONS:
            continue
        full = os.path.join(folder, name)
        path = os.path.relpath(full, base)
        try:
            linked = stat.S_ISLNK(os.lstat(full).st_mode)
            facts = os.stat(full)
        except OSError:
            yield Skipped(shown(path), "cannot be opened")
            continue
        if linked:
            # A link to a file inside is another name for a file that is listed already.
            if inside(root, path) is None:
                yield Skipped(shown(path), "links to a place outside the music folder")
        elif not stat.S_ISREG(facts.st_mode):
            yield Skipped(shown(path), "is not a regular file")
        else:
            beside = words.get(os.path.splitext(name)[0])
            beside = os.path.join(folder, beside) if beside is not None else None
            changed = facts.st_mtime_ns + cover_ns + (_changed_ns(beside) if beside is not None else 0)
            yield Found(path, facts.st_size, changed % _LARGEST, os.path.relpath(beside, base) if beside else None)


def _changed_ns(path: bytes) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _is_cover(name: str) -> bool:
    return any(pattern.match(name) for pattern in _COVER_NAMES)


def folder_cover(root: Path, folder: Path) -> bytes | None:
    """Return cover.jpg, folder.png or the like from `folder`, or from the one above it if that is inside `root` too."""
    for place in (folder, folder.parent):
        if not place.is_relative_to(root):
            return None
        picture = _cover_in(root, place)
        if picture is not None:
            return picture
        if not place.name.lower().startswith(("cd", "disc", "disk")):
            return None
    return None


def _cover_in(root: Path, folder: Path) -> bytes | None:
    for name in cover_names(folder):
        real = inside(root, os.path.relpath(os.fsencode(folder / name), os.fsencode(root)))
        if real is not None and real.stat().st_size <= COVER_LIMIT:
            return real.read_bytes()
    return None


def cover_names(folder: Path) -> list[str]:
    """Return the names in `folder` that are those of a cover, the surest first."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return []
    return [name for pattern in _COVER_NAMES for name in names if pattern.match(name)]
