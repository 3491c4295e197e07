"""What the catalogue knows beside its releases: concerts, and the country of a listener."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api_client.models.base import Items, Line, Moment, WireModel
from api_client.models.music import ArtistRef, Track

Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Concert(WireModel):
    """An artist plays somewhere; `country` in two letters."""

    id: str
    artist: ArtistRef
    venue: Line
    city: Line
    country: Line
    starts_at: Moment
    url: str | None = None


class Versions(WireModel):
    """Other versions of a track: the same recording on other releases first, then other recordings of the song."""

    tracks: Items[Track] = []


class Region(WireModel):
    """The country that a listener is in; None where it is not known, and nothing is withheld."""

    country: Country | None = None
