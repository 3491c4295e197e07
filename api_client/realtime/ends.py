"""The two ends of a connection: where it goes, and how it is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api_client.auth import Tokens

if TYPE_CHECKING:
    import ssl


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect and as whom."""

    url: str
    tokens: Tokens
    user_agent: str
    loopback: bool
    tls: ssl.SSLContext | None


class Over(Exception):
    """The connection has ended, or never began."""

    def __init__(self, reason: str, *, sign_in: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sign_in = sign_in
        self.retry_after = retry_after
