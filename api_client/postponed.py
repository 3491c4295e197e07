"""Large libraries that are imported when something of them is first used: the start needs none of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["httpx"]


class Postponed:
    """Stands for a module until something of it is used."""

    def __init__(self, name: str) -> None:
        """`name` is the module's, in full."""
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING:
    import httpx
else:
    httpx = Postponed("httpx")
