"""Single sounds: plucked, bowed and struck strings, oscillators and drums, as float32 arrays at the rate `RATE`."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 44100
"""Samples a second."""
Sound = NDArray[np.float32]


def frequency(pitch: float) -> float:
    """Hertz of a MIDI pitch (69 is 440 Hz)."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(max(1, round(seconds * RATE))) / RATE


def envelope(samples: int, attack: float, release: float) -> NDArray[np.float64]:
    """A gate with linear attack and a raised-cosine release, both in seconds."""
    gate = np.ones(samples)
    up, down = min(samples, max(1, round(attack * RATE))), min(samples, max(1, round(release * RATE)))
    gate[:up] = np.linspace(0, 1, up)
    gate[-down:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, down))
    return gate


def additive(
    hertz: float, seconds: float, partials: int, slope: float, decay: float, odd: bool = False
) -> NDArray[np.float64]:
    """A sum of harmonics: amplitude n^-slope, and the n-th fades with the rate decay * n a second.

    With z = exp((2 pi i hertz - decay) t) the sum is the imaginary part of a polynomial in z, for which Horner's rule
    needs no further sine.
    """
    t = _time(seconds)
    step = 2 if odd else 1
    audible = [n for n in range(1, partials + 1, step) if n * hertz <= RATE * 0.42]
    z = np.exp((2j * np.pi * hertz - decay) * t)
    factor = z * z if odd else z
    total = np.zeros(len(t), dtype=np.complex128)
    for n in reversed(audible):
        total *= factor
        total += n**-slope * np.exp(1j * n)
    # The sum still lacks the power of the first partial, which is 1 either way.
    wave: NDArray[np.float64] = (total * z).imag
    return wave


@lru_cache(maxsize=512)
def note(kind: str, pitch: float, seconds: float) -> Sound:
    """One note of instrument `kind` of about `seconds`, peak 1. Raises KeyError for no such kind."""
    hertz = frequency(pitch)
    wave = _INSTRUMENTS[kind](hertz, seconds)
    peak = float(np.max(np.abs(wave))) or 1.0
    return (wave / peak).astype(np.float32)


def _pluck(hertz: float, seconds: float) -> NDArray[np.float64]:
    """Karplus and Strong's plucked string (1983): a burst of noise goes round a delay that averages neighbours."""
    period = max(2, round(RATE / hertz))
    rounds = int((seconds + 0.5) * RATE / period) + 1
    rng = np.random.default_rng(period)
    line = rng.uniform(-1, 1, period)
    line = (line + np.roll(line, 1) + np.roll(line, 2)) / 3
    line -= line.mean()
    loss = 0.5 ** (1.0 / (hertz * 0.9))
    out = np.empty((rounds, period))
    for i in range(rounds):
        out[i] = line
        line = loss * 0.5 * (line + np.roll(line, 1))
    wave = out.ravel()
    return wave * envelope(len(wave), 0.001, 0.25)


def _piano(hertz: float, seconds: float) -> NDArray[np.float64]:
    wave = additive(hertz, seconds + 0.7, 14, 1.25, 0.55) + 0.5 * additive(hertz * 1.0012, seconds + 0.7, 8, 1.3, 0.6)
    return wave * envelope(len(wave), 0.004, 0.5)


def _keys(hertz: float, seconds: float) -> NDArray[np.float64]:
    t = _time(seconds + 0.3)
    bell = np.sin(2 * np.pi * hertz * 2 * t) * np.exp(-5 * t) * 1.3
    return np.sin(2 * np.pi * hertz * t + bell) * np.exp(-1.1 * t) * envelope(len(t), 0.006, 0.25)


def _pad(hertz: float, seconds: float) -> NDArray[np.float64]:
    wave = sum(additive(hertz * cents, seconds + 1.0, 9, 1.5, 0.0) for cents in (0.9965, 1.0, 1.0038))
    rise = min(0.9, seconds * 0.4)
    return np.asarray(wave) * envelope(round((seconds + 1.0) * RATE), rise, 1.0)


