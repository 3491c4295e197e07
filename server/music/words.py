"""The words of a song: from an .lrc file beside it or from its tags, with the times at which they are sung."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from server.music.legacy_text import legacy_encoding
from server.music.repair import repaired

MOST_LINES = 2_000
FILE_LIMIT = 512 * 1024
"""Bytes."""
_LATEST_MS = 24 * 3_600_000

_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_WORD_STAMP = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_FACT = re.compile(r"^\[(?P<name>[a-z#]+):(?P<value>.*)\]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What is sung: pairs of the time in ms, None where it is not known, and the line. `synced`: all have a time."""

    synced: bool
    lines: tuple[tuple[int | None, str], ...]

    def rows(self) -> list[dict[str, int | str | None]]:
        """Return the lines as the catalogue keeps them."""
        return [{"timeMs": time_ms, "text": text} for time_ms, text in self.lines]


def words_of(text: str) -> Words | None:
    """Return the words in `text`, an LRC file or plain lines; None where there are none.

    A line may have several times, its words may have times of their own, which are left out, and `[offset:+250]` says
    by how many ms all times are to be made earlier.
    """
    timed: list[tuple[int, str]] = []
    plain: list[str] = []
    offset = 0
    for line in text.lstrip("\ufeff").splitlines():
        line = line.strip()
        stamps = []
        while (found := _STAMP.match(line)) is not None:
            stamps.append(_milliseconds(found))
            line = line[found.end() :].lstrip()
        if not stamps and (fact := _FACT.match(line)) is not None:
            if fact["name"].lower() == "offset":
                offset = _offset(fact["value"])
            continue
        said = repaired(_WORD_STAMP.sub("", line))
        timed += [(stamp, said) for stamp in stamps]
        if not stamps:
            plain.append(said)
    if timed:
        return timed_words((time_ms - offset, said) for time_ms, said in timed)
    return _plain_words(plain)


def timed_words(lines: Iterable[tuple[int, str]]) -> Words | None:
    """Return words with their times in ms, put in order; None where nothing is sung."""
    kept = sorted(((min(max(0, time_ms), _LATEST_MS), said) for time_ms, said in lines), key=lambda each: each[0])[
        :MOST_LINES
    ]
    return Words(True, tuple(kept)) if any(said for _, said in kept) else None


def words_beside(path: Path) -> Words | None:
    """Return the words in the .lrc file at `path`; None where it cannot be read or has none."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    return words_of(_text_of(data))


def _text_of(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What it is, all of its lines together say best.
        encoding = legacy_encoding([data.decode("latin-1")]) or "cp1252"
        return data.decode(encoding, "replace")


def _plain_words(lines: list[str]) -> Words | None:
    while lines and not lines[-1]:
        lines.pop()
    kept = lines[:MOST_LINES]
    return Words(False, tuple((None, said) for said in kept)) if any(kept) else None


def _milliseconds(stamp: re.Match[str]) -> int:
    minutes, seconds, fraction = stamp.groups()
    return (int(minutes) * 60 + int(seconds)) * 1000 + (int(fraction.ljust(3, "0")) if fraction else 0)


def _offset(value: str) -> int:
    try:
        return max(-60_000, min(60_000, int(value.strip())))
    except ValueError:
        return 0
