"""Renders tracks to Ogg Vorbis from their keys: a pure function, fit for worker threads and processes."""

from server.demo.music.catalogue import TRACK_BY_KEY
from server.demo.music.composer import compose
from server.demo.music.ogg import QUALITIES, encode


def render_track(track_key: str, quality: int) -> bytes:
    """Ogg Vorbis of a catalogue track at 96, 160 or 320 kbit/s.

    Raises KeyError for an unknown track and ValueError for another quality.
    """
    spec = TRACK_BY_KEY[track_key]
    if quality not in QUALITIES:
        raise ValueError(f"quality must be one of {QUALITIES}")
    return encode(compose(spec), quality)