def _strings(hertz: float, seconds: float) -> NDArray[np.float64]:
    t = _time(seconds + 0.5)
    bend = 0.004 * np.sin(2 * np.pi * 5.2 * t) * np.minimum(1, t * 1.5)
    out = np.zeros(len(t))
    for cents in (0.997, 1.003):
        phase = 2 * np.pi * hertz * cents * (t + np.cumsum(bend) / RATE)
        for n in range(1, 11):
            if n * hertz < RATE * 0.4:
                out += np.sin(n * phase) / n**1.15
    return out * envelope(len(t), min(0.25, seconds * 0.3), 0.45)


def _saw(hertz: float, seconds: float) -> NDArray[np.float64]:
    wave = additive(hertz, seconds + 0.1, 22, 1.0, 0.12) + additive(hertz * 1.006, seconds + 0.1, 22, 1.0, 0.12)
    return wave * envelope(len(wave), 0.006, 0.1)


def _square(hertz: float, seconds: float) -> NDArray[np.float64]:
    wave = additive(hertz, seconds, 27, 1.0, 0.02, odd=True)
    return wave * envelope(len(wave), 0.002, 0.02)


def _stab(hertz: float, seconds: float) -> NDArray[np.float64]:
    wave = additive(hertz, seconds + 0.15, 16, 0.9, 1.4) + additive(hertz * 1.007, seconds + 0.15, 12, 0.9, 1.4)
    return wave * envelope(len(wave), 0.003, 0.12)


def _bass(hertz: float, seconds: float) -> NDArray[np.float64]:
    wave = additive(hertz, seconds + 0.05, 12, 1.1, 1.2)
    return np.tanh(wave * 0.9) * envelope(len(wave), 0.004, 0.06)


def _sub(hertz: float, seconds: float) -> NDArray[np.float64]:
    t = _time(seconds + 0.06)
    return (np.sin(2 * np.pi * hertz * t) + 0.22 * np.sin(4 * np.pi * hertz * t)) * envelope(len(t), 0.008, 0.07)


def _lead(hertz: float, seconds: float) -> NDArray[np.float64]:
    t = _time(seconds + 0.15)
    phase = 2 * np.pi * hertz * t + 0.05 * hertz / 100 * np.sin(2 * np.pi * 5 * t) * np.minimum(1, t * 2)
    wave = sum(np.sin(n * phase) / n**1.4 for n in range(1, 7))
    return np.asarray(wave) * np.exp(-0.6 * t) * envelope(len(t), 0.012, 0.15)


_INSTRUMENTS = {
    "pluck": _pluck, "piano": _piano, "keys": _keys, "pad": _pad, "strings": _strings, "saw": _saw,
    "square": _square, "stab": _stab, "bass": _bass, "sub": _sub, "lead": _lead,
}  # fmt: skip


@lru_cache(maxsize=16)
def drum(kind: str) -> Sound:
    """A drum hit: kick, snare, rim, hat, open, tom or shaker. Raises KeyError for others."""
    seconds, high, fall = {
        "kick": (0.42, 0.0, 7.0), "snare": (0.24, 0.75, 16.0), "rim": (0.08, 0.4, 60.0), "hat": (0.07, 1.0, 70.0),
        "open": (0.3, 1.0, 12.0), "tom": (0.4, 0.08, 8.0), "shaker": (0.1, 1.0, 38.0),
    }[kind]  # fmt: skip
    t = _time(seconds)
    noise = np.random.default_rng(len(kind) * 31 + 5).standard_normal(len(t))
    if kind in ("hat", "open", "shaker"):
        noise = np.diff(noise, n=2, prepend=[0.0, 0.0])
    base, drop = {"kick": (48.0, 7.5), "tom": (95.0, 2.0), "rim": (820.0, 0.0)}.get(kind, (185.0, 3.0))
    pitch = np.cumsum(base + base * drop * np.exp(-38 * t)) / RATE
    tone = np.sin(2 * np.pi * pitch) * (1.0 - high)
    wave = (tone + noise * high * 0.5) * np.exp(-fall * t) * envelope(len(t), 0.0006, 0.02)
    hit: Sound = (wave / np.max(np.abs(wave))).astype(np.float32)
    return hit
