"""A client that also sends requests which are in no table, and returns what came back as it came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from api_client.auth import Tokens
from api_client.calls import DEADLINE, Reply
from api_client.client import PlatformClient
from api_client.errors import ApiError, BadReply

if TYPE_CHECKING:
    from api_client.inspect.capture import Tries

RAW_LIMIT = 64 * 1024 * 1024
"""Bytes of a reply, inflated."""

_WHO_ASKS = frozenset({"authorization", "cookie"})


class RawClient(PlatformClient):
    """A platform, seen by a developer: every call of `PlatformClient`, and any other."""

    async def raw(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        name: str = "raw",
        deadline: float = DEADLINE,
        retries: int = 0,
    ) -> Reply:
        """Send one request and return its reply, whatever its status; `retries` repeat what may pass.

        `url` may be relative to the base. Tokens travel to the platform's own origin alone, and not where `headers`
        say who asks; they are renewed once if the platform does not take them. `name` is what a recorder calls it.
        Raises PlatformError where no reply came, or one that cannot be read.
        """
        place = self.absolute(url)
        given = dict(headers or {})
        last: Reply | None = None
        tries: Tries = []
        await self._turn()

        async def attempt(tokens: Tokens | None) -> Reply:
            nonlocal last
            last = None
            secrets = tokens.headers if tokens else {}
            last = await self._wire.exchange(
                name,
                method,
                place,
                headers={**secrets, **given},
                content=content,
                limit=RAW_LIMIT,
                tries=tries,
            )
            return last

        as_user = self.address.owns(place) and not _WHO_ASKS & {header.lower() for header in given}
        send = (lambda: self._authorised(attempt)) if as_user else (lambda: self._checked(attempt, None))
        try:
            return await self._within(deadline, self._repeated(send, retries))
        except (ApiError, BadReply):
            if last is None:
                raise
            return last
