"""jq over what comes back: compiled once, asked often."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.output import json_line, on_terminal, write_json, write_text


class Filter:
    """One jq expression."""

    def __init__(self, expression: str) -> None:
        """Compile `expression`; raises CannotGoOn if it is none."""
        import jq

        try:
            self._program = jq.compile(expression)
        except ValueError as error:
            raise CannotGoOn(f"{expression!r} is no jq expression: {_told(error)}") from error
        self.expression = expression

    def results(self, value: Any) -> Iterator[Any]:
        """Yield what it makes of `value`. Raises CannotGoOn where jq fails on it."""
        try:
            yield from self._program.input_value(value)
        except (ValueError, RecursionError) as error:
            raise CannotGoOn(f"jq: {_told(error)}", Exit.FAILED) from error

    def holds(self, value: Any) -> bool:
        """Whether anything that it makes of `value` is neither false nor null; what it fails on does not hold."""
        try:
            return any(result is not None and result is not False for result in self.results(value))
        except CannotGoOn:
            return False


def write_result(result: Any, *, raw: bool = False) -> None:
    """Write one result of jq on stdout, as `jq -r` does: text as it is, and everything else as JSON."""
    if isinstance(result, str):
        write_text(result + "\n", raw=raw)
    elif on_terminal(sys.stdout):
        write_json(result)
    else:
        sys.stdout.write(json_line(result) + "\n")


def _told(error: ValueError | RecursionError) -> str:
    """Return the first line of what jq says, without where in its own program it stands."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].removeprefix("jq: error: ").replace(" at <top-level>", "") if lines else "it fails"
