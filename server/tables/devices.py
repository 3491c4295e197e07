"""Tables of a user's devices and of what plays on one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class DeviceRow(Base):
    """A device of a user; whether it is there now is known to the hub."""

    __tablename__ = "player_devices"
    __table_args__ = (Index("ix_player_devices_user", "user_id", "last_seen_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    can_play: Mapped[bool] = mapped_column(default=True)
    volume: Mapped[float] = mapped_column(default=1.0)
    """While the device is active, its player's volume stands in the state."""
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlayerStateRow(Base):
    """What plays for a user; `current` is `[entryId, trackId, contextType, contextId]`."""

    __tablename__ = "player_states"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    queue_version: Mapped[int] = mapped_column(default=0)
    device_id: Mapped[str | None] = mapped_column(String(36))
    updated_by: Mapped[str | None] = mapped_column(String(36))
    current: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    is_playing: Mapped[bool] = mapped_column(default=False)
    is_buffering: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[float] = mapped_column(default=0.0)
    """Seconds, at `updated_at`."""
    duration: Mapped[float] = mapped_column(default=0.0)
    volume: Mapped[float] = mapped_column(default=1.0)
    is_muted: Mapped[bool] = mapped_column(default=False)
    repeat: Mapped[str] = mapped_column(String(8), default="off")
    shuffle: Mapped[bool] = mapped_column(default=False)
    queue_length: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlayerQueueRow(Base):
    """The lists of a user's queue, apart from the state because they are long and change seldom."""

    __tablename__ = "player_queues"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    lists: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """`queue`, `history` and `aside` with entries as in `PlayerStateRow.current`, and `order` of entry ids."""
