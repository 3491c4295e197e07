"""Platforms in processes of their own, and machines to reach them from."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.household import Household, household
from tests.e2e.machine import ROOT, Machine

READY = "listening on "
START_LIMIT = 100.0
"""Seconds that a platform may take until it listens; the demo world is made in about ten."""


@contextmanager
def platform_process(*command: str) -> Iterator[str]:
    """Run a platform and yield its URL."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    overdue = threading.Timer(START_LIMIT, process.kill)
    overdue.start()
    try:
        line = process.stdout.readline()
        overdue.cancel()
        assert line.startswith(READY), f"the platform did not start: {line!r}, status {process.poll()}"
        yield line.removeprefix(READY).strip()
    finally:
        overdue.cancel()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def demo_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A platform with the demo world; returns its URL."""
    folder = tmp_path_factory.mktemp("demo-platform")
    with platform_process("-m", "tests.e2e.platform_process", str(folder), "--demo") as url:
        yield url


@pytest.fixture(scope="session")
def platform_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `platform` keeps its data."""
    return tmp_path_factory.mktemp("platform")


@pytest.fixture(scope="session")
def platform(platform_folder: Path) -> Iterator[str]:
    """A platform without people and without limits; returns its URL."""
    with platform_process("-m", "tests.e2e.platform_process", str(platform_folder)) as url:
        yield url


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that has seen nothing yet; its music plays into nothing."""
    made = Machine(tmp_path)
    made.configure("config.toml", '[player]\noutput = "null"\n')
    return made


@pytest.fixture(scope="session")
def new_name() -> Callable[[], str]:
    """Return usernames that nobody has taken."""
    numbers = iter(range(1, 10_000))
    return lambda: f"reader{next(numbers)}"


@pytest.fixture
def house(machine: Machine, platform: str, new_name: Callable[[], str]) -> Iterator[Household]:
    """Two people with a photo, a thread and a chat; the machine is signed in as one of them, behind a wire."""
    with household(machine, platform, new_name) as made:
        yield made
