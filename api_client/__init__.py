"""The client library of the platform: typed REST and realtime, no UI in it.

Importing it costs nothing; what is named below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api_client.auth import FixedToken, MemoryTokens, Tokens, TokenStore
    from api_client.calls import Page
    from api_client.client import PlatformClient
    from api_client.errors import ApiError, PlatformError, SignInRequired
    from api_client.filelock import FileLock

__all__ = [
    "ApiError",
    "FileLock",
    "FixedToken",
    "MemoryTokens",
    "Page",
    "PlatformClient",
    "PlatformError",
    "SignInRequired",
    "TokenStore",
    "Tokens",
]

_HOMES = {
    "ApiError": "errors",
    "FileLock": "filelock",
    "FixedToken": "auth",
    "MemoryTokens": "auth",
    "Page": "calls",
    "PlatformClient": "client",
    "PlatformError": "errors",
    "SignInRequired": "errors",
    "TokenStore": "auth",
    "Tokens": "auth",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
