"""What is large and imported when something of it is first used: the start needs none of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "Named",
    "Names",
    "Postponed",
    "cookiejar",
    "cookies",
    "frames",
    "httpx",
    "operations",
    "records",
    "replies",
    "transactions",
]

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


@dataclass(frozen=True, slots=True)
class Named:
    """Stands for something in a module, until it is needed."""

    module: str
    name: str

    def load(self) -> Any:
        """Return what it stands for."""
        return getattr(import_module(self.module), self.name)


class Names:
    """Stands for a module of which names are only written down: its attributes are `Named`, if they exist or not."""

    def __init__(self, module: str) -> None:
        """`module` is its name in full."""
        self._module = module

    def __getattr__(self, name: str) -> Named:
        return Named(self._module, name)


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
        sys.modules.pop(module, None)


if TYPE_CHECKING:
    from http import cookiejar, cookies

    import httpx

    from api_client import operations, replies, transactions
    from api_client.models import realtime as frames
    from api_client.models import records
else:
    httpx = Postponed("httpx")
    cookiejar, cookies = Postponed("http.cookiejar"), Postponed("http.cookies")
    operations, transactions = Postponed("api_client.operations"), Postponed("api_client.transactions")
    frames = Postponed("api_client.models.realtime")
    records = Postponed("api_client.models.records")
    replies = Postponed("api_client.replies")
