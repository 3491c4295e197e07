"""What the details of the player say about the bytes of a track: which quality, from where, and what is waited for."""

from __future__ import annotations

from dataclasses import dataclass

from tui.player.governor import Governor
from tui.player.source import CUT, GETTING_READY, Held


@dataclass(frozen=True, slots=True)
class Streaming:
    """Of the current track, at one moment."""

    quality: int | None = None
    """Kilobits per second of what is played; None before it is known, and of what has no bytes."""
    is_automatic: bool = True
    """Whether the quality follows the line; else it is the listener's choice."""
    size: int | None = None
    """Bytes of the whole track, once known."""
    from_network: int = 0
    """Bytes of it that were fetched."""
    from_cache: int = 0
    """Bytes of it that were on this machine already."""
    waiting: str = ""
    """A sentence that says what the first sound waits for; empty if it waits for nothing."""

    @property
    def note(self) -> str:
        """What is waited for if that may take long; the usual round trips are over before they could be read."""
        return self.waiting if self.waiting in (CUT, GETTING_READY) else ""

    @property
    def quality_label(self) -> str:
        """Such as `160 (auto)`; empty before it is known."""
        if self.quality is None:
            return ""
        return f"{self.quality} (auto)" if self.is_automatic else str(self.quality)


def streaming_of(source: Held | None, governor: Governor) -> Streaming:
    """Return what there is to say about the bytes of the current track."""
    if source is None:
        return Streaming(is_automatic=governor.choice is None)
    return Streaming(
        source.quality,
        governor.choice is None,
        source.size,
        source.from_network,
        source.from_cache,
        source.waiting,
    )
