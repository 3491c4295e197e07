"""Other versions of a track: the same recording on another release, and other recordings of the same song."""

from __future__ import annotations

import re

from sqlalchemy import select

from api_client.models.music import Track
from server.music.reader import CatalogueReader, ordered
from server.music.repair import folded
from server.tables.music import TrackArtistRow, TrackRow

MOST = 50
_LOOKED_AT = 5_000
"""Tracks of one artist at most."""

_ADDED = re.compile(r"\s*[(\[][^)\]]*[)\]]|\s+[-–—]\s+.*$|\s+(?:feat\.?|ft\.?|featuring)\s.*$", re.IGNORECASE)
"""What tells versions apart: "(Live at …)", "[Remix]", " - Remastered 2011", " feat. B"."""


def song_of(title: str) -> str:
    """Return what the titles of all versions of a song have in common; the whole title where nothing else is left."""
    return folded(_ADDED.sub("", title)) or folded(title)


async def versions_of(reader: CatalogueReader, track_id: str) -> list[Track]:
    """Return up to `MOST` other versions of a track, those of the same recording (ISRC) first, then by streams."""
    track = await reader.db.get_one(TrackRow, track_id)
    main = select(TrackArtistRow.artist_id).where(TrackArtistRow.track_id == track_id, TrackArtistRow.is_primary)
    same_artist = select(TrackArtistRow.track_id).where(TrackArtistRow.artist_id.in_(main), TrackArtistRow.is_primary)
    # Together as a union: with "or" the database would look at every track there is.
    same = same_artist.union(select(TrackRow.id).where(TrackRow.isrc == track.isrc)) if track.isrc else same_artist
    query = (
        select(TrackRow.id, TrackRow.title, TrackRow.isrc)
        .where(TrackRow.id.in_(same), TrackRow.id != track_id)
        .order_by(TrackRow.stream_count.desc(), TrackRow.id)
        .limit(_LOOKED_AT)
    )
    song = song_of(track.title)
    recordings, songs = list[str](), list[str]()
    for found, title, isrc in await reader.db.execute(query):
        if track.isrc and isrc == track.isrc:
            recordings.append(found)
        elif song_of(title) == song:
            songs.append(found)
    ids = [*recordings, *songs][:MOST]
    return ordered(ids, await reader.tracks(ids))
