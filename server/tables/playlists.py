"""Tables beside the playlists: folders, what lies in them, the rules of smart ones, blends, and uploaded covers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, new_id


class PlaylistFolderRow(Base):
    """A folder of one user; no folder lies in itself, however deep."""

    __tablename__ = "playlist_folders"

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("playlist_folders.id", ondelete="SET NULL"), index=True)
    """None: at the top."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FiledPlaylistRow(Base):
    """In which of a user's folders a playlist lies, their own or another's."""

    __tablename__ = "filed_playlists"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    playlist_id: Mapped[str] = mapped_column(
        ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    folder_id: Mapped[str] = mapped_column(ForeignKey("playlist_folders.id", ondelete="CASCADE"), index=True)


class PlaylistRulesRow(Base):
    """What fills a smart playlist: `rules` is `api_client.models.playlist_rules.Rules` as JSON."""

    __tablename__ = "playlist_rules"

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    track_count: Mapped[int] = mapped_column(default=0)
    """How many tracks they chose when they were last set: lists show it without asking for each."""


class BlendRow(Base):
    """Whose music a blend is made of; `first_id` is the smaller id, so that two people have one blend."""

    __tablename__ = "blends"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    second_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistCoverRow(Base):
    """Which upload brought the cover that a playlist has, so that a change that comes twice is known again."""

    __tablename__ = "playlist_covers"

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    upload_id: Mapped[str] = mapped_column(String(64))
