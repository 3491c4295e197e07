"""What is kept on this machine: how soon a track of the vault sounds, beside the same bytes in memory."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
import soundfile

from benchmarks.figures import Figure, Findings
from benchmarks.rows.plan import Plan
from tui.player.engine import ByteSource, EngineEvent, Fault, Load, Started
from tui.player.mpv_engine import MpvEngine
from tui.player.source import Finished
from tui.player.vault import TrackVault

_RATE = 44_100
_SECONDS = 180
_QUALITY = 320
_LIMIT_MS = 20.0
_BLOCK = 64 * 1024


class _InMemory:
    """The same bytes without a disk. A `ByteSource` and its only reader."""

    fault: Fault | None = None
    reason = ""
    delivered = True

    def __init__(self, data: bytes) -> None:
        self._data, self._offset = data, 0

    def reader(self) -> _InMemory:
        return _InMemory(self._data)

    def read(self, length: int) -> bytes:
        found = self._data[self._offset : self._offset + length]
        self._offset += len(found)
        return found

    def seek(self, offset: int) -> int:
        self._offset = offset
        return offset

    def size(self) -> int:
        return len(self._data)

    def cancel(self) -> None:
        self._offset = len(self._data)

    def close(self) -> None:
        """Nothing is held."""


def vault(plan: Plan, findings: Findings) -> None:
    """Measure the start of a track, and the reading of all of it, from the vault and from memory in turn."""
    with TemporaryDirectory(dir=plan.folder) as folder:
        asyncio.run(_measure(Path(folder), plan.rounds, findings))


async def _measure(folder: Path, rounds: int, findings: Findings) -> None:
    data = await asyncio.to_thread(_ogg, folder / "track.ogg")
    kept = await TrackVault.opened(folder / "vault", 2**40)
    kept.keep(Finished("track", _QUALITY, "audio/ogg", "", len(data), [data]))
    await asyncio.wait(set(kept._tasks))
    heard = asyncio.Event()

    def listen(event: EngineEvent) -> None:
        if isinstance(event, Started):
            heard.set()

    engine = MpvEngine(audio_output="null")
    await engine.open(listen)
    numbers = itertools.count(1)

    async def started(source: ByteSource | None, began: float) -> float:
        heard.clear()
        engine.load(Load(next(numbers), source))
        async with asyncio.timeout(5.0):
            await heard.wait()
        return (time.perf_counter() - began) * 1000

    disk, memory, reads, copies = [], [], [], []
    for number in range(-1, rounds):
        began = time.perf_counter()
        first = await started(kept.open("track", None), began)
        second = await started(_InMemory(data), time.perf_counter())
        source = kept.open("track", None)
        third = _read(source) if source is not None else 0.0
        fourth = _read(_InMemory(data))
        if number >= 0:
            for samples, value in ((disk, first), (memory, second), (reads, third), (copies, fourth)):
                samples.append(value)
    await engine.close()
    await kept.close()
    beside = "the same bytes in memory"
    findings.figures += [
        Figure("from the order to the first sound, out of the vault", "ms", disk, {beside: memory}, _LIMIT_MS),
        Figure(f"{len(data) / 1e6:.1f} MB read as the decoder does", "ms", reads, {beside: copies}),
    ]


def _ogg(path: Path) -> bytes:
    """Return three minutes of noise, which compresses badly."""
    noise = numpy.random.default_rng(1)
    with soundfile.SoundFile(path, "w", _RATE, 2, format="OGG", subtype="VORBIS") as file:
        for _ in range(_SECONDS):
            file.write(noise.uniform(-0.3, 0.3, (_RATE, 2)).astype("float32"))
    return path.read_bytes()


def _read(source: ByteSource) -> float:
    began, reader = time.perf_counter(), source.reader()
    while reader.read(_BLOCK):
        pass
    reader.close()
    return (time.perf_counter() - began) * 1000
