"""A platform that answers as it is told, and scenarios carried out against it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from api_client import addresses
from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke import loading
from api_client.inspect.smoke.results import RunResult
from api_client.inspect.smoke.runner import Options, SmokeRun
from tests.api_client.inspect.smoke.wrong_platform import WrongPlatform, wrong_platform

CarryOut = Callable[..., Awaitable[RunResult]]


@pytest.fixture
async def platform() -> AsyncIterator[WrongPlatform]:
    """A platform that is right until it is told to be wrong."""
    async with wrong_platform() as made:
        yield made


def smoke_run(url: str, redactor: Redactor | None = None, **options: Any) -> SmokeRun:
    """Return a run that waits no longer than tests should."""
    options = {"timeout": 5.0, "retries": 0, "event_grace": 0.3, **options}
    return SmokeRun(Options(addresses.normalise(url), **options), redactor or Redactor())


@pytest.fixture
def carry_out(platform: WrongPlatform, tmp_path: Path) -> CarryOut:
    """Return what carries out scenarios, given as YAML, against the platform."""

    async def run(text: str, *, url: str | None = None, **options: Any) -> RunResult:
        file = tmp_path / "scenarios.yaml"
        file.write_text(text, "utf-8")
        scenarios = loading.load([file], options.get("variables", {}))
        return await smoke_run(url or platform.url, **options).carry_out(scenarios)

    return run
