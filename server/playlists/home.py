"""The lists of playlists: those of a user, and their shelf on the music home."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, tuple_

from api_client.models.music import HomeShelf, Playlist
from server.db import from_micros, micros
from server.music.reader import CatalogueReader, ordered
from server.paging import Listing, decode_cursor, encode_cursor
from server.playlists.access import visible_to
from server.playlists.reader import PlaylistReader
from server.tables.music import LibraryItemRow, PlaylistCollaboratorRow, PlaylistRow

SHELF_LENGTH = 12


async def my_playlists(reader: CatalogueReader, limit: int, cursor: str | None) -> Listing[Playlist]:
    """Return what the viewer owns, has saved or may edit by name, the last changed first."""
    query = select(PlaylistRow.id, PlaylistRow.updated_at).where(_mine(reader.viewer_id), visible_to(reader.viewer_id))
    if cursor is not None:
        changed, playlist_id = decode_cursor(cursor, int, str)
        query = query.where(tuple_(PlaylistRow.updated_at, PlaylistRow.id) < (from_micros(changed), playlist_id))
    query = query.order_by(PlaylistRow.updated_at.desc(), PlaylistRow.id.desc()).limit(limit + 1)
    rows = [(row[0], row[1]) for row in await reader.db.execute(query)]
    more = encode_cursor(micros(rows[limit - 1][1]), rows[limit - 1][0]) if len(rows) > limit else None
    ids = [playlist_id for playlist_id, _ in rows[:limit]]
    return Listing(ordered(ids, await PlaylistReader(reader).playlists(ids)), more)


async def my_playlists_shelf(reader: CatalogueReader) -> list[HomeShelf]:
    """The first of them as a shelf; none without playlists."""
    mine = (await my_playlists(reader, SHELF_LENGTH, None)).items
    return [HomeShelf(id="your-playlists", title="Your playlists", playlists=mine)] if mine else []


def _mine(user_id: str) -> ColumnElement[bool]:
    named = select(PlaylistCollaboratorRow.playlist_id).where(PlaylistCollaboratorRow.user_id == user_id)
    saved = select(LibraryItemRow.item_id).where(LibraryItemRow.user_id == user_id, LibraryItemRow.kind == "playlists")
    return or_(PlaylistRow.owner_id == user_id, PlaylistRow.id.in_(named), PlaylistRow.id.in_(saved))
