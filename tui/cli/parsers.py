"""The commands that need no screen: which there are, how their arguments are read, and how they end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from tui.cli.exits import CannotGoOn, Exit, status_of
from tui.cli.output import say
from tui.cli.verbs.names import VERBS

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

COMMANDS: dict[str, str] = {
    "login": "signing",
    "logout": "signing",
    "accounts": "signing",
    "paths": "signing",
    "api": "api",
    "ws": "ws",
    "smoke": "smoke",
    "replay": "replay",
    "fake": "fake",
    "drift": "drift",
    "doctor": "doctor",
    **VERBS,
}
"""Every command here, in the order of the help, and the module of `tui.cli` that adds its parser and runs it."""

_TAKING_A_WORD = ("--url", "--data", "--theme", "--faults", "--record", "--account")
"""Options of the program itself, whose next word is no command."""


class CommandModule(Protocol):
    """What a module of `tui.cli` that has commands looks like."""

    add_parser: Callable[[Commands, argparse.ArgumentParser], None]
    """Adds the parsers of all its commands; `common` is their parent."""
    run: Callable[[argparse.Namespace], int]
    """Carries out `arguments.command`; may raise what `run` below has an end for."""


class Parser(argparse.ArgumentParser):
    """A parser that has one sentence for a command it does not know, and lets options stand between arguments."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            from difflib import get_close_matches

            from api_client.text import clean_line

            near = get_close_matches(str(value), sorted({*action.choices, *COMMANDS}), n=3)
            meant = f"did you mean {' or '.join(near)}?" if near else "`parlour --help` lists them"
            self.exit(Exit.USAGE, f"parlour: there is no command {clean_line(str(value))!r}; {meant}\n")
        super()._check_value(action, value)

    def _match_arguments_partial(self, actions: Iterable[argparse.Action], arg_strings_pattern: str) -> list[int]:
        """Leave what may be missing for behind the next option, as in `queue add --dry-run ID`."""
        counts = super()._match_arguments_partial(list(actions), arg_strings_pattern)
        while counts and not counts[-1] and "O" in arg_strings_pattern:
            counts.pop()
        return counts


def add_commands(commands: Commands, common: argparse.ArgumentParser, argv: Sequence[str] | None = None) -> None:
    """Add the parsers of the commands that reading `argv` may need; of all where that is not known."""
    parent = argparse.ArgumentParser(add_help=False, parents=[common])
    parent.add_argument(
        "--account", metavar="NAME", default=argparse.SUPPRESS, help="whose sign-in is used; else the one used last"
    )
    for name in _needed(argv, set(commands.choices)):
        _module(name).add_parser(commands, parent)


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of the commands here, and say on stderr why it did not get to its end."""
    try:
        status = _module(COMMANDS[arguments.command]).run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough. What is left in the buffer must not complain when the program ends.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except CannotGoOn as end:
        say(end.sentence)
        return end.exit
    except _foreign() as error:
        ending = _ending(error)
        say(ending.sentence)
        return ending.exit
    return status


def _foreign() -> tuple[type[Exception], ...]:
    """Return the errors that are no fault of this program; they are loaded when one comes, and not before."""
    from api_client.errors import PlatformError
    from tui.keychain import SecretsUnavailable
    from tui.paths import UnsafeFolder

    return PlatformError, SecretsUnavailable, UnsafeFolder, OSError


def _ending(error: Exception) -> CannotGoOn:
    from api_client.errors import PlatformError

    if isinstance(error, PlatformError):
        return CannotGoOn(error.sentence, status_of(error))
    if isinstance(error, OSError):
        return CannotGoOn(f"{error.filename or 'a file'}: {error.strerror or error}", Exit.FAILED)
    return CannotGoOn(str(error), Exit.UNAVAILABLE)


def _needed(argv: Sequence[str] | None, others: set[str]) -> list[str]:
    """Return the modules that reading `argv` needs: of the one command that it names, else of all."""
    words = iter(() if argv is None else argv)
    for word in words:
        if word in _TAKING_A_WORD:
            next(words, None)
        elif word in COMMANDS:
            return [COMMANDS[word]]
        elif word in others and word != "completion":
            return []
        elif not word.startswith("-") or word in ("-h", "--help"):
            return list(dict.fromkeys(COMMANDS.values()))
    return [] if argv is not None else list(dict.fromkeys(COMMANDS.values()))


def _module(name: str) -> CommandModule:
    return cast(CommandModule, import_module(f"tui.cli.{name}"))
