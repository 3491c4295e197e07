"""Who may know what somebody hears: the lasting setting, the private session, and the plays that stay hidden."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from api_client.models.together import ListeningPrivacy, PrivacyChange
from server.tables.music import PlayRow, TrackRow
from server.tables.together import HiddenPlayRow, ListeningPrivacyRow

PRIVATE_FOR = timedelta(hours=6)
"""How long a private session lasts, unless it is ended before."""


def hides(row: ListeningPrivacyRow | None, now: datetime) -> bool:
    """Whether what is heard now is hidden from friends."""
    return row is not None and (not row.shows_listening or (row.private_until is not None and row.private_until > now))


def may_be_told(play_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the condition under which a play, by the column of its id, may be told to others than the listener."""
    return ~exists().where(HiddenPlayRow.play_id == play_id)


async def privacy_of(db: AsyncSession, user_id: str, now: datetime) -> ListeningPrivacy:
    """Return whom somebody shows what they hear."""
    return _view(await db.get(ListeningPrivacyRow, user_id), now)


async def change_privacy(db: AsyncSession, user_id: str, change: PrivacyChange, now: datetime) -> ListeningPrivacy:
    """Take over a change; what goes on while listening becomes private is hidden with all that comes."""
    row = await db.get(ListeningPrivacyRow, user_id)
    if row is None:
        row = ListeningPrivacyRow(user_id=user_id, shows_listening=True)
        db.add(row)
    if change.shows_listening is not None:
        row.shows_listening = change.shows_listening
    if change.private is not None:
        row.private_until = now + PRIVATE_FOR if change.private else None
    if hides(row, now) and (play := await _going_on(db, user_id, now)) is not None:
        await hide(db, play.id)
    await db.flush()
    return _view(row, now)


async def hide(db: AsyncSession, play_id: str) -> None:
    """Let nobody else see a play, now or later."""
    if await db.get(HiddenPlayRow, play_id) is None:
        db.add(HiddenPlayRow(play_id=play_id))


async def _going_on(db: AsyncSession, user_id: str, now: datetime) -> PlayRow | None:
    """Return the last play, if it may still be going on."""
    query = (
        select(PlayRow, TrackRow.duration_ms)
        .join(TrackRow, TrackRow.id == PlayRow.track_id)
        .where(PlayRow.user_id == user_id)
        .order_by(PlayRow.played_at.desc(), PlayRow.id.desc())
        .limit(1)
    )
    found = (await db.execute(query)).first()
    if found is None or found[0].ended_ms is not None:
        return None
    play: PlayRow = found[0]
    # A pause is not told: for an hour the listener may come back to it.
    return play if play.played_at + timedelta(milliseconds=found[1]) + timedelta(hours=1) > now else None


def _view(row: ListeningPrivacyRow | None, now: datetime) -> ListeningPrivacy:
    if row is None:
        return ListeningPrivacy()
    until = row.private_until if row.private_until is not None and row.private_until > now else None
    return ListeningPrivacy(shows_listening=row.shows_listening, private_until=until)
