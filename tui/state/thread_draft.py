"""A post for a subreddit while it is being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, Self

KEY = "post"
"""Under which it is kept among the drafts."""

Kind = Literal["text", "link", "image", "video"]
KINDS: tuple[tuple[Kind, str], ...] = (("text", "text"), ("link", "link"), ("image", "picture"), ("video", "video"))
"""What a post can carry, each with its word."""


@dataclass(frozen=True, slots=True)
class ThreadDraft:
    """Everything that stands in the form."""

    subreddit: str = ""
    kind: Kind = "text"
    title: str = ""
    url: str = ""
    body: str = ""

    @property
    def has_words(self) -> bool:
        """Whether there is anything in it that would be missed."""
        return bool(self.title.strip() or self.url.strip() or self.body.strip())

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Self:
        """Return the draft that was kept as `fields`."""
        kind = next((kind for kind, _ in KINDS if kind == fields.get("kind")), KINDS[0][0])
        words = {name: fields.get(name, "") for name in ("subreddit", "title", "url", "body")}
        return cls(kind=kind, **words)

    @property
    def fields(self) -> dict[str, str]:
        """What is kept of it."""
        return asdict(self)
