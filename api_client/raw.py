"""A client that also sends requests which are in no table, and returns what came back as it came."""

from __future__ import annotations

import os
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

_PROXIES = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
_WHO_ASKS = frozenset({"authorization", "cookie"})


class RawClient(PlatformClient):
    """A platform, seen by a developer: every call of `PlatformClient`, and any other."""

    _has_asked = False

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
            identified = {**(tokens.headers if tokens else {}), **given}
            if self._asks_for_the_first_time(place, given):
                from api_client import one_shot

                last = await one_shot.exchange(
                    method, place, headers=identified, content=content, limit=RAW_LIMIT, user_agent=self.user_agent
                )
            else:
                last = await self._wire.exchange(
                    name, method, place, headers=identified, content=content, limit=RAW_LIMIT, tries=tries
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

    def prepare(self) -> None:
        """Load what calls need, so that a recorder does not take that for a part of the first of them."""
        from api_client.inspect import faulty_http, wire_times  # noqa: F401 - they bring the library for calls

    def _asks_for_the_first_time(self, url: str, headers: Mapping[str, str]) -> bool:
        """Whether this is one request over plain HTTP, straight to the platform: no library is loaded for that."""
        first, self._has_asked = not self._has_asked, True
        plain = self._transport is None and self.recorder is None and self.faults.on is None
        # What comes packed takes the library to unpack.
        plain = plain and not any(name.lower() == "accept-encoding" for name in headers)
        straight = self.address.loopback or not any(name in os.environ for name in _PROXIES)
        return first and plain and straight and url.startswith("http://") and self.address.owns(url)
