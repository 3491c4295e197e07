"""What a track looks like: its waveform as peaks, and its spectrum as the levels of bands, and both as one file."""

from __future__ import annotations

import struct
from dataclasses import dataclass

BANDS = 32
LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
RANGE_DB = 54.0
"""From the loudest that a track has in a band down to what is drawn as nothing."""

NO_PICTURE = 65
"""What the process that measures a file ends with where it cannot be read, and nothing else that goes wrong does."""

_HEADER = struct.Struct("<5sIHIBB")
_MAGIC = b"PVIS1"


class NoPicture(Exception):
    """The sound cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class SoundPicture:
    """The waveform and the spectrum of one sound."""

    duration_ms: int
    peaks: bytes
    """One byte for each part of the sound, all parts equally long: the greatest amplitude, 255 for the loudest part."""
    fps: int
    frames: int
    spectrum: bytes
    """`frames` x `BANDS` bytes, packed by zlib: 255 for the loudest of the track, 0 for `RANGE_DB` below that."""

    def packed(self) -> bytes:
        """Return this as it is kept in a file."""
        header = _HEADER.pack(_MAGIC, self.duration_ms, len(self.peaks), self.frames, self.fps, BANDS)
        return header + self.peaks + self.spectrum

    @classmethod
    def unpacked(cls, data: bytes) -> SoundPicture:
        """Return what was packed; raises NoPicture if it is anything else."""
        try:
            magic, duration_ms, count, frames, fps, bands = _HEADER.unpack_from(data)
        except struct.error as error:
            raise NoPicture("the kept picture is cut off") from error
        if magic != _MAGIC or bands != BANDS or len(data) < _HEADER.size + count:
            raise NoPicture("the kept picture is of another kind")
        start = _HEADER.size
        return cls(duration_ms, data[start : start + count], fps, frames, data[start + count :])
