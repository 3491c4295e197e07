"""The title of the terminal's window: what is playing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.player.track import PlayerSnapshot

NAME = "Parlour"
LONGEST = 120
"""Characters."""
_MUTE = ("linux", "dumb")
"""Terminals, by the beginning of their names, that have no title or would write it on the screen."""


def has_title(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the terminal can be given a title."""
    return not environment.get("TERM", "dumb").startswith(_MUTE)


def title_of(snapshot: PlayerSnapshot) -> str:
    """Return the title for what plays, one line without anything that a terminal would obey."""
    track = snapshot.track
    if track is None:
        return NAME
    name = f"{track.title} · {track.artist}" if track.artist else track.title
    clean = "".join(character if character.isprintable() else " " for character in name)
    if len(clean) > LONGEST:
        clean = clean[: LONGEST - 1] + "…"
    return f"{'▶' if snapshot.playing else '⏸'} {clean}"


class TerminalTitle:
    """Says what plays, each time that something else does."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """`write` sets the title; it is never called with the same one twice in a row."""
        self._write = write
        self._said = ""

    def follow(self, snapshot: PlayerSnapshot) -> None:
        """Take over what plays; as long as nothing ever did the title is left alone."""
        title = title_of(snapshot)
        if title != self._said and (self._said or snapshot.track is not None):
            self._said = title
            self._write(title)
