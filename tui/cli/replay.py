"""`parlour replay`: a recorded session carried out again, and every reply compared with the recorded one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from tui.cli.exits import CannotGoOn, Exit

if TYPE_CHECKING:
    from api_client.inspect.replay_plan import Step
    from api_client.inspect.replaying import StepResult
    from api_client.inspect.session_file import Session
    from api_client.inspect.smoke.results import RunResult
    from api_client.raw import RawClient
    from tui.accounts import Account
    from tui.cli.parsers import Commands

SCHEMA = "parlour.replay/1"
FORMATS = ("json", "junit")
_SHOWN = 10
"""Differences of one call that are shown to people."""

_EPILOG = """\
examples:
  parlour replay session.jsonl                             against the platform of the account used last
  parlour replay session.jsonl --url https://staging.example --account ann
  parlour replay session.jsonl --only 'posts.*' --ignore '.data[].score' --counts any
  parlour replay session.jsonl --learn --report junit=replay.xml --report json=-

Ids that a reply gave when it was recorded stand for those that it gives now; times, cursors and signatures are
compared by their kind, versions by how they rise. It writes again what was written: use an account made for that.
Recordings are made in the program (T r, :record FILE, parlour --record FILE).

exit status: 0 all is the same, 1 something differs, 2 a file or option that is wrong, 3 no answer, 4 sign in first,
5 nothing was selected, 130 interrupted
"""


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `replay`."""
    parser = commands.add_parser(
        "replay",
        parents=[common],
        help="carry out a recorded session again, and compare",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="the recording")
    parser.add_argument("--only", metavar="PATTERN", action="append", default=[], help="endpoints by name; a glob")
    parser.add_argument(
        "--ignore", metavar="JQ", action="append", default=[], help="what is not compared, such as '.data[].score'"
    )
    parser.add_argument("--counts", choices=("exact", "any"), default="exact", help="any: counts of others may differ")
    parser.add_argument(
        "--pace", choices=("real", "fast", "max"), default="fast", help="how long the pauses are (default: fast)"
    )
    parser.add_argument("--learn", action="store_true", help="replay twice, and ignore what differs between the two")
    parser.add_argument("--no-socket", action="store_true", help="neither send frames nor wait for any")
    parser.add_argument(
        "--report", metavar="FORMAT=FILE", action="append", default=[], help="json or junit; - is stdout; repeatable"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="every call, not only those that differ")


def run(arguments: argparse.Namespace) -> int:
    """Carry out `parlour replay`."""
    from api_client.inspect.replay_plan import plan
    from api_client.inspect.session_file import SessionFileError, read_session
    from tui.cli.output import say

    reports = [_report(text) for text in arguments.report]
    try:
        session = read_session(Path(arguments.file))
    except SessionFileError as error:
        raise CannotGoOn(str(error)) from error
    except OSError as error:
        raise CannotGoOn(f"{arguments.file}: {error.strerror}") from error
    ignored = [_ignoring(text) for text in arguments.ignore]
    if session.complaint:
        say(session.complaint)
    steps = plan(session, arguments.only)
    if not any(step.compared and not step.skipped for step in steps):
        say("nothing in the recording was selected")
        return Exit.NOTHING
    import asyncio

    results = asyncio.run(_carried_out(arguments, session, steps, ignored))
    to_stdout = any(file == "-" for _, file in reports)
    _tell(results, sys.stderr if to_stdout else sys.stdout, verbose=arguments.verbose)
    for kind, file in reports:
        text = _as_json(arguments.file, results) if kind == "json" else _as_junit(arguments.file, session, results)
        if file == "-":
            sys.stdout.write(text)
        else:
            Path(file).write_text(text, encoding="utf-8")
    return _status(results)


def _report(text: str) -> tuple[str, str]:
    kind, _, file = text.partition("=")
    if kind not in FORMATS or not file:
        raise CannotGoOn(f"--report {text}: write FORMAT=FILE, with {' or '.join(FORMATS)}")
    if file != "-" and not Path(file).absolute().parent.is_dir():
        raise CannotGoOn(f"{file}: there is no such folder")
    return kind, file


def _ignoring(expression: str) -> Callable[[Any], Any]:
    """Return what takes out of a body what `expression` names; raises CannotGoOn if it is none."""
    import jq

    from tui.cli.filters import Filter

    Filter(expression)
    try:
        # Where a body has nothing of this shape, there is nothing to take out.
        program = jq.compile(f"del(({expression})?)")
    except ValueError as error:
        raise CannotGoOn(f"--ignore {expression!r} names no place in a body") from error

    def taken_out(value: Any) -> Any:
        try:
            return program.input_value(value).first()
        except (ValueError, StopIteration):
            return value

    return taken_out


