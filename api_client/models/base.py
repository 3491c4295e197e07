"""The ground all wire models stand on: frozen, both spellings read, one bad item never hides its list."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    WrapValidator,
)
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

T = TypeVar("T")


class WireModel(BaseModel):
    """A shape of the contract: camelCase on the wire, snake_case read as well, unknown fields ignored."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="ignore",
        # Hundreds of shapes, of which a run needs a few: each is prepared when it is first read or written.
        defer_build=True,
    )

    def changed(self, **fields: Any) -> Self:
        """Return a copy with `fields` replaced, for optimistic changes; the values are not validated again."""
        return self.model_copy(update=fields)


class OpenEnum(StrEnum):
    """An enumeration that a newer platform may have extended: an unknown value reads as `UNKNOWN`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls.__members__.get("UNKNOWN") if isinstance(value, str) else None


def _fold(text: str) -> str:
    return " ".join(text.split("\n")) if "\n" in text else text


def _as_utc(moment: datetime) -> datetime:
    # At either end of the calendar there are places whose own time is outside it: who shows it there would fail.
    if not MINYEAR < moment.year < MAXYEAR:
        raise ValueError("a moment at the end of the calendar")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


UNREADABLE_LIMIT = 1_000
"""Items that may be left out of one list; with more of them, it is not what it should be."""


def _readable_items(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """Validate a list; if it fails, keep the items that can be read one by one."""
    try:
        return handler(value)
    except ValidationError:
        if not isinstance(value, list):
            raise
    readable: list[Any] = []
    unreadable = 0
    for item in value:
        try:
            readable.extend(handler([item]))
        except ValidationError:
            unreadable += 1
            if unreadable > UNREADABLE_LIMIT:
                raise
    return readable


Line = Annotated[str, AfterValidator(_fold)]
"""Text that stands in one row: line breaks become spaces."""

Moment = Annotated[datetime, AfterValidator(_as_utc), PlainSerializer(_iso, return_type=str, when_used="json")]
"""A point in time, always aware and in UTC; ISO-8601 with milliseconds on the wire."""

# A complaint takes 300 bytes, and a hostile list has millions of items: the first complaint is enough.
Several = Annotated[list[T], Field(fail_fast=True)]
"""A list that is read as a whole or not at all."""

Items = Annotated[Several[T], WrapValidator(_readable_items)]
"""A list of which an unreadable item is left out instead of taking the others with it."""


ClientId = Annotated[
    str,
    StringConstraints(
        to_lower=True, pattern=r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
    ),
]
"""The id that a client gives to what it creates, a UUID as `api_client.ids.new_id` makes them.

A create that comes again with the id of an earlier one of the same author answers with what exists.
"""

BaseVersion = Annotated[int, Field(ge=1, le=2**53)]
"""The version of a record that a change was made on; where the record has another one by now, nothing is changed."""


class Meta(WireModel):
    """What accompanies a reply."""

    request_id: str | None = None
    next_cursor: str | None = None
    pagination: Pagination | None = None


class Pagination(WireModel):
    """Where a page-numbered list stands."""

    page: int
    limit: int
    total: int
    has_more: bool


class Envelope(WireModel, Generic[T]):
    """The success envelope of every JSON reply that is not a cursor list."""

    success: Literal[True] = True
    data: T
    meta: Meta | None = None


class ListEnvelope(WireModel, Generic[T]):
    """The success envelope of a cursor list; `next_cursor` is None on the last page."""

    success: Literal[True] = True
    data: Items[T]
    next_cursor: str | None = None
    meta: Meta | None = None


class ErrorBody(WireModel):
    """What the error envelope says."""

    code: str
    message: str
    details: Any = None


class ErrorEnvelope(WireModel):
    """The failure envelope of every JSON reply."""

    success: Literal[False] = False
    error: ErrorBody
    meta: Meta | None = None


class Done(WireModel):
    """The reply of a call that has nothing else to say."""

    success: bool = True


Meta.model_rebuild()
