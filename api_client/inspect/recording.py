"""Writing a session to its file while it goes on: collected on the loop, redacted and written by a thread."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter_ns
from typing import BinaryIO

from api_client.inspect.causes import Cause
from api_client.inspect.recorder import Recorder
from api_client.inspect.records import BINARY, TEXT, CallRecord, FrameRecord, SocketRecord
from api_client.inspect.redaction import Redactor
from api_client.inspect.session_file import (
    FILE_LIMIT,
    ActionLine,
    CallLine,
    Content,
    EndLine,
    Entry,
    FrameLine,
    Header,
    SocketLine,
    content_of,
    create,
    line_of,
)

WHOLE = 8 * 1024 * 1024
"""Bytes of a body that are kept while a session is recorded: as much as the client reads of any reply."""
WHOLE_MEDIA = 1024 * 1024
"""Bytes up to which pictures and sounds are kept whole; of larger ones there is only the beginning in the file."""
_GLIMPSE = 4 * 1024
_MEDIA = ("image/", "audio/", "video/")
EVERY = 0.25
"""Seconds between two looks at what has been recorded."""
BACKLOG = 20_000
"""Records that may wait for the disk; with more of them, the disk is not to be waited for."""
FAREWELL = 5.0
"""Seconds in which what waits must be written at the end."""

_MIB = 1024 * 1024
Record = CallRecord | FrameRecord | SocketRecord | Cause | None


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the file."""

    path: Path
    calls: int
    frames: int
    size: int
    """Bytes."""
    lost: int
    trouble: str
    """Why it ended by itself, in a sentence; empty where it was ended."""

    @property
    def sentence(self) -> str:
        """What was recorded and where it is."""
        size = f"{self.size / _MIB:.1f} MiB" if self.size >= _MIB else f"{max(1, self.size // 1024)} KiB"
        lost = f", {self.lost} lost" if self.lost else ""
        told = f"{self.calls} calls and {self.frames} frames{lost} ({size}) are in {self.path}."
        return f"{self.trouble} {told}" if self.trouble else told


