"""One scenario from its people to its teardown, which comes in any case."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

from api_client.inspect.smoke import watching
from api_client.inspect.smoke.checks import Checks
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.context import Context, Means, Words
from api_client.inspect.smoke.loading import Loaded
from api_client.inspect.smoke.people import NobodyThere
from api_client.inspect.smoke.results import ScenarioResult, StepResult
from api_client.inspect.smoke.step_shapes import Step, UseStep, verb_of
from api_client.inspect.smoke.steps import carry_out
from api_client.inspect.smoke.values import ValueTrouble, filled

TEARDOWN_SECONDS = 30.0


class ScenarioRun:
    """Carries out one scenario once."""

    def __init__(self, loaded: Loaded, means: Means, run: str, seed: int, suffix: str = "") -> None:
        """`run` makes its names unique, `seed` decides what it draws, `suffix` tells it from other times and rows."""
        scenario = loaded.scenario
        self._loaded = loaded
        self._context = Context(loaded, means, run, random.Random(seed))
        self._teardown: list[tuple[Step, dict[str, Any], str]] = []
        self.interrupted = False
        self.result = ScenarioResult(
            scenario.scenario,
            scenario.classname,
            scenario.file,
            scenario.line,
            tuple(scenario.tags),
            suffix,
            started=time.time(),
        )

    async def carry_out(self, row: Mapping[str, Any]) -> ScenarioResult:
        """Carry it out with the variables of `row`.

        Being cancelled ends the steps, not the teardown; cancelled a second time, the teardown ends as well.
        """
        began = time.perf_counter()
        scenario = self._loaded.scenario
        try:
            async with asyncio.timeout(scenario.timeout):
                if await self._gather(row):
                    await self._steps(scenario.steps, "", {})
        except TimeoutError:
            self._timed_out(scenario.timeout)
        except asyncio.CancelledError:
            self._interrupt("interrupted")
        finally:
            # Also after what nobody has thought of, which goes on from here.
            await self._tidied()
        self.result.seconds = time.perf_counter() - began
        return self.result

    async def _tidied(self) -> None:
        """Carry out the teardown; being cancelled for the first time does not end it, the second time does."""
        tidying = asyncio.create_task(self._tidy(), name="teardown")
        if not self.interrupted:
            try:
                await asyncio.shield(tidying)
            except asyncio.CancelledError:
                _go_on()
        with contextlib.suppress(asyncio.CancelledError):
            await tidying

    def _interrupt(self, why: str) -> None:
        self.interrupted = True
        _go_on()
        if self.result.steps:
            self.result.steps[-1].skipped = why
        if not self.result.outcome.is_trouble:
            self.result.skipped = why

    def _timed_out(self, seconds: float) -> None:
        steps = self.result.steps
        step = steps[-1] if steps else self._begin(None, "00", "people", "people", self.result.line)
        checks = Checks(self._context.means.redactor)
        checks.wrong("time of the scenario", Code.SCENARIO_TIMEOUT, f"it took more than {seconds:g} s")
        step.checks += checks.made

    def _begin(self, step: Step | None, number: str, label: str, verb: str, line: int) -> StepResult:
        made = StepResult(number, label, verb, step.file if step else self.result.file, line)
        self.result.steps.append(made)
        return made

    async def _gather(self, row: Mapping[str, Any]) -> bool:
        checks = Checks(self._context.means.redactor)
        began = time.perf_counter()
        try:
            await self._context.gather(row)
        except NobodyThere as error:
            checks.wrong("people", error.code, str(error))
        except ValueTrouble as error:
            checks.wrong("people", Code.SETUP, str(error))
        if checks.failed:
            result = self._begin(None, "00", "people", "people", self.result.line)
            result.checks, result.seconds = checks.made, time.perf_counter() - began
        return not checks.failed

    async def _steps(self, steps: Sequence[Step], prefix: str, given: Mapping[str, Any]) -> bool:
        """Carry out steps until one fails; the rest is noted as skipped. True if all is well."""
        well = True
        for number, step in enumerate(steps, 1):
            name = f"{prefix}{number:02}"
            if not well:
                self._skip(step, name, "an earlier step failed")
            elif isinstance(step, UseStep):
                well = await self._use(step, name, given)
            else:
                well = await self._step(step, name, given)
        return well

    async def _use(self, step: UseStep, name: str, given: Mapping[str, Any]) -> bool:
        try:
            values = {key: filled(value, self._context.words.with_(**given)) for key, value in step.given.items()}
        except ValueTrouble as error:
            result = self._begin(step, name, step.label, "use", step.line)
            checks = Checks(self._context.means.redactor)
            checks.wrong("values", Code.SETUP, str(error))
            result.checks = checks.made
            return False
        shared = self._loaded.steps_of(step)
        self._teardown[:0] = [(each, values, f"{name}.{n:02}") for n, each in enumerate(shared.teardown, 1)]
        return await self._steps(shared.steps, f"{name}.", values)

    def _skip(self, step: Step, name: str, why: str) -> None:
        self._begin(step, name, step.label, verb_of(step) or "", step.line).skipped = why

    async def _step(self, step: Step, name: str, given: Mapping[str, Any], *, tidying: bool = False) -> bool:
        context = self._context
        result = self._begin(step, name, step.label, verb_of(step) or "", step.line)
        checks = Checks(context.means.redactor)
        began = time.perf_counter()
        before = context.words
        if given:
            context.words = before.with_(**given)
        try:
            await carry_out(context, step, checks)
        except ValueTrouble as error:
            if tidying:
                result.skipped = str(error)
            else:
                checks.wrong("values", Code.SETUP, str(error))
        except UnicodeEncodeError:
            checks.wrong("values", Code.SETUP, "half of a character is in what should be sent")
        except NobodyThere as error:
            checks.wrong("people", error.code, str(error))
        finally:
            if given:
                context.words = _unlayered(context.words, before, given)
            watching.note_frames(context, checks)
            result.checks = checks.made
            result.notes = checks.notes
            result.seconds = time.perf_counter() - began
        if not checks.made and not result.skipped:
            checks.passed("done")
            result.checks = checks.made
        return not result.outcome.is_trouble

    async def _tidy(self) -> None:
        scenario = self._loaded.scenario
        self._teardown += [(step, {}, f"{n:02}") for n, step in enumerate(scenario.teardown, 1)]
        try:
            async with asyncio.timeout(TEARDOWN_SECONDS):
                while self._teardown:
                    step, given, number = self._teardown.pop(0)
                    if isinstance(step, UseStep):
                        await self._use(step, f"f{number}", given)
                    else:
                        await self._step(step, f"f{number}", given, tidying=True)
        except TimeoutError:
            self._timed_out(TEARDOWN_SECONDS)
        finally:
            await self._context.close()


def _go_on() -> None:
    """Take back that this task was cancelled."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _unlayered(after: Words, before: Words, given: Mapping[str, Any]) -> Words:
    """Return what is known after shared steps: what they captured stays, what they were given goes."""
    kept = {name: value for name, value in after.values_.items() if name not in given or value is not given[name]}
    before.values_.update(kept)
    return before
