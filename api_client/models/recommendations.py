"""What the platform recommends: lists for a listener, and why each track is on one."""

from __future__ import annotations

from api_client.models.base import Items, Line, Moment, OpenEnum, WireModel
from api_client.models.music import Track


class Reason(OpenEnum):
    """Why a track is recommended."""

    LISTENERS = "listeners"
    """People who listen to the same play it."""
    SOUND = "sound"
    """It resembles what the listener likes."""
    BOTH = "both"
    POPULAR = "popular"
    KNOWN = "known"
    """The listener plays it already."""
    FOLLOWED = "followed"
    """It is new from an artist the listener follows."""
    HEARD = "heard"
    """It is new from an artist the listener plays."""
    UNKNOWN = "unknown"


class RecommendedTrack(Track):
    """A track of a recommended list, in the order of the ranking."""

    reason: Reason = Reason.UNKNOWN
    listeners: int = 0
    """How many people who listen to the same have played it in the last week."""
    resembles: Line | None = None
    """The title of the track it resembles most, of those it was chosen for."""


class Recommendations(WireModel):
    """A list made for one listener; the same from `valid_from` until `valid_until`, where those are given."""

    id: str
    title: Line
    description: Line | None = None
    tracks: Items[RecommendedTrack] = []
    generated_at: Moment
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    algorithm: Line = ""


class MixKind(OpenEnum):
    """Which lists there are."""

    DISCOVER_WEEKLY = "discover-weekly"
    RELEASE_RADAR = "release-radar"
    DAILY_MIX = "daily-mix"
    UNKNOWN = "unknown"


class Mix(WireModel):
    """A list that can be asked for; `mix_id` tells the daily mixes apart."""

    kind: MixKind
    mix_id: str | None = None
    title: Line
    description: Line | None = None


class Mixes(WireModel):
    """All lists for one listener."""

    mixes: Items[Mix] = []
