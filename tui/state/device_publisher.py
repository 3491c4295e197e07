"""Tells the platform what plays here: changes at once, the position only where it is not what others reckon with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import ValidationError

from api_client.client import PlatformClient
from api_client.errors import ApiError, Conflict, ErrorCode, NotFound, PlatformError, RateLimited
from api_client.models.player import PlayerStatus
from tui.player.clock import Clock
from tui.player.player import Player
from tui.player.shared import order_of, update_of
from tui.player.track import PlayerSnapshot
from tui.state.devices import DevicesStore

DRIFT_S = 1.5
"""Seconds by which the position may differ from what followers reckon."""
APART_S = 0.25
"""Seconds between two writes: a held key is a few of them and not hundreds."""
REFUSED_S = 5.0
"""Seconds to wait where the platform finds it too much and does not say for how long."""


class DevicePublisher:
    """Writes the state while this device is the active one, and claims the music when it begins to play here."""

    def __init__(
        self, client: PlatformClient, store: DevicesStore, player: Player, lost: Callable[[], None], clock: Clock
    ) -> None:
        """`lost` is called where what the platform has must be fetched again."""
        self._client = client
        self._clock = clock
        self._store = store
        self._player = player
        self._lost = lost
        self._told: tuple[object, ...] | None = None
        self._told_order: tuple[object, ...] | None = None
        self._told_position, self._told_at = 0.0, 0.0
        self._dirty = False
        self._level = asyncio.Event()
        """Set while the platform has been told everything, or cannot be told for a while."""
        self._worker: asyncio.Task[None] | None = None

    def follow(self, now: PlayerSnapshot) -> None:
        """Look whether there is something to tell; called after every change of the player."""
        if self._is_wanted(now) and (self._has_changed(now) or self._has_drifted(now)):
            self._begin()

    def tell_all(self) -> None:
        """Tell everything, lists and all: the platform may have something else."""
        self._told = self._told_order = None
        self.follow(self._player.snapshot)

    async def told(self) -> None:
        """Wait until the platform has what plays here, or cannot be told."""
        self.follow(self._player.snapshot)
        if self._worker is not None:
            await self._level.wait()

    async def close(self) -> None:
        """Tell nothing more."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait({self._worker})

    # -- whether

    def _is_wanted(self, now: PlayerSnapshot) -> bool:
        store = self._store
        return store.is_connected and store.is_known and bool(store.own_id) and (store.is_mine or now.playing)

    def _has_changed(self, now: PlayerSnapshot) -> bool:
        return not self._store.is_mine or _shape(now) != self._told or order_of(self._player.queue) != self._told_order

    def _has_drifted(self, now: PlayerSnapshot) -> bool:
        runs = now.playing and not now.buffering
        reckoned = self._told_position + (self._clock.monotonic() - self._told_at if runs else 0.0)
        return abs(now.position_s - reckoned) > DRIFT_S

    # -- how

    def _begin(self) -> None:
        self._dirty = True
        self._level.clear()
        if self._worker is None:
            self._worker = asyncio.create_task(self._write_all(), name="what plays here")

    async def _write_all(self) -> None:
        try:
            while self._dirty:
                self._dirty = False
                pause = await self._write()
                if not self._dirty or pause > APART_S:
                    self._level.set()
                if pause:
                    await self._client.clock.sleep(pause)
                    self.follow(self._player.snapshot)
        finally:
            self._worker = None
            self._level.set()

    async def _write(self) -> float:
        """Write once; return the seconds to wait before the next time, 0 to stop."""
        store, now = self._store, self._player.snapshot
        if not self._is_wanted(now):
            return 0.0
        shape, order = _shape(now), order_of(self._player.queue)
        update = update_of(
            store.own_id,
            store.status.version,
            self._player.queue,
            now,
            claims=not store.is_mine,
            with_lists=order != self._told_order,
        )
        try:
            status = await self._client.player.update(update)
        except RateLimited as error:
            self._dirty = True
            return error.retry_after or REFUSED_S
        except (Conflict, NotFound) as error:
            return self._refused(error)
        except PlatformError:
            # Once the connection is back, everything is told.
            return 0.0
        self._told, self._told_order = shape, order
        self._told_position, self._told_at = now.position_s, self._clock.monotonic()
        store.take_status(status)
        return APART_S

    def _refused(self, error: ApiError) -> float:
        current = _current_of(error)
        if current is None:
            self._lost()
            return 0.0
        # Somebody else was quicker, or the answer to the write before was lost.
        was_mine = self._store.is_mine
        self._store.take_status(current)
        self._told = self._told_order = None
        self._dirty = self._store.is_mine or not was_mine
        return APART_S if self._dirty else 0.0


def _shape(now: PlayerSnapshot) -> tuple[object, ...]:
    """Return what is told at once when it changes."""
    return (
        now.entry_id,
        now.playing,
        now.buffering,
        now.volume,
        now.muted,
        now.shuffle,
        now.repeat,
        round(now.duration_s),
    )


def _current_of(error: ApiError) -> PlayerStatus | None:
    """Return what the platform has instead, if it said so."""
    if error.code != ErrorCode.VERSION_CONFLICT or not isinstance(error.details, dict):
        return None
    try:
        return PlayerStatus.model_validate(error.details.get("current"))
    except ValidationError:
        return None
