"""The mixing desk: panning, echo, reverb, side-chain, loudness and a soft limiter, on stereo float32 arrays."""

import numpy as np
from numpy.typing import NDArray

from server.demo.music.sound import RATE, Sound

Stereo = NDArray[np.float32]
"""Shape (2, samples)."""
_TARGET_RMS = 10 ** (-16 / 20)
_CEILING = 0.93
_BLOCK = 65536


def add(bus: Stereo, sound: Sound, start: int, gain: float, pan: float = 0.0) -> None:
    """Adds `sound` to `bus` from sample `start`; `pan` from -1 (left) to 1, at equal power."""
    length = min(len(sound), bus.shape[1] - start)
    if start < 0 or length <= 0:
        return
    angle = (pan + 1) * np.pi / 4
    bus[0, start : start + length] += sound[:length] * np.float32(gain * np.cos(angle) * 1.414)
    bus[1, start : start + length] += sound[:length] * np.float32(gain * np.sin(angle) * 1.414)


def echo(bus: Stereo, seconds: float, feedback: float, repeats: int = 5) -> Stereo:
    """`bus` with repeats that change sides."""
    out = bus.copy()
    step = round(seconds * RATE)
    for k in range(1, repeats + 1):
        if k * step >= bus.shape[1]:
            break
        source = bus[::-1] if k % 2 else bus
        out[:, k * step :] += source[:, : -k * step] * np.float32(feedback**k)
    return out


def reverb(bus: Stereo, seconds: float, seed: int) -> Stereo:
    """`bus` convolved with noise that fades by 60 dB in `seconds` (overlap-add in blocks)."""
    rng = np.random.default_rng(seed)
    length = min(_BLOCK, round(seconds * RATE))
    fade = 10 ** (-3 * np.arange(length) / (seconds * RATE))
    tails = rng.standard_normal((2, length)) * fade
    tails = (tails + np.roll(tails, 1, axis=1)) * 0.5
    tails /= np.sqrt(np.sum(tails**2, axis=1, keepdims=True))
    size = 2 * _BLOCK
    spectrum = np.fft.rfft(tails.astype(np.float32), size, axis=1).astype(np.complex64)
    out = np.zeros((2, bus.shape[1] + size), dtype=np.float32)
    for start in range(0, bus.shape[1], _BLOCK):
        block = np.fft.rfft(bus[:, start : start + _BLOCK], size, axis=1)
        out[:, start : start + size] += np.fft.irfft(block * spectrum, size, axis=1).astype(np.float32)
    return out[:, : bus.shape[1]]


def duck(bus: Stereo, hits: list[int], depth: float) -> None:
    """Pulls `bus` down by `depth` after every hit, as a compressor keyed by the kick would."""
    length = round(0.22 * RATE)
    curve = (1 - depth * np.cos(np.linspace(0, np.pi / 2, length)) ** 2).astype(np.float32)
    for hit in hits:
        part = bus[:, hit : hit + length]
        part *= curve[: part.shape[1]]


def master(bus: Stereo, fade_seconds: float) -> Stereo:
    """Brings `bus` to -16 dBFS RMS, limits softly below full scale and fades the end."""
    bus -= bus.mean(axis=1, keepdims=True)
    out = bus
    for _ in range(2):
        rms = float(np.sqrt(np.mean(out**2))) or 1.0
        out = np.tanh(out * np.float32(_TARGET_RMS / rms / _CEILING)) * np.float32(_CEILING)
    fade = round(fade_seconds * RATE)
    out[:, -fade:] *= (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fade))).astype(np.float32)
    return out
