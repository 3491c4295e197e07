"""What is new from the artists of a listener."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from api_client.models.recommendations import Reason
from server.music.reader import CatalogueReader
from server.recommendations.blend import LENGTH, diversify
from server.recommendations.for_you import Pick
from server.recommendations.taste import HISTORY
from server.tables.music import AlbumRow, ArtistFollowRow, PlayRow, TrackArtistRow, TrackRow

NEW_FOR = timedelta(days=28)
_PER_RELEASE = 2
_LOOKED_AT = 500


async def new_releases(reader: CatalogueReader) -> list[Pick]:
    """Return what came out in the last 28 days: from followed artists first, then from those heard in that time.

    The newest comes first, at most two tracks of a release, thirty in all. A release whose day is not known counts from
    the beginning of its month or year.
    """
    viewer = reader.viewer_id
    followed = set(await reader.db.scalars(select(ArtistFollowRow.artist_id).where(ArtistFollowRow.user_id == viewer)))
    heard = set(
        await reader.db.scalars(
            select(TrackArtistRow.artist_id)
            .distinct()
            .join(PlayRow, PlayRow.track_id == TrackArtistRow.track_id)
            .where(PlayRow.user_id == viewer, PlayRow.played_at > reader.now - HISTORY)
        )
    )
    query = (
        select(TrackRow.id, TrackRow.album_id, func.coalesce(TrackArtistRow.artist_id, AlbumRow.artist_id))
        .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
        .outerjoin(TrackArtistRow, TrackArtistRow.track_id == TrackRow.id)
        .where(TrackArtistRow.artist_id.in_(followed | heard) | AlbumRow.artist_id.in_(followed | heard))
        .where(TrackRow.is_available, TrackRow.audio_key.is_not(None))
        .where(
            AlbumRow.release_date >= (reader.now - NEW_FOR).date().isoformat(),
            AlbumRow.release_date <= reader.now.date().isoformat(),
        )
        .order_by(AlbumRow.release_date.desc(), TrackRow.album_id, TrackRow.disc_number, TrackRow.track_number)
        .limit(_LOOKED_AT)
    )
    reasons: dict[str, Reason] = {}
    album_of: dict[str, str] = {}
    for track_id, album_id, artist_id in await reader.db.execute(query):
        album_of[track_id] = album_id
        if artist_id in followed:
            reasons[track_id] = Reason.FOLLOWED
        else:
            reasons.setdefault(track_id, Reason.HEARD)
    ranked = sorted(reasons, key=lambda track_id: reasons[track_id] is not Reason.FOLLOWED)
    kept = diversify(((track_id, 0.0) for track_id in ranked), album_of, _PER_RELEASE, LENGTH)
    return [Pick(track_id, reasons[track_id]) for track_id, _ in kept]
