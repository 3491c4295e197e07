"""Tells the desktop of a new track, in one notification that is replaced and never piles up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape

from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tui.desktop.mpris_values import text
from tui.player.track import PlayableTrack, PlayerSnapshot

SERVICE = "org.freedesktop.Notifications"
ANSWER_WITHIN = 2.0
"""Seconds; a desktop that takes longer is not waited for."""


class Notifier:
    """Follows the player; asks nobody anything while the terminal is in front."""

    def __init__(
        self, bus: MessageBus, in_front: Callable[[], bool | None], art_of: Callable[[str], str | None]
    ) -> None:
        """`in_front` says whether the terminal has the focus, None where the terminal does not tell."""
        self._bus = bus
        self._in_front = in_front
        self._art_of = art_of
        self._told_entry: int | None = None
        self._notification = 0
        self._marks_up: bool | None = None
        self._telling: asyncio.Task[None] | None = None
        self._due: PlayableTrack | None = None
        """What has begun to sound and is not told yet."""

    def follow(self, snapshot: PlayerSnapshot) -> None:
        """Tell of the track that has begun to sound, once."""
        if snapshot.track is None or not snapshot.playing or snapshot.started_in_ms is None:
            return
        if snapshot.entry_id == self._told_entry:
            return
        self._told_entry = snapshot.entry_id
        if self._in_front():
            return
        self._due = snapshot.track
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(), name="notification")

    async def close(self) -> None:
        """Tell nothing any more."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell(self) -> None:
        """Tell of the newest track; the next one waits for the answer, so that it can take the place of this one."""
        try:
            if self._marks_up is None:
                answer = await self._call("GetCapabilities", "", [])
                self._marks_up = "body-markup" in answer.body[0]
            while self._due is not None:
                track, self._due = self._due, None
                answer = await self._call("Notify", "susssasa{sv}i", self._words(track))
                self._notification = answer.body[0]
        except (TimeoutError, DBusError, OSError, EOFError):
            # A desktop without notifications is a desktop without notifications.
            self._due = None

    def _words(self, track: PlayableTrack) -> list[object]:
        body = " — ".join(text(each) for each in (track.artist, track.album) if each)
        hints = {
            "desktop-entry": Variant("s", "parlour"),
            "category": Variant("s", "x-parlour.track"),
            "transient": Variant("b", True),
            "urgency": Variant("y", 0),
        }
        if art := self._art_of(track.cover_url):
            hints["image-path"] = Variant("s", art)
        return [
            "Parlour",
            self._notification,
            "",
            text(track.title),
            escape(body, quote=False) if self._marks_up else body,
            [],
            hints,
            -1,
        ]

    async def _call(self, member: str, signature: str, body: list[object]) -> Message:
        """Call the desktop; raises DBusError where it refuses, or is not there, TimeoutError where it is silent."""
        message = Message(
            destination=SERVICE,
            path="/org/freedesktop/Notifications",
            interface=SERVICE,
            member=member,
            signature=signature,
            body=body,
        )
        async with asyncio.timeout(ANSWER_WITHIN):
            answer = await self._bus.call(message)
        if answer is None or answer.message_type is MessageType.ERROR:
            raise DBusError(answer.error_name if answer and answer.error_name else SERVICE, "no notification")
        return answer
