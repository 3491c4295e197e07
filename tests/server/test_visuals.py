"""Waveforms and spectra: what they say of known sounds, and how the platform makes and keeps them."""

from __future__ import annotations

import asyncio
import base64
import math
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from api_client.models.visuals import TrackSpectrum
from server.apart import ApartFailed
from server.clock import ManualClock
from server.music.peaks import BandLevels, picture, picture_of
from server.music.sound_picture import BANDS, HIGHEST_HZ, LOWEST_HZ, NoPicture, SoundPicture
from server.music.visuals import AGAIN_AFTER, MOST_WAITING, VisualStore, draw_apart, trim
from server.playback.audio import AudioStore, Source
from tests.server.music_seed import seed_catalogue

RATE = 44_100
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def samples(wave: Any, seconds: float = 2.0, rate: int = RATE) -> Any:
    """Return a sound of one channel."""
    moments = np.arange(int(rate * seconds)) / rate
    return wave(moments).astype(np.float32)[:, None]


def drawn(*blocks: Any, rate: int = RATE) -> tuple[SoundPicture, Any]:
    """Return the picture of a sound, and its levels by frame and band."""
    made = picture(blocks, rate, sum(map(len, blocks)) / rate)
    levels = np.frombuffer(zlib.decompress(made.spectrum), np.uint8).reshape(-1, BANDS)
    assert len(levels) == made.frames
    return made, levels


def band_of(frequency: float) -> int:
    """Return the band that a frequency belongs to, by the formula of the contract."""
    return int(BANDS * math.log(frequency / LOWEST_HZ) / math.log(HIGHEST_HZ / LOWEST_HZ))


@pytest.mark.parametrize("frequency", [60, 110, 440, 1000, 3000, 8000, 15_000])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_sine_lands_in_its_band(frequency: int, rate: int) -> None:
    made, levels = drawn(samples(lambda t: 0.3 * np.sin(2 * np.pi * frequency * t), 1.0, rate), rate=rate)
    loudest = levels[5:-5].argmax(axis=1)
    assert set(loudest.tolist()) <= {band_of(frequency) - 1, band_of(frequency), band_of(frequency) + 1}
    assert abs(int(np.median(loudest)) - band_of(frequency)) <= (1 if frequency < 100 else 0)
    assert levels.max() >= 250
    assert made.fps == 30


def test_what_is_far_from_a_sine_is_silent() -> None:
    _, levels = drawn(samples(lambda t: 0.3 * np.sin(2 * np.pi * 1000 * t)))
    here = band_of(1000)
    assert levels[10:-10, : here - 2].max() == 0
    assert levels[10:-10, here + 3 :].max() == 0


def test_a_sound_begins_in_the_spectrum_when_it_begins_in_the_music() -> None:
    _, levels = drawn(samples(lambda t: np.where(t < 1.0, 0.0, 0.5) * np.sin(2 * np.pi * 440 * t)))
    heard = levels[:, band_of(440)] > 128
    assert 29 <= int(heard.argmax()) <= 31  # thirty frames a second


def test_silence_is_drawn_as_silence() -> None:
    made, levels = drawn(samples(lambda t: 0 * t))
    assert set(made.peaks) == {0}
    assert levels.max() == 0
    assert made.duration_ms == 2000


@pytest.mark.parametrize(("level", "seen"), [(-120, 0), (-90, 74), (-70, 168), (-40, 255)])
def test_what_is_never_loud_is_not_blown_up(level: int, seen: int) -> None:
    _, levels = drawn(samples(lambda t: 10 ** (level / 20) * np.sin(2 * np.pi * 1000 * t)))
    assert int(levels.max()) == pytest.approx(seen, abs=10)


def test_a_square_has_the_same_peak_everywhere_and_loses_above() -> None:
    made, levels = drawn(samples(lambda t: 0.5 * np.sign(np.sin(2 * np.pi * 200 * t + 0.1))))
    assert set(made.peaks) == {255}
    middle = levels[30]
    assert middle[band_of(200)] > middle[band_of(600)] > middle[band_of(1000)] > 0


def test_peaks_follow_the_loudness_wherever_the_blocks_end() -> None:
    fading = samples(lambda t: (1 - t / 2) * np.sin(2 * np.pi * 300 * t))
    whole, levels = drawn(fading)
    parts, same = drawn(fading[:1], fading[1:7000], fading[7000:7001], fading[7001:])
    assert whole.peaks == parts.peaks
    assert (levels == same).all()
    assert len(whole.peaks) == 200  # hundredths of a second: no more than there are
    assert list(whole.peaks) == sorted(whole.peaks, reverse=True)


def test_a_long_sound_has_a_thousand_peaks_and_fewer_frames() -> None:
    blocks = [np.zeros((8000 * 60, 1), np.float32)] * 60
    made = picture(blocks, 8000, 3600.0)
    assert (len(made.peaks), made.fps, made.frames, made.duration_ms) == (1000, 10, 36_001, 3_600_000)


def test_numbers_that_are_none_are_drawn_as_nothing() -> None:
    bad = np.full((RATE, 2), np.nan, np.float32)
    made, levels = drawn(bad)
    assert set(made.peaks) == {0}
    assert levels.max() == 0


