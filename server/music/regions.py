"""Where a listener is, and what of the catalogue may be heard there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.tables.catalogue import ListenerRegionRow, TrackMarketRow


async def region_of(db: AsyncSession, user_id: str) -> str | None:
    """Return the country of a listener, None where it is not known."""
    return await db.scalar(select(ListenerRegionRow.country).where(ListenerRegionRow.user_id == user_id))


async def set_region(db: AsyncSession, user_id: str, country: str | None) -> None:
    """Remember the country of a listener, or that it is not known."""
    if country is None:
        await db.execute(delete(ListenerRegionRow).where(ListenerRegionRow.user_id == user_id))
        return
    row = insert(ListenerRegionRow).values(user_id=user_id, country=country)
    await db.execute(row.on_conflict_do_update(index_elements=["user_id"], set_={"country": country}))


async def withheld(db: AsyncSession, user_id: str, track_ids: Sequence[str]) -> set[str]:
    """Return which of `track_ids`, a chunk of them, may not be heard where the listener is."""
    country = await region_of(db, user_id)
    if country is None:
        return set()
    query = select(TrackMarketRow.track_id, TrackMarketRow.countries).where(TrackMarketRow.track_id.in_(track_ids))
    return {track_id for track_id, countries in await db.execute(query) if country not in countries}
