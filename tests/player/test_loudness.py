"""How loud it really is: what libmpv renders, sample by sample, without a sound card."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import soundfile
from mutagen.flac import FLAC

from tests.player.conftest import AudioServer, audio
from tui.player.engine import Ended, EndReason, Load, Loudness, Started
from tui.player.entry import Entry
from tui.player.mpv_engine import MpvEngine
from tui.player.play import loudness_of
from tui.player.shelf import SourceShelf
from tui.player.track import PlayableTrack

TRACK_GAIN, ALBUM_GAIN = -6.0, -12.0
"""In dB, as the file's tags say."""


class Recorder(MpvEngine):
    """The real engine, writing its samples to a file, as fast as it can."""

    def __init__(self, path: Path) -> None:
        super().__init__(audio_output="pcm")
        self._path = path

    async def open(self, listener: Callable[[Any], None]) -> None:
        await super().open(listener)
        self._command("set", "ao-pcm-file", str(self._path))


@pytest.fixture(scope="module")
def tagged() -> bytes:
    """A second of a tone whose tags say how loud it is."""
    buffer = io.BytesIO(audio(1.0, container="FLAC", codec="PCM_16"))
    tags = FLAC(buffer)
    tags["REPLAYGAIN_TRACK_GAIN"] = f"{TRACK_GAIN:.2f} dB"
    tags["REPLAYGAIN_ALBUM_GAIN"] = f"{ALBUM_GAIN:.2f} dB"
    for which in ("TRACK", "ALBUM"):
        tags[f"REPLAYGAIN_{which}_PEAK"] = "0.300000"
    buffer.seek(0)
    tags.save(buffer)
    return buffer.getvalue()


Measure = Callable[..., Awaitable[float]]


@pytest.fixture
async def measure(server: AudioServer, shelf: SourceShelf, watch: Any, tmp_path: Path, tagged: bytes) -> Measure:
    server.put("plain", audio(1.0, container="FLAC", codec="PCM_16"))
    server.put("tagged", tagged)

    async def decibels(name: str, loudness: Loudness = Loudness.OFF, volume: float = 100.0) -> float:
        """Return how much louder than the file it is rendered, in dB."""
        path = tmp_path / "rendered.wav"
        engine = Recorder(path)
        await engine.open(watch)
        engine.set_volume(volume)
        # Held until it has begun: it renders faster than mpv tells of its output.
        engine.load(Load(1, shelf.open(name), paused=True, loudness=loudness))
        await watch.until(lambda event: isinstance(event, Started))
        engine.pause(False)
        end = await watch.until(lambda event: isinstance(event, Ended))
        assert end.reason is EndReason.FINISHED
        await engine.close()
        rendered, _ = await asyncio.to_thread(soundfile.read, path)
        # The tone has 0.3 of the full amplitude, and the root of one half of that as its mean.
        return float(20 * numpy.log10(numpy.sqrt(numpy.mean(rendered**2)) / (0.3 / numpy.sqrt(2))))

    return decibels


async def test_the_volume_is_cubic_as_fades_reckon(measure: Measure) -> None:
    assert await measure("plain") == pytest.approx(0.0, abs=0.05)
    assert await measure("plain", volume=50.0) == pytest.approx(60 * numpy.log10(0.5), abs=0.1)
    assert await measure("plain", volume=79.37) == pytest.approx(-6.02, abs=0.1)


@pytest.mark.parametrize(
    ("loudness", "expected"),
    [(Loudness.OFF, 0.0), (Loudness.TRACK, TRACK_GAIN), (Loudness.ALBUM, ALBUM_GAIN)],
)
async def test_the_gain_of_the_tags_is_applied_as_ordered(
    measure: Measure, loudness: Loudness, expected: float
) -> None:
    assert await measure("tagged", loudness) == pytest.approx(expected, abs=0.1)
    assert await measure("plain", loudness) == pytest.approx(0.0, abs=0.1)


def entry(entry_id: int, album: str) -> Entry[PlayableTrack]:
    return Entry(entry_id, str(entry_id), PlayableTrack(str(entry_id), "Song", album_id=album))


@pytest.mark.parametrize(
    ("before", "after", "inside"),
    [
        (entry(1, "x"), None, True),
        (None, entry(3, "x"), True),
        (entry(1, "y"), entry(3, "y"), False),
        (entry(3, "x"), entry(1, "x"), False),
        (None, None, False),
        (entry(1, ""), entry(3, ""), False),
    ],
    ids=["last", "first", "among others", "shuffled", "alone", "of no album"],
)
def test_an_albums_gain_counts_while_it_plays_in_its_own_order(
    before: Entry[PlayableTrack] | None, after: Entry[PlayableTrack] | None, inside: bool
) -> None:
    this = entry(2, "x")
    found = loudness_of(this, (before, after), Loudness.ALBUM)
    assert found is (Loudness.ALBUM if inside else Loudness.TRACK)
    assert loudness_of(this, (before, after), Loudness.TRACK) is Loudness.TRACK
    assert loudness_of(this, (before, after), Loudness.OFF) is Loudness.OFF
