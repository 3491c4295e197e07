"""Bars out of block characters, an eighth of a cell exact: lying ones, and columns that stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence

_LYING = "▏▎▍▌▋▊▉█"
_STANDING = " ▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """Return a bar for `share` (0 to 1) of `width` cells; what is more than nothing shows."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0 and width:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_LYING[rest - 1] if rest else "")


def columns(shares: Sequence[float], height: int) -> list[str]:
    """Return `height` lines from the top, one character for each of `shares` (0 to 1)."""
    eighths = []
    for share in shares:
        high = round(min(max(share, 0.0), 1.0) * height * 8)
        eighths.append(max(high, 1) if share > 0 else 0)
    return [
        "".join(_STANDING[min(max(high - 8 * (height - 1 - line), 0), 8)] for high in eighths) for line in range(height)
    ]
