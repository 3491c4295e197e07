"""Takes the picture that the next start begins with: what was last seen, without what will not be true any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.color import ColorSystem
from rich.segment import Segment
from textual.strip import Strip
from textual.widgets._toast import ToastRack

from tui.accounts import Account
from tui.curtain import OPENING
from tui.screens.base import ParlourScreen
from widgets.backstop import safe_text
from widgets.status_line import StatusLine


@dataclass(frozen=True)
class Picture:
    """What a screen of an account has shown."""

    account: Account
    strips: Sequence[Strip]

    @property
    def columns(self) -> int:
        """Its width in cells."""
        return self.strips[0].cell_length

    def rows(self, colours: ColorSystem) -> list[str]:
        """Return it as it is written to a terminal with `colours`, text and styles and nothing else."""
        return [_written(strip, colours) for strip in self.strips]


def take(screen: ParlourScreen, account: Account) -> Picture | None:
    """Return a picture of `screen`, without what passes; None where it is not there, or does not fill the terminal.

    To be called at the end alone: what passes is taken away for it.
    """
    if not screen.has_frame or screen.size != screen.app.size:
        return None
    for rack in screen.query(ToastRack):
        rack.display = False
    screen._compositor.reflow(screen, screen.size)
    strips = screen._compositor.render_strips()
    place = screen.query_one(StatusLine).region
    if not place.width or place.bottom > len(strips):
        return None
    # Nobody is connected at the start, and nothing is known of what waits to be sent.
    line = strips[place.y]
    before, now, after = line.crop(0, place.x), line.crop(place.x, place.right), line.crop(place.right)
    style = next((segment.style for segment in now), None)
    words = OPENING[: place.width - 1].rjust(place.width - 1) + " "
    strips[place.y] = Strip.join([before, Strip([Segment(words, style)]), after])
    return Picture(account, strips)


def _written(strip: Strip, colours: ColorSystem) -> str:
    parts = []
    for text, style, control in strip:
        if not control:
            codes = style._make_ansi_codes(colours) if style is not None else ""
            parts.append(f"\x1b[{codes}m{safe_text(text)}\x1b[0m" if codes else safe_text(text))
    return "".join(parts)
