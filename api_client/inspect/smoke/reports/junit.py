"""The report as JUnit XML, as Jenkins, GitLab and GitHub's actions read it: one testcase for each check.

GitLab shows `classname` as the suite and drops a second testcase of the same class and name, so names are unique and
stay from run to run. It shows the content of a failure and others its message: the text stands in both.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from api_client.inspect.smoke.reports.people import told
from api_client.inspect.smoke.results import Check, RunResult, ScenarioResult, StepResult

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """Return `text` with what XML 1.0 forbids spelt out, as in `#x1B`."""
    return _FORBIDDEN.sub(lambda found: f"#x{ord(found[0]):02X}", text)


class _Sheet:
    """Lines of XML, every text of them printable."""

    def __init__(self) -> None:
        self.lines = ['<?xml version="1.0" encoding="UTF-8"?>']

    def open(self, tag: str, **attributes: str) -> None:
        told_ = "".join(f" {name}={quoteattr(printable(value))}" for name, value in attributes.items())
        self.lines.append(f"<{tag}{told_}>")

    def empty(self, tag: str, **attributes: str) -> None:
        self.open(tag, **attributes)
        self.lines[-1] = f"{self.lines[-1][:-1]}/>"

    def close(self, tag: str) -> None:
        self.lines.append(f"</{tag}>")

    def whole(self, tag: str, content: str, **attributes: str) -> None:
        self.open(tag, **attributes)
        self.lines[-1] += f"{escape(printable(content))}</{tag}>"


def report(result: RunResult) -> str:
    """Return the whole report."""
    sheet = _Sheet()
    cases = [_count(scenario) for scenario in result.scenarios]
    sheet.open("testsuites", name="parlour smoke", **_numbers(cases, result.seconds), timestamp=_stamp(result.started))
    for scenario, counted in zip(result.scenarios, cases, strict=True):
        _suite(sheet, scenario, counted, result)
    sheet.close("testsuites")
    return "\n".join(sheet.lines) + "\n"


_Counts = tuple[int, int, int, int]
"""Tests, failures, errors, skipped."""


def _count(scenario: ScenarioResult) -> _Counts:
    tests = failures = errors = skipped = 0
    for step in scenario.steps:
        for check in step.checks:
            tests += 1
            failed = check.failure is not None and not check.failure.known
            errors += failed and check.failure is not None and check.failure.is_error
            failures += failed and check.failure is not None and not check.failure.is_error
            skipped += check.failure is not None and check.failure.known
        if step.skipped:
            tests, skipped = tests + 1, skipped + 1
    if scenario.skipped and not scenario.steps:
        tests, skipped = 1, 1
    return tests, failures, errors, skipped


def _numbers(cases: list[_Counts], seconds: float) -> dict[str, str]:
    sums = [sum(column) for column in zip(*cases, strict=True)] if cases else [0, 0, 0, 0]
    names = ("tests", "failures", "errors", "skipped")
    return {**{name: str(number) for name, number in zip(names, sums, strict=True)}, "time": f"{seconds:.3f}"}


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _suite(sheet: _Sheet, scenario: ScenarioResult, counted: _Counts, result: RunResult) -> None:
    sheet.open(
        "testsuite",
        name=scenario.classname + scenario.suffix,
        **_numbers([counted], scenario.seconds),
        timestamp=_stamp(scenario.started or result.started),
        hostname=socket.gethostname(),
    )
    sheet.open("properties")
    for name, value in result.properties.items():
        sheet.empty("property", name=name, value=value)
    sheet.close("properties")
    unique = _unique_names()
    for step in scenario.steps:
        for number, check in enumerate(step.checks):
            _case(sheet, scenario, step, check, unique, step.seconds if number == 0 else 0.0)
        if step.skipped:
            name = f"{step.number} {step.label}{scenario.suffix} · skipped"
            _skipped(sheet, scenario, unique(name), step.file, step.line, step.skipped)
    if scenario.skipped and not scenario.steps:
        name = f"{scenario.title}{scenario.suffix}"
        _skipped(sheet, scenario, unique(name), scenario.file, scenario.line, scenario.skipped)
    sheet.close("testsuite")


def _unique_names() -> Callable[[str], str]:
    given: dict[str, int] = {}

    def unique(name: str) -> str:
        given[name] = given.get(name, 0) + 1
        return name if given[name] == 1 else f"{name} ({given[name]})"

    return unique


def _case(
    sheet: _Sheet,
    scenario: ScenarioResult,
    step: StepResult,
    check: Check,
    unique: Callable[[str], str],
    seconds: float,
) -> None:
    name, failure = unique(scenario.name_of(step, check)), check.failure
    about = {"classname": scenario.classname, "name": name, "file": step.file, "line": str(step.line)}
    about["time"] = f"{seconds:.3f}"
    if failure is None:
        sheet.empty("testcase", **about)
        return
    sheet.open("testcase", **about)
    message = f"{failure.code.value} {failure.title}: {failure.message}"
    content = f"{message}\n{told(failure)}"
    if failure.known:
        sheet.empty("skipped", message=f"known: {message}")
    else:
        sheet.whole("error" if failure.is_error else "failure", content, message=message, type=failure.code.value)
    sheet.close("testcase")


def _skipped(sheet: _Sheet, scenario: ScenarioResult, name: str, file: str, line: int, why: str) -> None:
    sheet.open("testcase", classname=scenario.classname, name=name, file=file, line=str(line), time="0.000")
    sheet.empty("skipped", message=why)
    sheet.close("testcase")
