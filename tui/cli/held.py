"""The secrets that this program itself holds never stand in what it writes, whoever sends them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api_client.auth import Tokens


def secrets_in(tokens: Tokens | None) -> dict[str, str]:
    """Return what in `tokens` nobody else may see, value to kind."""
    if tokens is None:
        return {}
    pairs = ((tokens.access, "token"), (tokens.refresh, "token"), (tokens.cookie, "cookie"))
    return {value: kind for value, kind in pairs if value}


def without_held(text: str, held: Mapping[str, str]) -> str:
    """Return `text` without what is `held`, in whatever disguise; JSON stays JSON."""
    if not held:
        return text
    from api_client.inspect.disguises import Needles, find_disguised

    for start, end, value in reversed(find_disguised(text, [Needles(value) for value in held])):
        text = f"{text[:start]}[{held[value]}]{text[end:]}"
    return text


def bytes_without_held(data: bytes, held: Mapping[str, str]) -> bytes:
    """Return `data` without what is `held`; what is no UTF-8 in it stays as it is."""
    text = data.decode("utf-8", "surrogateescape")
    found = without_held(text, held)
    return data if found is text else found.encode("utf-8", "surrogateescape")
