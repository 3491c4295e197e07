"""Latency by the clock: scenarios begun at a fixed rate, whether those before have ended or not.

A closed loop, which waits for one reply before it sends the next request, does not measure while the platform stalls.
Here each iteration has its moment, and its latency counts from that moment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.context import Means
from api_client.inspect.smoke.loading import Loaded
from api_client.inspect.smoke.people import NobodyThere, People, Person
from api_client.inspect.smoke.percentiles import Latencies
from api_client.inspect.smoke.results import Check, Failure, Outcome, RunResult, ScenarioResult, StepResult
from api_client.inspect.smoke.runner import SmokeRun, unique_word
from api_client.inspect.smoke.scenario_run import ScenarioRun
from api_client.inspect.smoke.wire import Exchange

IN_FLIGHT = 500
"""Iterations that may be under way at once: with more of them this machine would measure itself."""
LATE_LIMIT = 0.05
"""Seconds by which the 95th percentile of the beginnings may be late before the client counts as the bottleneck."""
CPU_LIMIT = 0.9
"""Share of one core that this program may use before it counts as the bottleneck."""
_FAILURES_KEPT = 20


@dataclass(slots=True)
class LoadResult:
    """Latencies of a run by the clock."""

    rate: float
    duration: float
    requests: dict[str, Latencies] = field(default_factory=dict)
    """By endpoint, or method and path."""
    iterations: Latencies = field(default_factory=Latencies)
    """From the moment at which each should have begun to its end."""
    lateness: Latencies = field(default_factory=Latencies)
    begun: int = 0
    failed: int = 0
    dropped: int = 0
    """Iterations that could not begin because too many were under way."""
    cpu_share: float = 0.0
    refused: str = ""
    """Why the percentiles say nothing about the platform; empty where they do."""

    def judge(self) -> None:
        """Find out whether this machine was the bottleneck."""
        late = self.lateness.at(0.95) or self.lateness.most or 0.0
        if self.dropped:
            self.refused = f"{self.dropped} iterations could not begin: {IN_FLIGHT} were under way"
        elif self.cpu_share > CPU_LIMIT:
            self.refused = f"this program used {self.cpu_share:.0%} of a core"
        elif late > LATE_LIMIT:
            self.refused = f"iterations began {late * 1000:.0f} ms late"

    def lines(self) -> list[str]:
        """Return the result for people."""
        told = [
            f"load: {self.rate:g}/s for {self.duration:g} s, {self.begun} iterations, {self.failed} failed, "
            f"client CPU {self.cpu_share:.0%}"
        ]
        if self.refused:
            return [*told, f"no percentiles: the client was the bottleneck ({self.refused}). Lower the rate."]
        told.append("  " + self.iterations.line("iteration"))
        return told + ["  " + latencies.line(name) for name, latencies in sorted(self.requests.items())]

    def as_json(self) -> dict[str, Any]:
        """Return the result for the JSON report, in milliseconds; without percentiles where they are refused."""
        bare = {
            "rate": self.rate,
            "duration": self.duration,
            "begun": self.begun,
            "failed": self.failed,
            "dropped": self.dropped,
            "cpu_share": round(self.cpu_share, 3),
            "refused": self.refused or None,
        }
        if self.refused:
            return bare
        requests = {name: latencies.as_json() for name, latencies in sorted(self.requests.items())}
        return {**bare, "iteration_ms": self.iterations.as_json(), "requests_ms": requests}


class _Lateness:
    """By how much an iteration began late, until its first request has taken it on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def take(self) -> float:
        """Return it once."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


_late: ContextVar[_Lateness | None] = ContextVar("late", default=None)


async def carry_out(run: SmokeRun, scenarios: Sequence[Loaded], rate: float, duration: float) -> RunResult:
    """Begin `scenarios` in turn, `rate` times a second for `duration` seconds, and return what came of it."""
    return await run.within(lambda means: _Load(run, means, scenarios, rate, duration).carry_out())


class _Load:
    def __init__(self, run: SmokeRun, means: Means, scenarios: Sequence[Loaded], rate: float, duration: float) -> None:
        self._run = run
        self._scenarios = scenarios
        self._result = LoadResult(rate, duration)
        self._count = max(1, round(rate * duration))
        self._wire = run.wire(self._seen)
        self._means = replace(means, wire=self._wire)
        self._people: list[dict[str, Person]] = []
        self._kept: dict[int, ScenarioResult] = {}
        self._failures: list[ScenarioResult] = []

    def _seen(self, exchange: Exchange) -> None:
        self._run.coverage.saw(exchange)
        late = _late.get()
        if late is None or exchange.trouble is not None:
            return
        name = exchange.endpoint.name if exchange.endpoint else f"{exchange.method} elsewhere"
        self._result.requests.setdefault(name, Latencies()).add(exchange.seconds + late.take())

    async def carry_out(self) -> None:
        result = self._result
        try:
            await self._gather()
            began, cpu = time.perf_counter(), time.process_time()
            await self._by_the_clock(began)
            result.cpu_share = (time.process_time() - cpu) / (time.perf_counter() - began)
        finally:
            await self._wire.close()
            result.judge()
            self._run.result.load = result
            scenarios = [*self._kept.values(), *self._failures[:_FAILURES_KEPT], _verdict(result)]
            self._run.result.scenarios = scenarios

    async def _gather(self) -> None:
        """Bring in everybody once, so that their registering is no part of what is measured."""
        for loaded in self._scenarios:
            people: dict[str, Person] = {}
            for name, rule in loaded.scenario.people.items():
                try:
                    people[name] = await self._means.people.make(name, rule, unique_word())
                except NobodyThere as error:
                    self._run.result.trouble = f"{error}."
                    raise
            self._people.append(people)

    async def _by_the_clock(self, began: float) -> None:
        tasks: set[asyncio.Task[None]] = set()
        try:
            for number in range(self._count):
                due = began + number / self._result.rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                if len(tasks) >= IN_FLIGHT:
                    self._result.dropped += 1
                    continue
                task = asyncio.create_task(self._iteration(number, due))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _iteration(self, number: int, due: float) -> None:
        late = time.perf_counter() - due
        _late.set(_Lateness(late))
        self._result.begun += 1
        self._result.lateness.add(late)
        place = number % len(self._scenarios)
        loaded = self._scenarios[place]
        people = People(self._wire, self._means.redactor, self._people[place])
        run = ScenarioRun(loaded, replace(self._means, people=people), unique_word(), number, f" [iteration {number}]")
        row = loaded.rows[number // len(self._scenarios) % len(loaded.rows)] if loaded.rows else {}
        outcome = await run.carry_out(row)
        self._result.iterations.add(time.perf_counter() - due)
        if outcome.outcome in (Outcome.FAILED, Outcome.ERROR):
            self._result.failed += 1
            self._failures.append(outcome)
        else:
            self._kept.setdefault(place, outcome)


def _verdict(result: LoadResult) -> ScenarioResult:
    """Return whether the figures can be believed, as a check like any other."""
    failure = Failure(Code.BUSY_CLIENT, result.refused) if result.refused else None
    step = StepResult("01", "client", "load", "", 1, [Check("not the bottleneck", failure)])
    return ScenarioResult("Latency by the clock", "smoke.load.latency", "", 1, steps=[step])
