"""Large libraries that are imported when something of them is first used: the start needs none of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["httpx"]

_COMMAND_LINE = "httpx._main"
"""A program that comes with httpx; its colours and options are two thirds of what importing httpx takes."""


class Postponed:
    """Stands for a module until something of it is used."""

    def __init__(self, name: str) -> None:
        """`name` is the module's, in full."""
        self._name = name

    def __getattr__(self, name: str) -> Any:
        with _without(_COMMAND_LINE):
            found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let nothing import `module`, as if it were not installed."""
    missing = object()
    before = sys.modules.get(module, missing)
    if before is not missing:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


if TYPE_CHECKING:
    import httpx
else:
    httpx = Postponed("httpx")
