"""Stories and who has seen them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class StoryRow(Base):
    """A picture or video that is gone 24 hours after it was made."""

    __tablename__ = "stories"
    __table_args__ = (Index("ix_stories_user", "user_id", "expires_at"), Index("ix_stories_expiry", "expires_at"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    media_key: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(16), default="image")
    view_count: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class StoryViewRow(Base):
    """Somebody saw a story, once."""

    __tablename__ = "story_views"
    __table_args__ = (Index("ix_story_views_list", "story_id", "viewed_at", "viewer_id"),)

    story_id: Mapped[str] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    viewer_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    viewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
