"""The table of recommended lists that stay the same for a week."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class WeeklyListRow(Base):
    """A list of one listener for the week that begins at `week`, a Monday at 00:00 UTC.

    `picks` is `[{"trackId", "reason", "listeners", "resembles"}]`, the best first.
    """

    __tablename__ = "weekly_lists"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    week: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    generated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    picks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
