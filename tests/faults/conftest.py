"""One platform for every case of the fault matrix, put back after each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.faults.proxy import FaultProxy
from tests.faults.town import Town
from tests.shared_platform import shared_platform


@pytest.fixture(scope="session")
def built_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town, built once for all."""
    with shared_platform(tmp_path_factory.mktemp("fault-platform")) as platform:
        town = Town(platform)
        asyncio.run(town.build())
        yield town


@pytest.fixture
async def town(built_town: Town) -> Town:
    """The town as it was built."""
    await built_town.restore()
    return built_town


@pytest.fixture
async def proxy(town: Town) -> AsyncIterator[FaultProxy]:
    """A proxy before the town's platform."""
    async with FaultProxy("127.0.0.1", int(town.platform.url.rpartition(":")[2])) as made:
        yield made
