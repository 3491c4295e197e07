"""Real sounds and pictures for tests of music folders."""

from __future__ import annotations

import io
from pathlib import Path

import mutagen
import numpy as np
import soundfile
from PIL import Image

RATE = 48_000


def picture(colour: str, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, kind)
    return buffer.getvalue()


def sound(path: Path, *, seconds: float = 0.5, **tags: str) -> Path:
    """Write a real tone; Vorbis comments are set from `tags` where the format has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE)
    kind, subtype = {
        ".ogg": ("OGG", "VORBIS"),
        ".opus": ("OGG", "OPUS"),
        ".flac": ("FLAC", "PCM_16"),
        ".mp3": ("MP3", "MPEG_LAYER_III"),
    }[path.suffix]
    soundfile.write(path, tone, RATE, format=kind, subtype=subtype)
    if tags:
        audio = mutagen.File(path)
        for name, value in tags.items():
            audio[name] = value
        audio.save()
    return path
