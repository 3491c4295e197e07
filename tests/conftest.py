"""How generated examples are made in every test, which tests are for `make soak` alone, what is told of a rerun."""

from __future__ import annotations

import os

import hypothesis
import pytest
from _pytest.terminal import TerminalReporter

# What an example costs depends on who else uses the machine, and a failure is to be met again at the next run.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci")

# Programs of the tests are nothing to the desktop of whoever runs them; a test that wants a bus starts one.
os.environ["DBUS_SESSION_BUS_ADDRESS"] = ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms out, unless PARLOUR_SOAK asks for them."""
    if os.environ.get("PARLOUR_SOAK"):
        return
    long_ones = [item for item in items if item.get_closest_marker("soak")]
    if long_ones:
        config.hook.pytest_deselected(items=long_ones)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Tell why a test failed that passed at its second try: it is a defect all the same."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.write_sep("_", f"first try of {report.nodeid}")
        terminalreporter.line(report.longreprtext)
