"""A run: the platform awaited, scenarios carried out side by side, and an end in good order, also at ctrl+c."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api_client import endpoints
from api_client.addresses import Address
from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke.context import Means
from api_client.inspect.smoke.contract import NotJson, read_strict
from api_client.inspect.smoke.coverage import Coverage
from api_client.inspect.smoke.expecting import EVENT_GRACE
from api_client.inspect.smoke.loading import Loaded
from api_client.inspect.smoke.people import NobodyThere, People, Person
from api_client.inspect.smoke.results import Outcome, RunResult, ScenarioResult
from api_client.inspect.smoke.scenario_run import ScenarioRun
from api_client.inspect.smoke.values import hide
from api_client.inspect.smoke.wire import Exchange, SmokeWire

CLIENT_VERSION = "0.1.0"
_WAIT_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes."""

    address: Address
    parallel: int = 1
    repeat: int = 1
    seed: int = 0
    """0: in the order of the files. Otherwise it decides the order, and what scenarios draw."""
    fail_fast: bool = False
    timeout: float = 10.0
    """Seconds for one request."""
    wait_for: float = 0.0
    """Seconds for which the platform may still be starting."""
    retries: int = 1
    """How often what the network failed is sent again."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Person] = field(default_factory=dict)
    """Accounts that stand in for people of that name."""
    max_seconds: float | None = None
    patience: float = 1.0
    """By how much the time limits of events are longer than scenarios say: for far platforms and busy machines."""
    event_grace: float = EVENT_GRACE
    environment: str = ""


Told = Callable[[ScenarioResult], None]


@dataclass(frozen=True, slots=True)
class _Job:
    loaded: Loaded
    row: Mapping[str, Any]
    suffix: str
    seed: int


class SmokeRun:
    """Carries out scenarios; `stop` ends it early and in good order."""

    def __init__(self, options: Options, redactor: Redactor, told: Told = lambda _result: None) -> None:
        """`told` is called with each scenario that has ended."""
        self.options = options
        self.redactor = redactor
        self._told = told
        self._tasks: set[asyncio.Task[Any]] = set()
        self._capabilities: frozenset[str] | None = None
        self._ending = False
        self.coverage = Coverage()
        self.result = RunResult(started=time.time())
        for person in options.given.values():
            redactor.add(person.token, "token")

    def stop(self) -> None:
        """Begin nothing new and break off what is going on, but for its teardown; a second time, that as well."""
        self._ending = True
        self.result.interrupted = True
        for task in self._tasks:
            task.cancel()

    async def carry_out(self, scenarios: Sequence[Loaded]) -> RunResult:
        """Carry out `scenarios` and return what came of them."""
        return await self.within(lambda means: self._all(scenarios, means))

    async def within(self, work: Callable[[Means], Awaitable[None]]) -> RunResult:
        """Meet the platform, do `work`, and return the result; being interrupted ends it in good order."""
        began = time.perf_counter()
        hidden = hide.set(self.redactor.text)
        wire = self.wire(self.coverage.saw)
        try:
            with self._interruptible():
                if await self._has_met(wire):
                    task = asyncio.create_task(self._guarded(work(self._means(wire))))
                    self._tasks.add(task)
                    await task
        finally:
            hide.reset(hidden)
            await wire.close()
            self.result.coverage = self.coverage
            self.result.seconds = time.perf_counter() - began
        return self.result

    def wire(self, seen: Callable[[Exchange], None]) -> SmokeWire:
        """Return an HTTP client of its own."""
        options = self.options
        return SmokeWire(
            options.address,
            timeout=options.timeout,
            retries=options.retries,
            user_agent=f"parlour-smoke/{CLIENT_VERSION}",
            seen=seen,
        )

    async def _guarded(self, work: Awaitable[None]) -> None:
        """Do `work`; that it is broken off, or that somebody is not there, is in the result."""
        with contextlib.suppress(asyncio.CancelledError, NobodyThere):
            await work

    def _means(self, wire: SmokeWire) -> Means:
        options = self.options
        return Means(
            wire,
            People(wire, self.redactor, options.given),
            self.redactor,
            self.coverage,
            {"seed": options.seed, **options.variables},
            options.max_seconds,
            options.patience,
            options.event_grace,
        )

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let ctrl+c, and being told to end, stop the run in good order."""
        loop = asyncio.get_running_loop()
        taken = []
        for number in (signal.SIGINT, signal.SIGTERM):
            # Not everywhere, and not off the main thread: then it ends at once, as any program would.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.stop)
                taken.append(number)
        try:
            yield
        finally:
            for number in taken:
                loop.remove_signal_handler(number)

    async def _has_met(self, wire: SmokeWire) -> bool:
        """Meet the platform; that can be broken off as well."""
        meeting = asyncio.create_task(self._meet(wire))
        self._tasks.add(meeting)
        try:
            return await meeting
        except asyncio.CancelledError:
            if not self.result.interrupted:
                raise
            return False
        finally:
            self._tasks.discard(meeting)

    async def _meet(self, wire: SmokeWire) -> bool:
        """Ask the platform who it is, until it answers or the patience is over; False where it does not."""
        options, result = self.options, self.result
        result.properties = {
            "env": options.environment or options.address.host,
            "base_url": options.address.base,
            "server_version": "unknown",
            "client_version": CLIENT_VERSION,
            "seed": str(options.seed),
        }
        deadline = time.perf_counter() + options.wait_for
        while not self._ending:
            url, path = wire.place(endpoints.META.path)
            exchange = await wire.send("GET", url, path, {"Accept": "application/json"}, None)
            answered = exchange.trouble is None and exchange.status not in (502, 503, 504)
            if answered or time.perf_counter() >= deadline:
                break
            await asyncio.sleep(_WAIT_SECONDS)
        else:
            return False
        if exchange.trouble is not None:
            result.trouble = f"{exchange.sentence} ({exchange.trouble.value})."
            return False
        try:
            body = read_strict(exchange.body)
        except NotJson:
            body = None
        data = body.get("data", body) if isinstance(body, dict) else {}
        data = data if isinstance(data, dict) else {}
        result.properties["server_version"] = str(data.get("version", "unknown"))[:100]
        found = data.get("capabilities")
        # A platform that lists none counts as having all.
        self._capabilities = frozenset(map(str, found)) if isinstance(found, list) else None
        return True

    def _lacks(self, needs: Sequence[str]) -> list[str]:
        return [need for need in needs if self._capabilities is not None and need not in self._capabilities]

    def _jobs(self, scenarios: Sequence[Loaded]) -> list[_Job]:
        draw = random.Random(self.options.seed)
        jobs = []
        for time_ in range(1, self.options.repeat + 1):
            round_ = []
            for loaded in scenarios:
                for number, row in enumerate(loaded.rows or [{}], 1):
                    suffix = f" [row {number}]" if loaded.rows else ""
                    suffix += f" [time {time_}]" if self.options.repeat > 1 else ""
                    round_.append(_Job(loaded, row, suffix, draw.getrandbits(64)))
            if self.options.seed:
                draw.shuffle(round_)
            jobs += round_
        return jobs

    async def _all(self, scenarios: Sequence[Loaded], means: Means) -> None:
        jobs = self._jobs(scenarios)
        places: list[ScenarioResult | None] = [None] * len(jobs)
        waiting = iter(enumerate(jobs))

        async def work() -> None:
            for place, job in waiting:
                if self._ending:
                    return
                await one(place, job)

        async def one(place: int, job: _Job) -> None:
            run = ScenarioRun(job.loaded, means, unique_word(), job.seed, job.suffix)
            lacking = self._lacks(job.loaded.scenario.requires)
            if lacking:
                run.result.skipped = f"the platform has no {', '.join(lacking)}"
                places[place] = run.result
            else:
                places[place] = await run.carry_out(job.row)
            done = places[place]
            if done is None:
                return
            self._told(done)
            if self.options.fail_fast and done.outcome.is_trouble:
                self._ending = True

        self._tasks = {asyncio.create_task(work()) for _ in range(min(self.options.parallel, len(jobs)))}
        outcomes = await asyncio.gather(*self._tasks, return_exceptions=True)
        self.result.scenarios = [_done(place, job) for place, job in zip(places, jobs, strict=True)]
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome


def _done(result: ScenarioResult | None, job: _Job) -> ScenarioResult:
    if result is not None:
        return result
    scenario = job.loaded.scenario
    made = ScenarioResult(scenario.scenario, scenario.classname, scenario.file, scenario.line, suffix=job.suffix)
    return replace(made, skipped="the run ended before")


def unique_word() -> str:
    """Return a short word that nothing else carried out has, on this platform or elsewhere."""
    return secrets.token_hex(5)


def has_failed(result: RunResult) -> bool:
    """Whether somebody should look at something."""
    return any(scenario.outcome in (Outcome.FAILED, Outcome.ERROR) for scenario in result.scenarios)
