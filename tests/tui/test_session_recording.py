"""Recording the session in the running program: said all the time, kept in a file, ended whichever way it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.widgets import Input

from api_client import endpoints
from api_client.inspect.causes import caused_by
from api_client.inspect.session_file import read_session
from api_client.inspect.smoke.loading import load
from api_client.models.threads import NewSubreddit
from tests.inspect_canary import survivors
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import PASSWORD, House, Visit, house
from tui.actions import BY_COMMAND
from widgets.prompt import Prompt


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def founds(visit: Visit, name: str) -> None:
    with caused_by("global.create", f"found {name}"):
        await visit.session.client.threads.found(NewSubreddit(name=name))


async def secrets(visit: Visit) -> list[str]:
    tokens = await visit.session.client.auth.current()
    assert tokens is not None
    return [PASSWORD, str(tokens.access), str(tokens.refresh)]


async def test_a_session_is_recorded_between_two_presses_of_a_key_and_drafted_as_a_scenario(
    home: House, tmp_path: Path
) -> None:
    path, scenario = tmp_path / "session.jsonl", tmp_path / "found.yaml"
    async with home.program() as visit:
        await visit.enters("ann")
        assert "REC" not in visit.text
        await visit.pilot.press("T", "r")
        assert visit.app.front is not None
        prompt = visit.app.front.query_one(Prompt)
        await visit.until(lambda: prompt.has_class("-shown"))
        prompt.query_one(Input).value = str(path)
        await visit.pilot.press("enter")
        await visit.sees("● REC")
        await visit.pilot.press("2")
        await visit.until(lambda: visit.app.current_mode == "threads")
        await visit.sees("● REC")
        # The inspector may not stop what a file is to hold all of.
        visit.app.record(False)
        await visit.hears("is being recorded to")
        await founds(visit, "rye")
        assert visit.app.perform(BY_COMMAND["scenario"], str(scenario))
        await visit.hears("carries it out again")
        await visit.pilot.press("T", "r")
        await visit.hears(f"are in {path}")
        await visit.until(lambda: "REC" not in visit.text)
        assert visit.session.client.recorder is None
        held = await secrets(visit)
        # A file that exists is nobody's to write over.
        assert visit.app.perform(BY_COMMAND["record"], str(path))
        await visit.hears("exists already")
        assert "REC" not in visit.text
    session = read_session(path)
    assert session.complaint == ""
    assert session.header.username == "ann"
    assert endpoints.CREATE_SUBREDDIT.name in {call.name for call in session.calls}
    assert {"global.go_threads", "global.draft_scenario"} <= {action.id for action in session.actions}
    assert session.end is not None
    assert survivors(path.read_bytes() + scenario.read_bytes(), *held) == []
    (drafted,) = load([scenario])
    assert [step.label for step in drafted.scenario.steps] == ["threads.found as me"]


async def test_what_the_command_line_asked_for_is_recorded_from_the_start_to_the_end_of_the_program(
    home: House, tmp_path: Path
) -> None:
    path = tmp_path / "session.jsonl"
    async with home.program(record=path) as visit:
        await visit.enters("ann")
        await visit.sees("● REC")
        await founds(visit, "spelt")
        app = visit.app
    assert str(path) in app.recorded
    session = read_session(path)
    assert session.end is not None
    assert session.end.why == "left"
    assert endpoints.CREATE_SUBREDDIT.name in {call.name for call in session.calls}
