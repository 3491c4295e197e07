"""What `parlour smoke` does: scenarios chosen, accounts brought, told as it goes, reports written at the end."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TextIO

from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke import baseline, load_run, loading
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.loading import Loaded
from api_client.inspect.smoke.people import Person
from api_client.inspect.smoke.reports import as_json, github, junit, people, tap
from api_client.inspect.smoke.results import Outcome, RunResult, ScenarioResult
from api_client.inspect.smoke.runner import Options, SmokeRun, has_failed
from api_client.inspect.smoke.secrecy import without_secrets
from api_client.inspect.smoke.source import ScenarioError
from tui.cli import account, output
from tui.cli.exits import CannotGoOn, Exit
from tui.cli.smoke import given_variables

ME = "me"
"""Whom an account stands in for if nobody is named."""


class SmokeCommand:
    """One call of `parlour smoke`."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._variables, self._secrets = given_variables(arguments)
        self._redactor = Redactor(dict.fromkeys(self._secrets.values(), "secret"))
        self._reports = [tuple(report.split("=", 1)) for report in arguments.report]
        to_stdout = any(file == "-" for _, file in self._reports)
        self._stream: TextIO = sys.stderr if to_stdout else sys.stdout
        self._paint = people.Paint(output.has_colours(self._stream))

    def run(self) -> int:
        """Do it and return the exit status."""
        arguments = self._arguments
        try:
            scenarios = self._chosen()
            known = baseline.read(Path(arguments.baseline)) if self._reads_baseline() else frozenset()
        except ScenarioError as error:
            sys.stderr.write(f"parlour: {error.shown()}\n")
            return Exit.USAGE
        if not scenarios:
            output.say("no scenario was selected")
            return Exit.NOTHING
        if arguments.list or arguments.dry_run:
            self._list(scenarios)
            return Exit.OK
        for file in [file for _, file in self._reports if file != "-"]:
            if not Path(file).absolute().parent.is_dir():
                raise CannotGoOn(f"{file}: there is no such folder")
        result = asyncio.run(self._carry_out(scenarios))
        baseline.mark(result, known)
        self._tell(without_secrets(result, self._redactor))
        if arguments.baseline_update and not result.trouble:
            baseline.write(Path(arguments.baseline), result)
            return Exit.INTERRUPTED if result.interrupted else Exit.OK
        return _status(result)

    def _reads_baseline(self) -> bool:
        path = self._arguments.baseline
        return path is not None and not (self._arguments.baseline_update and not Path(path).exists())

    def _chosen(self) -> list[Loaded]:
        arguments = self._arguments
        files = loading.find_files(arguments.files or [str(loading.SUITE)])
        scenarios = loading.load(files, {*self._variables, *self._secrets})
        wanted, unwanted = _words(arguments.tag), _words(arguments.exclude_tag)
        return [
            each
            for each in scenarios
            if (not wanted or wanted & set(each.scenario.tags))
            and not unwanted & set(each.scenario.tags)
            and (not arguments.only or any(_is_meant(pattern, each) for pattern in arguments.only))
        ]

    def _list(self, scenarios: list[Loaded]) -> None:
        for loaded in scenarios:
            scenario = loaded.scenario
            tags = f"  [{', '.join(scenario.tags)}]" if scenario.tags else ""
            times = f"  ×{len(loaded.rows)}" if loaded.rows else ""
            output.write_text(f"{scenario.classname}{times}{tags}  {scenario.file}:{scenario.line}\n")
            if self._arguments.dry_run:
                for number, step in enumerate(scenario.steps, 1):
                    output.write_text(f"  {number:02} {step.label}\n")
                for number, step in enumerate(scenario.teardown, 1):
                    output.write_text(f"  f{number:02} {step.label}\n")

    async def _carry_out(self, scenarios: list[Loaded]) -> RunResult:
        arguments = self._arguments
        async with account.open_anonymous(arguments) as here:
            address = here.client.address
        given = await self._accounts(scenarios)
        options = Options(
            address,
            parallel=arguments.parallel,
            repeat=arguments.repeat,
            seed=arguments.seed,
            fail_fast=arguments.fail_fast,
            timeout=arguments.timeout,
            wait_for=arguments.wait_for,
            retries=max(0, arguments.retries),
            variables={**self._variables, **self._secrets},
            given=given,
            max_seconds=arguments.max_time,
            patience=arguments.patience,
            environment=arguments.env,
        )
        run = SmokeRun(options, self._redactor, self._told)
        if arguments.rate is not None:
            return await load_run.carry_out(run, scenarios, arguments.rate, arguments.duration)
        return await run.carry_out(scenarios)

    async def _accounts(self, scenarios: list[Loaded]) -> dict[str, Person]:
        """Return who stands in for whom. Raises CannotGoOn where a sign-in is missing."""
        named = getattr(self._arguments, "account", None) or []
        pairs = [text.split("=", 1) if "=" in text else [ME, text] for text in _listed(named)]
        is_needed = any(ME in loaded.scenario.people for loaded in scenarios)
        if not pairs and is_needed and os.environ.get("PARLOUR_TOKEN"):
            pairs = [[ME, ""]]
        found: dict[str, Person] = {}
        for person, name in pairs:
            async with account.signed_in(self._bare(), account=name or None) as here:
                who = await here.who()
                tokens = await here.client.auth.current()
                found[person] = Person(person, tokens.access if tokens else None, who.user_id, who.username)
        return found

    def _bare(self) -> argparse.Namespace:
        return argparse.Namespace(**{**vars(self._arguments), "account": None})

    def _told(self, result: ScenarioResult) -> None:
        shown = without_secrets(result, self._redactor)
        for line in people.scenario_lines(shown, self._paint, verbose=self._arguments.verbose):
            self._stream.write(line + "\n")
        self._stream.flush()

    def _tell(self, result: RunResult) -> None:
        is_whole = self._arguments.verbose or not self._arguments.files
        lines = [*people.failure_lines(result, self._paint)]
        lines += people.summary_lines(result, self._paint, missing=is_whole)
        for kind, file in self._reports:
            text = self._report(kind, result)
            if file == "-":
                sys.stdout.write(text)
            else:
                Path(file).write_text(text, encoding="utf-8")
                lines.append(f"{kind}: {file}")
        self._stream.write("\n".join(lines) + "\n")
        self._stream.flush()
        if os.environ.get("GITHUB_ACTIONS") == "true":
            self._tell_github(result)

    def _report(self, kind: str, result: RunResult) -> str:
        match kind:
            case "json":
                return as_json.report(result)
            case "junit":
                return junit.report(result)
            case "tap":
                return tap.report(result)
            case _:
                return people.report(result, verbose=self._arguments.verbose)

    def _tell_github(self, result: RunResult) -> None:
        for line in github.workflow_commands(result):
            self._stream.write(line + "\n")
        file = os.environ.get("GITHUB_STEP_SUMMARY")
        if file:
            with Path(file).open("a", encoding="utf-8") as stream:
                stream.write(github.summary(result))


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _words(lists: list[str]) -> set[str]:
    return {word.strip() for text in lists for word in text.split(",") if word.strip()}


def _is_meant(pattern: str, loaded: Loaded) -> bool:
    scenario = loaded.scenario
    names = (scenario.scenario, scenario.classname, scenario.file, Path(scenario.file).name)
    return any(fnmatchcase(name.lower(), pattern.lower()) for name in names) or pattern.lower() in names[0].lower()


def _status(result: RunResult) -> Exit:
    if result.interrupted:
        return Exit.INTERRUPTED
    if result.trouble:
        return Exit.UNAVAILABLE
    if result.load is not None and result.load.refused:
        return Exit.UNAVAILABLE
    if set(result.codes()) == {Code.SIGN_IN}:
        return Exit.SIGN_IN
    if has_failed(result):
        return Exit.FAILED if result.judged else Exit.UNAVAILABLE
    if result.load is None and all(each.outcome is Outcome.SKIPPED for each in result.scenarios):
        return Exit.NOTHING
    return Exit.OK
