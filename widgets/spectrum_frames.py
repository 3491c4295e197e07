"""Frames of a spectrum as text: bars, bars with a reflection, a wave; one string for each row, from the top down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_HANGING = " ▔▔▔▀▀▀██"
"""The same from above, as far as there are characters for it."""
_CAPS = "▁▁▁──▔▔▔"
_BRAILLE = 0x2800
_LEFT, _RIGHT = (0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)


def bars_in(width: int) -> tuple[int, int]:
    """Return how many bars stand in `width` cells, and how many cells each takes with its gap of one cell."""
    cell = 2 if width < 100 else 3 if width < 150 else 4
    return max((width + 1) // cell, 1), cell


@lru_cache(maxsize=16)
def _shares(count: int, bands: int) -> tuple[tuple[int, float], ...]:
    """Return between which bands each of `count` bars stands, and how far from the lower one."""
    scale = (bands - 1) / max(count - 1, 1)
    places = (bar * scale for bar in range(count))
    return tuple((min(int(place), bands - 2), place - min(int(place), bands - 2)) for place in places)


def spread(levels: bytes, count: int) -> list[float]:
    """Return the heights, from 0 to 1, of `count` bars for the levels of the bands, from 0 to 255."""
    if len(levels) < 2:
        return [level / 255 for level in levels] * count
    return [(levels[low] + (levels[low + 1] - levels[low]) * share) / 255 for low, share in _shares(count, len(levels))]


def bar_rows(heights: Sequence[float], caps: Sequence[float], width: int, rows: int) -> list[str]:
    """Return bars that stand on the ground, with their caps, in `rows` strings of `width` cells."""
    cell = bars_in(width)[1]
    wide = cell - 1
    full = [round(height * rows * 8) for height in heights]
    tops = [min(round(cap * rows * 8), rows * 8 - 1) if cap else -1 for cap in caps]
    made = []
    for row in range(rows - 1, -1, -1):
        base = row * 8
        above = base + 8
        pieces = []
        for height, top in zip(full, tops, strict=True):
            filled = height - base
            if filled >= 8:
                glyph = "█"
            elif filled > 0:
                glyph = _EIGHTHS[filled]
            elif base <= top < above:
                glyph = _CAPS[top - base]
            else:
                glyph = " "
            pieces.append(glyph * wide)
        made.append(_fitted(" ".join(pieces), width))
    return made


def mirrored_rows(heights: Sequence[float], width: int, rows: int) -> list[str]:
    """Return bars with their reflection below, in `rows` strings of `width` cells; the upper part has the odd row."""
    cell = bars_in(width)[1]
    wide, lower = cell - 1, rows // 2
    upper = rows - lower
    full = [round(height * upper * 8) for height in heights]
    made = [
        _fitted(" ".join(_EIGHTHS[max(0, min(height - row * 8, 8))] * wide for height in full), width)
        for row in range(upper - 1, -1, -1)
    ]
    made += [
        _fitted(" ".join(_HANGING[max(0, min(height - row * 8, 8))] * wide for height in full), width)
        for row in range(lower)
    ]
    return made


def wave_rows(heights: Sequence[float], width: int, rows: int) -> list[str]:
    """Return a wave around the middle that swells where the sound is, in dots, in `rows` strings of `width` cells."""
    dots = width * 2
    middle = rows * 2
    reach = [max(1, round(height * middle)) for height in _curve(heights, dots)]
    half = _half_columns(middle)
    upper = [
        [marks[0][reach[x]] | marks[1][reach[x + 1]] for x in range(0, dots, 2)] for marks in half[: (rows + 1) // 2]
    ]
    lower = [[_MIRROR[bits] for bits in row] for row in reversed(upper)]
    if rows % 2:  # the middle row is its own reflection
        middle_row = [bits | turned for bits, turned in zip(upper.pop(), lower.pop(0), strict=True)]
        upper.append(middle_row)
    return ["".join(chr(_BRAILLE + bits) if bits else " " for bits in row) for row in (*upper, *lower)]


def _mirrored(bits: int) -> int:
    turned = 0
    for column in (_LEFT, _RIGHT):
        for dot, bit in enumerate(column):
            if bits & bit:
                turned |= column[3 - dot]
    return turned


_MIRROR = tuple(_mirrored(bits) for bits in range(256))


@lru_cache(maxsize=8)
def _half_columns(middle: int) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """Return for each row above the middle, for either column of dots, the bits by how far the wave reaches."""
    rows = []
    for row in range((middle + 3) // 4 + 1):
        columns = []
        for column in (_LEFT, _RIGHT):
            by_reach = []
            for reach in range(middle + 1):
                top = middle - reach
                by_reach.append(sum(bit for dot, bit in enumerate(column) if top <= row * 4 + dot < middle))
            columns.append(tuple(by_reach))
        rows.append((columns[0], columns[1]))
    return tuple(rows)


@lru_cache(maxsize=8)
def _curve_shares(count: int, dots: int) -> tuple[tuple[int, int, float], ...]:
    places = (dot * (count - 1) / max(dots - 1, 1) for dot in range(dots))
    return tuple(
        (int(place), min(int(place) + 1, count - 1), (1 - math.cos((place - int(place)) * math.pi)) / 2)
        for place in places
    )


def _curve(heights: Sequence[float], dots: int) -> list[float]:
    """Return `dots` points of a smooth line through `heights`."""
    if not heights:
        return [0.0] * dots
    return [
        heights[low] + (heights[high] - heights[low]) * share for low, high, share in _curve_shares(len(heights), dots)
    ]


def _fitted(text: str, width: int) -> str:
    """Return `text` in the middle of `width` cells; every character of it has one cell."""
    return text[:width] if len(text) > width else text.center(width)
