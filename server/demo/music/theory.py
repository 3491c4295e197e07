"""Scales, chord progressions and melodies that follow them with motif and variation."""

import random
from dataclasses import dataclass

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
_VERSES = {
    "major": ((0, 5, 3, 4), (0, 2, 3, 4), (0, 3, 0, 4), (0, 5, 1, 4)),
    "minor": ((0, 5, 2, 6), (0, 3, 5, 4), (0, 6, 5, 6), (0, 2, 6, 3)),
}
_CHORUSES = {"major": ((3, 4, 0, 5), (0, 4, 5, 3), (1, 4, 0, 0)), "minor": ((5, 6, 0, 0), (5, 2, 6, 0), (3, 6, 2, 5))}


@dataclass(frozen=True)
class Note:
    """`beat` and `length` in beats from the start of the section, `pitch` as a MIDI number."""

    beat: float
    length: float
    pitch: int


def degree(root: int, mode: str, step: int) -> int:
    """Semitones above C of the scale step `step` (0 is the root, 7 the octave)."""
    scale = SCALES[mode]
    return root + scale[step % 7] + 12 * (step // 7)


def progression(rng: random.Random, mode: str, section: str) -> tuple[int, ...]:
    """Four chord roots as scale steps for a section."""
    family = "major" if mode in ("major", "lydian", "mixolydian") else "minor"
    table = _CHORUSES if section in ("chorus", "bridge") else _VERSES
    return rng.choice(table[family])


def chord(root: int, mode: str, step: int, size: int, low: int) -> list[int]:
    """`size` stacked thirds on `step`, folded into the octave above `low` so that voices move little."""
    pitches = [degree(root, mode, step + 2 * i) % 12 for i in range(size)]
    return sorted(low + (pitch - low) % 12 for pitch in pitches)


def melody(
    rng: random.Random, root: int, mode: str, chords: tuple[int, ...], bars: int, beats: int, low: int, busy: float
) -> list[Note]:
    """A motif of two bars, repeated, moved with the chords and varied at the end of each phrase."""
    rhythm: list[tuple[float, float]] = []
    beat = 0.0
    while beat < 2 * beats - 0.01:
        length = rng.choice((0.5, 0.5, 1.0)) if rng.random() < busy else rng.choice((1.0, 1.5, 2.0))
        length = min(length, 2 * beats - beat)
        if rng.random() < 0.8:
            rhythm.append((beat, length))
        beat += length
    shape = [0]
    for _ in rhythm[1:]:
        shape.append(max(-3, min(5, shape[-1] + rng.choice((-2, -1, -1, 1, 1, 2)))))
    notes: list[Note] = []
    for pair in range((bars + 1) // 2):
        varied = pair % 4 == 3
        for index, ((at, length), move) in enumerate(zip(rhythm, shape, strict=False)):
            bar = pair * 2 + int(at // beats)
            if bar >= bars:
                break
            strong = at % beats == 0
            base = chords[bar % len(chords)]
            step = base + (2 * round(move / 2) if strong else move)
            if varied and index >= len(rhythm) // 2:
                step = base + 4 - index % 3
            pitch = low + (degree(root, mode, step) - low) % 12 + (12 if move > 3 else 0)
            notes.append(Note(pair * 2 * beats + at, length, pitch))
    return notes
