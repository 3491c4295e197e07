"""What the platform recommends to the user, and what goes with a track."""

from __future__ import annotations

from api_client import music_endpoints as table
from api_client.calls import Group, Page
from api_client.models import recommendations as models


class Recommendations(Group):
    """Lists for the user, similar tracks, and stations."""

    async def mixes(self) -> models.Mixes:
        """Return which lists there are for the user."""
        return await self._one(models.Mixes, table.MIXES)

    async def discover_weekly(self) -> models.Recommendations:
        """Return up to thirty tracks, the same from Monday to Monday."""
        return await self._one(models.Recommendations, table.DISCOVER_WEEKLY)

    async def release_radar(self) -> models.Recommendations:
        """Return what is new from the user's artists, the same from Monday to Monday."""
        return await self._one(models.Recommendations, table.RELEASE_RADAR)

    async def daily_mix(self, mix_id: str) -> models.Recommendations:
        """Return a mix of one genre, the same for a day; raises `NotFound` for one that there is not."""
        return await self._one(models.Recommendations, table.DAILY_MIX, path={"mixId": mix_id})

    async def similar(self, track_id: str) -> models.Recommendations:
        """Return what goes with a track, the best first."""
        return await self._one(models.Recommendations, table.SIMILAR_TRACKS, path={"trackId": track_id})

    async def radio(
        self, track_id: str, cursor: str | None = None, *, limit: int | None = None
    ) -> Page[models.RecommendedTrack]:
        """Return the next tracks of a station that begins with a track and never ends."""
        return await self._page(table.RADIO, path={"trackId": track_id}, cursor=cursor, limit=limit)
