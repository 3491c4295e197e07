"""Whom the user shows what they hear: the private session, and the lasting setting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from api_client import music_endpoints
from api_client.client import PlatformClient
from api_client.models.realtime import ListeningPrivacyEvent, ServerFrame
from api_client.models.together import ListeningPrivacy, PrivacyChange
from api_client.sync.cache import Cache
from api_client.sync.intents import Inverse
from api_client.sync.receipts import Receipt
from tui.state.asking import ask
from tui.state.kept import Kept
from tui.state.observable import Observable
from tui.state.writes import Writes

PRIVATE_FOR = timedelta(hours=6)
"""How long a private session lasts on the platform: so long it shows here before the platform has answered."""


class PrivacyStore(Observable[None]):
    """As confirmed, with what the user wants of it laid over it; it also holds without the platform."""

    def __init__(
        self, client: PlatformClient, writes: Writes, cache: Cache, wall_clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self._wall_clock = wall_clock
        self._kept = Kept(cache, "listening:privacy", ListeningPrivacy)
        self._open: dict[str, tuple[PrivacyChange, float]] = {}
        """Changes on their way, with the times at which they were made."""
        writes.show(music_endpoints.CHANGE_LISTENING_PRIVACY, by=self._follow)

    @property
    def known(self) -> ListeningPrivacy:
        """How it is, or will be."""
        privacy = self._kept.get() or ListeningPrivacy()
        for change, at in self._open.values():
            if change.shows_listening is not None:
                privacy = privacy.changed(shows_listening=change.shows_listening)
            if change.private is not None:
                until = datetime.fromtimestamp(at, UTC) + PRIVATE_FOR
                privacy = privacy.changed(private_until=until if change.private else None)
        return privacy

    @property
    def private_until(self) -> datetime | None:
        """Until when the private session lasts, None where there is none (any more)."""
        until = self.known.private_until
        return until if until is not None and until.timestamp() > self._wall_clock() else None

    @property
    def hides(self) -> bool:
        """Whether what is heard now is to be shown to nobody."""
        return self.private_until is not None or not self.known.shows_listening

    async def load(self) -> None:
        """Fetch it. Raises PlatformError."""
        await self._kept.fetch(self._client.together.privacy)
        self.tell(None)

    async def set_private(self, on: bool) -> asyncio.Task[ListeningPrivacy]:
        """Begin a private session, or end it; also without a connection. Raises StoreTrouble.

        What is returned ends when the platform has taken it, and raises PlatformError where it refuses.
        """
        words = ("begin a private session", "end the private session")
        return await self._change(
            PrivacyChange(private=on), PrivacyChange(private=not on), words if on else words[::-1]
        )

    async def show_listening(self, on: bool) -> asyncio.Task[ListeningPrivacy]:
        """Show friends what is heard from now on, or never; as `set_private`. Raises StoreTrouble."""
        words = ("show friends what you hear", "hide from friends what you hear")
        change, back = PrivacyChange(shows_listening=on), PrivacyChange(shows_listening=not on)
        return await self._change(change, back, words if on else words[::-1])

    async def _change(
        self, change: PrivacyChange, back: PrivacyChange, words: tuple[str, ...]
    ) -> asyncio.Task[ListeningPrivacy]:
        return await ask(
            self._writes,
            music_endpoints.CHANGE_LISTENING_PRIVACY,
            object_key="listening:privacy",
            label=words[0],
            body=change,
            undo=Inverse(music_endpoints.CHANGE_LISTENING_PRIVACY, {}, back, label=words[1]),
        )

    async def _follow(self, receipt: Receipt) -> ListeningPrivacy:
        body = receipt.intent.body
        if isinstance(body, PrivacyChange):
            self._open[receipt.id] = body, receipt.intent.created_at
        self.tell(None)
        try:
            privacy: ListeningPrivacy = await receipt
            self._kept.put(privacy)
        finally:
            self._open.pop(receipt.id, None)
            self.tell(None)
        return privacy

    def on_event(self, frame: ServerFrame) -> None:
        """It was changed, perhaps on another device."""
        if isinstance(frame, ListeningPrivacyEvent):
            self._kept.put(frame.privacy)
            self.tell(None)
