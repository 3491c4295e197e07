"""One connection to the session bus, with the player on it, from the taking of the name to the end of the bus."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass

from dbus_fast import DBusError, Message, MessageType, NameFlag, RequestNameReply
from dbus_fast.aio import MessageBus

from tui.desktop.covers import Covers
from tui.desktop.mpris import NAME, OBJECT_PATH, OpenAddress, PlayerInterface, RootInterface, TrackListInterface
from tui.desktop.notifier import Notifier
from tui.player.face import PlayerFace
from tui.player.track import PlayerSnapshot

ANSWER_WITHIN = 5.0
"""Seconds until a bus that does not answer counts as none."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants of the desktop."""

    mpris: bool
    notify: bool


@dataclass(frozen=True, slots=True)
class Program:
    """What the desktop may ask of the program."""

    quit: Callable[[], object]
    open_address: OpenAddress
    in_front: Callable[[], bool | None]
    """Whether the terminal has the focus; None where it does not tell."""


class Link:
    """Serves one connection."""

    def __init__(self, bus: MessageBus, player: PlayerFace, covers: Covers, wishes: Wishes, program: Program) -> None:
        self._bus = bus
        self._player = player
        self._covers = covers
        self._root = RootInterface(program.quit)
        self._playing = PlayerInterface(player, program.open_address, covers.address_of)
        self._tracks = TrackListInterface(player, covers.address_of)
        self._notifier = Notifier(bus, program.in_front, covers.address_of) if wishes.notify else None
        self._shows = wishes.mpris
        self._name = ""
        self._claiming: asyncio.Task[None] | None = None

    async def serve(self, named: Callable[[str], None]) -> None:
        """Show the player until the bus is lost; `named` is told under which name, as often as it is another.

        Raises what a connection can come to: OSError, EOFError, DBusError, TimeoutError.
        """
        unsubscribe = None
        try:
            if self._shows:
                for interface in (self._root, self._playing, self._tracks):
                    self._bus.export(OBJECT_PATH, interface)
                self._bus.add_message_handler(lambda message: self._on_message(message, named))
                await self._claim(named)
            self._follow(self._player.snapshot)
            unsubscribe = self._player.subscribe(self._follow)
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        finally:
            if unsubscribe is not None:
                unsubscribe()
            self._playing.close()
            if self._claiming is not None:
                self._claiming.cancel()
            self._bus.disconnect()
            if self._notifier is not None:
                await self._notifier.close()

    def _follow(self, snapshot: PlayerSnapshot) -> None:
        if not self._bus.connected:
            return
        if snapshot.track is not None:
            self._covers.want(snapshot.track.cover_url, self._cover_came)
        if self._shows:
            self._playing.follow(snapshot)
            self._tracks.follow(snapshot)
        if self._notifier is not None:
            self._notifier.follow(snapshot)

    def _cover_came(self) -> None:
        if self._shows and self._bus.connected:
            self._playing.follow(self._player.snapshot)

    async def _claim(self, named: Callable[[str], None]) -> None:
        """Take the name of the player, or where another Parlour has it, one of our own."""
        async with asyncio.timeout(ANSWER_WITHIN):
            for name in (NAME, f"{NAME}.instance{os.getpid()}"):
                reply = await self._bus.request_name(name, NameFlag.DO_NOT_QUEUE)
                if reply in (RequestNameReply.PRIMARY_OWNER, RequestNameReply.ALREADY_OWNER):
                    self._name = name
                    named(name)
                    return

    def _on_message(self, message: Message, named: Callable[[str], None]) -> None:
        """Take a name anew when the bus has taken ours away."""
        lost = message.message_type is MessageType.SIGNAL and message.member == "NameLost"
        if lost and message.sender == "org.freedesktop.DBus" and message.body == [self._name]:
            self._claiming = asyncio.create_task(self._claim_again(named), name="name on the bus")

    async def _claim_again(self, named: Callable[[str], None]) -> None:
        try:
            await self._claim(named)
        except (OSError, EOFError, DBusError, TimeoutError):
            # A bus that cannot give a name is lost: the next connection begins anew.
            self._bus.disconnect()
