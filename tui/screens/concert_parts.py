"""From concerts to the lines that show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api_client.models.catalogue import Concert
from tui.places import ArtistPlace, Place
from tui.screens.music_parts import Fact, Line


def concert_lines(concerts: Sequence[Concert], *, whose: bool) -> Iterable[Line]:
    """Yield a line for each concert; `whose` says that they are of several artists, whom they open."""
    for concert in concerts:
        starts = concert.starts_at.astimezone()
        where = f"{concert.venue}, {concert.city} ({concert.country})"
        opens: Place | None = ArtistPlace(concert.artist.id) if whose else None
        title, detail = (concert.artist.name, where) if whose else (where, "")
        yield Line(f"c:{concert.id}", Fact(title, detail, f"{starts:%a} {starts.day} {starts:%b %Y, %H:%M}", opens))