def test_no_sound_at_all_has_an_empty_picture() -> None:
    made = picture([], RATE, 1 / RATE)
    assert (made.peaks, made.frames) == (b"", BandLevels(RATE, 30).finished()[0])


@pytest.mark.parametrize(
    ("suffix", "subtype"), [("ogg", "VORBIS"), ("flac", "PCM_16"), ("mp3", "MPEG_LAYER_III"), ("wav", "PCM_16")]
)
def test_real_files_are_read(tmp_path: Path, suffix: str, subtype: str) -> None:
    file = tmp_path / f"tone.{suffix}"
    tone = np.repeat(samples(lambda t: 0.4 * np.sin(2 * np.pi * 1000 * t), 1.0), 2, axis=1)
    soundfile.write(file, tone, RATE, format=suffix.upper(), subtype=subtype)
    made = picture_of(file)
    levels = np.frombuffer(zlib.decompress(made.spectrum), np.uint8).reshape(-1, BANDS)
    assert levels[15].argmax() == band_of(1000)
    assert made.peaks[50] > 200
    assert SoundPicture.unpacked(made.packed()) == made


@pytest.mark.parametrize("content", [b"", b"no sound", b"OggS" + b"\0" * 100, b"RIFF\xff\xff\xff\xffWAVEfmt "])
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.ogg").write_bytes(content)
    with pytest.raises(NoPicture):
        picture_of(tmp_path / "x.ogg")
    with pytest.raises(NoPicture):
        SoundPicture.unpacked(content)


def test_a_file_that_claims_what_no_music_has_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.zeros((10, 1), np.float32), 10_000_000)
    with pytest.raises(NoPicture, match="10000000"):
        picture_of(tmp_path / "x.wav")


# -- on the platform


class Painter:
    """Makes pictures at once, or when it is let go, and counts."""

    def __init__(self) -> None:
        self.asked: list[Path] = []
        self.began = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()
        self.fails: Exception | None = None

    async def __call__(self, path: Path) -> bytes:
        self.asked.append(path)
        self.began.set()
        await self.go.wait()
        if self.fails is not None:
            raise self.fails
        return drawn(samples(lambda t: np.sin(2 * np.pi * 1000 * t), 0.2))[0].packed()


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


@pytest.fixture
def painter(platform: Any) -> Painter:
    made = Painter()
    platform.state.playback.visuals._draw = made
    return made


@pytest.fixture
async def rendered(platform: Any, ann: Any) -> Path:
    """A real tone where the rendered file of track t1 lies."""
    key = await _audio_key(platform, "t1")
    path: Path = platform.state.playback.audio.rendered_path(key, 160)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples(lambda t: 0.4 * np.sin(2 * np.pi * 1000 * t)), RATE, format="OGG", subtype="VORBIS")
    return path


async def _audio_key(platform: Any, track_id: str) -> str:
    from server.tables.music import TrackRow

    async with platform.state.database.reading() as db:
        return str((await db.get_one(TrackRow, track_id)).audio_key)


async def test_the_platform_draws_a_real_file_in_a_process_of_its_own(platform: Any, ann: Any, rendered: Path) -> None:
    platform.state.playback.visuals._patience = 60
    peaks = await ann.data("GET", "/tracks/t1/peaks")
    assert peaks["ready"] is True
    assert (peaks["trackId"], len(peaks["peaks"]), max(peaks["peaks"])) == ("t1", 200, 255)
    assert abs(peaks["durationMs"] - 2000) < 50
    spectrum = await ann.data("GET", "/tracks/t1/spectrum")
    levels = TrackSpectrum.model_validate(spectrum).levels()
    frame = levels[30 * BANDS : 31 * BANDS]
    assert frame.index(max(frame)) == band_of(1000)
    assert zlib.decompress(base64.b64decode(spectrum["data"])) == levels


async def test_a_picture_is_made_once_for_all_who_ask(
    platform: Any, ann: Any, rendered: Path, painter: Painter
) -> None:
    await asyncio.gather(*(ann.data("GET", f"/tracks/t1/{kind}") for kind in ("peaks", "spectrum") * 3))
    await ann.data("GET", "/tracks/t1/peaks")
    assert painter.asked == [rendered]


async def test_who_asks_early_is_told_to_ask_again(platform: Any, ann: Any, rendered: Path, painter: Painter) -> None:
    platform.state.playback.visuals._patience = 0
    painter.go.clear()
    assert (await ann.data("GET", "/tracks/t1/peaks"))["ready"] is False
    assert (await ann.data("GET", "/tracks/t1/spectrum"))["ready"] is False
    painter.go.set()
    await platform.state.background.drain()
    assert (await ann.data("GET", "/tracks/t1/peaks"))["ready"] is True
    assert len(painter.asked) == 1


