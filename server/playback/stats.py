"""What somebody's listening amounts to over some days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Integer, and_, cast, func, select

from api_client.models.listening import ArtistListening, DayListening, ListeningStats, TrackListening
from api_client.models.music import ArtistRef
from server.db import micros
from server.music.reader import CatalogueReader
from server.problems import invalid
from server.tables.music import AlbumRow, ArtistRow, PlayRow, TrackArtistRow, TrackRow

DAYS = 28
"""Looked at where no first day is named."""
MOST_DAYS = 3_660
TOP = 10

_DAY = 86_400_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last`, both included, of a calendar that is `offset` ahead of UTC."""

    first: date
    last: date
    offset: timedelta

    @property
    def begins(self) -> datetime:
        """The moment the first day begins."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC) - self.offset

    @property
    def ends(self) -> datetime:
        """The moment after the last day."""
        return self.begins + timedelta(days=(self.last - self.first).days + 1)

    def during(self) -> ColumnElement[bool]:
        """Which plays began within it."""
        return and_(PlayRow.played_at >= self.begins, PlayRow.played_at < self.ends)


def span_of(now: datetime, first: date | None, last: date | None, offset_minutes: int) -> Span:
    """Return the days asked for: up to today, and four weeks of them, where nothing else is said.

    Raises Problem VALIDATION_ERROR where the first day comes after the last, or more than ten years before it.
    """
    offset = timedelta(minutes=offset_minutes)
    last = last or (now + offset).date()
    first = first or last - timedelta(days=min(DAYS - 1, (last - date.min).days))
    if first > last:
        raise invalid("from", "The first day comes after the last one.")
    if (last - first).days >= MOST_DAYS:
        raise invalid("from", f"At most {MOST_DAYS} days are counted at once.")
    if first <= date.min + timedelta(days=1) or last >= date.max - timedelta(days=1):
        raise invalid("to", "There is no listening at the end of the calendar.")
    return Span(first, last, offset)


async def stats_of(reader: CatalogueReader, span: Span) -> ListeningStats:
    """Return what the viewer heard in `span`."""
    mine = and_(PlayRow.user_id == reader.viewer_id, span.during())
    plays, listened = func.coalesce(func.sum(cast(PlayRow.counted, Integer)), 0), func.sum(PlayRow.listened_ms)
    most = (listened.desc(), plays.desc())
    by_track = select(PlayRow.track_id, plays, listened).where(mine).group_by(PlayRow.track_id)
    of_tracks = [
        (row[0], row[1], row[2]) for row in await reader.db.execute(by_track.order_by(*most, PlayRow.track_id))
    ]
    main_artist = func.coalesce(TrackArtistRow.artist_id, AlbumRow.artist_id)
    by_artist = (
        select(main_artist, ArtistRow.name, plays, listened)
        .select_from(PlayRow)
        .join(TrackRow, TrackRow.id == PlayRow.track_id)
        .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
        .outerjoin(TrackArtistRow, and_(TrackArtistRow.track_id == TrackRow.id, TrackArtistRow.place == 0))
        .join(ArtistRow, ArtistRow.id == main_artist)
        .where(mine)
        .group_by(main_artist, ArtistRow.name)
        .order_by(*most, main_artist)
    )
    of_artists = list(await reader.db.execute(by_artist))
    tracks = await reader.tracks(row[0] for row in of_tracks[:TOP])
    return ListeningStats(
        first_day=span.first,
        last_day=span.last,
        plays=sum(row[1] for row in of_tracks),
        listened_ms=sum(row[2] for row in of_tracks),
        tracks=len(of_tracks),
        artists=len(of_artists),
        top_artists=[
            ArtistListening(artist=ArtistRef(id=row[0], name=row[1]), plays=row[2], listened_ms=row[3])
            for row in of_artists[:TOP]
        ],
        top_tracks=[
            TrackListening(track=tracks[track_id], plays=count, listened_ms=time)
            for track_id, count, time in of_tracks[:TOP]
        ],
        days=await _days(reader, span, mine),
    )


async def _days(reader: CatalogueReader, span: Span, mine: ColumnElement[bool]) -> list[DayListening]:
    # The column is compared as a moment; as a number it says how many days after the first one a play began.
    number = (cast(PlayRow.played_at, Integer) - micros(span.begins)) / _DAY
    day = cast(number, Integer).label("day")
    query = (
        select(day, func.sum(cast(PlayRow.counted, Integer)), func.sum(PlayRow.listened_ms)).where(mine).group_by(day)
    )
    heard = {row[0]: (row[1], row[2]) for row in await reader.db.execute(query)}
    days = []
    for after in range((span.last - span.first).days + 1):
        plays, listened = heard.get(after, (0, 0))
        days.append(DayListening(day=span.first + timedelta(days=after), plays=plays, listened_ms=listened))
    return days
