"""The bytes of a track from a file of the vault: read by the engine's thread, with no copy in memory."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from tui.player.engine import Fault


class KeptTrack:
    """A whole track on the disk. A `Held` for the player; the file stays readable if it is deleted meanwhile."""

    def __init__(self, track_id: str, quality: int, path: Path, size: int) -> None:
        """Raises FileNotFoundError where there is no such file, ValueError where it has another size, OSError."""
        self._descriptor = -1
        self._lock = threading.Lock()
        self.track_id = track_id
        self.quality: int | None = quality
        self.fault: Fault | None = None
        self._length = size
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        if os.fstat(self._descriptor).st_size != size:
            self.shut()
            raise ValueError("the file has another size than it had")

    @property
    def reason(self) -> str:
        """The sentence of the fault."""
        return self.fault.sentence if self.fault else ""

    @property
    def delivered(self) -> bool:
        """Every byte is here, unless the disk could not give it."""
        return self.fault is None

    @property
    def complete(self) -> bool:
        """Nothing has to be fetched."""
        return True

    @property
    def held(self) -> int:
        """Nothing is held in memory."""
        return 0

    @property
    def size(self) -> int:
        """The size in bytes."""
        return self._length

    @property
    def from_network(self) -> int:
        """Nothing was fetched."""
        return 0

    @property
    def from_cache(self) -> int:
        """Everything is on this machine."""
        return self._length

    @property
    def waiting(self) -> str:
        """The first sound waits for nothing."""
        return ""

    def reader(self) -> KeptReader:
        """Open one more stream of these bytes; callable from any thread. Raises OSError."""
        with self._lock:
            if self._descriptor < 0:
                raise OSError("this track was put away")
            return KeptReader(self, os.dup(self._descriptor), self._length)

    def fetch(self, everything: bool) -> None:
        """All of it is here."""

    async def close(self) -> None:
        """Let go of the file; readers that are open go on."""
        self.shut()

    def shut(self) -> None:
        """Do the same at once."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.shut()


class KeptReader:
    """One open stream over a file, at a place of its own."""

    def __init__(self, source: KeptTrack, descriptor: int, size: int) -> None:
        self._source = source
        self._descriptor = descriptor
        self._size = size
        self._offset = 0
        self._cancelled = False

    def read(self, length: int) -> bytes:
        """Return the next bytes, at most `length`; see `engine.Reader.read`."""
        if self._cancelled or self._offset >= self._size:
            return b""
        try:
            data = os.pread(self._descriptor, min(length, self._size - self._offset), self._offset)
        except OSError:
            self._source.fault = Fault.DAMAGED
            raise
        if not data:
            self._source.fault = Fault.DAMAGED
            raise OSError("the file is shorter than it was")
        self._offset += len(data)
        return data

    def seek(self, offset: int) -> int:
        """Go to byte `offset`."""
        self._offset = offset
        return offset

    def size(self) -> int:
        """Return the size in bytes."""
        return self._size

    def cancel(self) -> None:
        """Nothing blocks here; what follows has an end."""
        self._cancelled = True

    def close(self) -> None:
        """Let go of the file."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
