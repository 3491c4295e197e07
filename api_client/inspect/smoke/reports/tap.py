"""The report in the Test Anything Protocol, version 14: one test point for each check."""

from __future__ import annotations

import json
from collections.abc import Iterator

from api_client.inspect.smoke.results import Failure, RunResult
from api_client.text import clean_line


def report(result: RunResult) -> str:
    """Return the whole report."""
    points = list(_points(result))
    lines = ["TAP version 14", f"1..{len(points)}{' # SKIP nothing was carried out' if not points else ''}"]
    lines += [f"# {clean_line(f'{name}: {value}')}" for name, value in result.properties.items()]
    for number, (ok, name, rest) in enumerate(points, 1):
        lines.append(f"{'ok' if ok else 'not ok'} {number} - {name}{rest}")
    if result.interrupted:
        lines.append("Bail out! interrupted")
    elif result.trouble:
        lines.append(f"Bail out! {clean_line(result.trouble)}")
    return "\n".join(lines) + "\n"


def _points(result: RunResult) -> Iterator[tuple[bool, str, str]]:
    def said(text: str) -> str:
        return clean_line(text).replace("\\", "\\\\").replace("#", "\\#")

    for scenario in result.scenarios:
        if scenario.skipped and not scenario.steps:
            yield (
                True,
                said(f"{scenario.classname} {scenario.title}{scenario.suffix}"),
                f" # SKIP {said(scenario.skipped)}",
            )
        for step in scenario.steps:
            for check in step.checks:
                name, failure = said(f"{scenario.classname} {scenario.name_of(step, check)}"), check.failure
                if failure is None:
                    yield True, name, ""
                elif failure.known:
                    yield False, name, " # TODO known in the baseline"
                else:
                    yield False, name, "\n" + _diagnosis(failure, f"{step.file}:{step.line}")
            if step.skipped:
                name = said(f"{scenario.classname} {step.number} {step.label}{scenario.suffix}")
                yield True, name, f" # SKIP {said(step.skipped)}"


def _diagnosis(failure: Failure, place: str) -> str:
    """Return the YAML block of a failure; its texts are JSON strings, which are YAML as well."""
    told = {
        "code": failure.code.value,
        "message": failure.message,
        "severity": "error" if failure.is_error else "fail",
        "at": place,
        "expected": failure.expected,
        "received": failure.received,
        "details": "\n".join(failure.details),
        "request": failure.request_id,
        "again": failure.curl,
    }
    lines = [f"  {name}: {json.dumps(value)}" for name, value in told.items() if value]
    return "\n".join(["  ---", *lines, "  ..."])
