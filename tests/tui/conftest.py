"""The platform that the tests of the program meet on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shared_platform import SharedPlatform, shared_platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPlatform]:
    """A platform that runs for all tests; `world` and `music_world` empty it first."""
    with shared_platform(tmp_path_factory.mktemp("platform")) as running:
        yield running
