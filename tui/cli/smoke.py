"""`parlour smoke`: scenarios against a running platform, and what came of them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from tui.cli.durations import seconds_in
from tui.cli.exits import CannotGoOn, Exit

if TYPE_CHECKING:
    from tui.cli.parsers import Commands

FORMATS = ("people", "json", "junit", "tap")

_DESCRIPTION = """\
Carry out scenarios against a running platform: requests, sockets, what one must cause on the other, and what must never
be. Every reply and frame is held strictly against the contract. Without FILE it is the suite that comes with Parlour.
"""
_EPILOG = """\
examples:
  parlour smoke --url http://127.0.0.1:3000 --wait-for 30s
  parlour smoke my/chat.yaml 'my/**/*.yaml' --tag chat --parallel 4
  parlour smoke --only 'smoke.chat.*' --repeat 20 --fail-fast
  parlour smoke --report junit=smoke.xml --report json=- > smoke.json
  parlour smoke --account me=anna --secret ADMIN_PASSWORD --variable region=SE
  parlour smoke my/feed.yaml --rate 20/s --duration 60s
  parlour smoke --baseline known.json
  parlour smoke explain WS402

How scenarios are written: docs/developers.md, section Smoke. --secret NAME reads the environment variable NAME.
exit: 0 all is well, 1 something failed, 2 wrong use or a wrong file, 3 could not be carried out, 4 sign in first,
5 nothing was selected, 130 interrupted (reports are written, teardowns carried out)
"""


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `smoke` to the command line."""
    parser = commands.add_parser(
        "smoke",
        parents=[common],
        help="check a platform with scenarios",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        usage="parlour smoke [FILE|GLOB|FOLDER ...] [options]\n       parlour smoke explain CODE",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        conflict_handler="resolve",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="scenarios, by name, glob or folder")
    parser.add_argument(
        "--account",
        metavar="[PERSON=]NAME",
        action="append",
        default=argparse.SUPPRESS,
        help="an account of this machine that stands in for PERSON (`me` if not said)",
    )
    which = parser.add_argument_group("which scenarios")
    which.add_argument("--only", metavar="PATTERN", action="append", default=[], help="by title, class or file; a glob")
    which.add_argument("--tag", metavar="TAG,...", action="append", default=[], help="with one of these tags")
    which.add_argument("--exclude-tag", metavar="TAG,...", action="append", default=[], help="with none of these tags")
    which.add_argument("--list", action="store_true", help="list them and end")
    which.add_argument("--dry-run", action="store_true", help="check them, list their steps and end")
    how = parser.add_argument_group("how they are carried out")
    how.add_argument("--parallel", metavar="N", type=_count, default=1, help="so many side by side")
    how.add_argument("--repeat", metavar="N", type=_count, default=1, help="all of them so often")
    how.add_argument("--seed", metavar="N", type=int, default=0, help="shuffles them, and decides what they draw")
    how.add_argument("--fail-fast", action="store_true", help="begin nothing new after the first failure")
    how.add_argument("--timeout", metavar="SPAN", type=_span, default=30.0, help="for one request (default: 30s)")
    how.add_argument("--max-time", metavar="SPAN", type=_span, help="every reply must come within this")
    how.add_argument(
        "--patience", metavar="N", type=_patience, default=1.0, help="events may take N times as long as scenarios say"
    )
    how.add_argument(
        "--wait-for", metavar="SPAN", type=_span, default=0.0, help="how long the platform may still start"
    )
    how.add_argument(
        "--retries", metavar="N", type=int, default=1, help="of what the network alone failed (default: 1)"
    )
    how.add_argument("--variable", metavar="NAME=VALUE", action="append", default=[], help="a variable of scenarios")
    how.add_argument("--secret", metavar="NAME[=VALUE]", action="append", default=[], help="one that is never shown")
    load = parser.add_argument_group("latency, open loop: begun by the clock, whether the one before has ended or not")
    load.add_argument("--rate", metavar="N/s", type=_rate, help="begin the scenarios so often")
    load.add_argument("--duration", metavar="SPAN", type=_span, default=10.0, help="for so long (default: 10s)")
    told = parser.add_argument_group("what is told")
    told.add_argument(
        "--report",
        metavar="FORMAT=FILE",
        action="append",
        default=[],
        help=f"{', '.join(FORMATS)}; - is stdout; repeatable",
    )
    told.add_argument("--baseline", metavar="FILE", help="failures that are known and do not count")
    told.add_argument("--baseline-update", action="store_true", help="write what fails now to the baseline")
    told.add_argument("--env", metavar="NAME", default="", help="what reports call this environment")
    told.add_argument("-v", "--verbose", action="store_true", help="every step, and how long which event took")


def run(arguments: argparse.Namespace) -> int:
    """Carry out `parlour smoke`."""
    from tui.cli.smoke_run import SmokeCommand

    if arguments.files[:1] == ["explain"]:
        return _explain(arguments.files[1:])
    for report in arguments.report:
        kind, _, file = report.partition("=")
        if kind not in FORMATS or not file:
            raise CannotGoOn(f"--report {report}: write FORMAT=FILE, with {', '.join(FORMATS)}")
    if arguments.baseline_update and not arguments.baseline:
        raise CannotGoOn("--baseline-update needs --baseline FILE")
    return SmokeCommand(arguments).run()


def given_variables(arguments: argparse.Namespace) -> tuple[dict[str, str], dict[str, str]]:
    """Return what `--variable` and `--secret` say. Raises CannotGoOn."""
    variables: dict[str, str] = {}
    for text in arguments.variable:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise CannotGoOn(f"--variable {text}: write NAME=VALUE")
        variables[name] = value
    secrets: dict[str, str] = {}
    for text in arguments.secret:
        name, equals, value = text.partition("=")
        if not equals:
            if name not in os.environ:
                raise CannotGoOn(f"--secret {name}: there is no environment variable of this name")
            value = os.environ[name]
        if not name or name in variables:
            raise CannotGoOn(f"--secret {name or '='}: a secret needs a name that no variable has")
        secrets[name] = value
    return variables, secrets


def _explain(words: list[str]) -> int:
    from api_client.inspect.smoke.codes import MEANINGS, explained

    if not words:
        for code, (title, _) in MEANINGS.items():
            sys.stdout.write(f"{code.value}  {title}\n")
        return Exit.OK
    for word in words:
        text = explained(word)
        if text is None:
            raise CannotGoOn(f"there is no code {word}; `parlour smoke explain` lists them")
        sys.stdout.write(text)
    return Exit.OK


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:6]) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 10000")
    return int(text)


def _patience(text: str) -> float:
    try:
        times = float(text)
    except ValueError:
        times = 0.0
    if not 1 <= times <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 100")
    return times


def _span(text: str) -> float:
    try:
        return seconds_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _rate(text: str) -> float:
    try:
        rate = float(text.removesuffix("/s"))
    except ValueError as error:
        raise argparse.ArgumentTypeError("a rate is written as 20/s") from error
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError("a rate is above 0 and at most 1000/s; beyond that use oha or k6")
    return rate
