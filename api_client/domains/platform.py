"""The platform about itself, and search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from api_client import endpoints as table
from api_client.calls import Group
from api_client.errors import NotFound
from api_client.models.platform import PlatformInfo, SearchResults

SearchType = Literal["track", "album", "artist", "playlist", "user", "subreddit", "post", "tag"]


class Platform(Group):
    """What the platform is and what it has."""

    async def info(self) -> PlatformInfo | None:
        """Return name, limits and capabilities; None from a platform that does not say, which can do everything."""
        try:
            return await self._one(PlatformInfo, table.META)
        except NotFound:
            return None

    async def search(
        self, text: str, types: Iterable[SearchType] | None = None, *, limit: int | None = None
    ) -> SearchResults:
        """Return what matches `text`, of the `types` asked for or of those the platform chooses."""
        query = {"q": text, "types": ",".join(types) if types is not None else None, "limit": limit}
        return await self._one(SearchResults, table.SEARCH, query=query)
