"""Concerts of the demo world as rows, and a track that may not be heard everywhere."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from server.db import Base
from server.demo.ids import seed_for
from server.demo.world import World
from server.tables.catalogue import ConcertRow, TrackMarketRow

_STAGES = (
    ("Nalen", "Stockholm", "SE"),
    ("Parkteatret", "Oslo", "NO"),
    ("Vega", "Copenhagen", "DK"),
    ("Uebel & Gefährlich", "Hamburg", "DE"),
    ("Paradiso", "Amsterdam", "NL"),
    ("Botanique", "Brussels", "BE"),
    ("La Maroquinerie", "Paris", "FR"),
    ("Village Underground", "London", "GB"),
    ("Whelan's", "Dublin", "IE"),
    ("Lux Frágil", "Lisbon", "PT"),
    ("WWW", "Tokyo", "JP"),
    ("Bowery Ballroom", "New York", "US"),
)
_MOST = 5
_TOUR_DAYS = 120
_ONLY_IN = ["JP"]


def catalogue_rows(world: World) -> Iterable[tuple[type[Base], list[dict[str, Any]]]]:
    """Yield the concerts of the next months, and the countries of the one track that is not for everywhere."""
    concerts = []
    for artist in world.artists:
        rng = random.Random(seed_for(world.seed, "concerts", artist.name))
        today = world.now.replace(hour=0, minute=0, second=0, microsecond=0)
        days = sorted(rng.sample(range(2, _TOUR_DAYS), rng.randint(0, _MOST)))
        for day, (venue, city, country) in zip(days, rng.sample(_STAGES, len(days)), strict=True):
            starts = today + timedelta(days=day, hours=rng.choice((18, 19, 20)))
            concerts.append(
                {
                    "id": f"{artist.id}-{day}",
                    "artist_id": artist.id,
                    "venue": venue,
                    "city": city,
                    "country": country,
                    "starts_at": starts,
                    "url": None,
                }
            )
    yield ConcertRow, concerts
    last = max(world.tracks, key=lambda track: track.id)
    yield TrackMarketRow, [{"track_id": last.id, "countries": _ONLY_IN}]
