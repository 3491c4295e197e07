"""The sign that says how much of something is on this machine, the same wherever it stands."""

from __future__ import annotations

from enum import StrEnum

from rich.segment import Segment

from widgets.item_renderer import RenderContext


class HereSign(StrEnum):
    """What the sign says; the value is what is drawn, in one cell."""

    NO = " "
    ALL = "↓"
    PART = "⇣"
    """Some of it is here."""
    COMING = "⇊"
    WAITING = "·"
    FAILED = "!"


_TOKENS = {
    HereSign.ALL: "success",
    HereSign.PART: "success",
    HereSign.COMING: "primary",
    HereSign.WAITING: "muted",
    HereSign.FAILED: "error",
}


def here_segment(sign: HereSign, context: RenderContext) -> Segment:
    """Return the sign with a free cell behind it."""
    return Segment(f"{sign.value} ", context.style(_TOKENS.get(sign, "muted")))
