"""What the user has heard, in figures: over a span of days, and play by play on one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from api_client.client import PlatformClient
from api_client.models.base import Items, WireModel
from api_client.models.listening import ListeningStats
from api_client.models.music import Play
from api_client.sync.cache import Cache
from tui.state.kept import Kept
from tui.state.marks import Mark, Marks, marks_of
from tui.state.pages import every

MOST_DAYS = 3_660
"""The platform counts no more at once."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days that ends today."""

    name: str
    title: str
    days: int


PERIODS = {
    period.name: period
    for period in (
        Period("week", "Seven days", 7),
        Period("month", "Four weeks", 28),
        Period("quarter", "Three months", 91),
        Period("year", "A year", 365),
        Period("all", "All of it", MOST_DAYS),
    )
}
USUAL = "month"


class Figures(WireModel):
    """What was heard in a period, and for how long in the one of equal length before it, where that is known."""

    stats: ListeningStats
    before_ms: int | None = None


class DayPlays(WireModel):
    """The plays of a day, the first one first."""

    plays: Items[Play] = []


def local_now() -> datetime:
    """Return the time here, with the distance to UTC in it."""
    return datetime.now().astimezone()


class ListeningShelf:
    """Figures by period and plays by day. What this machine has of them shows until they are fetched."""

    def __init__(
        self,
        client: PlatformClient,
        marks: Marks,
        cache: Cache,
        recalled: Callable[[list[Mark]], None],
        changed: Callable[[str], None],
        now: Callable[[], datetime] = local_now,
    ) -> None:
        """`recalled` gets the marks of what was read from this machine; `changed` the name of a period or a day."""
        self._client = client
        self._marks = marks
        self._changed = changed
        self._now = now
        self._figures = Kept(cache, "music:figures", Figures, lambda kept: recalled(list(_marks_in(kept))))
        self._days = Kept(cache, "music:day", DayPlays, lambda kept: recalled(list(_marks_heard(kept))))

    def figures(self, period: str) -> Figures | None:
        """Return what is known of a period."""
        return self._figures.get(period)

    def day(self, day: str) -> DayPlays | None:
        """Return what is known of a day, named as in 2026-11-21."""
        return self._days.get(day)

    def stale_since(self, name: str) -> datetime | None:
        """Return from when the figures of a period are, or the plays of a day, if they could not be fetched again."""
        return (self._figures if name in PERIODS else self._days).stale_since(name)

    async def load(self, period: str) -> None:
        """Fetch the figures of a period, by this machine's calendar. Raises PlatformError."""
        await self._figures.fetch(lambda: self._count(PERIODS[period]), period)
        self._changed(period)

    async def load_day(self, day: str) -> None:
        """Fetch the plays of a day, by this machine's calendar. Raises PlatformError."""
        asked_at = self._marks.moment
        found = await self._days.fetch(lambda: self._hear(date.fromisoformat(day)), day)
        self._marks.learn(_marks_heard(found), asked_at)
        self._changed(day)

    async def _count(self, period: Period) -> Figures:
        today = self._now().date()
        first = today - timedelta(days=period.days - 1)
        stats = self._client.playback.stats(first, today, utc_offset=self._offset)
        if period.days * 2 > MOST_DAYS:
            return Figures(stats=await stats)
        earlier = self._client.playback.stats(
            first - timedelta(days=period.days), first - timedelta(days=1), utc_offset=self._offset
        )
        now, before = await asyncio.gather(stats, earlier)
        return Figures(stats=now, before_ms=before.listened_ms)

    async def _hear(self, day: date) -> DayPlays:
        history = self._client.playback.history
        plays = await every(lambda cursor: history(cursor, limit=100, first=day, last=day, utc_offset=self._offset))
        return DayPlays(plays=list(reversed(plays)))

    @property
    def _offset(self) -> int:
        """Minutes that this machine's days are ahead of UTC."""
        offset = self._now().utcoffset()
        return int(offset.total_seconds() // 60) if offset is not None else 0


def _marks_in(figures: Figures) -> list[Mark]:
    return list(marks_of(*(entry.track for entry in figures.stats.top_tracks)))


def _marks_heard(heard: DayPlays) -> list[Mark]:
    return list(marks_of(*(play.track for play in heard.plays)))
