"""Builds the player for one session: platform addresses in, playback events out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from pathlib import Path
from typing import cast

import httpx

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.domains.playback import Connection
from api_client.errors import ApiError, Forbidden, NotFound, PlatformError
from api_client.models.music import PlaybackEvent
from tui.config import PlayerSection
from tui.paths import write_private
from tui.player.engine import Fault
from tui.player.listening import PlaybackReport
from tui.player.mpv_engine import MpvEngine
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.source import AddressRule, SourceError, StreamInfo
from tui.state.writes import Writes

log = logging.getLogger("parlour")


class Sound:
    """A player with what it needs, and its state found again at the next start."""

    def __init__(self, client: PlatformClient, writes: Writes, settings: PlayerSection, state: Path) -> None:
        self._client = client
        self._writes = writes
        self._settings = settings
        self._state = state
        self._http = httpx.AsyncClient(follow_redirects=False, trust_env=not client.address.loopback, timeout=10.0)
        shelf = SourceShelf(self._http, self._resolve, AddressRule(client.address.origin))
        self.player = Player(MpvEngine(settings.output or None), shelf, self._report)
        self._telling: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Get the engine ready and find again what was playing; the file is not trusted."""
        await self.player.open()
        self.player.set_volume(self._settings.volume)
        try:
            self.player.restore(json.loads(await asyncio.to_thread(self._state.read_text, encoding="utf-8")))
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            # A player that starts empty is better than a program that does not start.
            return

    async def close(self) -> None:
        """Store the state and let go of everything."""
        with contextlib.suppress(OSError):  # leaving must always work; the queue is then as it was the time before
            await asyncio.to_thread(write_private, self._state, json.dumps(self.player.save()))
        await self.player.close()
        await self._http.aclose()
        for task in list(self._telling):
            task.cancel()

    async def _resolve(self, track_id: str) -> StreamInfo:
        try:
            ticket = await self._client.playback.stream(
                track_id, connection=cast(Connection, self._settings.connection) or None
            )
            url = self._client.absolute(ticket.url)
        except NotFound as error:
            raise SourceError(Fault.NOT_FOUND, error.sentence) from error
        except Forbidden as error:
            raise SourceError(Fault.SERVER, error.sentence) from error
        except ApiError as error:
            raise SourceError(Fault.SERVER, error.sentence) from error
        except PlatformError as error:
            raise SourceError(Fault.NO_NETWORK, error.sentence) from error
        return StreamInfo(url, ticket.quality, ticket.expires_at)

    def _report(self, report: PlaybackReport) -> None:
        event = PlaybackEvent(
            track_id=report.track_id,
            event_type=report.event_type,
            position=report.position_ms,
            timestamp=report.timestamp_ms,
            context_type=report.context_type or None,
            context_id=report.context_id or None,
        )
        task = asyncio.create_task(self._tell(event), name="playback event")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, event: PlaybackEvent) -> None:
        try:
            await self._writes.do(
                endpoints.PLAYBACK_EVENT, object_key=f"playback:{event.track_id}", label="count a play", body=event
            )
        except PlatformError:
            # Nobody waits for the counting of a play; a lost connection is the outbox's business.
            log.warning("a playback event was refused", exc_info=True)
