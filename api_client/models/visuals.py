"""What a track looks like while it plays: its waveform, and the levels of its bands."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Annotated

from pydantic import Field

from api_client.models.base import Several, WireModel

MOST_BYTES = 4 * 1024 * 1024
"""Of a spectrum: more than half an hour of 32 bands thirty times a second."""

Level = Annotated[int, Field(ge=0, le=255)]


class TrackPeaks(WireModel):
    """The waveform of a track.

    `peaks` has up to 1000 values from 0 to 255, one for each part of the track, all parts equally long: the greatest
    amplitude in it, 255 being the loudest part of the track. Without `ready` it is being made and can be asked for
    again a second later.
    """

    track_id: str
    ready: bool = True
    duration_ms: int = 0
    peaks: Annotated[Several[Level], Field(max_length=4000)] = []


class TrackSpectrum(WireModel):
    """How loud each band of a track is at each moment.

    `data` is Base64 of a zlib stream of `frames` x `bands` bytes: frame n is the moment n / `fps` seconds, its bands
    go from `lowest_hz` to `highest_hz` in steps that are equal to the ear, 255 is the loudest that the track has and 0
    is 54 dB below that or less. Without `ready` it is being made and can be asked for again a second later.
    """

    track_id: str
    ready: bool = True
    fps: Annotated[int, Field(ge=1, le=120)] = 30
    bands: Annotated[int, Field(ge=1, le=256)] = 32
    frames: Annotated[int, Field(ge=0)] = 0
    lowest_hz: float = 40.0
    highest_hz: float = 16_000.0
    data: str = ""

    def levels(self) -> bytes:
        """Return the `frames` x `bands` levels; ValueError if `data` holds anything else. Takes some milliseconds."""
        size = self.frames * self.bands
        if size > MOST_BYTES:
            raise ValueError("the spectrum is too long")
        unpacking = zlib.decompressobj()
        try:
            found = unpacking.decompress(base64.b64decode(self.data, validate=True), size + 1) if size else b""
        except (binascii.Error, zlib.error) as error:
            raise ValueError("the spectrum is damaged") from error
        if len(found) != size:
            raise ValueError("the spectrum has another length")
        return found
