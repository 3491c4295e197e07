"""Listens on the live connection: frames in, lines out, until what was waited for has come."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from api_client.realtime.states import Phase, SocketState
from tui.cli.account import Here, signed_in
from tui.cli.calls.fields import Template
from tui.cli.calls.placeholders import filled, look_up, names_in
from tui.cli.exits import CannotGoOn, Exit
from tui.cli.filters import Filter, write_result
from tui.cli.held import without_held
from tui.cli.output import has_colours, json_line, painted, read_json, say, write_text

if TYPE_CHECKING:
    from api_client.realtime import Realtime


@dataclass(frozen=True, slots=True)
class _Came:
    """A frame of the platform."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class _Typed:
    """A line of stdin, counted from 1."""

    text: str
    number: int


@dataclass(frozen=True, slots=True)
class _Broken:
    """What is wrong with stdin, a sentence."""

    sentence: str


_TURN = 0.05
"""Seconds after which frames are offered again to a line that could not take them."""
_AHEAD = 256
"""Lines of stdin that are read before they can be sent."""


class Listener:
    """One run of `parlour ws`."""

    def __init__(self, arguments: argparse.Namespace, stdin: TextIO) -> None:
        """Prepare to do what `arguments` say; raises CannotGoOn for jq that is none."""
        self._arguments = arguments
        self._stdin = stdin
        self._filter = None if arguments.jq is None else Filter(arguments.jq)
        self._until = None if arguments.until is None else Filter(arguments.until)
        self._news: asyncio.Queue[_Came | _Typed | _Broken | SocketState] = asyncio.Queue()
        self._room = threading.Semaphore(_AHEAD)
        self._unsent = deque(text for text in arguments.send if text != "-")
        self._written = 0
        self._was_online = False
        self._is_online = False
        self._held: dict[str, str] = {}

    async def run(self) -> Exit:
        """Return how it ended. Raises CannotGoOn and PlatformError."""
        from api_client.realtime import Realtime

        async with signed_in(self._arguments) as here:
            keys = await self._keys(here)
            link = Realtime(
                here.client,
                on_event=lambda _event: None,
                on_gap=lambda: say("some frames may have gone by unheard"),
                on_state=self._news.put_nowait,
                on_raw=self._came,
            )
            for key in keys:
                link.subscribe(key)
            for chat in self._arguments.chat:
                link.join(chat)
            link.start()
            try:
                async with asyncio.timeout(self._arguments.timeout):
                    return await self._listen(here, link)
            except TimeoutError:
                return self._timed_out()
            finally:
                await link.stop()

    async def _keys(self, here: Here) -> list[str]:
        templates = [Template(key) for key in self._arguments.keys]
        known = await look_up(here, set().union(*(names_in(key) for key in templates)))
        return [str(key) for key in filled(templates, known)]

    def _came(self, raw: str | bytes) -> None:
        text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
        self._news.put_nowait(_Came(text, time.time()))

    async def _listen(self, here: Here, link: Realtime) -> Exit:
        while True:
            match await self._next():
                case SocketState() as state:
                    ending = await self._follow(state, here)
                    if ending is not None:
                        return ending
                case _Typed(text, number):
                    self._unsent.append(frame_to_send(text, f"stdin:{number}"))
                case _Broken(sentence):
                    raise CannotGoOn(sentence)
                case _Came() as frame:
                    if self._take(frame):
                        return Exit.OK
                case None:
                    pass
            while self._is_online and self._unsent and link.send(self._unsent[0]):
                self._unsent.popleft()
                self._room.release()

    async def _next(self) -> _Came | _Typed | _Broken | SocketState | None:
        """Return what happens next; None after a moment where frames wait for a line that is slow."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_TURN if self._is_online and self._unsent else None):
                return await self._news.get()
        return None

    async def _follow(self, state: SocketState, here: Here) -> Exit | None:
        """Take in what the connection does; return the exit status where that is the end."""
        self._is_online = state.phase is Phase.ONLINE
        match state.phase:
            case Phase.ONLINE:
                if self._was_online:
                    say("connected again")
                elif "-" in self._arguments.send:
                    self._read_stdin()
                self._was_online = True
                self._held = await here.secrets()
            case Phase.OFFLINE if state.reason:
                say(state.reason)
                return Exit.SIGN_IN
            case Phase.WAITING:
                say(state.reason or "The live connection broke.")
                if self._arguments.no_reconnect:
                    return Exit.UNAVAILABLE
            case _:
                pass
        return None

    def _take(self, frame: _Came) -> bool:
        """Write `frame` if it is wanted; return whether it is the last."""
        value = _decoded(without_held(frame.text, self._held))
        kind = value.get("type") if isinstance(value, dict) else None
        if not self._arguments.type or kind in self._arguments.type:
            self._write(value, frame.at)
            self._written += 1
        if self._until is not None and self._until.holds(value):
            return True
        return self._arguments.count is not None and self._written >= self._arguments.count

    def _write(self, value: Any, at: float) -> None:
        if self._filter is not None:
            for result in self._filter.results(value):
                write_result(result)
        else:
            if self._arguments.timestamps:
                moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
                value = {"at": moment, "frame": value}
            line = json_line(value)
            if has_colours(sys.stdout):
                sys.stdout.write(painted(line) + "\n")
            else:
                write_text(line + "\n")
        sys.stdout.flush()

    def _timed_out(self) -> Exit:
        if not self._was_online:
            say("no connection within the time")
            return Exit.UNAVAILABLE
        if self._until is not None:
            say(f"nothing came of which {self._until.expression} is true")
            return Exit.FAILED
        if self._arguments.count is not None:
            say(f"{self._written} of {self._arguments.count} frames came")
            return Exit.FAILED
        return Exit.OK

    def _read_stdin(self) -> None:
        """Read lines on a thread that may be left behind: nothing takes back a read that waits for a person."""
        loop = asyncio.get_running_loop()

        def tell(news: _Typed | _Broken) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody sends any more
                loop.call_soon_threadsafe(self._news.put_nowait, news)

        def read() -> None:
            try:
                for number, line in enumerate(self._stdin, 1):
                    if line.strip():
                        self._room.acquire()
                        tell(_Typed(line.strip(), number))
            except UnicodeDecodeError:
                tell(_Broken("stdin is not UTF-8 text"))

        threading.Thread(target=read, name="stdin", daemon=True).start()


def frame_to_send(text: str, where: str) -> str:
    """Return `text` if it can be sent; raises CannotGoOn if it is no JSON."""
    try:
        text.encode()
        read_json(text)
    except ValueError as error:
        raise CannotGoOn(f"{where}: {text[:80]!r} is no JSON ({error})") from error
    return text


def _decoded(text: str) -> Any:
    """Return the JSON in a frame, and the text itself where it is none."""
    try:
        return read_json(text)
    except ValueError:
        return text
