"""What came of scenarios: checks in steps in scenarios in a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from api_client.inspect.smoke.codes import MEANINGS, Code

if TYPE_CHECKING:
    from api_client.inspect.smoke.coverage import Coverage
    from api_client.inspect.smoke.load_run import LoadResult


class Outcome(StrEnum):
    """How something ended."""

    PASSED = "passed"
    FAILED = "failed"
    """A check said no."""
    ERROR = "error"
    """It could not be judged: no connection, or nobody could be registered."""
    SKIPPED = "skipped"

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look at it."""
        return self in (Outcome.FAILED, Outcome.ERROR)


@dataclass(slots=True)
class Failure:
    """Why a check said no."""

    code: Code
    message: str
    expected: str = ""
    received: str = ""
    details: list[str] = field(default_factory=list)
    curl: str = ""
    request_id: str = ""
    known: bool = False
    """Whether the baseline has it."""

    @property
    def title(self) -> str:
        """What the code means, in a line."""
        return MEANINGS[self.code][0]

    @property
    def is_error(self) -> bool:
        """Whether nothing could be judged, rather than that something was found wrong."""
        return self.code.value.startswith("HT") or self.code in (Code.SETUP, Code.SIGN_IN, Code.BUSY_CLIENT)

    def lines(self) -> list[str]:
        """Return the failure as it is read by people, without its first line."""
        told = [self.message]
        told += [f"expected: {self.expected}"] if self.expected else []
        told += [f"received: {self.received}"] if self.received else []
        told += self.details
        told += [f"request:  {self.request_id}"] if self.request_id else []
        told += [f"again:    {self.curl}"] if self.curl else []
        return told


@dataclass(slots=True)
class Check:
    """One thing that was looked at; `name` is stable from run to run."""

    name: str
    failure: Failure | None = None


@dataclass(slots=True)
class StepResult:
    """What came of a step."""

    number: str
    """`01`, or `f01` in the teardown."""
    label: str
    verb: str
    file: str
    line: int
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was measured: how long which event took to whom."""
    seconds: float = 0.0
    skipped: str = ""
    """Why it was not carried out."""

    @property
    def outcome(self) -> Outcome:
        """How it ended; what the baseline knows is no failure."""
        failures = [check.failure for check in self.checks if check.failure and not check.failure.known]
        if self.skipped:
            return Outcome.SKIPPED
        if not failures:
            return Outcome.PASSED
        return Outcome.ERROR if all(failure.is_error for failure in failures) else Outcome.FAILED


@dataclass(slots=True)
class ScenarioResult:
    """What came of a scenario, carried out once."""

    title: str
    classname: str
    file: str
    line: int
    tags: tuple[str, ...] = ()
    suffix: str = ""
    """` [2]` for a second time or row: added to the names of its checks."""
    steps: list[StepResult] = field(default_factory=list)
    seconds: float = 0.0
    started: float = 0.0
    """Seconds since the epoch."""
    skipped: str = ""

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        if self.skipped:
            return Outcome.SKIPPED
        found = {step.outcome for step in self.steps}
        return next((each for each in (Outcome.FAILED, Outcome.ERROR) if each in found), Outcome.PASSED)

    def failures(self) -> Iterator[tuple[StepResult, Check, Failure]]:
        """Yield what was found wrong, known failures included."""
        for step in self.steps:
            for check in step.checks:
                if check.failure is not None:
                    yield step, check, check.failure

    def name_of(self, step: StepResult, check: Check) -> str:
        """Return the stable name of a check, unique in the scenario."""
        return f"{step.number} {step.label}{self.suffix} · {check.name}"


@dataclass(slots=True)
class RunResult:
    """What came of a run."""

    scenarios: list[ScenarioResult] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    """`env`, `base_url`, `server_version`, `client_version`, `seed`."""
    coverage: Coverage | None = None
    load: LoadResult | None = None
    started: float = 0.0
    seconds: float = 0.0
    interrupted: bool = False
    trouble: str = ""
    """Why nothing could be carried out."""

    def count(self, outcome: Outcome) -> int:
        """Return how many scenarios ended so."""
        return sum(scenario.outcome is outcome for scenario in self.scenarios)

    def codes(self) -> dict[Code, int]:
        """Return how often each code was found, without what the baseline knows."""
        found: dict[Code, int] = {}
        for scenario in self.scenarios:
            for _, _, failure in scenario.failures():
                if not failure.known:
                    found[failure.code] = found.get(failure.code, 0) + 1
        return dict(sorted(found.items()))

    @property
    def judged(self) -> int:
        """How many checks came to a verdict about the platform."""
        return sum(
            check.failure is None or not check.failure.is_error
            for scenario in self.scenarios
            for step in scenario.steps
            for check in step.checks
        )
