"""The shipped scenarios, a little music, and platforms to carry them out on."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import mutagen.flac
import numpy as np
import pytest
import soundfile

from api_client.addresses import normalise
from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke.loading import SUITE, Loaded, find_files, load
from api_client.inspect.smoke.results import RunResult
from api_client.inspect.smoke.runner import Options, SmokeRun
from server.serve import Running, running
from tests.shared_platform import quick_settings
from tests.smoke.planting import ready_for_faults

RATE, SECONDS = 8_000, 120


@pytest.fixture(scope="session")
def suite() -> list[Loaded]:
    """Every scenario that comes with Parlour."""
    return load(find_files([str(SUITE)]))


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with five tracks of two artists on three albums, each longer than any scenario listens to it."""
    folder = tmp_path_factory.mktemp("music")
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(RATE * SECONDS) / RATE)
    for number in range(1, 6):
        album = (number + 1) // 2
        artist, genre = ("North", "ambient") if number < 4 else ("South", "rock")
        path = folder / f"{album}-{number}.flac"
        soundfile.write(path, tone, RATE)
        tags = mutagen.flac.FLAC(path)
        tags.update(
            {
                "title": f"Tone {number}",
                "artist": artist,
                "genre": genre,
                "album": f"Album {album}",
                "tracknumber": str(number),
                "date": f"2020-01-0{album}",
            }
        )
        tags.save()
    return folder


async def carried_out(
    url: str, scenarios: Iterable[Loaded], *, max_seconds: float | None = None, patience: float = 1.0
) -> RunResult:
    """Carry out scenarios on the platform at `url`."""
    options = Options(
        normalise(url), parallel=4, max_seconds=max_seconds, patience=patience, event_grace=1.0, timeout=30.0
    )
    return await SmokeRun(options, Redactor()).carry_out(list(scenarios))


def told(result: RunResult) -> str:
    """Return what was found wrong, for whoever reads the test."""
    lines = [result.trouble] if result.trouble else []
    for scenario in result.scenarios:
        if scenario.skipped:
            lines.append(f"{scenario.classname} skipped: {scenario.skipped}")
        lines += [
            f"{Path(step.file).name}:{step.line} {step.label}: {check.name}: {failure.code.value} {failure.message}"
            for step, check, failure in scenario.failures()
        ]
    return "\n".join(lines)


class Bench:
    """A platform in this process, in which faults can be planted, and the loop that it shares with the scenarios."""

    def __init__(self, runner: asyncio.Runner, at: Running) -> None:
        self._runner = runner
        self.at = at

    def carry_out(self, scenarios: Iterable[Loaded], max_seconds: float | None = None) -> RunResult:
        """Carry out scenarios on it."""
        return self._runner.run(carried_out(self.at.url, scenarios, max_seconds=max_seconds))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, music: Path) -> Iterator[Bench]:
    """One platform for all faults."""
    settings = replace(quick_settings(tmp_path_factory.mktemp("bench")), music_dir=music)
    with asyncio.Runner() as runner, ready_for_faults():
        stack = AsyncExitStack()
        at = runner.run(stack.enter_async_context(running(settings)))
        try:
            runner.run(_has_read(at))
            # As `server.serve` does: what has been loaded by now stays, and is not looked through at every fault.
            gc.freeze()
            yield Bench(runner, at)
        finally:
            gc.unfreeze()
            runner.run(stack.aclose())


async def _has_read(at: Running) -> None:
    assert at.state.music_folder is not None
    await at.state.music_folder.look()
