"""Tables of the studio: projects, who works on them, tracks, clips, audio files, and the transactions that were made.

A track of the studio stands in `daw_tracks`, because `tracks` holds the songs of the catalogue; on the wire both are
called `tracks`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class _Stored:
    """The columns that every record of the studio has; `deleted` is when it was put into the trash."""

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProjectRow(_Stored, Base):
    """A project."""

    __tablename__ = "projects"
    __table_args__ = (Index("ix_projects_owner", "created_by", "updated_at", "id"),)

    name: Mapped[str] = mapped_column(String(200))
    bpm: Mapped[int] = mapped_column(default=120)
    time_signature: Mapped[str] = mapped_column(String(8), default="4/4")
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


class ProjectMemberRow(Base):
    """Somebody whom the owner let into a project; in the order of `position` they are its `collaborators`."""

    __tablename__ = "project_members"
    __table_args__ = (CheckConstraint("access IN ('read', 'write')", name="access"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    access: Mapped[str] = mapped_column(String(8), default="write")
    position: Mapped[int]


class StudioTrackRow(_Stored, Base):
    """A track of a project."""

    __tablename__ = "daw_tracks"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(8))
    volume: Mapped[float] = mapped_column(default=1.0)
    pan: Mapped[float] = mapped_column(default=0.0)
    muted: Mapped[bool] = mapped_column(default=False)
    solo: Mapped[bool] = mapped_column(default=False)
    order_index: Mapped[int] = mapped_column(default=0)
    plugins: Mapped[list[Any]] = mapped_column(JSON, default=list)


class ClipRow(_Stored, Base):
    """A clip on a track."""

    __tablename__ = "clips"

    track_id: Mapped[str] = mapped_column(ForeignKey("daw_tracks.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    start_beat: Mapped[float]
    duration_beats: Mapped[float]
    audio_file_id: Mapped[str | None] = mapped_column(String(64))
    audio_start_offset: Mapped[float | None] = mapped_column(default=0.0)
    audio_end_offset: Mapped[float | None] = mapped_column(default=0.0)
    midi_data: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    gain: Mapped[float] = mapped_column(default=1.0)
    fade_in: Mapped[float] = mapped_column(default=0.0)
    fade_out: Mapped[float] = mapped_column(default=0.0)


class AudioFileRow(_Stored, Base):
    """An audio file of a project."""

    __tablename__ = "audio_files"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    filename: Mapped[str] = mapped_column(String(255))
    mime_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    storage_key: Mapped[str] = mapped_column(Text)
    waveform_key: Mapped[str | None] = mapped_column(Text)
    peaks_data: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    duration_seconds: Mapped[float]
    sample_rate: Mapped[int]
    channels: Mapped[int]
    bit_depth: Mapped[int | None]


class TransactionRow(Base):
    """A transaction that was carried out, for ever: it is not carried out again, and is answered as it was."""

    __tablename__ = "transactions"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    tx_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of its operations."""
    result: Mapped[bytes] = mapped_column(LargeBinary)
    """The reply, as compressed JSON."""
    client_timestamp: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
