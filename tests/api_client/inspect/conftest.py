"""One platform and one recorded session for all who replay, serve or read it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_client.inspect.sessions_scene import PASSWORD, recorded, resident
from tests.shared_platform import SharedPlatform, shared_platform


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPlatform]:
    with shared_platform(tmp_path_factory.mktemp("platform")) as shared:
        yield shared


@pytest.fixture(scope="package")
def once(platform: SharedPlatform, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return the recording, and what must not be in it."""
    path = tmp_path_factory.mktemp("recording") / "session.jsonl"

    async def record() -> list[str]:
        await platform.empty()
        async with await resident(platform.url, "ann") as ann, await resident(platform.url, "ben"):
            await recorded(ann, path, "ben", "bread")
            tokens = await ann.auth.current()
            assert tokens is not None
            return [str(tokens.access), str(tokens.refresh), PASSWORD]

    return path, asyncio.run(record())
