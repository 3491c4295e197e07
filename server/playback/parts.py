"""What the playback side of a running platform consists of."""

from __future__ import annotations

from dataclasses import dataclass

from server.music.visuals import VisualStore
from server.playback.audio import AudioStore
from server.playback.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Playback:
    """Made once at the start of the platform."""

    audio: AudioStore
    tickets: Tickets
    visuals: VisualStore
