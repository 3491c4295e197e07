"""What the domain groups call through, and what a cursor list comes back as."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from api_client.endpoints import Endpoint
from api_client.errors import BadReply, ErrorCode, Invalid
from api_client.text import clean_line

if TYPE_CHECKING:
    from api_client.models.base import WireModel

T = TypeVar("T")
M = TypeVar("M", bound="WireModel")

DEADLINE = 20.0
"""Seconds that a call may take in all, with its retries and a refresh of the token."""

RETRIES = 2
"""How often one call is repeated at most."""

Query = Mapping[str, str | int | bool | None]
Body: TypeAlias = "WireModel | Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from one exchange, its body inflated and within its limit."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a cursor list; `next_cursor` is None on the last one."""

    items: list[T]
    next_cursor: str | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def build(kind: type[M], **fields: Any) -> M:
    """Return the request `kind` with `fields`; raises `Invalid`, as the platform would, where one is wrong."""
    from pydantic import ValidationError

    try:
        return kind(**fields)
    except ValidationError as error:
        complaints = [
            {"field": ".".join(map(str, item["loc"])) or kind.__name__, "message": clean_line(item["msg"])}
            for item in error.errors(include_url=False, include_input=False)
        ]
        sentence = "; ".join(f"{item['field']}: {item['message']}" for item in complaints)
        # The cause would carry what was typed, passwords included.
        raise Invalid(sentence, code=ErrorCode.VALIDATION_ERROR, status=400, details=complaints) from None


def request_json(endpoint: Endpoint, body: Body) -> bytes:
    """Return `body` as it travels to `endpoint`; raises BadReply where JSON has no form for it.

    A PUT says only what was set, so that null can mean "take it away".
    """
    if not isinstance(body, Mapping):
        partial = endpoint.method == "PUT"
        return body.model_dump_json(exclude_unset=partial, exclude_none=not partial).encode()
    try:
        return json.dumps(dict(body), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadReply("This cannot be sent: it holds something that JSON does not have.", sent=False) from error


def query_text(value: str | int | bool | None) -> str:
    """Return `value` as it stands in a query."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


class Caller(Protocol):
    """The one call path to the platform."""

    async def call(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: Body | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        retries: int = RETRIES,
    ) -> Any:
        """Call `endpoint` and return its typed data."""

    async def fetch(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: Body | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        retries: int = RETRIES,
    ) -> Reply:
        """Call `endpoint` and return the successful reply unread."""


class Group:
    """A domain of the platform: its endpoints as methods."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def _one(self, kind: type[M], endpoint: Endpoint, **how: Any) -> M:
        """Call `endpoint`, of which the table says that it replies with a `kind`."""
        data = await self._caller.call(endpoint, **how)
        if not isinstance(data, kind):
            raise TypeError(f"{endpoint.name} replies with {type(data).__name__}, not {kind.__name__}")
        return data

    async def _page(self, endpoint: Endpoint, *, cursor: str | None, limit: int | None, **how: Any) -> Page[Any]:
        """Call a paged `endpoint` for what follows `cursor`."""
        query = {"cursor": cursor, "limit": limit, **how.pop("query", {})}
        page: Page[Any] = await self._caller.call(endpoint, query=query, **how)
        return page
