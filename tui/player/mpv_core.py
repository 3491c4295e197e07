"""The guard around python-mpv: no call after the end, no exception out of a callback, no wait on the loop."""

from __future__ import annotations

import asyncio
import locale
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

from tui.player.libmpv import import_mpv
from tui.player.mpv_options import create_player
from tui.player.mpv_stream import StreamProtocol
from tui.player.threads import run_in_thread

CLOSE_LIMIT_S = 2.0
OBSERVED = ("time-pos", "duration", "paused-for-cache", "current-ao")


class _Event(IntEnum):
    """The numbers of libmpv's client.h."""

    START_FILE = 6
    END_FILE = 7
    PLAYBACK_RESTART = 21


@dataclass(frozen=True, slots=True)
class FileStarted:
    """mpv turned to a playlist entry."""

    entry: int


@dataclass(frozen=True, slots=True)
class FileEnded:
    """mpv is through with a playlist entry; the numbers are mpv's own."""

    entry: int
    reason: int
    error: int


@dataclass(frozen=True, slots=True)
class PlaybackRestarted:
    """The first sound after a start or a seek is ready."""


@dataclass(frozen=True, slots=True)
class PropertyChanged:
    """An observed property has a new value, or none."""

    name: str
    value: Any


CoreEvent: TypeAlias = FileStarted | FileEnded | PlaybackRestarted | PropertyChanged
Reply: TypeAlias = Callable[[bool, Any], None]
"""Called on the loop with whether the command was carried out, and with its result."""


class MpvCore:
    """One warm libmpv. A command after `terminate` would end the whole process: here it does nothing."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, listener: Callable[[CoreEvent], None], streams: StreamProtocol
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._streams = streams
        self._lock = threading.Lock()
        self._player: Any = None
        self._observed: set[str] = set()

    def start(self, audio_output: str | None, libraries: Sequence[str] | None) -> None:
        """Create the player; blocks, so it is called on a thread. Raises EngineUnavailable."""
        module = import_mpv(libraries)
        # libmpv ends the process if anything has set another decimal sign since.
        locale.setlocale(locale.LC_NUMERIC, "C")
        player = create_player(module, audio_output)
        self._streams.register(module.backend._name, player.handle)
        player.event_callback("start-file", "end-file", "playback-restart")(self._on_event)
        for name in OBSERVED:
            player.observe_property(name, self._on_property)
        with self._lock:
            self._player = player

    def command(self, name: str, *args: str, reply: Reply | None = None, **named: str) -> None:
        """Give mpv a command and return at once; positional or named arguments, not both."""

        def answered(error: BaseException | None, result: Any) -> None:
            if reply is not None:
                self._post(lambda: reply(error is None, result))

        with self._lock:
            if self._player is not None:
                self._player.command_async(name, *args, callback=answered, **named)

    def observe(self, name: str) -> None:
        """Tell of another property as well, its value now first; again: of its value now, once more."""
        with self._lock:
            if self._player is not None:
                if name in self._observed:
                    self._player.unobserve_property(name, self._on_property)
                self._observed.add(name)
                self._player.observe_property(name, self._on_property)

    async def close(self) -> bool:
        """End the player; return whether it was gone within `CLOSE_LIMIT_S`. May be called again."""
        self._streams.cancel_all()
        with self._lock:
            player, self._player = self._player, None
        if player is None:
            return True
        try:
            await asyncio.wait_for(run_in_thread(player.terminate, "mpv-terminate"), CLOSE_LIMIT_S)
        except TimeoutError:
            return False
        return True

    # On python-mpv's event thread

    def _on_event(self, event: Any) -> None:
        # What the event points to dies with this call: it is copied here.
        match event.event_id.value:
            case _Event.START_FILE:
                self._tell(FileStarted(event.data.playlist_entry_id))
            case _Event.END_FILE:
                data = event.data
                self._tell(FileEnded(data.playlist_entry_id, data.reason, data.error))
            case _Event.PLAYBACK_RESTART:
                self._tell(PlaybackRestarted())

    def _on_property(self, name: str, value: Any) -> None:
        self._tell(PropertyChanged(name, value))

    def _tell(self, event: CoreEvent) -> None:
        self._post(lambda: self._listener(event))

    def _post(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop was closed while mpv was still speaking
            return
