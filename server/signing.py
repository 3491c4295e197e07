"""Signed URLs: who may fetch or put what, until when, provable without asking the database."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlencode

from api_client.errors import ErrorCode
from server.clock import to_ms
from server.problems import Problem


class Signer:
    """Signs and verifies the path and the query fields of URLs with HMAC-SHA256."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, path: str, expires_ms: int, **fields: str) -> str:
        """Return the query string that makes `path` valid until `expires_ms` (ms since the epoch), that ms included."""
        signed = {"exp": str(expires_ms), **fields}
        return urlencode({**signed, "sig": self._signature(path, signed)})

    def verify(self, path: str, query: Mapping[str, str], now: datetime) -> dict[str, str]:
        """Return the signed fields of `query`, without `exp` and `sig`.

        Raises Problem SIGNATURE_INVALID if anything was changed or the time is over.
        """
        signed = {name: value for name, value in query.items() if name != "sig"}
        expected = self._signature(path, signed)
        if not hmac.compare_digest(query.get("sig", "").encode(), expected.encode()):
            raise Problem(ErrorCode.SIGNATURE_INVALID, "This link is not valid.")
        if to_ms(now) > int(signed["exp"]):
            raise Problem(ErrorCode.SIGNATURE_INVALID, "This link has expired.")
        del signed["exp"]
        return signed

    def _signature(self, path: str, fields: Mapping[str, str]) -> str:
        # Encoded, so that nothing in one field can be taken for the next.
        text = urlencode([("", path), *sorted(fields.items())], errors="surrogatepass")
        digest = hmac.new(self._key, text.encode(), sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
