"""An engine that is loaded only when somebody may want to hear something, with silence where it cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tui.player.clock import Clock
from tui.player.crossfade import CrossfadeEngine
from tui.player.engine import (
    AUTO_OUTPUT,
    Ended,
    EndReason,
    Engine,
    EngineEvent,
    EngineStatus,
    EngineUnavailable,
    Listener,
    Load,
    Output,
    Started,
    StatusChanged,
)
from tui.player.silent_engine import SilentEngine
from tui.player.watchdog import Revival

_OPENED_WITHIN_S = 1.0
"""Leaving waits at most so long for an engine that was just being made."""


class LateEngine:
    """See `engine.Engine`. What is ordered before the engine is there is carried out when it is.

    libmpv takes 40 MB and a tenth of a second: who only reads pays for neither. A sound device that is gone is tried
    again as long as something plays.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._listener: Listener = lambda event: None
        self._opening: asyncio.Task[None] | None = None
        self._pending: Load | None = None
        self._closed = False
        self._volume, self._output = 100.0, AUTO_OUTPUT
        self._is_heard = False
        self._revival = Revival(clock, lambda: self._engine.reopen_output())
        self.is_open = False
        """Whether the engine is there."""

    @property
    def status(self) -> EngineStatus:
        """What the engine can do here; nothing is known before it is there."""
        return self._engine.status

    @property
    def needs_bytes(self) -> bool:
        """Whether a load must carry a source."""
        return self._engine.needs_bytes

    def listen(self, listener: Listener) -> None:
        """Tell `listener` what the engine says, once there is one."""
        self._listener = listener

    def wake(self) -> None:
        """Begin to get the engine ready, once."""
        if self._opening is None and not self._closed:
            self._opening = asyncio.get_running_loop().create_task(self._open(), name="open the player's engine")

    async def open(self, listener: Listener) -> None:
        """Get the engine ready, or silence that says why, and wait for it."""
        self._listener = listener
        self.wake()
        if self._opening is not None:
            await asyncio.shield(self._opening)

    async def _open(self) -> None:
        try:
            await self._engine.open(self._on_engine)
        except EngineUnavailable as error:
            sentence, clock = error.sentence, self._clock
            self._engine = CrossfadeEngine(lambda: SilentEngine(clock, sentence), clock)
            await self._engine.open(self._on_engine)
        if self._closed:
            return
        self.is_open = True
        self._engine.set_volume(self._volume)
        self._engine.set_output(self._output)
        pending, self._pending = self._pending, None
        if pending is not None:
            self._engine.load(pending)

    def load(self, load: Load) -> None:
        """Play this instead of what plays."""
        if self.is_open:
            self._engine.load(load)
        else:
            self._pending = load
            self.wake()
        self._hear(not load.paused)

    def queue_next(self, load: Load | None) -> None:
        """Go on with this; nothing is queued before the first sound."""
        if self.is_open:
            self._engine.queue_next(load)

    def pause(self, paused: bool) -> None:
        """Hold or go on."""
        if self._pending is not None:
            self._pending = replace(self._pending, paused=paused)
        self._engine.pause(paused)
        self._hear(not paused)

    def seek(self, position_s: float) -> None:
        """Go to a position of the current load."""
        if self._pending is not None:
            self._pending = replace(self._pending, start_s=position_s)
        else:
            self._engine.seek(position_s)

    def stop(self) -> None:
        """End the current load and forget the queued one."""
        pending, self._pending = self._pending, None
        if pending is not None:
            ended = Ended(pending.load_id, EndReason.STOPPED)
            asyncio.get_running_loop().call_soon(self._listener, ended)
        self._engine.stop()
        self._hear(False)

    def set_volume(self, volume: float) -> None:
        """Set the loudness, 0 to 100."""
        self._volume = volume
        self._engine.set_volume(volume)

    def set_output(self, name: str) -> None:
        """Play on this device."""
        self._output = name
        self._engine.set_output(name)

    async def outputs(self) -> Sequence[Output]:
        """Return the devices to choose from, getting the engine ready to know them."""
        await self.open(self._listener)
        return await self._engine.outputs()

    def reopen_output(self) -> None:
        """Try the sound device again."""
        self._engine.reopen_output()

    async def close(self) -> None:
        """Let go of everything, also of what is just being made."""
        self._closed = True
        self._revival.want(False)
        await self._engine.close()
        if self._opening is not None:
            await asyncio.wait([self._opening], timeout=_OPENED_WITHIN_S)

    def _on_engine(self, event: EngineEvent) -> None:
        if isinstance(event, StatusChanged | Started):
            self._hear(self._is_heard)
        self._listener(event)

    def _hear(self, is_heard: bool) -> None:
        """A device is missed only by who wants to hear something."""
        self._is_heard = is_heard
        is_lost = self._engine.needs_bytes and self._engine.status.audio_output == "null"
        self._revival.want(is_lost and is_heard and not self._closed)
