"""What tracks look like while they play, and how the listener wants to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from api_client.client import PlatformClient
from api_client.errors import NotFound
from api_client.models.base import WireModel
from api_client.models.visuals import TrackPeaks, TrackSpectrum
from api_client.sync.cache import Cache
from tui.state.download_shelf import DownloadChange, DownloadShelf
from tui.state.kept import Kept
from tui.state.observable import Observable
from tui.state.tasks import Tasks

ASKED_AGAIN_AFTER = (1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 8.0, 15.0, 15.0)
"""Seconds between two questions for what is still being made."""
MOST_LEVELS = 4
"""Spectra that are kept unpacked: what plays, and what played just before."""
MOST_NUDGE_MS = 30_000

V = TypeVar("V", TrackPeaks, TrackSpectrum)


class Look(WireModel):
    """How the listener wants to see the sound."""

    visual: str = "bars"


class Nudge(WireModel):
    """By how much the words of a track come later than they say, in ms; negative: earlier."""

    ms: int = 0


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The levels of `bands` bands, from 0 to 255, `fps` times a second."""

    levels: bytes
    bands: int
    fps: int

    def at(self, position_s: float) -> bytes:
        """Return the levels of a moment; none before the beginning and after the end."""
        start = int(position_s * self.fps) * self.bands
        return self.levels[start : start + self.bands] if start >= 0 else b""


class VisualsStore(Observable[str]):
    """One for the session; it tells the id of a track of which something has come.

    What was fetched once is kept on this machine, so that it is there offline, too.
    """

    def __init__(self, client: PlatformClient, cache: Cache) -> None:
        super().__init__()
        self._client = client
        self._peaks = Kept(cache, "music:peaks", TrackPeaks)
        self._spectra = Kept(cache, "music:spectrum", TrackSpectrum)
        self._looks = Kept(cache, "music:look", Look)
        self._nudges = Kept(cache, "music:nudge", Nudge)
        self._levels: dict[str, Spectrum] = {}
        self._missing: set[tuple[type, str]] = set()
        """Of what the platform has nothing, or nothing that can be read."""
        self._kept_beside: set[str] = set()
        """Tracks on this machine that were looked after in this session."""
        self._tasks = Tasks()
        self._turn = asyncio.Semaphore(1)

    async def close(self) -> None:
        """Fetch nothing any more."""
        await self._tasks.close()

    # -- waveforms and spectra

    def peaks(self, track_id: str) -> bytes | None:
        """Return the waveform of a track, values from 0 to 255; None if it is not known."""
        found = self._peaks.get(track_id)
        return bytes(found.peaks) if found is not None and found.peaks else None

    def spectrum(self, track_id: str) -> Spectrum | None:
        """Return the spectrum of a track once it was loaded in this session."""
        return self._levels.get(track_id)

    async def load_peaks(self, track_id: str) -> None:
        """Fetch the waveform of a track, unless it is known or there is none. Raises PlatformError."""
        if self.peaks(track_id) is None:
            await self._fetch(self._peaks, self._client.visuals.peaks, track_id)
            self.tell(track_id)

    async def load_spectrum(self, track_id: str) -> None:
        """Fetch and unpack the spectrum of a track, unless it is there or there is none. Raises PlatformError."""
        if track_id in self._levels:
            return
        if self._spectra.get(track_id) is None:
            await self._fetch(self._spectra, self._client.visuals.spectrum, track_id)
        found = self._spectra.get(track_id)
        if found is None:
            return
        try:
            levels = await asyncio.to_thread(found.levels)
        except ValueError:
            # A platform that sends what it should not is asked no more.
            self._missing.add((TrackSpectrum, track_id))
            return
        self._levels[track_id] = Spectrum(levels, found.bands, found.fps)
        while len(self._levels) > MOST_LEVELS:
            del self._levels[next(iter(self._levels))]
        self.tell(track_id)

    def keep_beside(self, downloads: DownloadShelf) -> None:
        """From now on, fetch what belongs to tracks that have come to this machine, to have it without the platform."""

        def follow(change: DownloadChange) -> None:
            for track_id in change.track_ids or ():
                if downloads.has(track_id) and not downloads.away and track_id not in self._kept_beside:
                    self._kept_beside.add(track_id)
                    self._tasks.later(self._fetch_for(track_id))

        downloads.subscribe(follow)

    async def _fetch_for(self, track_id: str) -> None:
        async with self._turn:
            if self.peaks(track_id) is None:
                await self._fetch(self._peaks, self._client.visuals.peaks, track_id)
            if self._spectra.get(track_id) is None:
                await self._fetch(self._spectra, self._client.visuals.spectrum, track_id)

    async def _fetch(self, kept: Kept[V], ask: Callable[[str], Awaitable[V]], track_id: str) -> None:
        """Ask until it is ready, and keep it; a platform that has none is asked once."""
        kind = TrackPeaks if kept is self._peaks else TrackSpectrum
        if (kind, track_id) in self._missing:
            return
        for pause in (*ASKED_AGAIN_AFTER, None):
            try:
                found = await ask(track_id)
            except NotFound:
                self._missing.add((kind, track_id))
                return
            if found.ready:
                kept.put(found, track_id)
                return
            if pause is not None:
                await asyncio.sleep(pause)

    # -- how it is shown

    @property
    def visual(self) -> str:
        """The name of the visual that was chosen last."""
        found = self._looks.get()
        return found.visual if found is not None else Look().visual

    def choose_visual(self, name: str) -> None:
        """Keep which visual is shown."""
        self._looks.put(Look(visual=name))

    def nudge_ms(self, track_id: str) -> int:
        """Return by how much the words of a track come later than they say; negative: earlier."""
        found = self._nudges.get(track_id)
        return max(-MOST_NUDGE_MS, min(found.ms, MOST_NUDGE_MS)) if found is not None else 0

    def nudge(self, track_id: str, by_ms: int) -> int:
        """Let the words of a track come later (earlier with a negative number), and return by how much they do."""
        nudge = max(-MOST_NUDGE_MS, min(self.nudge_ms(track_id) + by_ms, MOST_NUDGE_MS))
        self._nudges.put(Nudge(ms=nudge), track_id)
        return nudge
