"""Bytes in memory as an engine reads them: no network and no disk in between."""

from __future__ import annotations

from tui.player.engine import Fault


class MemoryBytes:
    """A whole file. A `ByteSource`, and each of its readers."""

    fault: Fault | None = None
    reason = ""
    delivered = True

    def __init__(self, data: bytes) -> None:
        self._data, self._offset = data, 0

    def reader(self) -> MemoryBytes:
        """Return one more reader of the same bytes."""
        return MemoryBytes(self._data)

    def read(self, length: int) -> bytes:
        """Return up to `length` bytes."""
        found = self._data[self._offset : self._offset + length]
        self._offset += len(found)
        return found

    def seek(self, offset: int) -> int:
        """Go to byte `offset`."""
        self._offset = offset
        return offset

    def size(self) -> int:
        """Return how many there are."""
        return len(self._data)

    def cancel(self) -> None:
        """Read no more."""
        self._offset = len(self._data)

    def close(self) -> None:
        """Nothing is held."""