async def _carried_out(
    arguments: argparse.Namespace, session: Session, steps: Sequence[Step], ignored: Sequence[Callable[[Any], Any]]
) -> list[StepResult]:
    from api_client.inspect.replaying import noise_between, without_noise
    from tui.cli.account import signed_in

    async with signed_in(arguments) as here:
        who = await here.who()
        results = await _once(arguments, here.client, who, session, steps, ignored)
        if arguments.learn:
            second = await _once(arguments, here.client, who, session, steps, ignored)
            results = without_noise(second, noise_between(results, second))
        return results


async def _once(
    arguments: argparse.Namespace,
    client: RawClient,
    who: Account,
    session: Session,
    steps: Sequence[Step],
    ignored: Sequence[Callable[[Any], Any]],
) -> list[StepResult]:
    from api_client.inspect.comparing import Counts
    from api_client.inspect.frame_check import FrameSocket
    from api_client.inspect.replaying import Pace, Replay

    # With a choice of calls, the frames of the others would be missed.
    socket = FrameSocket(client) if session.frames and not arguments.no_socket and not arguments.only else None
    if socket is not None:
        await socket.open()
    try:
        replay = Replay(
            client,
            session,
            pace=Pace(arguments.pace),
            counts=Counts(arguments.counts),
            ignored=ignored,
            socket=socket,
        )
        replay.as_user(who.username, who.user_id)
        return await replay.run(steps)
    finally:
        if socket is not None:
            await socket.close()


_SIGNS = {"same": "ok", "sent": "sent", "different": "DIFFERS", "failed": "FAILED", "skipped": "skipped"}


def _tell(results: Sequence[StepResult], stream: TextIO, *, verbose: bool) -> None:
    from api_client.text import clean
    from tui.cli.output import write_text

    counts: dict[str, int] = {}
    lines = []
    for result in results:
        counts[result.verdict.value] = counts.get(result.verdict.value, 0) + 1
        if verbose or result.verdict.value in ("different", "failed"):
            time = f"  {result.seconds * 1_000:.0f} ms" if result.seconds else ""
            note = f"  ({result.note})" if result.note else ""
            lines.append(f"{_SIGNS[result.verdict.value]:8}{result.step.name:22}  {result.step.title}{time}{note}")
        lines += [f"{'':10}{each}" for each in result.differences[:_SHOWN]]
        if len(result.differences) > _SHOWN:
            lines.append(f"{'':10}and {len(result.differences) - _SHOWN} more")
    lines.append(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    write_text("".join(f"{clean(line)}\n" for line in lines), stream=stream)


def _status(results: Sequence[StepResult]) -> Exit:
    found = {result.verdict.value for result in results}
    if "different" in found:
        return Exit.FAILED
    if "failed" in found:
        return Exit.UNAVAILABLE
    return Exit.OK if "same" in found else Exit.NOTHING


def _as_json(file: str, results: Sequence[StepResult]) -> str:
    from tui.cli.output import json_line

    told = [
        {
            "name": result.step.name,
            "title": result.step.title,
            "at": result.step.at,
            "verdict": result.verdict.value,
            "seconds": round(result.seconds, 4),
            "note": result.note or None,
            "differences": [
                {"path": each.path, "why": each.why, "was": each.was, "now": each.now} for each in result.differences
            ],
        }
        for result in results
    ]
    return json_line({"schema": SCHEMA, "file": file, "steps": told}) + "\n"


def _as_junit(file: str, session: Session, results: Sequence[StepResult]) -> str:
    from api_client.inspect.smoke.reports import junit

    return junit.report(_as_run(file, session, results))


def _as_run(file: str, session: Session, results: Sequence[StepResult]) -> RunResult:
    """Return the replay in the form in which runs of scenarios are reported."""
    import time

    from api_client.inspect.smoke.codes import Code
    from api_client.inspect.smoke.results import Check, Failure, RunResult, ScenarioResult
    from api_client.inspect.smoke.results import StepResult as Told

    steps = []
    for number, result in enumerate(results, 1):
        failures = [
            Check(each.path, Failure(Code.CONTENT, str(each), expected=str(each.was), received=str(each.now)))
            for each in result.differences
        ]
        if result.verdict.value == "failed":
            failures = [Check("reply", Failure(Code.NO_ANSWER, result.note))]
        told = Told(
            f"{number:03}", f"{result.step.name} {result.step.title}", "replay", file, 1, seconds=result.seconds
        )
        told.checks = failures or [Check("same")]
        told.skipped = result.note if result.verdict.value == "skipped" else ""
        steps.append(told)
    name = Path(file).stem
    seconds = sum(result.seconds for result in results)
    scenario = ScenarioResult(f"Replay of {name}", f"replay.{name}", file, 1, steps=steps, seconds=seconds)
    scenario.started = time.time()
    return RunResult([scenario], {"recorded": session.header.began}, started=scenario.started, seconds=seconds)
