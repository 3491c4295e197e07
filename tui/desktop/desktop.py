"""Joins player and desktop: finds the session bus, comes back when the bus does, and says how it stands."""

from __future__ import annotations

import asyncio

from dbus_fast import AuthError, DBusError
from dbus_fast.aio import MessageBus

from tui.desktop.covers import Covers
from tui.desktop.entrance import NO_BUS, OPENING, bus_address
from tui.desktop.link import ANSWER_WITHIN, Link, Program, Wishes
from tui.player.face import PlayerFace

AGAIN_AFTER, AGAIN_AT_MOST = 1.0, 60.0
"""Seconds until a bus that was lost is tried again, doubling."""
CLOSE_WITHIN = 0.5
"""Seconds that leaving waits for the bus at most."""

LOST = "The session bus does not answer; Parlour tries it again."
TELLS = "The desktop is told of new tracks; mpris = true in [player] lets it control them as well."


class Desktop:
    """One for a session: `open` it once the player is, and `close` it. Nothing of it fails for want of a bus."""

    def __init__(self, player: PlayerFace, covers: Covers, wishes: Wishes, program: Program) -> None:
        self._player, self._covers, self._wishes, self._program = player, covers, wishes, program
        self._run: asyncio.Task[None] | None = None
        self.sentence = OPENING
        """How it stands with the desktop, for whoever asks."""
        self.again_after = AGAIN_AFTER
        """Seconds until a bus that was lost is tried for the first time."""

    def open(self) -> None:
        """Begin to look for the bus; returns at once."""
        self._run = asyncio.create_task(self._keep_up(), name="session bus")

    async def close(self) -> None:
        """Leave the bus."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.wait([self._run], timeout=CLOSE_WITHIN)
        await self._covers.close()

    async def _keep_up(self) -> None:
        """Serve one connection after the other, for as long as there is a bus to connect to."""
        wait = self.again_after
        while (address := bus_address()) is not None:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    bus = await MessageBus(address).connect()
                wait = self.again_after
                if not self._wishes.mpris:
                    self.sentence = TELLS
                await Link(bus, self._player, self._covers, self._wishes, self._program).serve(self._named)
            except (OSError, EOFError, ValueError, DBusError, AuthError, TimeoutError):
                # What a bus that is gone, or none, comes to; there is nobody to tell who did not ask.
                pass
            self.sentence = LOST
            await asyncio.sleep(wait)
            wait = min(wait * 2, AGAIN_AT_MOST)
        self.sentence = NO_BUS

    def _named(self, name: str) -> None:
        self.sentence = f"Media keys and playerctl reach Parlour as {name}."
