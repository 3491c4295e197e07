"""What the live connection is doing, for a state line that tells the truth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    ONLINE = "online"
    WAITING = "waiting"
    """It failed, and is tried again at `retry_at`."""
    OFFLINE = "offline"
    """It is not tried again until somebody signs in, or asks for it."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SocketState:
    """A phase and what belongs to it."""

    phase: Phase
    reason: str | None = None
    """Why it is not online: one sentence for the user."""
    retry_at: float | None = None
    """When it is tried again, by the clock's `monotonic`; only while waiting."""

    def seconds_left(self, now: float) -> int | None:
        """Return the whole seconds until the next try, for a countdown; None while none is planned."""
        return None if self.retry_at is None else max(0, round(self.retry_at - now))
