"""Dotted comment paths: text order is depth-first order, a subtree is one range."""

from __future__ import annotations

SEGMENT_WIDTH = 7
"""Digits per segment: ten million comments in one post. One width for all, so that 12 does not sort before 2."""
NUMBER_LIMIT = 10**SEGMENT_WIDTH - 1
DEPTH_STORED = 500
"""The deepest reply that is taken; lists show eleven levels at a time and go on below any comment."""


def child_path(parent_path: str | None, number: int) -> str:
    """Return the path of comment `number` of its post below `parent_path`, or as a root if that is None.

    Raises ValueError if `number` does not fit into a segment.
    """
    if not 0 < number <= NUMBER_LIMIT:
        raise ValueError(f"comment number {number} is outside 1..{NUMBER_LIMIT}")
    segment = f"{number:0{SEGMENT_WIDTH}d}"
    return segment if parent_path is None else f"{parent_path}.{segment}"


def subtree_range(path: str) -> tuple[str, str]:
    """Return (first, end) such that `first <= p < end` holds for every path p strictly below `path`.

    The end replaces the dot by its successor in ASCII, the slash, so that the range is exact and served by an index.
    """
    return f"{path}.", f"{path}/"


def stored_path(plain: str) -> str:
    """Return the stored form of a path such as `1.5.12`."""
    return ".".join(f"{int(segment):0{SEGMENT_WIDTH}d}" for segment in plain.split("."))


def plain_path(stored: str) -> str:
    """Return the form that travels, `1.5.12`, of a stored path."""
    return ".".join([segment.lstrip("0") for segment in stored.split(".")])
