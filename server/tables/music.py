"""Tables of the catalogue, the library, playlists and what was listened to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, new_id


class ArtistRow(Base):
    """Who makes music; `name_key` is the folded name by which the files of a folder find their artist."""

    __tablename__ = "artists"

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(String(255), index=True)
    verified: Mapped[bool] = mapped_column(default=False)
    genres: Mapped[list[str]] = mapped_column(JSON, default=list)
    image_key: Mapped[str | None] = mapped_column(String(255))
    """Key of the media store."""
    audience_base: Mapped[int] = mapped_column(default=0)
    """Monthly listeners that this platform did not count itself; its own are added."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AlbumRow(Base):
    """A release; `release_date` is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, so that it sorts as text."""

    __tablename__ = "albums"
    __table_args__ = (Index("ix_albums_artist_release", "artist_id", "release_date"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    artist_id: Mapped[str] = mapped_column(ForeignKey("artists.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(255))
    group_key: Mapped[str | None] = mapped_column(String(1024), unique=True)
    """What holds the files of one release in a music folder together; None for releases from elsewhere."""
    album_type: Mapped[str] = mapped_column(String(16), default="album")
    release_date: Mapped[str | None] = mapped_column(String(10), index=True)
    total_tracks: Mapped[int] = mapped_column(default=0)
    cover_key: Mapped[str | None] = mapped_column(String(255))
    """Key of the media store."""
    label: Mapped[str | None] = mapped_column(String(255))
    copyrights: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TrackRow(Base):
    """A song; `audio_key` is `demo/...` for rendered ones and `file/{id}` for those of a music folder."""

    __tablename__ = "tracks"
    __table_args__ = (
        Index("ix_tracks_album_order", "album_id", "disc_number", "track_number"),
        Index("ix_tracks_popularity", "stream_count", "id"),
        Index("ix_tracks_isrc", "isrc"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    album_id: Mapped[str] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(255))
    duration_ms: Mapped[int]
    track_number: Mapped[int] = mapped_column(default=1)
    disc_number: Mapped[int] = mapped_column(default=1)
    explicit: Mapped[bool] = mapped_column(default=False)
    isrc: Mapped[str | None] = mapped_column(String(12))
    genre: Mapped[str | None] = mapped_column(String(100))
    audio_features: Mapped[dict[str, float] | None] = mapped_column(JSON)
    stream_count: Mapped[int] = mapped_column(BigInteger, default=0)
    audio_key: Mapped[str | None] = mapped_column(String(255))
    is_available: Mapped[bool] = mapped_column(default=True)
    """False once its file has left the music folder; playlists and history keep it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TrackArtistRow(Base):
    """Who plays on a track; `place` 0 is the main artist."""

    __tablename__ = "track_artists"

    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[str] = mapped_column(ForeignKey("artists.id", ondelete="CASCADE"), primary_key=True, index=True)
    is_primary: Mapped[bool] = mapped_column(default=True)
    place: Mapped[int] = mapped_column(default=0)


class LyricsRow(Base):
    """The words of a track: `lines` is `[{"timeMs": int | None, "text": str}]`."""

    __tablename__ = "lyrics"

    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    synced: Mapped[bool] = mapped_column(default=False)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class ArtistFollowRow(Base):
    """Somebody follows an artist."""

    __tablename__ = "artist_follows"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[str] = mapped_column(ForeignKey("artists.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistRow(Base):
    """A playlist; `version` grows with every change of it or of its tracks."""

    __tablename__ = "playlists"

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    is_public: Mapped[bool] = mapped_column(default=True)
    is_collaborative: Mapped[bool] = mapped_column(default=False)
    cover_key: Mapped[str | None] = mapped_column(String(255))
    """Key of the media store; without one the cover of the first track stands in."""
    follower_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistTrackRow(Base):
    """An entry of a playlist; the positions of one playlist are 1..n without a gap."""

    __tablename__ = "playlist_tracks"
    __table_args__ = (Index("ix_playlist_tracks_order", "playlist_id", "position"),)

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]
    added_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistCollaboratorRow(Base):
    """Somebody named as an editor; while a collaborative playlist names nobody, everybody may edit it."""

    __tablename__ = "playlist_collaborators"

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LibraryItemRow(Base):
    """Something saved; `kind` is `tracks`, `albums` or `playlists`."""

    __tablename__ = "library_items"
    __table_args__ = (Index("ix_library_items_recent", "user_id", "kind", "saved_at"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlayRow(Base):
    """One listening of one track: from its start to its end, its skip or the next start.

    `started_ms` and `ended_ms` are the client's clock in ms since the epoch, `heard_to_ms` and `heard_at_ms` the
    position in the track and the client's time of the last event, from which listened time is counted on.
    """

    __tablename__ = "listening_history"
    __table_args__ = (
        Index("ix_listening_history_recent", "user_id", "played_at"),
        Index("ix_listening_history_track", "user_id", "track_id", "started_ms"),
        Index("ix_listening_history_listeners", "track_id", "played_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"))
    played_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_ms: Mapped[int] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
    heard_to_ms: Mapped[int] = mapped_column(default=0)
    heard_at_ms: Mapped[int] = mapped_column(BigInteger)
    listened_ms: Mapped[int] = mapped_column(default=0)
    completed: Mapped[bool] = mapped_column(default=False)
    skipped: Mapped[bool] = mapped_column(default=False)
    counted: Mapped[bool] = mapped_column(default=False)
    """Whether it has been added to the track's stream count."""
    context_type: Mapped[str | None] = mapped_column(String(32))
    context_id: Mapped[str | None] = mapped_column(String(64))


class PlaybackEventRow(Base):
    """One event as it was reported; the unique constraint is what makes a second delivery harmless."""

    __tablename__ = "playback_events"
    __table_args__ = (
        UniqueConstraint("user_id", "track_id", "event_type", "timestamp_ms", "position_ms"),
        UniqueConstraint("user_id", "idempotency_key"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"))
    event_type: Mapped[str] = mapped_column(String(16))
    position_ms: Mapped[int]
    timestamp_ms: Mapped[int] = mapped_column(BigInteger)
    idempotency_key: Mapped[str | None] = mapped_column(String(128))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MusicFileRow(Base):
    """A file of the music folder: what it was when it was read, and the track made from it or why there is none."""

    __tablename__ = "music_files"

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    path: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """Relative to the music folder, in the file system's own bytes: names need not be text."""
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    mime_type: Mapped[str | None] = mapped_column(String(64))
    quality: Mapped[int | None]
    """The nearest of 96, 160 and 320 kbit/s."""
    track_id: Mapped[str | None] = mapped_column(ForeignKey("tracks.id", ondelete="SET NULL"), index=True)
    problem: Mapped[str | None] = mapped_column(String(255))
