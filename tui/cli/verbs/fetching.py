"""Reads from the platform what verbs write: the JSON of the wire, cleaned, in pages as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.errors import BadReply
from api_client.replies import read_json, refuse_web_page, unwrap

if TYPE_CHECKING:
    from api_client.calls import Body, Query, Reply
    from api_client.client import PlatformClient

PAGE = 100
"""Records that the platform gives at once."""

Record = dict[str, Any]


@cache
def _table() -> Mapping[str, Endpoint]:
    return {endpoint.name: endpoint for endpoint in ENDPOINTS}


def endpoint(name: str) -> Endpoint:
    """Return an endpoint by its name in the table."""
    return _table()[name]


class Fetcher:
    """Asks one platform, for as many records as are wanted."""

    def __init__(self, client: PlatformClient, limit: int | None = None) -> None:
        """`limit` is how many records a list may give in all; None: every one."""
        self.client = client
        self.limit = limit

    async def data(self, name: str, path: Mapping[str, str] | None = None, query: Query | None = None) -> Any:
        """Return the data of one reply. Raises PlatformError."""
        asked = endpoint(name)
        return self._read(await self.client.fetch(asked, path=path, query=query), asked)[0]

    async def record(self, name: str, path: Mapping[str, str] | None = None, query: Query | None = None) -> Record:
        """Return the one record of a reply. Raises PlatformError."""
        data = await self.data(name, path, query)
        if not isinstance(data, dict):
            raise BadReply(f"{self.client.address.origin} answered to {name} with something else than a record.")
        return data

    async def pages(
        self, name: str, path: Mapping[str, str] | None = None, query: Query | None = None
    ) -> AsyncIterator[list[Record]]:
        """Yield a list page by page, as far as it is wanted. Raises PlatformError."""
        asked, cursor, left = endpoint(name), None, self.limit
        seen: set[str] = set()
        while left is None or left > 0:
            wanted = {**(query or {}), "cursor": cursor, "limit": PAGE if left is None else min(PAGE, left)}
            data, cursor = self._read(await self.client.fetch(asked, path=path, query=wanted), asked)
            records = records_in(data)[:left]
            yield records
            left = None if left is None else left - len(records)
            # A platform that hands out the same cursor again would never come to an end.
            if cursor is None or cursor in seen:
                return
            seen.add(cursor)

    async def send(self, asked: Endpoint, path: Mapping[str, str], body: Body | None, key: str | None) -> Any:
        """Make one change and return what the platform says of it. Raises PlatformError."""
        reply = await self.client.fetch(asked, path=path, body=body, idempotency_key=key)
        return self._read(reply, asked)[0] if reply.body.strip() else {}

    def some(self, records: list[Record]) -> list[Record]:
        """Return as many of `records` as are wanted."""
        return records[: self.limit]

    def _read(self, reply: Reply, asked: Endpoint) -> tuple[Any, str | None]:
        host = self.client.address.origin
        refuse_web_page(reply, host)
        return unwrap(read_json(reply.body, host), reply, asked)


def records_in(data: Any, name: str = "") -> list[Record]:
    """Return the records of a list: of the one called `name`, or the only one that `data` has."""
    found = data.get(name) if isinstance(data, dict) and name else data
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = found.get("items", lists[0] if len(lists) == 1 else [])
    return [record for record in found if isinstance(record, dict)] if isinstance(found, list) else []
