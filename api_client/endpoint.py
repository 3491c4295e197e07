"""One endpoint of the platform: what is said of it in the table, `api_client.endpoints`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from api_client.errors import ErrorCode
from api_client.postponed import Named


class Retry(Enum):
    """When a client may send the same request again by itself."""

    SAFE = "safe"
    """It only reads."""
    IDEMPOTENT = "idempotent"
    """Done twice is done once: PUT and DELETE."""
    KEYED = "keyed"
    """A POST that is safe to repeat with the same X-Idempotency-Key."""
    NEVER = "never"
    """Sign-in and the like: a person decides."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path."""

    name: str
    """`domain.verb`, unique."""
    method: str
    path: str
    """Below `/api/v1`, with `{names}` for its parameters."""
    replies_with: Any
    """The type `reply`, or where it stands."""
    takes: Any = None
    """The type `request`, or where it stands."""
    retry: Retry = Retry.SAFE
    paged: bool = False
    """Whether the reply is a cursor list."""
    public: bool = False
    """Whether it can be called without signing in."""
    status: int = 200
    errors: tuple[ErrorCode, ...] = ()
    """Codes it may answer with, beyond those every endpoint may."""
    lifted: tuple[str, ...] = ()
    """Fields of `data` that stand at the top level of the reply as well."""

    @property
    def reply(self) -> Any:
        """Type of the reply's `data`; for `paged` ones, of one item of it."""
        return self.replies_with.load() if isinstance(self.replies_with, Named) else self.replies_with

    @property
    def request(self) -> Any:
        """Type of the JSON body, None where there is none."""
        return self.takes.load() if isinstance(self.takes, Named) else self.takes
