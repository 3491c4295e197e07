"""Pieces of music for a platform's music folder."""

from __future__ import annotations

from pathlib import Path

import mutagen.flac
import numpy as np
import soundfile

RATE = 44_100


def tone(path: Path, title: str, seconds: float) -> None:
    """Write a tone with a little noise in it, which does not compress to nothing, as a tagged FLAC file."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(1).normal(size=time.size)
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * 220 * time) + 0.01 * noise, RATE)
    tags = mutagen.flac.FLAC(path)
    tags.update({"title": title, "artist": "Somebody", "album": title})
    tags.save()
