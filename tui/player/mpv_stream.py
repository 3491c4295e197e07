"""Hands the application's bytes to libmpv: the custom stream protocol `sm://`, spoken directly through ctypes."""

from __future__ import annotations

import ctypes
import itertools
import logging
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_uint64, c_void_p
from typing import Any

from tui.player.engine import ByteSource, Reader

_log = logging.getLogger(__name__)

SCHEME = "sm"
_LOADING_FAILED = -13
_UNSUPPORTED = -18
_GENERIC = -20
# ctypes prints what a callback raises on the screen, and mpv would then read an undefined number.
_CALLBACK_ERRORS = (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)

_Read = CFUNCTYPE(c_int64, c_void_p, c_void_p, c_uint64)
_Seek = CFUNCTYPE(c_int64, c_void_p, c_int64)
_Size = CFUNCTYPE(c_int64, c_void_p)
_Done = CFUNCTYPE(None, c_void_p)


class _Info(Structure):
    """mpv_stream_cb_info of libmpv's stream_cb.h; `cancel` is there since client API 1.106."""

    _fields_ = (
        ("cookie", c_void_p),
        ("read", _Read),
        ("seek", _Seek),
        ("size", _Size),
        ("close", _Done),
        ("cancel", _Done),
    )


_Open = CFUNCTYPE(c_int, c_void_p, c_char_p, POINTER(_Info))


class StreamProtocol:
    """One registration of `sm://` with one player. Every entry has an address of its own, never used twice.

    The callbacks run on mpv's threads. They must outlive the player, so the engine keeps this object.
    """

    def __init__(self) -> None:
        self._sources: dict[str, ByteSource] = {}
        self._readers: dict[int, Reader] = {}
        self._cookies = itertools.count(1)
        self._closed = False
        self._open_callback = _Open(self._open)
        self._callbacks = _Info(
            None, _Read(self._read), _Seek(self._seek), _Size(self._size), _Done(self._close), _Done(self._cancel)
        )

    def register(self, library: str, handle: c_void_p) -> None:
        """Teach the player behind `handle` the protocol; `library` is the libmpv it comes from."""
        # A handle on the library of our own: its prototypes are not those that python-mpv has set.
        function = ctypes.CDLL(library).mpv_stream_cb_add_ro
        function.argtypes = [c_void_p, c_char_p, c_void_p, _Open]
        function.restype = c_int
        code = function(handle, SCHEME.encode(), None, self._open_callback)
        if code < 0:
            raise RuntimeError(f"libmpv refused the stream protocol: {code}")

    def publish(self, name: str, source: ByteSource) -> str:
        """Make `source` readable and return its address."""
        uri = f"{SCHEME}://{name}"
        self._sources[uri] = source
        return uri

    def withdraw(self, uri: str) -> None:
        """The address is not opened any more; readers that are open go on."""
        self._sources.pop(uri, None)

    def cancel_all(self) -> None:
        """End every blocked read, now and from now on."""
        self._closed = True
        for reader in list(self._readers.values()):
            reader.cancel()

    # On mpv's threads

    def _open(self, _data: int | None, uri: bytes, info: Any) -> int:
        def opened() -> int:
            source = self._sources.get(uri.decode("utf-8", "replace"))
            if source is None or self._closed:
                return _LOADING_FAILED
            cookie = next(self._cookies)
            self._readers[cookie] = source.reader()
            ctypes.memmove(info, ctypes.byref(self._callbacks), ctypes.sizeof(_Info))
            info.contents.cookie = cookie
            return 0

        return self._guarded(opened, _LOADING_FAILED)

    def _read(self, cookie: int, buffer: int, length: int) -> int:
        def read() -> int:
            data = self._readers[cookie].read(length)
            ctypes.memmove(buffer, data, len(data))
            return len(data)

        return self._guarded(read, -1)

    def _seek(self, cookie: int, offset: int) -> int:
        return self._guarded(lambda: self._readers[cookie].seek(offset), _GENERIC)

    def _size(self, cookie: int) -> int:
        def size() -> int:
            known = self._readers[cookie].size()
            return _UNSUPPORTED if known is None else known

        return self._guarded(size, _UNSUPPORTED)

    def _close(self, cookie: int) -> None:
        def close() -> int:
            self._readers.pop(cookie).close()
            return 0

        self._guarded(close, 0)

    def _cancel(self, cookie: int) -> None:
        def cancel() -> int:
            # mpv may cancel, from another of its threads, what it has just closed.
            reader = self._readers.get(cookie)
            if reader is not None:
                reader.cancel()
            return 0

        self._guarded(cancel, 0)

    def _guarded(self, call: Callable[[], int], on_error: int) -> int:
        try:
            return call()
        except OSError:  # the source has said why, and keeps the reason
            return on_error
        except _CALLBACK_ERRORS:
            _log.exception("a stream callback failed")
            return on_error