async def test_who_waits_for_a_picture_keeps_nobody_from_reading(
    platform: Any, ann: Any, rendered: Path, painter: Painter
) -> None:
    platform.state.playback.visuals._patience = 60
    painter.go.clear()
    waiting = asyncio.ensure_future(ann.data("GET", "/tracks/t1/peaks"))
    await painter.began.wait()
    assert platform.state.database.figures()["readers_busy"] == 0
    painter.go.set()
    assert (await waiting)["ready"] is True


async def test_nothing_is_rendered_for_a_picture(platform: Any, ann: Any, painter: Painter) -> None:
    assert (await ann.data("GET", "/tracks/t1/peaks"))["ready"] is False
    assert painter.asked == []


async def test_a_file_that_is_no_sound_has_no_picture_and_is_tried_once(
    platform: Any, ann: Any, rendered: Path, painter: Painter
) -> None:
    painter.fails = NoPicture("no sound")
    for _ in range(2):
        reply = await ann.get("/tracks/t1/peaks")
        assert (reply.status_code, reply.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert len(painter.asked) == 1


@pytest.mark.parametrize("by_chance", [ApartFailed("killed", -9), OSError(28, "No space left on device")])
async def test_what_failed_by_chance_is_tried_again_later_and_less_and_less_often(
    platform: Any, ann: Any, rendered: Path, painter: Painter, by_chance: Exception
) -> None:
    pictures = platform.state.playback.visuals
    source = Source("audio/ogg", 2000, None)
    key = await _audio_key(platform, "t1")
    painter.fails = by_chance
    for tried, wait in enumerate((AGAIN_AFTER, 2 * AGAIN_AFTER), start=1):
        assert await pictures.picture(key, source) is None
        platform.clock.advance(wait.total_seconds() - 1)
        assert await pictures.picture(key, source) is None
        assert len(painter.asked) == tried
        platform.clock.advance(1)
    painter.fails = None
    assert await pictures.picture(key, source) is not None


async def test_a_process_that_finds_no_sound_says_so_for_good(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    song.write_bytes(b"not a sound")
    with pytest.raises(NoPicture):
        await draw_apart(song)


async def test_a_kept_picture_that_is_damaged_is_made_anew(
    platform: Any, ann: Any, rendered: Path, painter: Painter
) -> None:
    first = await ann.data("GET", "/tracks/t1/peaks")
    (kept,) = (platform.state.settings.data_dir / "visuals").iterdir()
    kept.write_bytes(kept.read_bytes()[:20])
    assert await ann.data("GET", "/tracks/t1/peaks") == first
    assert len(painter.asked) == 2


async def test_strangers_and_unknown_tracks_have_no_picture(platform: Any, ann: Any) -> None:
    nobody = await platform.client()
    assert (await nobody.get("tracks/t1/peaks")).status_code == 401
    assert (await ann.get("/tracks/nothing/peaks")).status_code == 404
    assert (await ann.get("/tracks/nothing/spectrum")).status_code == 404


async def test_a_changed_file_of_the_music_folder_gets_another_picture(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    soundfile.write(song, samples(lambda t: 0.4 * np.sin(2 * np.pi * 1000 * t), 0.2), RATE)
    painter, started = Painter(), []
    store = VisualStore(
        tmp_path / "visuals",
        AudioStore(tmp_path / "audio", tmp_path),
        lambda work: started.append(asyncio.ensure_future(work())),
        clock=ManualClock(NOW),
        draw=painter,
    )
    source = Source("audio/flac", 1000, song)
    assert await store.picture("file/1", source) is not None
    assert await store.picture("file/1", source) is not None
    assert len(painter.asked) == 1
    soundfile.write(song, samples(lambda t: 0.4 * np.sin(2 * np.pi * 500 * t), 0.3), RATE)
    assert await store.picture("file/1", source) is not None
    assert len(painter.asked) == 2
    song.unlink()
    with pytest.raises(NoPicture):
        await store.picture("file/1", source)
    await asyncio.gather(*started)


def test_room_is_made_for_new_pictures(tmp_path: Path) -> None:
    import os

    for number in range(10):
        (tmp_path / f"{number}.sound").write_bytes(b"x" * 100)
        os.utime(tmp_path / f"{number}.sound", (number, number))
    trim(tmp_path, 1000)
    assert len(list(tmp_path.iterdir())) == 10
    trim(tmp_path, 500)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{n}.sound" for n in (6, 7, 8, 9)]


async def test_no_more_pictures_wait_than_there_is_room_for(tmp_path: Path) -> None:
    painter, started = Painter(), []
    painter.go.clear()
    store = VisualStore(
        tmp_path / "visuals",
        AudioStore(tmp_path / "audio", tmp_path),
        lambda work: started.append(asyncio.ensure_future(work())),
        clock=ManualClock(NOW),
        draw=painter,
        patience=0,
    )
    songs = [tmp_path / f"{number}.flac" for number in range(MOST_WAITING + 2)]
    for song in songs:
        song.write_bytes(song.name.encode())
        assert await store.picture(f"file/{song.stem}", Source("audio/flac", 1000, song)) is None
    assert len(started) == MOST_WAITING
    painter.go.set()
    await asyncio.gather(*started)
    store._patience = 60
    assert await store.picture("file/last", Source("audio/flac", 1000, songs[-1])) is not None
