"""Lists that stay the same from Monday 00:00 UTC to the next one: made at the first wish, or ahead by the platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from api_client.models.recommendations import MixKind, Reason
from server.db import Database
from server.music.reader import CatalogueReader
from server.recommendations.for_you import Pick, recommended
from server.recommendations.radar import new_releases
from server.recommendations.taste import HISTORY
from server.state import ServerState
from server.tables.music import PlayRow
from server.tables.recommendations import WeeklyListRow

WEEK = timedelta(days=7)

MAKERS: dict[MixKind, Callable[[CatalogueReader], Awaitable[list[Pick]]]] = {
    MixKind.DISCOVER_WEEKLY: recommended,
    MixKind.RELEASE_RADAR: new_releases,
}


@dataclass(frozen=True, slots=True)
class WeeklyList:
    """A list, when it was made, and the Monday its week began."""

    picks: list[Pick]
    generated_at: datetime
    week: datetime


def week_of(moment: datetime) -> datetime:
    """Return the Monday, 00:00 UTC, that began the ISO week of `moment`."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


async def weekly_list(database: Database, reader: CatalogueReader, kind: MixKind) -> WeeklyList:
    """Return this week's list of the viewer, made now if there is none.

    Whoever asks at the same time gets the same one. A list of nothing is not kept: there may be music in an hour.
    """
    week = week_of(reader.now)
    query = select(WeeklyListRow).where(
        WeeklyListRow.user_id == reader.viewer_id, WeeklyListRow.kind == kind.value, WeeklyListRow.week == week
    )
    row = await reader.db.scalar(query)
    if row is None:
        picks = await MAKERS[kind](reader)
        if not picks:
            return WeeklyList([], reader.now, week)
        values = {
            "user_id": reader.viewer_id,
            "kind": kind.value,
            "week": week,
            "generated_at": reader.now,
            "picks": [_packed(pick) for pick in picks],
        }
        async with database.writing() as db:
            await db.execute(insert(WeeklyListRow).values(values).on_conflict_do_nothing())
            old = delete(WeeklyListRow).where(WeeklyListRow.user_id == reader.viewer_id, WeeklyListRow.week < week)
            await db.execute(old)
            row = await db.scalar(query)
        if row is None:
            raise RuntimeError("a list that was just kept is not there")
    return WeeklyList([_unpacked(pick) for pick in row.picks], row.generated_at, row.week)


async def prepare_week(state: ServerState) -> None:
    """Make this week's Discover Weekly for all who have listened lately and lack it, until the platform stops."""
    now = state.clock.now()
    kind = MixKind.DISCOVER_WEEKLY
    there = select(WeeklyListRow.user_id).where(WeeklyListRow.kind == kind.value, WeeklyListRow.week == week_of(now))
    listeners = select(PlayRow.user_id).distinct().where(PlayRow.played_at > now - HISTORY)
    async with state.database.reading() as db:
        waiting: Sequence[str] = (await db.scalars(listeners.where(PlayRow.user_id.not_in(there)))).all()
    for user_id in waiting:
        if state.stopping.is_set():
            return
        async with state.database.reading() as db:
            await weekly_list(state.database, CatalogueReader(db, user_id, now, state.media.url), kind)


def _packed(pick: Pick) -> dict[str, str | int | None]:
    return {
        "trackId": pick.track_id,
        "reason": pick.reason.value,
        "listeners": pick.listeners,
        "resembles": pick.resembles,
    }


def _unpacked(kept: dict[str, str | int | None]) -> Pick:
    resembles = kept.get("resembles")
    return Pick(
        str(kept["trackId"]),
        Reason(str(kept["reason"])),
        int(kept.get("listeners") or 0),
        str(resembles) if resembles is not None else None,
    )
