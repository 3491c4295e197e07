"""Reads the rows of a damaged database from its pages, without SQLite: every page that is whole gives all of its rows.

The formats are those of https://www.sqlite.org/fileformat2.html: sections 1.6 (pages), 2.1 (records) and 4 (the
write-ahead log). Nothing above the leaves of a table is needed: a damaged header, schema or inner page loses nothing.
With `secure_delete` a deleted row leaves no trace in a page, and cannot come back this way.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PAGE = 4096
"""Bytes of a page: what SQLite has made since 2016 unless it is asked for something else."""

_LEAF = 0x0D
_WAL_HEADER = struct.Struct(">8I")
_FRAME_HEADER = struct.Struct(">6I")
_WAL_MAGIC = 0x377F0682
_MAX_LOCAL = PAGE - 35
_MIN_LOCAL = (PAGE - 12) * 32 // 255 - 23

Value = int | float | bytes | str | None
"""Text that is no UTF-8 stays bytes."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of some table, which its number of values tells."""

    rowid: int
    values: tuple[Value, ...]


@dataclass
class Losses:
    """What could not be read."""

    rows: int = 0


def records(database: bytes, log: bytes, losses: Losses) -> Iterator[Record]:
    """Yield the rows of all tables as of the last commit in `log`, the write-ahead log; `losses` counts the rest."""
    pages = _Pages(database, _committed(log))
    for number in range(1, pages.count + 1):
        page = pages.get(number)
        start = 100 if number == 1 else 0
        if len(page) < PAGE or page[start] != _LEAF:
            continue
        cells = int.from_bytes(page[start + 3 : start + 5], "big")
        for index in range(min(cells, PAGE // 2)):
            pointer = start + 8 + 2 * index
            at = int.from_bytes(page[pointer : pointer + 2], "big")
            if at < start + 8 + 2 * cells:
                losses.rows += 1
                continue
            try:
                yield _cell(pages, page, at)
            except (IndexError, ValueError, struct.error):
                losses.rows += 1


class _Pages:
    """The pages of a database, the newer ones of its log in their places."""

    def __init__(self, database: bytes, newer: Mapping[int, bytes]) -> None:
        self._database = memoryview(database)
        self._newer = newer
        self.count = max([len(database) // PAGE, *newer])

    def get(self, number: int) -> bytes:
        """Return page `number`, which counts from 1; shorter than a page where the file ends."""
        if number in self._newer:
            return self._newer[number]
        return bytes(self._database[(number - 1) * PAGE : number * PAGE]) if number > 0 else b""


def _committed(log: bytes) -> dict[int, bytes]:
    """Return the pages of a write-ahead log up to its last whole commit."""
    if len(log) < _WAL_HEADER.size:
        return {}
    magic, _, page_size, _, salt, other_salt, *_ = _WAL_HEADER.unpack_from(log)
    if magic & ~1 != _WAL_MAGIC or page_size != PAGE:
        return {}
    order = ">" if magic & 1 else "<"
    sums = _sums(log[:24], order, (0, 0))
    if sums != _WAL_HEADER.unpack_from(log)[6:8]:
        return {}
    committed: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for at in range(_WAL_HEADER.size, len(log) - _FRAME_HEADER.size - PAGE + 1, _FRAME_HEADER.size + PAGE):
        number, size_after, *rest = _FRAME_HEADER.unpack_from(log, at)
        page = log[at + _FRAME_HEADER.size : at + _FRAME_HEADER.size + PAGE]
        sums = _sums(page, order, _sums(log[at : at + 8], order, sums))
        if tuple(rest) != (salt, other_salt, *sums):
            break
        waiting[number] = page
        if size_after:
            committed |= waiting
            waiting = {}
    return committed


def _sums(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    """Return the running checksum of the log: two sums that feed each other, section 4.2."""
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _cell(pages: _Pages, page: bytes, at: int) -> Record:
    size, at = _varint(page, at)
    rowid, at = _varint(page, at)
    payload = _payload(pages, page, at, size)
    return Record(rowid - (1 << 64) if rowid >> 63 else rowid, tuple(_values(payload)))


def _payload(pages: _Pages, page: bytes, at: int, size: int) -> bytes:
    """Return the `size` bytes of a row, which begins at `at` and may go on in overflow pages."""
    if size > pages.count * PAGE:
        raise ValueError("longer than the file")
    if size <= _MAX_LOCAL:
        local = size
    else:
        local = _MIN_LOCAL + (size - _MIN_LOCAL) % (PAGE - 4)
        local = local if local <= _MAX_LOCAL else _MIN_LOCAL
    parts = [page[at : at + local]]
    missing = size - local
    following = page[at + local : at + local + 4]
    while missing > 0:
        overflow = pages.get(int.from_bytes(following, "big"))
        if len(overflow) < PAGE:
            raise ValueError("the row goes on where there is no page")
        parts.append(overflow[4 : 4 + missing])
        missing -= PAGE - 4
        following = overflow[:4]
    payload = b"".join(parts)
    if len(payload) != size:
        raise ValueError("the row ends beyond its page")
    return payload


def _values(payload: bytes) -> Iterator[Value]:
    header_size, at = _varint(payload, 0)
    body = header_size
    while at < header_size:
        kind, at = _varint(payload, at)
        size = _size(kind)
        if body + size > len(payload):
            raise ValueError("a value ends beyond its row")
        yield _value(kind, payload[body : body + size])
        body += size


def _size(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    if kind in (10, 11):
        raise ValueError("a kind of value that is never stored")
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind]


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(data, "big", signed=True)
    if kind == 7:
        number: float = struct.unpack(">d", data)[0]
        return number
    if kind % 2 == 0:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number of 1 to 9 bytes at `at`, and where it ends."""
    number = 0
    for index in range(8):
        byte = data[at + index]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + index + 1
    return number << 8 | data[at + 8], at + 9
