"""Values of a scenario: durations, `{{variables}}` filled in, jq asked, subsets compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import quote

import jq
from pydantic import BeforeValidator

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_TEMPLATE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_WAY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z_][A-Za-z0-9_]*|\[\d+\])*)")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")
_JQ_VARIABLE = re.compile(r"\$(?!__)([A-Za-z_][A-Za-z0-9_]*)")
_JQ_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

LONGEST = 86_400.0
"""Seconds of a duration at most."""
_LONGEST_SECRET = 8192
"""Characters that a secret has at most, as escaped as it may be."""

Variables = Mapping[str, Any]


class ValueTrouble(Exception):
    """A value cannot be worked out; the message says why."""


def seconds_of(value: Any) -> float:
    """Return the seconds in `500ms`, `2s` or `1m`; raises ValueError for anything else, a bare number as well."""
    if isinstance(value, float) and not isinstance(value, bool):
        return value  # Worked out before: the default of a field.
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a duration needs its unit, as in 500ms, 2s or 1m")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds > LONGEST:
        raise ValueError("a duration is at most a day, 1440m")
    return seconds


Duration = Annotated[float, BeforeValidator(seconds_of)]
"""Seconds; written with a unit."""


def _checked_jq(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a jq expression is text, such as .data.id")
    check_jq(text)
    return text


def check_jq(text: str) -> None:
    """Raise ValueError if `text` is no jq expression."""
    try:
        _program(text)
    except ValueError as error:
        raise ValueError(f"this is no jq expression: {' '.join(str(error).split())}") from error


Jq = Annotated[str, BeforeValidator(_checked_jq)]
"""A jq expression that compiles."""


@lru_cache(maxsize=4096)
def _program(text: str) -> Any:
    """Return `text` compiled, over an object of a value and of the variables that it names.

    Compiling costs a hundred times what running does; with variables as arguments it would come again at each use.
    """
    bound = "".join(f".variables.{name} as ${name} | " for name in _names_of(text))
    return jq.compile(f"{bound}.value | ({text}\n)")


def _names_of(text: str) -> list[str]:
    return sorted({name for name in _JQ_VARIABLE.findall(text) if name != "ENV"})


def ask(text: str, value: Any, variables: Variables) -> Any:
    """Return the first thing that the jq expression `text` makes of `value`; None where it makes nothing.

    Variables stand in it as `$name`. Raises ValueTrouble where jq fails.
    """
    wanted = _names_of(text)
    missing = [name for name in wanted if name not in variables and f"as ${name}" not in text]
    if missing:
        raise ValueTrouble(f"${missing[0]} is not known here")
    try:
        known = {name: variables[name] for name in wanted if name in variables}
        found: Any = next(iter(_program(text).input_value({"value": value, "variables": known})), None)
    except (ValueError, StopIteration, RecursionError) as error:
        raise ValueTrouble(f"jq: {_jq_sentence(str(error))}") from error
    return found


def _jq_sentence(said: str) -> str:
    """Return what jq complains of; the value that it shows cut is left out, as it may be half a secret."""
    line = " ".join(said.split())
    return cut(f"{line.partition(' (')[0]} (…)" if "..." in line else line, 300)


def names_in(text: str) -> Iterator[str]:
    """Yield the first word of every `{{template}}` in `text`; raises ValueError for one that is none."""
    for found in _TEMPLATE.finditer(text):
        way = _WAY.fullmatch(found[1])
        if way is None:
            raise ValueError(
                f"{{{{{found[1]}}}}} is no variable; write {{{{name}}}}, {{{{name.field}}}} or {{{{name[0]}}}}"
            )
        yield way[1]


def look_up(text: str, variables: Variables) -> Any:
    """Return what `name.field[0]` stands for; raises ValueTrouble where there is nothing of that name."""
    way = _WAY.fullmatch(text)
    if way is None or way[1] not in variables:
        raise ValueTrouble(f"{{{{{text}}}}} is not known here")
    value = variables[way[1]]
    for step in _STEP.finditer(way[2]):
        try:
            value = value[step[1]] if step[1] is not None else value[int(step[2])]
        except (KeyError, IndexError, TypeError) as error:
            raise ValueTrouble(f"{{{{{text}}}}}: there is no {step[0]} in it") from error
    return value


def filled(value: Any, variables: Variables) -> Any:
    """Return `value` with every `{{variable}}` in it filled in, at any depth.

    Text that is one variable and nothing else becomes its value, with its type; otherwise it becomes text.
    """
    if isinstance(value, str):
        whole = _TEMPLATE.fullmatch(value)
        if whole:
            return look_up(whole[1], variables)
        return _TEMPLATE.sub(lambda found: as_text(look_up(found[1], variables)), value)
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    if isinstance(value, dict):
        return {filled_text(key, variables): filled(item, variables) for key, item in value.items()}
    return value


def filled_text(value: str, variables: Variables) -> str:
    """Return `value` filled in, as text."""
    return as_text(filled(value, variables))


def filled_path(value: str, variables: Variables) -> str:
    """Return a path with its variables filled in and quoted; one that begins with a variable keeps that as it is."""

    def put(found: re.Match[str]) -> str:
        text = as_text(look_up(found[1], variables))
        return text if found.start() == 0 else quote(text, safe="@:")

    return _TEMPLATE.sub(put, value)


def as_text(value: Any) -> str:
    """Return a value as it stands inside of other text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a value is not as expected; put into words only where somebody reads it."""

    path: str
    expected: Any
    actual: Any
    missing: bool = False

    def __str__(self) -> str:
        if self.missing:
            return f"{self.path} is missing"
        return f"{self.path or '.'}: expected {brief(self.expected)}, got {brief(self.actual)}"


def subset_difference(expected: Any, actual: Any, path: str = "") -> Difference | None:
    """Return where `actual` lacks something of `expected`, None if it has all of it.

    A mapping may have more keys than expected; lists and everything else are compared whole.
    """
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return Difference(path, expected, actual)
        for key, value in expected.items():
            way = f"{path}.{key}" if _JQ_WORD.fullmatch(key) else f'{path or "."}["{key}"]'
            if key not in actual:
                return Difference(way, value, None, missing=True)
            if found := subset_difference(value, actual[key], way):
                return found
        return None
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return next((d for n, (a, b) in pairs if (d := subset_difference(a, b, f"{path}[{n}]"))), None)
    return None if equal(expected, actual) else Difference(path, expected, actual)


def filled_jq(text: str, variables: Variables) -> str:
    """Return a jq expression with its variables filled in as text inside of strings, where they cannot become code."""
    return _TEMPLATE.sub(lambda found: json.dumps(as_text(look_up(found[1], variables)))[1:-1], text)


def equal(expected: Any, actual: Any) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    return expected == actual and (type(expected) is bool) is (type(actual) is bool)


hide: ContextVar[Callable[[str], str]] = ContextVar("hide", default=str)
"""Takes secrets out of text before it is cut: of half a secret nobody would know that it was one."""


def brief(value: Any, limit: int = 200) -> str:
    """Return a value as JSON would write it, without secrets, cut to `limit` characters."""
    return cut(json.dumps(value, ensure_ascii=False, default=str), limit)


def cut(text: str, limit: int) -> str:
    """Return `text` without secrets, cut to `limit` characters."""
    # Looking through megabytes for every secret takes seconds, and the beginning is all that is shown.
    piece = text[: limit + 2 * _LONGEST_SECRET]
    shown = hide.get()(piece)
    if len(piece) < len(text):
        # At the end may be half a secret, of which nobody knows.
        shown = shown[:-_LONGEST_SECRET]
    elif len(shown) <= limit:
        return shown
    return shown[: limit - 1] + "…"