class SessionRecording:
    """Records what a `Recorder` sees, from now until `stop`.

    Nothing is redacted, written or flushed on the event loop. The file is there from the start, and whole up to the
    last look whenever the program ends.
    """

    def __init__(
        self,
        path: Path,
        recorder: Recorder,
        header: Header,
        *,
        limit: int = FILE_LIMIT,
        on_trouble: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        """Begin a new file at `path`, of at most `limit` bytes; raises OSError where it cannot be, or is already.

        `on_trouble` is called on the loop when the recording has to end by itself.
        """
        self.path = path
        self._recorder = recorder
        self._on_trouble = on_trouble
        self._loop = asyncio.get_running_loop()
        self._began = perf_counter_ns()
        self._writer = _Writer(create(path), path, recorder.redactor, self._began, limit, self._ended_by_itself)
        self._last = recorder.next_id()
        self._waiting: list[CallRecord] = []
        self._sockets: dict[int, bool] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._kept_before, recorder.kept = recorder.kept, WHOLE
        self._unsubscribe = recorder.subscribe(self._changed)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._writer.begin(header.model_copy(update={"began": now}))
        self._collect()

    def note(self, cause: Cause) -> None:
        """Write down what the user did, whether or not anything goes over the wire for it."""
        self._writer.put(cause)

    async def stop(self, why: str = "stopped") -> Written:
        """End the file and return what stands in it."""
        self._collect()
        for record in self._waiting:
            self._writer.put(record)
        self._let_go()
        return await asyncio.to_thread(self._writer.finish, why)

    def _let_go(self) -> None:
        self._unsubscribe()
        self._recorder.kept = self._kept_before
        if self._timer is not None:
            self._timer.cancel()

    def _ended_by_itself(self, sentence: str) -> None:
        # From the writer's thread, perhaps when the loop is gone already.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._say, sentence)

    def _say(self, sentence: str) -> None:
        self._let_go()
        self._on_trouble(sentence)

    def _changed(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(EVERY, self._collect)

    def _collect(self) -> None:
        """Hand over what is new, in one look for all that came since the last one."""
        self._timer = None
        recorder = self._recorder
        new: list[CallRecord | FrameRecord] = [call for call in recorder.calls if call.id > self._last]
        new += [frame for frame in recorder.frames if frame.id > self._last]
        self._last = max((record.id for record in new), default=self._last)
        for socket in recorder.sockets:
            over = socket.ended is not None
            if self._sockets.get(socket.id) is not over and (over or socket.opened is not None):
                self._sockets[socket.id] = over
                self._writer.put(socket)
        due = [*self._waiting, *new]
        self._waiting = [record for record in due if isinstance(record, CallRecord) and record.ended is None]
        for record in due:
            if isinstance(record, FrameRecord) or record.ended is not None:
                self._writer.put(record)
        self._writer.flush()


class _Writer:
    """The thread, and what it writes."""

    def __init__(
        self,
        descriptor: int,
        path: Path,
        redactor: Redactor,
        began: int,
        limit: int,
        on_end: Callable[[str], None],
    ) -> None:
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._path = path
        self._redactor = redactor
        self._began = began
        self._limit = limit
        self._on_end = on_end
        self._queue: queue.SimpleQueue[Record | Header | str] = queue.SimpleQueue()
        self._size = self._calls = self._frames = self._lost = 0
        self._causes: set[int] = set()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="session recording", daemon=True)

    def begin(self, header: Header) -> None:
        """Write the first line, and go on from a thread."""
        self._queue.put(header)
        self._thread.start()

    def put(self, record: Record) -> None:
        """Have `record` written, unless the disk is far behind."""
        if self._trouble:
            return
        if self._queue.qsize() >= BACKLOG:
            self._lost += 1
        else:
            self._queue.put(record)

    def flush(self) -> None:
        """Have what was put so far on the disk."""
        self._queue.put(None)

    def finish(self, why: str) -> Written:
        """Write what waits and the last line, and return what stands in the file."""
        self._queue.put(why)
        self._thread.join(FAREWELL)
        if self._thread.is_alive():
            self._trouble = self._trouble or "The disk takes nothing more."
        return Written(self._path, self._calls, self._frames, self._size, self._lost, self._trouble)

    def _run(self) -> None:
        with self._file:
            try:
                while not isinstance(item := self._queue.get(), str):
                    self._take(item)
                self._end(item)
            except OSError as error:
                self._fail(f"The recording has ended: {error.strerror or 'it cannot be written'}.")
            except _Full:
                with contextlib.suppress(OSError):
                    self._end("full")
                self._fail(f"The recording has reached {self._limit // _MIB} MiB and has ended.")

    def _fail(self, sentence: str) -> None:
        self._trouble = sentence
        self._on_end(sentence)

    def _take(self, item: Record | Header) -> None:
        if item is None:
            self._file.flush()
        elif isinstance(item, Header):
            self._write(line_of(item))
        else:
            for entry in self._entries(item):
                line = line_of(entry)
                if self._size + len(line) > self._limit:
                    raise _Full
                self._write(line)
                self._calls += isinstance(entry, CallLine)
                self._frames += isinstance(entry, FrameLine)

    def _end(self, why: str) -> None:
        at = self._since(perf_counter_ns())
        self._write(line_of(EndLine(at=at, why=why, calls=self._calls, frames=self._frames, lost=self._lost)))

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self._size += len(line)

    def _since(self, moment: int) -> float:
        return round(max(0, moment - self._began) / 1e6, 3)

    def _entries(self, record: CallRecord | FrameRecord | SocketRecord | Cause) -> Iterator[Entry]:
        """Yield the lines of one record, the action behind it first where nobody has named it yet."""
        cause = record if isinstance(record, Cause) else getattr(record, "cause", None)
        if isinstance(cause, Cause) and cause.number not in self._causes:
            self._causes.add(cause.number)
            label = self._redactor.text(cause.label)
            yield ActionLine(at=self._since(cause.at), number=cause.number, id=cause.action, label=label)
        if isinstance(record, CallRecord):
            yield call_line(record, self._redactor, self._since(record.started))
        elif isinstance(record, FrameRecord) and record.opcode in (TEXT, BINARY):
            yield frame_line(record, self._redactor, self._since(record.at))
        elif isinstance(record, SocketRecord):
            yield self._socket(record)

    def _socket(self, record: SocketRecord) -> SocketLine:
        text = self._redactor.text
        if record.ended is None:
            at = self._since(record.opened or record.started)
            return SocketLine(at=at, socket=record.id, event="opened", url=self._redactor.url(record.url))
        return SocketLine(
            at=self._since(record.ended),
            socket=record.id,
            event="closed",
            code=record.close_code,
            reason=text(record.close_reason or record.error),
        )


class _Full(Exception):
    """The file has its largest size."""


def call_line(record: CallRecord, redactor: Redactor, at: float) -> CallLine:
    """Return a call as it stands in a file, `at` ms after the beginning: without secrets."""
    sent, came = record.request_headers, record.response_headers
    request = record.request_body
    reply = record.body
    if reply is not None and len(reply) > WHOLE_MEDIA and record.media_type.startswith(_MEDIA):
        reply = reply[:_GLIMPSE]
    body = content = None
    if request is not None:
        kind = _type_of(sent.get("content-type"))
        body = content_of(_redacted(request, kind, redactor), cut=record.request_size > len(request))
    if reply is not None:
        content = content_of(_redacted(reply, record.media_type, redactor), cut=record.body_size > len(reply))
    return CallLine.model_construct(
        kind="call",
        at=at,
        number=record.id,
        name=record.name,
        method=record.method,
        url=redactor.url(record.url),
        headers=redactor.headers(sent),
        body=body,
        streamed=request is None and record.request_size != 0,
        status=record.status if reply is not None else None,
        reply_headers=redactor.headers(came),
        reply=content,
        took=round((record.duration or 0) / 1e6, 3),
        attempt=record.attempt,
        first=record.first,
        origin=record.origin,
        cause=record.cause.number if record.cause is not None else None,
        error=redactor.text(record.error.sentence) if record.error is not None else None,
    )


def frame_line(record: FrameRecord, redactor: Redactor, at: float) -> FrameLine:
    """Return a frame as it stands in a file, `at` ms after the beginning: without secrets."""
    raw = record.data.encode("utf-8", "surrogatepass") if isinstance(record.data, str) else record.data
    content = content_of(redactor.body(raw, "application/json"), cut=record.size > len(raw)) or Content()
    return FrameLine.model_construct(
        kind="frame",
        at=at,
        socket=record.socket,
        direction=record.direction,
        content=content,
        cause=record.cause.number if record.cause is not None else None,
    )


def _redacted(body: bytes, media_type: str, redactor: Redactor) -> bytes:
    """Return a body without secrets; in a picture or a sound only what is known is looked for: it holds no names."""
    if media_type.startswith(_MEDIA) and not redactor.holds(body):
        return body
    return redactor.body(body, media_type)


def _type_of(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
