"""What the catalogue knows beside its releases: concerts, and where a track may be heard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, new_id


class ConcertRow(Base):
    """An artist plays somewhere."""

    __tablename__ = "concerts"
    __table_args__ = (
        Index("ix_concerts_artist", "artist_id", "starts_at", "id"),
        Index("ix_concerts_coming", "starts_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    artist_id: Mapped[str] = mapped_column(ForeignKey("artists.id", ondelete="CASCADE"))
    venue: Mapped[str] = mapped_column(String(255))
    city: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    """ISO 3166-1 alpha-2."""
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    url: Mapped[str | None] = mapped_column(String(2048))


class TrackMarketRow(Base):
    """Where a track may be heard; one without a row may be heard everywhere."""

    __tablename__ = "track_markets"

    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    countries: Mapped[list[str]] = mapped_column(JSON, default=list)


class ListenerRegionRow(Base):
    """The country a listener is in; for one without a row every track may be heard."""

    __tablename__ = "listener_regions"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(String(2))
