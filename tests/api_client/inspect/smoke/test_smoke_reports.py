"""Reports: what others read of a run, whatever a platform put into it, and never a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from junitparser import Error as JUnitError
from junitparser import Failure as JUnitFailure
from junitparser import JUnitXml, Skipped, TestCase

from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke import baseline
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.coverage import Coverage
from api_client.inspect.smoke.reports import as_json, github, junit, people, tap
from api_client.inspect.smoke.results import Check, Failure, RunResult, ScenarioResult, StepResult
from api_client.inspect.smoke.secrecy import without_secrets
from api_client.inspect.smoke.source import ScenarioError
from tests.inspect_canary import CANARY, TOKEN, survivors

HOSTILE = "\x1b]0;title\x07 <b>&\"'\x00\x9b31m\ufffe\u202e # ok 7\n::error::x]]>\ud800"
REPORTS: dict[str, Callable[[RunResult], str]] = {
    "people": people.report,
    "json": as_json.report,
    "junit": junit.report,
    "tap": tap.report,
    "github": lambda result: "\n".join([*github.workflow_commands(result), github.summary(result)]),
}
PROPERTIES = {"env": "ci", "base_url": "http://h/api/v1", "server_version": "1", "client_version": "2", "seed": "3"}


def failure(text: str = "no", code: Code = Code.CONTENT, known: bool = False) -> Failure:
    return Failure(code, text, text, text, [text], text, text, known)


def a_run(text: str = "no", known: bool = False) -> RunResult:
    """Return a run in which everything there is happened, with `text` wherever a stranger's text can stand."""
    found = Check("jq .a", failure(text, known=known))
    steps = [
        StepResult("01", "GET /x", "request", "a.yaml", 5, [Check("status"), found]),
        StepResult("02", "GET /y", "request", "a.yaml", 7, [Check("reply", failure(text, Code.CUT))], seconds=1.5),
        StepResult("03", f"send {text}", "send", "a.yaml", 9, notes=[text], skipped=f"an earlier step failed {text}"),
        StepResult("f01", "GET /z", "request", "a.yaml", 11, [Check("status"), Check("status")]),
    ]
    scenarios = [
        ScenarioResult(f"It {text}", "smoke.a.it", "a.yaml", 1, ("x",), " [row 1]", steps, 2.25, 1_700_000_000),
        ScenarioResult("Left out", "smoke.a.left-out", "a.yaml", 20, skipped=text),
    ]
    return RunResult(scenarios, dict(PROPERTIES), Coverage(), started=1_700_000_000, seconds=3.5)


