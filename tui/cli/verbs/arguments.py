"""What verbs take: their own arguments, and the options that many of them share."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.cli.exits import CannotGoOn

if TYPE_CHECKING:
    from tui.cli.filters import Filter
    from tui.cli.parsers import Commands

LIMIT = 20
"""Records that a list gives where nobody says how many."""

EXITS = """\
exit: 0 done, 1 refused, or not all of it was done, 2 wrong use, 3 no answer, 4 sign in first, 130 interrupted
"""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb, as argparse takes it."""

    flags: tuple[str, ...]
    how: Mapping[str, Any] = field(default_factory=dict)


def argument(*flags: str, **how: Any) -> Argument:
    """Return an argument."""
    return Argument(flags, how)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the command line says of a verb."""

    name: str
    help: str
    examples: tuple[str, ...]
    """Each a line; the first is for people who read no further."""
    arguments: tuple[Argument, ...] = ()
    notes: str = ""


def add_verb(commands: Commands, common: argparse.ArgumentParser, usage: Usage) -> argparse.ArgumentParser:
    """Add the parser of a verb, with what all verbs share."""
    notes = f"\n{usage.notes.strip()}\n" if usage.notes else ""
    # Without `help` the list of commands leaves it out: verbs stand in a section of their own.
    parser = commands.add_parser(
        usage.name,
        parents=[common],
        description=usage.help,
        epilog="examples:\n" + "".join(f"  {line}\n" for line in usage.examples) + notes + "\n" + EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for each in usage.arguments:
        parser.add_argument(*each.flags, **each.how)
    output = parser.add_argument_group("what is written")
    forms = output.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="lines of JSON, also on a terminal; the default in a pipe")
    forms.add_argument("--lines", action="store_true", help="aligned lines, also in a pipe")
    forms.add_argument("--plain", action="store_true", help="sentences of label and value, for screen readers")
    output.add_argument("-q", "--jq", metavar="EXPR", help="what jq makes of each record")
    return parser


def add_list_options(parser: argparse.ArgumentParser) -> None:
    """Add how much of a list is wanted."""
    lists = parser.add_argument_group("how much")
    some = lists.add_mutually_exclusive_group()
    some.add_argument("--limit", type=positive, metavar="N", default=LIMIT, help=f"at most N (default: {LIMIT})")
    some.add_argument("--all", action="store_true", help="all of it, written as it comes")


def add_write_options(parser: argparse.ArgumentParser, *, queues: bool = True) -> None:
    """Add how a change is made; `queues` says whether the outbox can keep it."""
    how = parser.add_argument_group("how it is done")
    how.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    how.add_argument(
        "--idempotency-key", metavar="KEY", type=_key, help="the same key again makes nothing a second time"
    )
    if queues:
        when = how.add_mutually_exclusive_group()
        when.add_argument("--queue", action="store_true", help="put it into the outbox; the next Parlour sends it")
        when.add_argument("--later", action="store_true", help="put it there if the platform cannot be reached")


def limit_of(arguments: argparse.Namespace) -> int | None:
    """Return how many records are wanted, None for all."""
    return None if arguments.all else int(arguments.limit)


def filter_of(arguments: argparse.Namespace) -> Filter | None:
    """Return the jq expression that was given. Raises CannotGoOn."""
    if arguments.jq is None:
        return None
    if arguments.plain or arguments.lines:
        raise CannotGoOn("--jq makes JSON; it does not go with --plain or --lines")
    from tui.cli.filters import Filter

    return Filter(arguments.jq)


def text_of(words: str | Sequence[str], what: str) -> str:
    """Return the text that was given, for `-` that on stdin without its last line end. Raises CannotGoOn."""
    from tui.cli.verbs.targets import STDIN, read_stdin

    text = words if isinstance(words, str) else " ".join(words)
    if text == STDIN:
        text = read_stdin()
        text = text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
    if not text.strip():
        raise CannotGoOn(f"{what} is empty")
    return text


def positive(text: str) -> int:
    """Read a number of at least one, for argparse."""
    if not text.isdecimal() or not 0 < int(text[:10]) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _key(text: str) -> str:
    if not 1 <= len(text) <= 128 or not all("!" <= letter <= "~" for letter in text):
        raise argparse.ArgumentTypeError("an idempotency key is 1 to 128 visible ASCII characters")
    return text
