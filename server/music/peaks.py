"""Measures what a sound looks like: its waveform, and the levels of its bands thirty times a second.

`python -m server.music.peaks FILE` writes the packed picture of an audio file to its standard output.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from server.music.sound_picture import BANDS, HIGHEST_HZ, LOWEST_HZ, NO_PICTURE, RANGE_DB, NoPicture, SoundPicture

PEAKS = 1000
"""Values of a waveform; a very short sound has fewer."""
MOST_FPS = 30
MOST_FRAMES = 36_000
"""Frames of a spectrum: twenty minutes have thirty a second, what is longer has fewer."""
QUIETEST_TOP_DB = -50.0
"""Below full scale; what never gets louder than this is drawn as the silence that it is."""
NICENESS = 10

_SILENCE = 1e-4
"""Below full scale, as an amplitude."""
_STEPS_PER_SECOND = 100
_BLOCK_SECONDS = 8
_BLOCK_SAMPLES = 2**24
"""Of all channels together, whatever a file says of itself: 64 MiB."""
_HIGHEST_RATE = 384_000
"""Hz; no music has more, and the windows of a transform grow with it."""
_LOUD_PERCENTILE = 99.8

Samples = npt.NDArray[np.float32]


def picture_of(path: Path) -> SoundPicture:
    """Return the picture of an audio file that libsndfile reads (Ogg, FLAC, MP3, WAV); raises NoPicture."""
    try:
        with soundfile.SoundFile(path) as file:
            rate = int(file.samplerate)
            if rate > _HIGHEST_RATE:
                raise NoPicture(f"it claims {rate} samples a second")
            seconds = max(file.frames / rate, 1 / rate)
            size = min(_BLOCK_SECONDS * rate, _BLOCK_SAMPLES // file.channels)
            blocks: Iterable[Samples] = file.blocks(size, dtype="float32", always_2d=True)
            return picture(blocks, rate, seconds)
    except (soundfile.SoundFileError, OSError) as error:
        raise NoPicture(str(error)) from error


def picture(blocks: Iterable[Samples], rate: int, seconds: float) -> SoundPicture:
    """Return the picture of a sound of about `seconds`, given as blocks of (samples, channels) at `rate` Hz."""
    fps = max(1, min(MOST_FPS, int(MOST_FRAMES / seconds)))
    waveform = _Waveform(rate)
    bands = BandLevels(rate, fps)
    for block in blocks:
        waveform.take(block)
        bands.take(block.mean(axis=1, dtype=np.float32))
    frames, spectrum = bands.finished()
    return SoundPicture(
        round(waveform.samples * 1000 / rate), waveform.finished(), fps, frames, zlib.compress(spectrum, 6)
    )


class _Waveform:
    """Gathers the greatest amplitude of each hundredth of a second."""

    def __init__(self, rate: int) -> None:
        self._step = max(1, rate // _STEPS_PER_SECOND)
        self._left = np.zeros((0,), np.float32)
        self._steps: list[Samples] = []
        self.samples = 0

    def take(self, block: Samples) -> None:
        self.samples += len(block)
        loudest = np.concatenate((self._left, np.abs(block).max(axis=1).astype(np.float32)))
        whole = len(loudest) // self._step * self._step
        self._steps.append(loudest[:whole].reshape(-1, self._step).max(axis=1))
        self._left = loudest[whole:]

    def finished(self) -> bytes:
        rest = [self._left.max(keepdims=True)] if len(self._left) else []
        steps = np.concatenate([*self._steps, *rest]) if self._steps or rest else np.zeros((0,), np.float32)
        if not len(steps):
            return b""
        edges = np.linspace(0, len(steps), min(PEAKS, len(steps)) + 1).astype(int)[:-1]
        peaks = np.nan_to_num(np.maximum.reduceat(steps, edges))
        top = float(peaks.max())
        if top < _SILENCE:
            return bytes(len(peaks))
        return bytes(np.rint(peaks / top * 255).astype(np.uint8))


class BandLevels:
    """Measures how loud each band is, `fps` times a second, from samples that come block by block.

    A window of about 90 ms around the moment of each frame, weighted by Hann's, goes through a Fourier transform; the
    power of a band is that of its lines together, so that noise that falls by 3 dB per octave looks level.
    """

    def __init__(self, rate: int, fps: int) -> None:
        self._rate, self._fps = rate, fps
        self._size = 1 << max(6, (rate // 12 - 1).bit_length())
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        self._edges = band_edges(rate, self._size)
        # The first frame is at the first sample: what its window reaches over before that is silent.
        self._buffer = np.zeros((self._size // 2,), np.float32)
        self._start = -(self._size // 2)
        self._next = 0
        self._levels: list[Samples] = []

    def take(self, samples: Samples) -> None:
        """Take more samples of one channel."""
        self._buffer = np.concatenate((self._buffer, samples))
        self._measure()

    def finished(self) -> tuple[int, bytes]:
        """Return how many frames there are, and their bytes."""
        self._buffer = np.concatenate((self._buffer, np.zeros((self._size // 2,), np.float32)))
        self._measure()
        if not self._levels:
            return 0, b""
        levels = np.concatenate(self._levels)
        top = max(float(np.percentile(levels.max(axis=1), _LOUD_PERCENTILE)), QUIETEST_TOP_DB)
        scaled = (levels - (top - RANGE_DB)) * (255 / RANGE_DB)
        return len(levels), np.clip(np.rint(scaled), 0, 255).astype(np.uint8).tobytes()

    def _measure(self) -> None:
        starts = list(self._due())
        if starts:
            windows = np.lib.stride_tricks.sliding_window_view(self._buffer, self._size)[starts]
            power = np.abs(np.fft.rfft(np.nan_to_num(windows) * self._window)) ** 2
            self._levels.append(self._in_bands(power.astype(np.float32)))
        done = min(self._moment(self._next) - self._size // 2 - self._start, len(self._buffer))
        self._buffer, self._start = self._buffer[done:], self._start + done

    def _due(self) -> Iterator[int]:
        """Yield where the windows begin that lie in the buffer, and go on behind them."""
        while True:
            start = self._moment(self._next) - self._size // 2 - self._start
            if start + self._size > len(self._buffer):
                return
            self._next += 1
            yield start

    def _moment(self, frame: int) -> int:
        return frame * self._rate // self._fps

    def _in_bands(self, power: Samples) -> Samples:
        """Return the levels (frames, `BANDS`) in dB below a sine of full scale."""
        levels = np.full((len(power), BANDS), -200.0, np.float32)
        reference = (self._size / 4) ** 2
        for band, (low, high) in enumerate(zip(self._edges, self._edges[1:], strict=False)):
            if high <= power.shape[1]:
                levels[:, band] = 10 * np.log10(power[:, low:high].sum(axis=1) / reference + 1e-20)
        return levels


def band_edges(rate: int, size: int) -> list[int]:
    """Return the first line of a transform of `size` samples at `rate` Hz in each band, and the end of the last band.

    The bands are equally wide to the ear (in octaves), but each has a line at least.
    """
    edges: list[int] = []
    for number in range(BANDS + 1):
        frequency = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (number / BANDS)
        edges.append(max(round(frequency * size / rate), edges[-1] + 1 if edges else 1))
    return edges


def main() -> None:
    """Write the picture of the file that the argument names."""
    os.nice(NICENESS)
    try:
        made = picture_of(Path(sys.argv[1]))
    except NoPicture as reason:
        sys.stderr.write(f"{reason}\n")
        sys.exit(NO_PICTURE)
    sys.stdout.buffer.write(made.packed())


if __name__ == "__main__":
    main()
