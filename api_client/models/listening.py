"""What listening amounts to: how much, of whom, and on which days."""

from __future__ import annotations

from datetime import date

from api_client.models.base import Items, WireModel
from api_client.models.music import ArtistRef, Track


class ArtistListening(WireModel):
    """How much somebody heard of an artist; times in milliseconds."""

    artist: ArtistRef
    plays: int = 0
    listened_ms: int = 0


class TrackListening(WireModel):
    """How much somebody heard of a track."""

    track: Track
    plays: int = 0
    listened_ms: int = 0


class DayListening(WireModel):
    """How much somebody heard on a day of their own calendar."""

    day: date
    plays: int = 0
    listened_ms: int = 0


class ListeningStats(WireModel):
    """What somebody heard from one day to another, both included.

    A play is one of which thirty seconds were heard; the time is that of shorter ones as well. `days` has every day,
    also those without music, in order; `top_artists` and `top_tracks` have the most heard first.
    """

    first_day: date
    last_day: date
    plays: int = 0
    listened_ms: int = 0
    tracks: int = 0
    artists: int = 0
    top_artists: Items[ArtistListening] = []
    top_tracks: Items[TrackListening] = []
    days: Items[DayListening] = []
