"""Composes a track from its catalogue entry and plays it into a stereo mix, section by section."""

import random
from dataclasses import dataclass, field

import numpy as np

from server.demo.ids import rng_for, seed_for
from server.demo.music import mixing
from server.demo.music.catalogue import TAIL_SECONDS, Section, TrackSpec
from server.demo.music.mixing import Stereo
from server.demo.music.sound import RATE, drum, note
from server.demo.music.styles import STYLES, Style
from server.demo.music.theory import chord, degree, melody, progression

_LEVELS = {"intro": 0.75, "verse": 0.9, "chorus": 1.08, "bridge": 0.85, "outro": 0.7}
_DRUM_GAIN = {"kick": 0.95, "snare": 0.5, "rim": 0.3, "hat": 0.16, "open": 0.16, "tom": 0.45, "shaker": 0.12}
_DRUM_PAN = {"hat": 0.3, "open": -0.25, "shaker": -0.4, "tom": 0.25, "rim": 0.15}
_BASS_STEPS = {"r": 0, "f": 4, "t": 2, "o": 7}
_STEPS_PER_BEAT = 4
_FADE_SECONDS = 3.0


@dataclass
class _Session:
    """The buses and the clock of one track."""

    spec: TrackSpec
    style: Style
    rng: random.Random
    dry: Stereo
    wet: Stereo
    drums: Stereo
    kicks: list[int] = field(default_factory=list)

    def sample(self, bar: int, step: float) -> int:
        """First sample of a step of a bar; odd steps come later by the swing."""
        beat = step / _STEPS_PER_BEAT
        late = self.style.swing / _STEPS_PER_BEAT if int(step) % 2 else 0.0
        return round((bar * self.spec.bar_seconds + (beat + late) * 60.0 / self.spec.bpm) * RATE)

    def beats(self, count: float) -> float:
        """Seconds of `count` beats, rounded so that equal notes are made once."""
        return round(count * 60.0 / self.spec.bpm, 3)


def compose(spec: TrackSpec) -> Stereo:
    """The finished mix of `spec`, shape (2, samples), float32 within full scale, as long as its `duration_ms`."""
    samples = round((spec.bars * spec.bar_seconds + TAIL_SECONDS) * RATE)
    session = _Session(spec, STYLES[spec.genre], rng_for("song", spec.key), _bus(samples), _bus(samples), _bus(samples))
    themes = {name: progression(session.rng, spec.mode, name) for name in ("verse", "chorus", "bridge")}
    for section in spec.sections:
        chords = themes.get(section.name, themes["verse"])
        _play_chords(session, section, chords)
        _play_bass(session, section, chords)
        _play_melody(session, section, chords)
        _play_drums(session, section)
    return _mix(session)


def _bus(samples: int) -> Stereo:
    return np.zeros((2, samples), dtype=np.float32)


def _mix(session: _Session) -> Stereo:
    style, spec = session.style, session.spec
    wet = session.wet
    if style.echo:
        wet = mixing.echo(wet, 0.75 * 60.0 / spec.bpm, style.echo)
    if style.duck:
        mixing.duck(session.dry, session.kicks, style.duck)
        mixing.duck(wet, session.kicks, style.duck * 0.8)
    room = mixing.reverb(wet + session.drums * np.float32(0.12), style.room, seed_for("room", spec.genre) % 2**31)
    return mixing.master(session.dry + wet + session.drums + room * np.float32(style.wet), _FADE_SECONDS)


def _play_chords(session: _Session, section: Section, chords: tuple[int, ...]) -> None:
    style, spec = session.style, session.spec
    pattern = style.comp
    held = pattern.count("x") == 1
    level = 0.2 * _LEVELS[section.name]
    for bar in range(section.bars):
        voices = chord(spec.root, spec.mode, chords[bar % len(chords)], style.voices, 55)
        if style.arpeggio and section.name != "intro":
            _arpeggio(session, section, bar, voices)
        for step, mark in enumerate(pattern[: spec.beats_per_bar * _STEPS_PER_BEAT]):
            if mark == ".":
                continue
            seconds = (
                spec.bar_seconds if held else session.beats(0.9 if style.chords in ("pluck", "piano", "keys") else 0.35)
            )
            for index, pitch in enumerate(voices):
                strum = index * 0.012 * RATE if style.chords == "pluck" else 0
                start = session.sample(section.start_bar + bar, step) + round(strum)
                pan = (index / max(1, len(voices) - 1) - 0.5) * 1.1
                gain = level * (1.0 if mark == "x" else 0.6)
                mixing.add(session.wet, note(style.chords, pitch, round(seconds, 3)), start, gain, pan)


