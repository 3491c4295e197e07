"""What libmpv may do with a stream in any order, without a player around it."""

from __future__ import annotations

import ctypes
import logging

import pytest

from tui.player.mpv_stream import StreamProtocol, _Info


class Reader:
    def __init__(self) -> None:
        self.cancelled = self.closed = 0

    def read(self, length: int) -> bytes:
        return b"x"[:length]

    def seek(self, offset: int) -> int:
        return offset

    def size(self) -> int | None:
        return None

    def close(self) -> None:
        self.closed += 1

    def cancel(self) -> None:
        self.cancelled += 1


class Source:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def reader(self) -> Reader:
        return self._reader


def test_a_cancel_that_comes_after_the_close_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    reader, protocol, info = Reader(), StreamProtocol(), _Info()
    uri = protocol.publish("a", Source(reader))
    assert protocol._open(None, uri.encode(), ctypes.pointer(info)) == 0
    with caplog.at_level(logging.DEBUG):
        info.cancel(info.cookie)
        info.close(info.cookie)
        info.cancel(info.cookie)
    assert (reader.cancelled, reader.closed) == (1, 1)
    assert caplog.records == []


def test_an_address_that_was_withdrawn_is_not_opened() -> None:
    protocol, info = StreamProtocol(), _Info()
    uri = protocol.publish("a", Source(Reader()))
    protocol.withdraw(uri)
    assert protocol._open(None, uri.encode(), ctypes.pointer(info)) < 0
