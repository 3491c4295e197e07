"""The report for people: a line for each scenario, failures at the end, coverage, counts."""

from __future__ import annotations

from collections.abc import Iterator

from api_client.inspect.smoke.results import Failure, Outcome, RunResult, ScenarioResult
from api_client.text import clean

_SIGNS = {Outcome.PASSED: "ok", Outcome.FAILED: "FAILED", Outcome.ERROR: "ERROR", Outcome.SKIPPED: "skipped"}
_COLOURS = {Outcome.PASSED: "32", Outcome.FAILED: "31", Outcome.ERROR: "35", Outcome.SKIPPED: "33"}
_MISSING_SHOWN = 12


class Paint:
    """Colours, or none."""

    def __init__(self, colours: bool) -> None:
        self._colours = colours

    def outcome(self, outcome: Outcome, width: int = 0) -> str:
        """Return the word for an outcome."""
        return self._put(_SIGNS[outcome].ljust(width), _COLOURS[outcome])

    def strong(self, text: str) -> str:
        """Return `text` bold."""
        return self._put(text, "1")

    def weak(self, text: str) -> str:
        """Return `text` dim."""
        return self._put(text, "2")

    def _put(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours else text


def scenario_lines(result: ScenarioResult, paint: Paint, *, verbose: bool) -> Iterator[str]:
    """Yield the line of a scenario, and with `verbose` those of its steps and what was measured in them."""
    checks = sum(len(step.checks) for step in result.steps)
    why = f": {result.skipped}" if result.skipped else f"  {checks} checks, {result.seconds:.2f} s"
    title = clean(f"{result.classname.removeprefix('smoke.')}{result.suffix}")
    yield f"{paint.outcome(result.outcome, 7)} {title}{paint.weak(clean(why))}"
    if not verbose:
        return
    for step in result.steps:
        why = f" ({step.skipped})" if step.skipped else ""
        label = clean(f"{step.number} {step.label}{why}")
        yield f"  {paint.outcome(step.outcome, 7)} {label}{paint.weak(f'  {step.seconds * 1000:.0f} ms')}"
        for note in step.notes:
            yield paint.weak(f"            {clean(note)}")


def failure_lines(result: RunResult, paint: Paint) -> Iterator[str]:
    """Yield every failure that is not known, in full."""
    for scenario in result.scenarios:
        for step, check, failure in scenario.failures():
            if failure.known:
                continue
            yield ""
            yield paint.strong(clean(f"{failure.code.value} {failure.title}"))
            yield clean(f"  {scenario.title}{scenario.suffix}  {step.file}:{step.line}")
            yield clean(f"  {step.number} {step.label} · {check.name}")
            yield from (f"    {line}" for line in told(failure).splitlines())


def told(failure: Failure) -> str:
    """Return a failure as text, without anything that a terminal would obey."""
    return "\n".join(clean(line) for line in failure.lines())


def summary_lines(result: RunResult, paint: Paint, *, missing: bool) -> Iterator[str]:
    """Yield coverage, with `missing` also what it lacks, counts by code and the last line."""
    if result.trouble:
        yield clean(result.trouble)
        return
    yield ""
    if result.coverage is not None:
        told_ = ", ".join(f"{what} {seen}/{of}" for what, seen, of in result.coverage.summary())
        yield f"coverage: {told_}"
    if result.coverage is not None and missing:
        yield from _missing("endpoints without success", result.coverage.endpoints_missing())
        yield from _missing("events never seen", result.coverage.events_missing())
        yield from _missing("frames never sent", result.coverage.frames_missing())
    codes = result.codes()
    if codes:
        yield "codes: " + ", ".join(f"{code.value} ×{count}" for code, count in codes.items())
        yield f"`parlour smoke explain {next(iter(codes)).value}` says what a code means"
    known = sum(failure.known for scenario in result.scenarios for _, _, failure in scenario.failures())
    if known:
        yield f"known failures (baseline): {known}"
    if result.load is not None:
        yield from (clean(line) for line in result.load.lines())
    about = " ".join(f"{name}={value}" for name, value in result.properties.items())
    yield paint.weak(clean(about))
    counts = ", ".join(f"{result.count(outcome)} {outcome.value}" for outcome in Outcome if result.count(outcome))
    checks = sum(len(step.checks) for scenario in result.scenarios for step in scenario.steps)
    end = " (interrupted)" if result.interrupted else ""
    yield paint.strong(f"{counts or 'no scenarios'}: {checks} checks in {result.seconds:.1f} s{end}")


def _missing(what: str, names: list[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _MISSING_SHOWN} more" if len(names) > _MISSING_SHOWN else ""
        yield f"  {what}: {', '.join(names[:_MISSING_SHOWN])}{more}"


def report(result: RunResult, *, colours: bool = False, verbose: bool = False) -> str:
    """Return the whole report."""
    paint = Paint(colours)
    lines: list[str] = []
    for scenario in result.scenarios:
        lines += scenario_lines(scenario, paint, verbose=verbose)
    lines += failure_lines(result, paint)
    lines += summary_lines(result, paint, missing=True)
    return "\n".join(lines) + "\n"
