"""Opens the vault of an account, and joins it with the line, the player and the downloads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api_client.errors import PlatformError, SignInRequired
from api_client.postponed import httpx
from api_client.realtime import Phase, SocketState
from api_client.sync.ports import StoreTrouble
from tui.config import PlayerSection
from tui.player.engine import Fault
from tui.player.source import SourceError, StreamInfo
from tui.player.vault import TrackVault
from tui.player.vault_fetch import Dropped, VaultFetch
from tui.state.download_queue import DownloadQueue

if TYPE_CHECKING:
    from tui.sound import Sound
    from tui.state.session import Session

MEGABYTE = 1_000_000
AWAY_AFTER_S = 2.0
"""Seconds without the platform after which lists say what of them can be played: a hiccup should not dim them."""


class Downloading:
    """What is behind `Session.downloads`; `open`, then `close`."""

    def __init__(self, session: Session, sound: Sound, settings: PlayerSection) -> None:
        self._client, self._downloads, self._sound, self._settings = session.client, session.downloads, sound, settings
        self._http: httpx.AsyncClient | None = None
        self._away_at: float | None = None
        self._downloads.follows = lambda keys: session.live.follow(self, keys)

    async def open(self, folder: Path) -> None:
        """Open the vault in `folder`; where that cannot be, `Downloads.trouble` says why and everything else works."""
        try:
            vault = await TrackVault.opened(folder, self._settings.cache_mb * MEGABYTE)
        except StoreTrouble as error:
            self._downloads.trouble = error.sentence
            return
        vault.playing = self._in_use
        fetch = VaultFetch(
            vault,
            self._fetcher,
            self._address,
            self._sound.rule,
            lambda: self._sound.shelf.is_fetching,
            recorder=lambda: self._client.recorder,
        )
        queue = DownloadQueue(vault, fetch.run, folder / "downloads.lock", self._downloads.news)
        fetch.progress = queue.progressed
        self._downloads.begin(vault, queue)

    async def close(self) -> None:
        """Stop fetching, and let go of the vault."""
        await self._downloads.close()
        if self._http is not None:
            await self._http.aclose()

    def follow_line(self, state: SocketState) -> None:
        """Take over how the platform can be reached; called again every second."""
        now = self._client.clock.monotonic()
        if state.phase not in (Phase.WAITING, Phase.OFFLINE):
            self._away_at = None
        elif self._away_at is None:
            self._away_at = now
        is_cut_off = self._away_at is not None and now - self._away_at >= AWAY_AFTER_S
        self._downloads.follow_line(away=self._client.offline or is_cut_off)

    def _in_use(self) -> set[str]:
        queue = self._sound.player.queue
        return {entry.track_id for entry in (queue.current, queue.peek_next()) if entry is not None}

    def _fetcher(self) -> httpx.AsyncClient:
        """Return connections of their own: what plays must not wait for one."""
        if self._http is None:
            from api_client.inspect.faulty_http import FaultyClient

            self._http = FaultyClient(
                self._client.faults,
                follow_redirects=False,
                trust_env=not self._client.address.loopback,
                headers={"User-Agent": "Parlour"},
                limits=httpx.Limits(max_connections=2),
            )
        return self._http

    async def _address(self, track_id: str) -> StreamInfo:
        """Return a signed address in the quality of downloads. Raises SourceError, and SignInRequired."""
        quality = self._settings.download_quality
        try:
            return await self._sound.addresses.resolve(track_id, None if quality == "best" else quality)
        except SourceError as error:
            cause = error.__cause__
            if isinstance(cause, SignInRequired):
                raise cause from error
            retries = isinstance(cause, PlatformError) and cause.worth_retrying
            if retries or error.fault in (Fault.NO_NETWORK, Fault.OFFLINE):
                raise Dropped(error.fault, error.sentence) from error
            raise