def test_junit_is_read_by_others_with_a_case_for_each_check(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(junit.report(a_run()), "utf-8")
    suites = JUnitXml.fromfile(str(tmp_path / "r.xml"))
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == (7, 1, 1, 2)
    first, second = suites
    assert {each.name: each.value for each in first.properties()} == PROPERTIES
    cases: list[TestCase] = list(first)
    assert [case.name for case in cases] == [
        "01 GET /x [row 1] · status",
        "01 GET /x [row 1] · jq .a",
        "02 GET /y [row 1] · reply",
        "03 send no [row 1] · skipped",
        "f01 GET /z [row 1] · status",
        "f01 GET /z [row 1] · status (2)",
    ]
    assert {case.classname for case in cases} == {"smoke.a.it"}
    assert [[type(each) for each in case.result] for case in cases] == [
        [],
        [JUnitFailure],
        [JUnitError],
        [Skipped],
        [],
        [],
    ]
    said = cases[1].result[0]
    assert said.type == "ST208"
    assert said.message == "ST208 The reply is not as expected: no"
    assert said.message in said.text
    assert "again:    no" in said.text
    assert [type(each) for each in next(iter(second)).result] == [Skipped]
    assert (first.time, cases[2].time) == (2.25, 1.5)
    assert re.search(r'timestamp="2023-11-14T22:13:20"', (tmp_path / "r.xml").read_text())


def read_tap(text: str) -> list[tuple[bool, str, str, Any]]:
    """Return ok, name, directive and diagnosis of each test point; fails where it is no TAP 14."""
    lines = text.split("\n")
    assert lines[0] == "TAP version 14"
    plan = re.fullmatch(r"1\.\.(\d+).*", lines[1])
    assert plan is not None
    points: list[tuple[bool, str, str, Any]] = []
    place = 2
    while place < len(lines):
        point = re.fullmatch(r"(not )?ok (\d+) - ((?:[^#\\]|\\.)*?)(?: # ((?:SKIP|TODO).*))?", lines[place])
        place += 1
        if point is None:
            assert not lines[place - 1] or lines[place - 1].startswith(("# ", "Bail out!"))
            continue
        assert int(point[2]) == len(points) + 1
        block: list[str] = []
        if place < len(lines) and lines[place] == "  ---":
            end = lines.index("  ...", place)
            block, place = lines[place + 1 : end], end + 1
        points.append((point[1] is None, point[3], point[4] or "", yaml.safe_load("\n".join(block))))
    assert len(points) == int(plan[1])
    return points


def test_tap_has_a_point_for_each_check() -> None:
    points = read_tap(tap.report(a_run()))
    assert [ok for ok, *_ in points] == [True, False, False, True, True, True, True]
    assert points[1][1] == "smoke.a.it 01 GET /x [row 1] · jq .a"
    assert points[1][3]["code"] == "ST208"
    assert points[1][3]["at"] == "a.yaml:5"
    assert points[2][3]["severity"] == "error"
    assert points[3][2] == "SKIP an earlier step failed no"
    assert points[6][2] == "SKIP no"


@settings(max_examples=12)
@example(HOSTILE)
@given(st.text(min_size=1, max_size=60))
def test_no_text_of_a_platform_breaks_a_report(text: str) -> None:
    run = a_run(text)
    assert all(report(run).encode("utf-8") for report in REPORTS.values())
    junit_suites = JUnitXml.fromstring(junit.report(run).encode("utf-8"))
    assert junit_suites.tests == 7
    assert len(read_tap(tap.report(run))) == 7
    assert json.loads(as_json.report(run))["scenarios"][0]["classname"] == "smoke.a.it"
    for shown in (people.report(run), REPORTS["github"](run)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    commands = list(github.workflow_commands(run))
    assert len(commands) == 2
    assert all(command.startswith("::error file=a.yaml,line=") and "\n" not in command for command in commands)


@pytest.mark.parametrize("kind", REPORTS)
def test_no_secret_gets_into_a_report_in_any_disguise(kind: str) -> None:
    text = f'{CANARY} {TOKEN} {json.dumps(CANARY)} {{"x": "{TOKEN}"}} Authorization: Bearer {TOKEN}'
    redactor = Redactor({CANARY: "password", TOKEN: "token"})
    assert survivors(REPORTS[kind](a_run(text)))
    assert survivors(REPORTS[kind](without_secrets(a_run(text), redactor))) == []


def test_without_secrets_nothing_else_is_changed() -> None:
    run = a_run(f"% \\ plain {HOSTILE}")
    again = without_secrets(run, Redactor({CANARY: "password"}))
    assert as_json.report(again) == as_json.report(run)
    assert again.scenarios[0].steps[0].checks[1].failure is not run.scenarios[0].steps[0].checks[1].failure


def test_what_is_known_does_not_count_and_what_is_new_does(tmp_path: Path) -> None:
    file = tmp_path / "known.json"
    run = a_run()
    baseline.write(file, run)
    known = baseline.read(file)
    # That no connection could be had is no property of the platform.
    assert known == {("smoke.a.it/01 GET /x · jq .a", "ST208")}
    baseline.mark(run, known)
    assert [found.known for _, _, found in run.scenarios[0].failures()] == [True, False]
    assert run.codes() == {Code.CUT: 1}
    suites = JUnitXml.fromstring(junit.report(run).encode())
    assert (suites.failures, suites.errors, suites.skipped) == (0, 1, 3)
    assert read_tap(tap.report(run))[1][2] == "TODO known in the baseline"
    other = a_run("other")
    other.scenarios[0].steps[0].checks[1].failure = failure(code=Code.STATUS)
    baseline.mark(other, known)
    assert not any(found.known for _, _, found in other.scenarios[0].failures())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other", "failures": []}', '{"failures": [1]}'])
def test_what_is_no_baseline_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ScenarioError, match="baseline"):
        baseline.read(tmp_path / "x.json")
