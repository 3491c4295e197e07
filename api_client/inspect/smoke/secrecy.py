"""A result without secrets: every text in it goes through the redactor, all at once.

Looking through one long text for all that a run holds costs a thousandth of looking through each short one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

from api_client.inspect.redaction import Redactor

T = TypeVar("T")

_SEPARATOR = "\n\x1e\x1f\n"
_ESCAPES = re.compile(r"[%\\]")


def without_secrets(result: T, redactor: Redactor) -> T:
    """Return a copy of `result`, which is made of dataclasses, lists, tuples and dicts, with every text redacted."""
    found, shown = dict.fromkeys(_texts(result)), dict[str, str]()
    for hold in (True, False):
        # What may hold escapes is read in several ways: the rest is spared that.
        texts = [text for text in found if bool(_ESCAPES.search(text)) is hold]
        shown.update(zip(texts, _redacted(texts, redactor), strict=True))
    rebuilt: T = _rebuilt(result, shown.__getitem__)
    return rebuilt


def _redacted(texts: list[str], redactor: Redactor) -> list[str]:
    whole = redactor.text(_SEPARATOR.join(text.replace("\x1e", "␞") for text in texts))
    parts = whole.split(_SEPARATOR)
    # A secret across the border of two texts is none, but who knows what is looked for: then each by itself.
    return parts if len(parts) == len(texts) else [redactor.text(text) for text in texts]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not isinstance(value, Enum):
            yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)


def _rebuilt(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else clean(value)
    if is_dataclass(value) and not isinstance(value, type):
        made = object.__new__(type(value))
        for each in fields(value):
            object.__setattr__(made, each.name, _rebuilt(getattr(value, each.name), clean))
        return made
    if isinstance(value, (list, tuple)):
        return type(value)(_rebuilt(item, clean) for item in value)
    if isinstance(value, dict):
        return {_rebuilt(key, clean): _rebuilt(item, clean) for key, item in value.items()}
    return value
