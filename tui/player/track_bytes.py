"""The bytes of one track in memory: written by the loop, read and waited for by the engine's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from tui.player.engine import Fault
from tui.player.spans import Spans

BLOCK = 64 * 1024
_NO_SIZE_YET = -1


class TrackBytes:
    """A sparse file in blocks, so that a track of any length is played within a fixed amount of memory.

    Memory and not a temporary file: nothing of a stream is left on the disk, a read is one copy without a system
    call, and a slow disk can never hold up the event loop that writes.
    """

    def __init__(self, window: int, wanted: Callable[[], None]) -> None:
        """Hold at most about `window` bytes. `wanted` is called on the reader's thread when it starts to wait."""
        self._condition = threading.Condition()
        self._blocks: dict[int, bytearray] = {}
        self._spans = Spans()
        self._window = window
        self._wanted = wanted
        self._size: int | None = _NO_SIZE_YET
        self._fault: Fault | None = None
        self._reason = ""
        self._delivered = False
        self._place = 0

    # The loop's side

    @property
    def size(self) -> int | None:
        """The size in bytes as far as it is known."""
        return None if self._size == _NO_SIZE_YET else self._size

    @property
    def size_is_settled(self) -> bool:
        """Whether the server has answered at all, with a size or without."""
        return self._size != _NO_SIZE_YET

    @property
    def place(self) -> int:
        """The byte that the reader is at or waits for."""
        return self._place

    @property
    def held(self) -> int:
        """How many bytes of memory are in use."""
        return len(self._blocks) * BLOCK

    @property
    def fault(self) -> Fault | None:
        """Why no more bytes come, or None."""
        return self._fault

    @property
    def reason(self) -> str:
        """The sentence of the fault."""
        return self._reason

    @property
    def delivered(self) -> bool:
        """Whether the last byte was read, or every byte is here, and nothing went wrong."""
        return self._fault is None and (self._delivered or self.complete)

    @property
    def complete(self) -> bool:
        """Whether every byte is in memory."""
        return self.size is not None and self.gap(0, self.size) is None

    def gap(self, offset: int, limit: int) -> tuple[int, int] | None:
        """Return the first missing range in [offset, limit), or None."""
        with self._condition:
            return self._spans.gap(offset, limit)

    def settle_size(self, size: int | None) -> None:
        """Say how long the track is; None means that the server does not know yet."""
        with self._condition:
            self._size = size
            self._condition.notify_all()

    def write(self, offset: int, data: bytes) -> bool:
        """Store `data` at `offset` and wake the reader; return whether any of it was new."""
        with self._condition:
            new = self._spans.gap(offset, offset + len(data)) is not None
            done = 0
            while done < len(data):
                number, inside = divmod(offset + done, BLOCK)
                piece = data[done : done + BLOCK - inside]
                block = self._blocks.setdefault(number, bytearray(BLOCK))
                block[inside : inside + len(piece)] = piece
                done += len(piece)
            self._spans.add(offset, offset + len(data))
            self._drop_far_blocks()
            self._condition.notify_all()
            return new

    def fail(self, fault: Fault, reason: str) -> None:
        """No more bytes will come; what is there can still be read."""
        with self._condition:
            self._fault, self._reason = fault, reason
            self._condition.notify_all()

    def room_ahead(self, offset: int) -> bool:
        """Whether bytes at `offset` fit in the window around the reader."""
        return self._place + self._window // 2 > offset or self.held < self._window - BLOCK

    def parts(self) -> Iterator[bytes]:
        """Yield all bytes in order, block by block, on any thread; raises OSError if one is not there any more."""
        size = self.size or 0
        for number in range((size + BLOCK - 1) // BLOCK):
            with self._condition:
                block = self._blocks.get(number)
                if block is None:
                    raise OSError("the track has left the memory")
                part = bytes(block[: min(BLOCK, size - number * BLOCK)])
            yield part

    # The reader's side

    def read(self, offset: int, length: int, cancelled: Callable[[], bool]) -> bytes:
        """Return up to `length` bytes from `offset`, waiting for them. See `engine.Reader.read`."""
        with self._condition:
            self._place = offset
            while not cancelled():
                end = min(self._spans.end_at(offset), offset + length, (offset // BLOCK + 1) * BLOCK)
                if end > offset:
                    number, inside = divmod(offset, BLOCK)
                    self._delivered = self._delivered or end == self._size
                    return bytes(self._blocks[number][inside : inside + end - offset])
                if self.size is not None and offset >= self.size:
                    self._delivered = True
                    return b""
                if self._fault is not None:
                    raise OSError(self._reason)
                self._wanted()
                self._condition.wait()
            return b""

    def wait_size(self, cancelled: Callable[[], bool]) -> int | None:
        """Return the size in bytes, waiting for the server's first answer; None if it does not say."""
        with self._condition:
            while not (self.size_is_settled or self._fault or cancelled()):
                self._wanted()
                self._condition.wait()
            return self.size

    def wake(self) -> None:
        """Let waiting readers look at their cancel flag."""
        with self._condition:
            self._condition.notify_all()

    def _drop_far_blocks(self) -> None:
        """Keep to the window: what lies farthest from the reader goes first, the head (the container's) last."""
        here = self._place // BLOCK
        while len(self._blocks) * BLOCK > self._window:
            number = max(self._blocks, key=lambda each: (each != 0, abs(each - here)))
            del self._blocks[number]
            self._spans.remove(number * BLOCK, (number + 1) * BLOCK)


class TrackReader:
    """One open stream over `TrackBytes`."""

    def __init__(self, track: TrackBytes) -> None:
        self._track = track
        self._offset = 0
        self._cancelled = False

    def _is_cancelled(self) -> bool:
        return self._cancelled

    def read(self, length: int) -> bytes:
        """Return the next bytes, at most `length`; see `engine.Reader.read`."""
        data = self._track.read(self._offset, length, self._is_cancelled)
        self._offset += len(data)
        return data

    def seek(self, offset: int) -> int:
        """Go to byte `offset`."""
        self._offset = offset
        return offset

    def size(self) -> int | None:
        """Return the size in bytes, or None."""
        return self._track.wait_size(self._is_cancelled)

    def cancel(self) -> None:
        """End what is blocked, and all that follows."""
        self._cancelled = True
        self._track.wake()

    def close(self) -> None:
        """Nothing is held."""
        self._cancelled = True
