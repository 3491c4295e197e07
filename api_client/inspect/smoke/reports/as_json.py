"""The report as JSON, complete; `schema` names its form."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from api_client.inspect.smoke.results import Failure, Outcome, RunResult, ScenarioResult, StepResult

SCHEMA = "parlour-smoke/1"

_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, for which UTF-8 has no form and JSON has one."""


def report(result: RunResult) -> str:
    """Return the whole report as one JSON document."""
    document = {
        "schema": SCHEMA,
        "started": datetime.fromtimestamp(result.started, UTC).isoformat(timespec="milliseconds"),
        "seconds": round(result.seconds, 3),
        "properties": result.properties,
        "interrupted": result.interrupted,
        "trouble": result.trouble or None,
        "counts": {outcome.value: result.count(outcome) for outcome in Outcome},
        "codes": {code.value: count for code, count in result.codes().items()},
        "coverage": result.coverage.as_json() if result.coverage is not None else None,
        "load": result.load.as_json() if result.load is not None else None,
        "scenarios": [_scenario(scenario) for scenario in result.scenarios],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    return {
        "title": scenario.title + scenario.suffix,
        "classname": scenario.classname,
        "file": scenario.file,
        "line": scenario.line,
        "tags": list(scenario.tags),
        "outcome": scenario.outcome.value,
        "skipped": scenario.skipped or None,
        "seconds": round(scenario.seconds, 4),
        "steps": [_step(scenario, step) for step in scenario.steps],
    }


def _step(scenario: ScenarioResult, step: StepResult) -> dict[str, Any]:
    return {
        "number": step.number,
        "title": step.label,
        "verb": step.verb,
        "file": step.file,
        "line": step.line,
        "outcome": step.outcome.value,
        "skipped": step.skipped or None,
        "seconds": round(step.seconds, 4),
        "notes": step.notes,
        "checks": [
            {
                "name": check.name,
                "id": f"{scenario.classname}/{scenario.name_of(step, check)}",
                "ok": check.failure is None,
                "failure": _failure(check.failure) if check.failure else None,
            }
            for check in step.checks
        ],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "code": failure.code.value,
        "title": failure.title,
        "message": failure.message,
        "expected": failure.expected or None,
        "received": failure.received or None,
        "details": failure.details,
        "request_id": failure.request_id or None,
        "curl": failure.curl or None,
        "known": failure.known,
    }
