"""Music: the promised duration and loudness, no clipping or holes, notes in the key, the same bytes twice."""

import io
import random
from functools import cache

import numpy as np
import pytest
import soundfile

from server.demo.music.catalogue import TRACK_BY_KEY, TRACKS
from server.demo.music.composer import compose
from server.demo.music.mixing import Stereo
from server.demo.music.ogg import encode, with_fixed_serial
from server.demo.music.render import render_track
from server.demo.music.sound import RATE, drum, frequency, note
from server.demo.music.styles import STYLES
from server.demo.music.theory import SCALES, chord, melody, progression

KEY = "exact-change"


@cache
def mix() -> Stereo:
    return compose(TRACK_BY_KEY[KEY])


def test_a_track_has_its_duration_and_loudness_and_never_clips() -> None:
    samples = mix()
    assert samples.shape == (2, pytest.approx(TRACK_BY_KEY[KEY].duration_ms * RATE / 1000, abs=60))
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() < 0.95
    assert -18 < 20 * np.log10(np.sqrt(np.mean(samples**2))) < -14
    assert np.abs(samples[:, -400:]).max() < 0.01


def test_a_track_sounds_throughout_moves_and_is_wide() -> None:
    samples = mix()
    seconds = samples[:, : samples.shape[1] // RATE * RATE].reshape(2, -1, RATE)
    loudness = np.sqrt(np.mean(seconds**2, axis=(0, 2)))
    assert loudness[:-6].min() > 0.01
    frames = np.abs(np.diff(np.abs(samples[0, : 40 * RATE]).reshape(-1, 441).mean(axis=1)))
    assert (frames > frames.mean() + 2 * frames.std()).sum() / 40 > 0.8
    spectrum = np.abs(np.fft.rfft(samples[0, 20 * RATE : 30 * RATE]))
    centroid = (spectrum * np.fft.rfftfreq(10 * RATE, 1 / RATE)).sum() / spectrum.sum()
    assert 300 < centroid < 6000
    assert np.corrcoef(samples[:, 10 * RATE : 30 * RATE])[0, 1] < 0.995


def test_encoding_is_deterministic_readable_and_grows_with_quality() -> None:
    part = mix()[:, 10 * RATE : 20 * RATE]
    files = {quality: encode(part, quality) for quality in (96, 160, 320)}
    assert files[96] == encode(part, 96)
    assert len(files[96]) < len(files[160]) < len(files[320])
    for data in files.values():
        decoded, rate = soundfile.read(io.BytesIO(data))
        assert (rate, decoded.shape) == (RATE, (10 * RATE, 2))
        assert with_fixed_serial(data) == data


def test_composing_is_deterministic() -> None:
    assert np.array_equal(mix(), compose(TRACK_BY_KEY[KEY]))


def test_unknown_tracks_and_qualities_are_refused() -> None:
    with pytest.raises(KeyError):
        render_track("no-such-song", 160)
    with pytest.raises(ValueError, match="quality"):
        render_track(KEY, 128)
    with pytest.raises(ValueError, match="Ogg"):
        with_fixed_serial(b"RIFF" + bytes(60))


@pytest.mark.parametrize("style", sorted(STYLES))
def test_instruments_and_drums_of_every_style_make_sound(style: str) -> None:
    played = STYLES[style]
    for kind in (played.lead, played.chords, played.bass):
        sound = note(kind, 57, 0.4)
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() == pytest.approx(1.0)
    assert all(np.abs(drum(kind)).max() == pytest.approx(1.0) for kind, _ in played.drums)


def test_a_plucked_string_has_its_pitch() -> None:
    sound = note("pluck", 57, 1.0)[:RATE]
    spectrum = np.abs(np.fft.rfft(sound))
    harmonic = float(np.argmax(spectrum[100:1000]) + 100) / frequency(57)
    assert harmonic == pytest.approx(round(harmonic), abs=0.02)


@pytest.mark.parametrize("mode", sorted(SCALES))
def test_chords_and_melodies_stay_in_the_key(mode: str) -> None:
    rng = random.Random(4)
    allowed = {(5 + step) % 12 for step in SCALES[mode]}
    chords = progression(rng, mode, "chorus")
    assert {pitch % 12 for step in chords for pitch in chord(5, mode, step, 4, 55)} <= allowed
    notes = melody(rng, 5, mode, chords, 8, 4, 64, 0.5)
    assert {played.pitch % 12 for played in notes} <= allowed
    assert all(0 <= played.beat < 32 and 64 <= played.pitch < 88 for played in notes)
    assert len({played.pitch for played in notes}) > 3


def test_every_style_has_an_artist() -> None:
    assert {track.genre for track in TRACKS} == set(STYLES)
