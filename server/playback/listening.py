"""What playback events amount to: plays with their listened time, and streams counted at thirty seconds of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.music import PlaybackEvent
from server.clock import from_ms
from server.db import new_id
from server.problems import Problem
from server.tables.music import PlaybackEventRow, PlayRow, TrackRow

COUNTED_AFTER_MS = 30_000
CLOCK_TOLERANCE_MS = 1_000
"""By how much a track may be ahead of the client's clock before the difference is taken for a jump."""
OPEN_FOR_MS = 24 * 60 * 60 * 1000
"""How long after its last event a play that never ended is still taken up again."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an event: whether it was new, and the track's streams if it has just been counted."""

    is_new: bool
    stream_count: int | None = None
    play_id: str = ""
    """The play it belongs to; empty where it was not new."""


async def record(db: AsyncSession, user_id: str, event: PlaybackEvent, key: str | None, now: datetime) -> Recorded:
    """Take in an event; where it is known nothing changes.

    An event is known by user, track, type, timestamp and position, and by its idempotency key. Raises Problem CONFLICT
    where the key belongs to a different event. Insertion of the event and everything it brings about are one
    transaction, so that a stream is counted exactly once however often its event arrives.
    """
    if await _known(db, user_id, event, key):
        return Recorded(is_new=False)
    db.add(
        PlaybackEventRow(
            id=new_id(),
            user_id=user_id,
            track_id=event.track_id,
            event_type=event.event_type,
            position_ms=event.position,
            timestamp_ms=event.timestamp,
            idempotency_key=key,
            received_at=now,
        )
    )
    play = await _play_of(db, user_id, event, now)
    _listen(play, event)
    if event.event_type == "complete":
        play.completed, play.skipped = True, False
    elif event.event_type == "skip" and not play.completed:
        play.skipped = True
    if event.event_type in ("complete", "skip"):
        play.ended_ms = event.timestamp
    if play.listened_ms < COUNTED_AFTER_MS or play.counted:
        return Recorded(is_new=True, play_id=play.id)
    play.counted = True
    one_more = update(TrackRow).where(TrackRow.id == event.track_id)
    one_more = one_more.values(stream_count=TrackRow.stream_count + 1)
    streams = await db.scalar(one_more.returning(TrackRow.stream_count))
    return Recorded(is_new=True, stream_count=streams, play_id=play.id)


async def _known(db: AsyncSession, user_id: str, event: PlaybackEvent, key: str | None) -> bool:
    row = PlaybackEventRow
    same = (
        (row.track_id == event.track_id)
        & (row.event_type == event.event_type)
        & (row.timestamp_ms == event.timestamp)
        & (row.position_ms == event.position)
    )
    query = select(row).where(row.user_id == user_id, or_(same, row.idempotency_key == key) if key else same)
    for earlier in await db.scalars(query):
        identity = (earlier.track_id, earlier.event_type, earlier.timestamp_ms, earlier.position_ms)
        if identity != (event.track_id, event.event_type, event.timestamp, event.position):
            raise Problem(ErrorCode.CONFLICT, "This idempotency key was used for a different event.")
        return True
    return False


async def _play_of(db: AsyncSession, user_id: str, event: PlaybackEvent, now: datetime) -> PlayRow:
    """Return the play that the event belongs to, by its id or the client's own times; a new one where there is none.

    Without an id, a start at a position other than 0 resumes a play that is still open. Events may arrive late: one
    that happened before its play ended belongs to that play. An id that is another play's already counts for nothing.
    """
    named = await db.get(PlayRow, event.play_id) if event.play_id is not None else None
    if named is not None and (named.user_id, named.track_id) == (user_id, event.track_id):
        return named
    is_named = event.play_id is not None and named is None
    query = (
        select(PlayRow)
        .where(PlayRow.user_id == user_id, PlayRow.track_id == event.track_id, PlayRow.started_ms <= event.timestamp)
        .order_by(PlayRow.started_ms.desc(), PlayRow.id.desc())
        .limit(1)
    )
    play = None if is_named else await db.scalar(query)
    if play is not None and _continues(play, event):
        return play
    # Without a start the beginning is taken to be where it would have been, had the track been played through.
    started = event.timestamp if event.event_type == "start" else max(0, event.timestamp - event.position)
    play = PlayRow(
        id=(event.play_id if is_named else None) or new_id(),
        user_id=user_id,
        track_id=event.track_id,
        played_at=min(now, from_ms(started)),
        started_ms=started,
        heard_to_ms=event.position if event.event_type == "start" else 0,
        heard_at_ms=started,
        listened_ms=0,
        completed=False,
        skipped=False,
        counted=False,
        context_type=event.context_type,
        context_id=event.context_id,
    )
    db.add(play)
    return play


def _continues(play: PlayRow, event: PlaybackEvent) -> bool:
    if play.ended_ms is not None:
        return event.event_type != "start" and event.timestamp <= play.ended_ms
    if event.event_type == "start" and event.position == 0:
        return False
    return event.timestamp - play.heard_at_ms <= OPEN_FOR_MS


def _listen(play: PlayRow, event: PlaybackEvent) -> None:
    """Add what was heard since the last event.

    What is told to have happened after the end of a play, by a program that died before it had kept that end, adds
    nothing. A client that measures listened time itself is believed. Otherwise it is the way from the last position
    to this one, but no more than the time that has passed meanwhile: whatever goes beyond that was jumped over.
    """
    if play.ended_ms is not None and event.timestamp > play.ended_ms:
        return
    if event.listened_ms is not None:
        play.listened_ms = max(play.listened_ms, event.listened_ms)
    elif event.event_type not in ("start", "seek"):
        way = event.position - play.heard_to_ms
        time = event.timestamp - play.heard_at_ms
        play.listened_ms += max(0, way if way <= time + CLOCK_TOLERANCE_MS else time)
    if event.timestamp >= play.heard_at_ms:
        play.heard_to_ms = event.position
        play.heard_at_ms = event.timestamp
