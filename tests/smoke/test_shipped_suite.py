"""The scenarios that come with Parlour pass on its own platform, in a process of its own, and leave nothing out."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_client.endpoints import ENDPOINTS
from api_client.inspect.smoke.contract import CLIENT_FRAMES, SERVER_FRAMES
from api_client.inspect.smoke.loading import SUITE, Loaded
from api_client.inspect.smoke.reports import as_json
from api_client.inspect.smoke.results import Outcome, RunResult
from tests.smoke.conftest import carried_out, told

HERE = Path(__file__).parents[2]
TAGS = {
    "quick", "write", "realtime", "music", "permissions", "idempotency", "order", "errors", "slow",
}  # fmt: skip
UNASKED = {"ping"}
"""What a platform may send and ours does not: it asks in the protocol's own way."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, music: Path) -> Iterator[str]:
    """The address of a platform in another process, once it has read its music."""
    folder = tmp_path_factory.mktemp("platform")
    command = [sys.executable, "-m", "tests.e2e.platform_process", str(folder), "--music", str(music)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            url = process.stdout.readline().split()[-1]
            while not process.stderr.readline().startswith("music folder:"):
                assert process.poll() is None
            yield url
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def result(address: str, suite: list[Loaded]) -> RunResult:
    """What came of the whole suite."""
    return asyncio.run(carried_out(address, suite, patience=5.0))


def test_every_scenario_passes(result: RunResult, suite: list[Loaded]) -> None:
    assert told(result) == ""
    assert result.count(Outcome.PASSED) == len(suite) == len(result.scenarios)


def test_no_endpoint_is_left_out(result: RunResult) -> None:
    seen = result.coverage.statuses
    assert [endpoint.name for endpoint in ENDPOINTS if endpoint.status not in seen.get(endpoint.name, {})] == []


def test_no_event_and_no_frame_is_left_out(result: RunResult) -> None:
    assert set(SERVER_FRAMES) - set(result.coverage.events) == UNASKED
    assert set(CLIENT_FRAMES) - set(result.coverage.frames) == set()


def test_the_report_says_how_much_of_the_contract_was_seen(result: RunResult) -> None:
    coverage = json.loads(as_json.report(result))["coverage"]
    parts = {part["what"]: (part["seen"], part["of"]) for part in coverage["summary"]}
    assert parts["endpoints"] == (len(ENDPOINTS), len(ENDPOINTS))
    events = len(SERVER_FRAMES) - len(UNASKED)
    assert parts["socket events"] == (events, events)
    assert parts["client frames"] == (len(CLIENT_FRAMES), len(CLIENT_FRAMES))
    missing = coverage["missing"]
    assert (missing["endpoints"], missing["events"], missing["frames"]) == ([], [], [])


def test_every_endpoint_that_is_not_public_refuses_who_is_not_signed_in(result: RunResult) -> None:
    refused = {name for name, statuses in result.coverage.statuses.items() if 401 in statuses}
    asked_by_nobody = {endpoint.name for endpoint in ENDPOINTS if not endpoint.public}
    assert asked_by_nobody - refused == set()


def test_scenarios_are_chosen_by_tags_that_are_known(suite: list[Loaded]) -> None:
    assert {tag for loaded in suite for tag in loaded.scenario.tags} == TAGS
    assert all(loaded.scenario.tags for loaded in suite)


def test_nothing_of_a_scenario_is_anybody_elses(suite: list[Loaded]) -> None:
    """They are carried out on platforms where others live: with accounts of their own alone."""
    named = [rule.username for loaded in suite for rule in loaded.scenario.people.values()]
    assert set(named) <= {None}


def test_every_folder_of_scenarios_is_part_of_the_package() -> None:
    assert SUITE.is_dir()
    assert SUITE.parent.joinpath("__init__.py").is_file()
    assert len(list(SUITE.glob("*.yaml"))) >= 20
