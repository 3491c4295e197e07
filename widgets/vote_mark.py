"""Votes and likes in a few cells: the shape of the mark says what one's own is, colour only adds to it."""

from __future__ import annotations

from typing import Literal

from rich.segment import Segment

from widgets.text_layout import StyleOf
from widgets.textfmt import count_compact, plural

_VOTES = {1: ("▲", "bold up"), 0: ("△", "muted"), -1: ("▼", "bold down")}


def vote_mark(my_vote: Literal[-1, 0, 1], score: int, style: StyleOf, width: int = 0) -> Segment:
    """Return "▲ 12" for a post one has voted up, "▼" for down, "△" for neither, padded to `width` cells."""
    mark, spec = _VOTES[my_vote]
    return Segment(f"{mark} {count_compact(score)}".ljust(width), style(spec))


def like_mark(liked: bool, likes: int, style: StyleOf) -> Segment:
    """Return "♥ 3" if one likes it, "♡ 3" if not."""
    return Segment(f"{'♥' if liked else '♡'} {count_compact(likes)}", style("bold like" if liked else "muted"))


def comments(number: int) -> str:
    """Return "1 comment", "1,234 comments", or "no comments"."""
    return plural(number, "comment") if number else "no comments"
