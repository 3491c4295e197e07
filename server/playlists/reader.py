"""Turns rows of playlists into the records of the contract, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select

from api_client.models.music import Playlist, PlaylistTrack
from api_client.models.playlist_rules import Rules
from server.context import RequestContext
from server.music.reader import CatalogueReader, chunks, ordered, reader_for
from server.playlists.access import Standing, playlist_not_found, visible_to
from server.playlists.blends import blended, blends_among
from server.playlists.rules import Chooser
from server.tables.music import (
    AlbumRow,
    LibraryItemRow,
    PlaylistCollaboratorRow,
    PlaylistRow,
    PlaylistTrackRow,
    TrackRow,
)
from server.tables.playlists import FiledPlaylistRow, PlaylistRulesRow
from server.tables.users import UserRow


@dataclass(frozen=True, slots=True)
class PlaylistReader:
    """Playlists as the viewer of `catalogue` sees them; those hidden from the viewer are left out everywhere."""

    catalogue: CatalogueReader

    async def playlists(self, ids: Iterable[str]) -> dict[str, Playlist]:
        """Return the playlists among `ids` that exist and may be read, by id, without their tracks."""
        found: dict[str, Playlist] = {}
        viewer = self.catalogue.viewer_id
        for part in chunks(list(dict.fromkeys(ids))):
            counts = await self._track_counts(part)
            covers = await self._first_covers(part)
            editors = await self._collaborators(part)
            blends = await blends_among(self.catalogue.db, part, self.catalogue.now)
            for row, full_name, username, saved_id, folder_id, rules in await self.catalogue.db.execute(
                _visible(part, viewer)
            ):
                names = editors.get(row.id, set())
                stands = Standing(
                    is_owner=row.owner_id == viewer,
                    is_public=row.is_public,
                    is_collaborative=row.is_collaborative,
                    names_collaborators=bool(names),
                    is_collaborator=viewer in names,
                )
                found[row.id] = Playlist(
                    id=row.id,
                    owner_id=row.owner_id,
                    owner_name=full_name or username,
                    name=row.name,
                    description=row.description,
                    is_public=row.is_public,
                    is_collaborative=row.is_collaborative,
                    cover_url=self.catalogue.picture(row.cover_key or covers.get(row.id)),
                    follower_count=row.follower_count,
                    track_count=rules.track_count if rules is not None else counts.get(row.id, 0),
                    folder_id=folder_id,
                    rules=rules.rules if rules is not None else None,
                    blend=blends.get(row.id),
                    can_edit=stands.may_edit and rules is None and row.id not in blends,
                    is_saved=saved_id is not None,
                    version=row.version,
                    created_at=row.created_at,
                )
        return found

    async def with_tracks(self, playlist_id: str) -> Playlist | None:
        """Return one playlist and its tracks, or None where there is none for this viewer."""
        found = (await self.playlists([playlist_id])).get(playlist_id)
        return found and await self.filled(found)

    async def filled(self, playlist: Playlist) -> Playlist:
        """Return `playlist`, as it was listed, with its tracks: chosen by hand, by its rules, or by two people."""
        if playlist.blend is not None:
            blend, tracks = await blended(self.catalogue, playlist.blend)
            return playlist.changed(blend=blend, tracks=tracks, track_count=len(tracks))
        if playlist.rules is not None:
            tracks = await self._chosen(playlist.owner_id, Rules.model_validate(playlist.rules))
            return playlist.changed(tracks=tracks, track_count=len(tracks))
        return playlist.changed(tracks=await self.entries(playlist.id))

    async def _chosen(self, owner_id: str, rules: Rules) -> list[PlaylistTrack]:
        for_others = owner_id != self.catalogue.viewer_id
        query = Chooser(owner_id, self.catalogue.now, for_others).query(rules)
        ids = [row[0] for row in await self.catalogue.db.execute(query)]
        tracks = ordered(ids, await self.catalogue.tracks(ids))
        return [PlaylistTrack(**dict(track), position=position) for position, track in enumerate(tracks, 1)]

    async def entries(self, playlist_id: str, *track_ids: str) -> list[PlaylistTrack]:
        """Return the entries of a playlist by position: all, or those of `track_ids`."""
        query = (
            select(PlaylistTrackRow, UserRow.username)
            .outerjoin(UserRow, UserRow.id == PlaylistTrackRow.added_by)
            .where(PlaylistTrackRow.playlist_id == playlist_id)
        )
        if track_ids:
            query = query.where(PlaylistTrackRow.track_id.in_(track_ids))
        found = await self.catalogue.db.execute(query.order_by(PlaylistTrackRow.position))
        rows = [(row[0], row[1]) for row in found]
        tracks = await self.catalogue.tracks(row.track_id for row, _ in rows)
        return [
            PlaylistTrack(
                **dict(tracks[row.track_id]),
                position=row.position,
                added_at=row.added_at,
                added_by=row.added_by,
                added_by_name=name,
            )
            for row, name in rows
        ]

    async def _track_counts(self, ids: Sequence[str]) -> dict[str, int]:
        query = (
            select(PlaylistTrackRow.playlist_id, func.count())
            .where(PlaylistTrackRow.playlist_id.in_(ids))
            .group_by(PlaylistTrackRow.playlist_id)
        )
        return {row[0]: row[1] for row in await self.catalogue.db.execute(query)}

    async def _first_covers(self, ids: Sequence[str]) -> dict[str, str]:
        query = (
            select(PlaylistTrackRow.playlist_id, AlbumRow.cover_key)
            .join(TrackRow, TrackRow.id == PlaylistTrackRow.track_id)
            .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
            .where(PlaylistTrackRow.playlist_id.in_(ids), PlaylistTrackRow.position == 1)
        )
        return {row[0]: row[1] for row in await self.catalogue.db.execute(query) if row[1]}

    async def _collaborators(self, ids: Sequence[str]) -> dict[str, set[str]]:
        query = select(PlaylistCollaboratorRow).where(PlaylistCollaboratorRow.playlist_id.in_(ids))
        names: dict[str, set[str]] = {}
        for row in await self.catalogue.db.scalars(query):
            names.setdefault(row.playlist_id, set()).add(row.user_id)
        return names


def _visible(ids: Sequence[str], viewer: str) -> Select[PlaylistRow, str | None, str, str, str, PlaylistRulesRow]:
    """Return the query for those of `ids` that the viewer may read, with owner, mark, folder and rules."""
    saved = and_(
        LibraryItemRow.user_id == viewer,
        LibraryItemRow.kind == "playlists",
        LibraryItemRow.item_id == PlaylistRow.id,
    )
    return (
        select(
            PlaylistRow,
            UserRow.full_name,
            UserRow.username,
            LibraryItemRow.item_id,
            FiledPlaylistRow.folder_id,
            PlaylistRulesRow,
        )
        .join(UserRow, UserRow.id == PlaylistRow.owner_id)
        .outerjoin(LibraryItemRow, saved)
        .outerjoin(
            FiledPlaylistRow,
            and_(FiledPlaylistRow.playlist_id == PlaylistRow.id, FiledPlaylistRow.user_id == viewer),
        )
        .outerjoin(PlaylistRulesRow, PlaylistRulesRow.playlist_id == PlaylistRow.id)
        .where(PlaylistRow.id.in_(ids), visible_to(viewer))
    )


async def shown(ctx: RequestContext, playlist_id: str) -> Playlist:
    """Return a playlist with its tracks for the reply to its user; Problem NOT_FOUND where it is not for them."""
    found = await PlaylistReader(reader_for(ctx)).with_tracks(playlist_id)
    if found is None:
        raise playlist_not_found()
    return found
