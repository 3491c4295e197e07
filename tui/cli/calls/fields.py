"""Fields of a request as they are typed: `a=1`, `a[b]=x`, `a[]=x`, `a[][b]=x`, with `@file` and types."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui.cli.exits import CannotGoOn

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_STEP = re.compile(r"\[([^\[\]]*)\]")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}

LONGEST_NUMBER = 300
"""Characters; what is longer is text."""


class Template(str):
    """Text of a typed field, in which placeholders may stand."""

    __slots__ = ()


def read_fields(texts: list[str], typed: list[str]) -> dict[str, Any]:
    """Return the object that the fields make: `texts` are taken literally, values of `typed` have types.

    A typed value is true, false, null or a number where it looks like one, the text of a file for `@file` and of
    stdin for `@-`, and otherwise a `Template`. Raises CannotGoOn for fields that are none, contradict each other, or
    name a file that cannot be read.
    """
    made: dict[str, Any] = {}
    for field in texts:
        key, value = _split(field)
        _put(made, key, value, field)
    for field in typed:
        key, value = _split(field)
        _put(made, key, None if value is None else typed_value(value), field)
    return made


def typed_value(text: str) -> Any:
    """Return what `text` stands for. Raises CannotGoOn for a file that cannot be read."""
    if text in _WORDS:
        return _WORDS[text]
    if text.startswith("@"):
        return read_text(text[1:])
    found = _NUMBER.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if found is None:
        return Template(text)
    if found[1] is None and found[2] is None:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else Template(text)


def read_text(name: str) -> str:
    """Return the text of the file `name`, of stdin for `-`. Raises CannotGoOn."""
    try:
        return read_bytes(name).decode()
    except UnicodeDecodeError as error:
        raise CannotGoOn(f"{_called(name)} is not UTF-8 text (byte {error.start})") from error


def read_bytes(name: str) -> bytes:
    """Return the bytes of the file `name`, of stdin for `-`. Raises CannotGoOn."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).expanduser().read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CannotGoOn(f"{_called(name)} cannot be read: {why}") from error


def as_query(made: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the fields as they stand in an address: `a[b]=1`, `a[]=x` once for each item."""
    return [(name, _query_text(value)) for name, value in _flat("", made)]


def _called(name: str) -> str:
    return "stdin" if name == "-" else name


def _split(field: str) -> tuple[list[str], str | None]:
    """Return the steps of a field's key and its value; None is for `a[]`, the empty list."""
    name, equals, value = field.partition("=")
    found = _KEY.fullmatch(name)
    if found is None:
        raise CannotGoOn(f"{field!r} is no field: write name=value, name[inner]=value or name[]=value")
    steps = [found[1], *_STEP.findall(found[2])]
    if not equals and steps[-1] != "":
        raise CannotGoOn(f"{field!r} is no field: it needs a value, as in {name}=value")
    return steps, value if equals else None


def _put(made: dict[str, Any], steps: list[str], value: Any, field: str) -> None:
    """Put `value` where `steps` lead; an empty step is the end of a list."""
    at: Any = made
    for place, step in enumerate(steps):
        last = place == len(steps) - 1
        if step != "":
            inside = value if last else [] if steps[place + 1] == "" else {}
            if not isinstance(at, dict):
                raise _clash(field, steps[:place], "a list")
            if last and step in at:
                raise CannotGoOn(f"{field!r} gives {_written(steps)} a second time")
            at = at.setdefault(step, inside)
        elif not isinstance(at, list):
            raise _clash(field, steps[:place], "an object" if isinstance(at, dict) else "a value")
        elif last:
            if "=" in field:
                at.append(value)
            return
        else:
            at = _item(at, steps[place + 1 :])
        if not last and not isinstance(at, (dict, list)):
            raise _clash(field, steps[: place + 1], "a value")


def _item(items: list[Any], rest: list[str]) -> Any:
    """Return the item that `rest` goes into: the last one, or a new one where the last has this already."""
    wanted: type = list if rest[0] == "" else dict
    if not items or not isinstance(items[-1], wanted) or (wanted is dict and _has(items[-1], rest)):
        items.append(wanted())
    return items[-1]


def _has(item: Any, rest: list[str]) -> bool:
    for step in rest:
        if step == "":
            return False
        if not isinstance(item, dict) or step not in item:
            return False
        item = item[step]
    return True


def _clash(field: str, steps: list[str], what: str) -> CannotGoOn:
    return CannotGoOn(f"{field!r} does not fit: {_written(steps)} is {what} by an earlier field")


def _written(steps: list[str]) -> str:
    return steps[0] + "".join(f"[{step}]" for step in steps[1:])


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}[{key}]" if name else key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(f"{name}[]", inner)
    else:
        yield name, value


def _query_text(value: Any) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
