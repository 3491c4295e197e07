"""What GitHub's actions read: annotations at the lines of scenarios, and a table for the summary of the job."""

from __future__ import annotations

from collections.abc import Iterator

from api_client.inspect.smoke.reports.people import told
from api_client.inspect.smoke.results import Outcome, RunResult
from api_client.text import clean, clean_line

_ANNOTATIONS = 50
"""GitHub shows no more of a job."""


def workflow_commands(result: RunResult) -> Iterator[str]:
    """Yield a workflow command for each failure that is not known."""
    count = 0
    for scenario in result.scenarios:
        for step, check, failure in scenario.failures():
            if failure.known or count >= _ANNOTATIONS:
                continue
            count += 1
            title = _value(f"{failure.code.value} {scenario.title} · {check.name}")
            text = _data(f"{step.number} {step.label}\n{told(failure)}")
            yield f"::error file={_value(step.file)},line={step.line},title={title}::{text}"


def summary(result: RunResult) -> str:
    """Return the table in Markdown."""
    lines = ["### parlour smoke", "", "| scenario | result | checks | seconds |", "|---|---|---:|---:|"]
    for scenario in result.scenarios:
        checks = sum(len(step.checks) for step in scenario.steps)
        name = _cell(f"{scenario.classname}{scenario.suffix}")
        lines.append(f"| {name} | {scenario.outcome.value} | {checks} | {scenario.seconds:.2f} |")
    failures = [
        f"- `{failure.code.value}` {_cell(f'{scenario.title}: {step.label} · {failure.message}')}"
        for scenario in result.scenarios
        for step, _, failure in scenario.failures()
        if not failure.known
    ]
    lines += ["", *failures] if failures else []
    if result.coverage is not None:
        lines += ["", "Coverage: " + ", ".join(f"{what} {seen}/{of}" for what, seen, of in result.coverage.summary())]
    counts = ", ".join(f"{result.count(outcome)} {outcome.value}" for outcome in Outcome if result.count(outcome))
    return "\n".join([*lines, "", f"{counts or 'no scenarios'} in {result.seconds:.1f} s", ""])


def _cell(text: str) -> str:
    plain = clean_line(text)
    for letter in "\\`*_[]<>|":
        plain = plain.replace(letter, "\\" + letter)
    return plain


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
