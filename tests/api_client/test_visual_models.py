"""Waveforms and spectra as they come from a platform: what is not sound is refused before it costs anything."""

from __future__ import annotations

import base64
import tracemalloc
import zlib

import pytest
from pydantic import ValidationError

from api_client.models.visuals import MOST_BYTES, TrackPeaks, TrackSpectrum


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


def test_the_levels_are_unpacked() -> None:
    data = bytes(range(96))
    assert TrackSpectrum(track_id="t", frames=3, data=packed(data)).levels() == data
    assert TrackSpectrum(track_id="t", ready=False).levels() == b""


@pytest.mark.parametrize(
    ("frames", "data"),
    [
        (3, "%%%"),
        (3, base64.b64encode(b"no zlib").decode()),
        (3, packed(bytes(95))),
        (3, packed(bytes(97))),
        (3, ""),
        (1, packed(bytes(50_000_000))),
        (MOST_BYTES, packed(b"")),
    ],
)
def test_what_is_not_as_long_as_it_says_is_refused(frames: int, data: str) -> None:
    with pytest.raises(ValueError, match="spectrum"):
        TrackSpectrum(track_id="t", frames=frames, data=data).levels()


def test_a_bomb_is_not_unpacked() -> None:
    spectrum = TrackSpectrum(track_id="t", frames=1, data=packed(bytes(50_000_000)))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="spectrum"):
            spectrum.levels()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("peaks", [[256], [-1], ["x"], [1] * 4001])
def test_peaks_out_of_range_are_refused(peaks: list[object]) -> None:
    with pytest.raises(ValidationError):
        TrackPeaks.model_validate({"trackId": "t", "peaks": peaks})
