"""The demo world's catalogue, playlists, libraries and listening history as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from server.clock import to_ms
from server.db import Base
from server.demo.media_keys import PREFIX, media_key
from server.demo.world import World
from server.music.repair import folded
from server.tables.music import (
    AlbumRow,
    ArtistFollowRow,
    ArtistRow,
    LibraryItemRow,
    LyricsRow,
    PlaylistCollaboratorRow,
    PlaylistRow,
    PlaylistTrackRow,
    PlayRow,
    TrackArtistRow,
    TrackRow,
)

Rows = Iterable[tuple[type[Base], list[dict[str, Any]]]]

_FEATURES = ("tempo", "energy", "danceability", "acousticness", "valence")
_COUNTED_MS = 30_000


def music_rows(world: World) -> Rows:
    """Yield the catalogue first, then what people do with it."""
    yield from _catalogue_rows(world)
    yield from _playlist_rows(world)
    yield from _listener_rows(world)


def _catalogue_rows(world: World) -> Rows:
    yield from _release_rows(world)
    yield from _track_rows(world)


def _release_rows(world: World) -> Rows:
    yield (
        ArtistRow,
        [
            {
                "id": artist.id,
                "name": artist.name,
                "name_key": folded(artist.name),
                "verified": artist.is_verified,
                "genres": list(artist.genres),
                "image_key": media_key(artist.image_key),
                "audience_base": artist.monthly_listeners,
                "created_at": world.now,
            }
            for artist in world.artists
        ],
    )
    yield (
        AlbumRow,
        [
            {
                "id": album.id,
                "artist_id": album.artist_id,
                "title": album.title,
                "album_type": album.album_type,
                "release_date": album.release_date.isoformat(),
                "total_tracks": album.total_tracks,
                "cover_key": media_key(album.cover_key),
                "label": album.label,
                "copyrights": list(album.copyrights),
                "created_at": world.now,
            }
            for album in world.albums
        ],
    )


def _track_rows(world: World) -> Rows:
    yield (
        TrackRow,
        [
            {
                "id": track.id,
                "album_id": track.album_id,
                "title": track.title,
                "duration_ms": track.duration_ms,
                "track_number": track.track_number,
                "disc_number": track.disc_number,
                "explicit": track.explicit,
                "isrc": track.isrc,
                "audio_features": {name: getattr(track, name) for name in _FEATURES},
                "stream_count": track.stream_count,
                "audio_key": PREFIX + track.key,
                "is_available": True,
                "created_at": world.now,
            }
            for track in world.tracks
        ],
    )
    yield (
        TrackArtistRow,
        [
            {"track_id": track.id, "artist_id": artist, "is_primary": place == 0, "place": place}
            for track in world.tracks
            for place, artist in enumerate(track.artist_ids)
        ],
    )
    yield (
        LyricsRow,
        [
            {
                "track_id": lyrics.track_id,
                "synced": True,
                "lines": [{"timeMs": line.time_ms, "text": line.text} for line in lyrics.lines],
            }
            for lyrics in world.lyrics
        ],
    )


def _playlist_rows(world: World) -> Rows:
    yield (
        PlaylistRow,
        [
            {
                "id": playlist.id,
                "owner_id": playlist.owner_id,
                "name": playlist.name,
                "description": playlist.description,
                "is_public": playlist.is_public,
                "is_collaborative": playlist.is_collaborative,
                "cover_key": media_key(playlist.cover_key),
                "follower_count": len(playlist.follower_ids),
                "version": 1,
                "created_at": playlist.created_at,
                "updated_at": playlist.created_at,
            }
            for playlist in world.playlists
        ],
    )
    yield (
        PlaylistTrackRow,
        [{"playlist_id": playlist.id, **asdict(entry)} for playlist in world.playlists for entry in playlist.entries],
    )
    yield (
        PlaylistCollaboratorRow,
        [
            {"playlist_id": playlist.id, "user_id": user, "added_at": playlist.created_at}
            for playlist in world.playlists
            for user in playlist.collaborator_ids
        ],
    )


def _listener_rows(world: World) -> Rows:
    saves = {(save.user_id, f"{save.item_type}s", save.item_id): save.saved_at for save in world.library_saves}
    for playlist in world.playlists:
        for user in playlist.follower_ids:
            saves.setdefault((user, "playlists", playlist.id), playlist.created_at)
    yield (
        LibraryItemRow,
        [
            {"user_id": user, "kind": kind, "item_id": item, "saved_at": saved_at}
            for (user, kind, item), saved_at in saves.items()
        ],
    )
    yield (
        ArtistFollowRow,
        [
            {"user_id": follow.user_id, "artist_id": follow.artist_id, "created_at": follow.created_at}
            for follow in world.artist_follows
        ],
    )
    yield (
        PlayRow,
        [
            {
                "id": listen.id,
                "user_id": listen.user_id,
                "track_id": listen.track_id,
                "played_at": listen.played_at,
                "started_ms": to_ms(listen.played_at),
                "ended_ms": to_ms(listen.played_at) + listen.ms_played,
                "heard_to_ms": listen.ms_played,
                "heard_at_ms": to_ms(listen.played_at) + listen.ms_played,
                "listened_ms": listen.ms_played,
                "completed": listen.completed,
                "skipped": listen.skipped,
                "counted": listen.ms_played >= _COUNTED_MS,
                "context_type": listen.context_type,
                "context_id": listen.context_id,
            }
            for listen in world.listens
        ],
    )
