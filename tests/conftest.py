"""How generated examples are made in every test, and which tests are for `make soak` alone."""

from __future__ import annotations

import os

import hypothesis
import pytest

# What an example costs depends on who else uses the machine, and a failure is to be met again at the next run.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms out, unless PARLOUR_SOAK asks for them."""
    if os.environ.get("PARLOUR_SOAK"):
        return
    long_ones = [item for item in items if item.get_closest_marker("soak")]
    if long_ones:
        config.hook.pytest_deselected(items=long_ones)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
