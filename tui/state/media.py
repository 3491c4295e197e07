"""Which picture file to fetch for a given size on the screen."""

from __future__ import annotations

from api_client.models.posts import Media

PIXELS_PER_CELL = 8
"""Width of picture per column that is worth fetching: half blocks show one pixel a column, the rest smooths it."""


def best_url(media: Media, columns: int) -> str:
    """Return the smallest file of `media` that is wide enough for `columns`, else the original."""
    wanted = columns * PIXELS_PER_CELL
    widths = sorted((int(width), url) for width, url in media.thumbnails.items() if width.isdigit())
    return next((url for width, url in widths if width >= wanted), widths[-1][1] if widths else media.url)