def _arpeggio(session: _Session, section: Section, bar: int, voices: list[int]) -> None:
    kind = {"synthwave": "saw", "chiptune": "square"}.get(session.spec.genre, "pluck")
    ladder = [*voices, voices[0] + 12, *voices[:0:-1]]
    for step in range(0, session.spec.beats_per_bar * _STEPS_PER_BEAT, 2):
        pitch = ladder[(step // 2) % len(ladder)] + 12
        start = session.sample(section.start_bar + bar, step)
        mixing.add(session.wet, note(kind, pitch, session.beats(0.4)), start, 0.09, 0.55 * (-1) ** (step // 2))


def _play_bass(session: _Session, section: Section, chords: tuple[int, ...]) -> None:
    style, spec = session.style, session.spec
    if section.name == "intro" and style.drums and section.bars > 2:
        return
    line = style.bass_line[: spec.beats_per_bar * _STEPS_PER_BEAT]
    steps = [i for i, mark in enumerate(line) if mark != "."]
    for bar in range(section.bars):
        root = chords[bar % len(chords)]
        for index, step in enumerate(steps):
            until = steps[index + 1] if index + 1 < len(steps) else len(line)
            pitch = 33 + (degree(spec.root, spec.mode, root + _BASS_STEPS[line[step]] % 7) - 33) % 12
            pitch += 12 if line[step] == "o" or style.bass in ("pluck", "piano", "square", "strings") else 0
            seconds = session.beats((until - step) / _STEPS_PER_BEAT * 0.92)
            start = session.sample(section.start_bar + bar, step)
            mixing.add(session.dry, note(style.bass, pitch, seconds), start, 0.42 * _LEVELS[section.name])


def _play_melody(session: _Session, section: Section, chords: tuple[int, ...]) -> None:
    style, spec = session.style, session.spec
    if section.name == "intro":
        return
    rng = rng_for("motif", spec.key, section.name)
    low = style.low + (5 if section.name == "chorus" else 0)
    busy = style.busy * (1.2 if section.name == "chorus" else 0.7 if section.name in ("bridge", "outro") else 1.0)
    for played in melody(rng, spec.root, spec.mode, chords, section.bars, spec.beats_per_bar, low, busy):
        start = session.sample(section.start_bar, played.beat * _STEPS_PER_BEAT)
        seconds = session.beats(played.length * 0.95)
        gain = 0.3 * _LEVELS[section.name] * session.rng.uniform(0.85, 1.05)
        mixing.add(session.wet, note(style.lead, played.pitch, seconds), start, gain, 0.12)


def _play_drums(session: _Session, section: Section) -> None:
    style, spec = session.style, session.spec
    for bar in range(section.bars):
        last = bar == section.bars - 1 and section.name != "outro"
        for kind, pattern in style.drums:
            if section.name in ("intro", "outro") and kind in ("kick", "snare", "tom"):
                continue
            if section.name == "bridge" and kind == "kick" and bar < section.bars // 2:
                continue
            for step, mark in enumerate(pattern):
                if mark == "." or (last and kind == "snare" and step >= 12):
                    continue
                start = session.sample(section.start_bar + bar, step)
                loud = (1.0 if mark == "x" else 0.45) * session.rng.uniform(0.88, 1.0)
                mixing.add(session.drums, drum(kind), start, _DRUM_GAIN[kind] * loud, _DRUM_PAN.get(kind, 0.0))
                if kind == "kick":
                    session.kicks.append(start)
        if last and any(kind == "snare" for kind, _ in style.drums) and spec.beats_per_bar == 4:
            for index, (kind, step) in enumerate((("snare", 12), ("tom", 13), ("snare", 14), ("tom", 15))):
                start = session.sample(section.start_bar + bar, step)
                mixing.add(session.drums, drum(kind), start, 0.3 + 0.06 * index, 0.3 - 0.2 * index)
