"""One change that a verb makes: which endpoint, of what, and what takes it back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from api_client.ids import new_id

_KEYS = uuid.UUID("0d5f5b2e-98a5-4f0b-8d27-6a0f0b1f8f5c")
"""Namespace of the ids that are made from idempotency keys."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes a change back, for the history."""

    endpoint: str | None = None
    """None where it can be taken back only as long as it has not been sent."""
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    label: str = ""
    within: float | None = None
    """Seconds for which it is offered; None: always."""
    again: bool = True


@dataclass(frozen=True, slots=True)
class Write:
    """One change."""

    endpoint: str
    """Its name in the table."""
    label: str
    """What it is in words, as the outbox lists it."""
    object_key: str
    """What it changes, as the program's own writes name it."""
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    key: str = field(default_factory=new_id)
    """The same key again makes nothing a second time."""
    undo: Undo | None = None
    holds_words: bool = False
    """Whether it carries what the user wrote: when it is refused, it stays until the user decides."""
    of: str = ""
    """The id of the record that it is about, which may be unsent itself."""
    photos: tuple[Photo, ...] = ()
    """Pictures that are sent before it; `media` of the body names them by their numbers."""

    def keyed(self, key: str) -> Write:
        """Return it with another key."""
        return replace(self, key=key)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture on this machine."""

    path: Path
    mime_type: str
    alt: str = ""

    @property
    def kind(self) -> str:
        """What it is on the wire."""
        return "video" if self.mime_type.startswith("video/") else "image"


def derived(key: str, part: str) -> str:
    """Return the id, always the same, that belongs to `part` of what is done under `key`."""
    return str(uuid.uuid5(_KEYS, f"{key} {part}"))
