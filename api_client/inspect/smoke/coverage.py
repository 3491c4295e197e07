"""What of the contract was really seen on the wire: endpoints with their statuses, events, frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from api_client.endpoints import ENDPOINTS
from api_client.inspect.smoke.contract import CLIENT_FRAMES, SERVER_FRAMES, documented
from api_client.inspect.smoke.wire import Exchange

UNASKED = frozenset({"ping"})
"""Events that a platform may send and need not: it can ask whether somebody is there in the protocol's own way, too."""
EVENTS = tuple(kind for kind in SERVER_FRAMES if kind not in UNASKED)
"""Types of events that a platform has to send for the contract to be covered."""


@dataclass(slots=True)
class Coverage:
    """Counts by endpoint and status, by type of event, by type of frame."""

    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    elsewhere: dict[str, int] = field(default_factory=dict)
    """Method and path of requests that are in no table."""
    events: dict[str, int] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)

    def saw(self, exchange: Exchange) -> None:
        """Count an exchange that got a reply."""
        if exchange.trouble is not None:
            return
        if exchange.endpoint is None:
            name = f"{exchange.method} {exchange.path}"
            self.elsewhere[name] = self.elsewhere.get(name, 0) + 1
            return
        seen = self.statuses.setdefault(exchange.endpoint.name, {})
        seen[exchange.status] = seen.get(exchange.status, 0) + 1

    def saw_event(self, kind: str) -> None:
        """Count an event that came."""
        self.events[kind] = self.events.get(kind, 0) + 1

    def saw_frame(self, kind: str) -> None:
        """Count a frame that was sent."""
        self.frames[kind] = self.frames.get(kind, 0) + 1

    def endpoints_missing(self) -> list[str]:
        """Return the endpoints that never answered with success."""
        return [e.name for e in ENDPOINTS if e.status not in self.statuses.get(e.name, {})]

    def events_missing(self) -> list[str]:
        """Return the types of events that never came."""
        return [kind for kind in EVENTS if kind not in self.events]

    def frames_missing(self) -> list[str]:
        """Return the types of frames that were never sent."""
        return [kind for kind in CLIENT_FRAMES if kind not in self.frames]

    def statuses_missing(self) -> dict[str, list[int]]:
        """Return endpoint to documented statuses below 500 that were never seen, without 413 and 429."""
        found = {}
        for endpoint in ENDPOINTS:
            seen = self.statuses.get(endpoint.name, {})
            wanted = {status for status in documented(endpoint) if status < 500} - {413, 429}
            if missing := sorted(wanted - set(seen)):
                found[endpoint.name] = missing
        return found

    def summary(self) -> list[tuple[str, int, int]]:
        """Return what, how many of it were seen, and of how many."""
        total = sum(len({s for s in documented(e) if s < 500} - {413, 429}) for e in ENDPOINTS)
        unseen = sum(len(statuses) for statuses in self.statuses_missing().values())
        return [
            ("endpoints", len(ENDPOINTS) - len(self.endpoints_missing()), len(ENDPOINTS)),
            ("documented statuses", total - unseen, total),
            ("socket events", len(EVENTS) - len(self.events_missing()), len(EVENTS)),
            ("client frames", len(CLIENT_FRAMES) - len(self.frames_missing()), len(CLIENT_FRAMES)),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return all of it for the JSON report."""
        return {
            "summary": [{"what": what, "seen": seen, "of": of} for what, seen, of in self.summary()],
            "endpoints": {
                name: {str(status): count for status, count in sorted(seen.items())}
                for name, seen in sorted(self.statuses.items())
            },
            "elsewhere": dict(sorted(self.elsewhere.items())),
            "events": dict(sorted(self.events.items())),
            "frames": dict(sorted(self.frames.items())),
            "missing": {
                "endpoints": self.endpoints_missing(),
                "statuses": self.statuses_missing(),
                "events": self.events_missing(),
                "frames": self.frames_missing(),
            },
        }
