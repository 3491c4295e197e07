"""Builds the player for one session: platform addresses in, playback events out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from api_client import music_endpoints
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.music import PlaybackEvent, PlaybackReceipt
from api_client.postponed import httpx
from api_client.sync.receipts import NotSent, Receipt
from tui.config import PlayerSection
from tui.kept_player import KeptPlayer
from tui.player.clock import LoopClock
from tui.player.crossfade import CrossfadeEngine
from tui.player.governor import Governor
from tui.player.listening import PlaybackReport
from tui.player.mpv_engine import MpvEngine
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.source import AddressRule, Vault
from tui.player.switch import PlayerSwitch
from tui.state.asking import ask
from tui.state.writes import Writes
from tui.track_addresses import TrackAddresses, audio_client, ceiling_of

log = logging.getLogger("parlour")

STORED_WITHIN = 1.0
"""Seconds that leaving waits for the disk at most."""


class Sound:
    """A player with what it needs, and its state found again at the next start."""

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        settings: PlayerSection,
        state: Path,
        vault: Vault | None = None,
    ) -> None:
        """`state` is the file of what played; `vault` keeps whole tracks."""
        self._client = client
        self._writes = writes
        self._settings = settings
        self._http: httpx.AsyncClient | None = None
        choice = None if settings.quality == "auto" else settings.quality
        self.governor = Governor(choice, ceiling_of(settings.connection))
        self.addresses = TrackAddresses(client, self.governor, settings.connection)
        self.rule = AddressRule(client.address.origin)
        self.shelf = SourceShelf(
            self.fetcher,
            self.addresses.resolve,
            self.rule,
            governor=self.governor,
            vault=vault,
            ahead=self.addresses.resolve_ahead,
            recorder=lambda: client.recorder,
        )
        engine = CrossfadeEngine(lambda: MpvEngine(settings.output or None), LoopClock())
        self.player = Player(engine, self.shelf, self._report)
        self.kept = KeptPlayer(self.player, state, settings)
        """Stores what plays."""
        self.face = PlayerSwitch(self.player)
        """What screens and keys drive: this player, or one on another machine."""
        self._storing: set[asyncio.Task[None]] = set()
        self.is_private: Callable[[], bool] = lambda: False
        """Whether what is heard now is to be shown to nobody."""
        writes.show(music_endpoints.PLAYBACK_EVENT, by=self._follow)

    async def open(self) -> None:
        """Find again what was playing. The engine is made when a track is first warmed or played."""
        await self.kept.open()

    async def settle(self) -> None:
        """Report what there is to report, while that can still be stored."""
        self.player.settle()
        await self._stored()

    async def close(self) -> None:
        """Store the state and let go of everything."""
        await self.kept.close()
        self.face.close()
        await self.player.close()
        await self._stored()
        if self._http is not None:
            await self._http.aclose()

    def fetcher(self) -> httpx.AsyncClient:
        """Return what fetches the tracks, made for the first of them."""
        if self._http is None:
            loopback, faults = self._client.address.loopback, self._client.faults
            self._http = audio_client(lambda: self._client.offline, loopback=loopback, faults=faults)
        return self._http

    async def _stored(self) -> None:
        """Wait until events are stored, and not until they are sent: that can be done any time."""
        if self._storing:
            await asyncio.wait(self._storing, timeout=STORED_WITHIN)

    def _report(self, report: PlaybackReport) -> None:
        try:
            event = PlaybackEvent(
                track_id=report.track_id,
                event_type=report.event_type,
                position=report.position_ms,
                timestamp=report.timestamp_ms,
                context_type=report.context_type or None,
                context_id=report.context_id or None,
                play_id=report.play_id,
                listened_ms=report.listened_ms,
                private=self.is_private(),
            )
        except ValidationError:
            # A track of two days, or an id that no platform would take: it plays, and is not counted.
            log.warning("a play cannot be told: %s", report.event_type, exc_info=True)
            return
        task = asyncio.create_task(self._store(event), name="playback event")
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    async def _store(self, event: PlaybackEvent) -> None:
        """Hand an event to the outbox, where it is once and for all."""
        try:
            # One line for all of them: they leave the other ways to the platform to what the user does.
            await ask(
                self._writes, music_endpoints.PLAYBACK_EVENT, object_key="playback", label="count a play", body=event
            )
        except PlatformError:
            # The disk is full, or the program has left; nobody waits for the counting of a play.
            log.warning("a playback event was not stored", exc_info=True)

    async def _follow(self, receipt: Receipt) -> PlaybackReceipt:
        try:
            told: PlaybackReceipt = await receipt
        except NotSent:
            raise
        except PlatformError:
            log.warning("a playback event was refused", exc_info=True)
            raise
        return told
