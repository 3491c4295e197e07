"""What tracks look like while they play."""

from __future__ import annotations

from api_client import music_endpoints as table
from api_client.calls import Group
from api_client.models.visuals import TrackPeaks, TrackSpectrum


class Visuals(Group):
    """Waveforms and spectra; a platform that has none answers `NotFound`."""

    async def peaks(self, track_id: str) -> TrackPeaks:
        """Return the waveform of a track."""
        return await self._one(TrackPeaks, table.PEAKS, path={"id": track_id})

    async def spectrum(self, track_id: str) -> TrackSpectrum:
        """Return how loud each band of a track is at each moment."""
        return await self._one(TrackSpectrum, table.SPECTRUM, path={"id": track_id})
