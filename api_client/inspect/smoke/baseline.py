"""Failures that are known: kept in a file, by scenario, check and code, so that only new ones count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from api_client.inspect.smoke.results import Failure, RunResult
from api_client.inspect.smoke.source import ScenarioError

SCHEMA = "parlour-smoke-baseline/1"

Known = frozenset[tuple[str, str]]
"""Name of the check, code."""


def read(path: Path) -> Known:
    """Return the failures in a baseline. Raises ScenarioError if it is none."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["schema"] != SCHEMA:
            raise ScenarioError(f"{path}: this baseline is of another form: {document['schema']}")
        return frozenset((str(item["check"]), str(item["code"])) for item in document["failures"])
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ScenarioError(f"{path}: this is no baseline of parlour smoke") from error


def mark(result: RunResult, known: Known) -> None:
    """Mark the failures of a run that are known."""
    for name, failure in _named(result):
        failure.known = (name, failure.code.value) in known


def write(path: Path, result: RunResult) -> None:
    """Write what failed as the new baseline. Raises OSError."""
    pairs = sorted({(name, failure.code.value) for name, failure in _named(result) if not failure.is_error})
    document = {"schema": SCHEMA, "failures": [{"check": name, "code": code} for name, code in pairs]}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _named(result: RunResult) -> Iterator[tuple[str, Failure]]:
    for scenario in result.scenarios:
        for step, check, failure in scenario.failures():
            # Without the suffix: the second time of a check is known with the first.
            yield f"{scenario.classname}/{step.number} {step.label} · {check.name}", failure
