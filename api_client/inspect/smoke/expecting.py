"""What a scenario may expect: of a reply, and of the events on sockets."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from api_client.errors import ErrorCode
from api_client.inspect.smoke.source import suggestion
from api_client.inspect.smoke.values import Duration, Jq

EVENT_GRACE = 2.0
"""Seconds beyond its limit in which an event is still awaited, to tell late from never."""

_CELL = re.compile(r"(?:(\d{3}(?:\|\d{3})*)(?:\s+([A-Z_]+))?|([A-Z][A-Z_]+)|-)")


class Strict(BaseModel):
    """What may hold nothing that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _statuses(value: Any) -> tuple[int, ...]:
    found = [value] if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(found, tuple):
        return found
    if not isinstance(found, list) or not found or not all(type(item) is int and 100 <= item <= 599 for item in found):
        raise ValueError("a status is a number from 100 to 599, or a list of them")
    return tuple(found)


def as_list(value: Any) -> Any:
    """Return text as a list of one, anything else as it is."""
    return [value] if isinstance(value, str) else value


Statuses = Annotated[tuple[int, ...], BeforeValidator(_statuses)]
Names = Annotated[list[Annotated[str, Field(min_length=1)]], BeforeValidator(as_list), Field(min_length=1)]
Predicates = Annotated[list[Jq], BeforeValidator(as_list)] | dict[Jq, Any]
"""jq that must be true; or jq to the value that it must make."""


class HeaderRule(Strict):
    """What a header must be like."""

    matches: str | None = None
    """A regular expression that must be found in it."""
    present: bool = True

    @field_validator("matches")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except (re.error, OverflowError, RecursionError) as error:
                raise ValueError(f"this is no regular expression: {error}") from error
        return value


class Capture(Strict):
    """A value of the reply to keep under a name."""

    jq: Jq
    secret: bool = False
    """Never to be shown from now on."""


Captures = dict[str, Jq | Capture]


class Expect(Strict):
    """What a reply must be like."""

    status: Statuses | None = None
    """The endpoint's own success if not said; any of 2xx for a path that is in no table."""
    code: str | None = None
    """The `error.code` of a refusal."""
    headers: dict[str, str | HeaderRule] = {}
    jq: Predicates = []
    match: Any = None
    """What the body must have at least."""
    within: Duration | None = None
    contract: Literal["strict", "lenient", "off"] = "strict"
    """`lenient`: unknown fields and values are allowed; `off`: nothing is held against the contract."""

    @field_validator("code")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None and value not in ErrorCode.__members__:
            raise ValueError(f"there is no error code {value}{suggestion(value, ErrorCode.__members__)}")
        return value


def _expectation(value: Any) -> Any:
    """Read the short forms: `404`, `[200, 201]`, `404 NOT_FOUND`."""
    if isinstance(value, (int, list)):
        return {"status": value}
    if isinstance(value, str):
        found = _CELL.fullmatch(value.strip())
        if found is None or value.strip() == "-":
            raise ValueError("expect is a status such as 404, `404 NOT_FOUND`, or a mapping")
        return read_cell(value)
    return value


ExpectField = Annotated[Expect, BeforeValidator(_expectation)]


def read_cell(value: str | int) -> dict[str, Any] | None:
    """Return status and code of `403`, `403 FORBIDDEN`, `200|404` or `NOT_FOUND`; None for `-`, which is left out."""
    text = str(value).strip()
    found = _CELL.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no status; write 404, `404 NOT_FOUND`, `200|404`, or - for none")
    if text == "-":
        return None
    code = found[2] or found[3]
    if code is not None and code not in ErrorCode.__members__:
        raise ValueError(f"there is no error code {code}{suggestion(code, ErrorCode.__members__)}")
    statuses = [int(part) for part in found[1].split("|")] if found[1] else [ErrorCode(str(code)).status]
    return {"status": statuses, "code": code}


class EventRule(Strict):
    """One event that must come, so and so often, on each of the sockets named."""

    on: Names
    type: str
    match: dict[str, Any] | None = None
    """What the event must have at least."""
    where: Jq | None = None
    """jq over the event that must be true."""
    times: int = Field(1, ge=1, le=1000)
    within: Duration | None = None
    capture: Captures = {}
    rising: Jq | None = None
    """A value that must rise from event to event."""
    gapless: Jq | None = None
    """A whole number that must rise by exactly one from event to event."""


class NoEvent(Strict):
    """An event that must not come."""

    on: Names
    type: str | None = None
    """Of any type if not said."""
    match: dict[str, Any] | None = None
    where: Jq | None = None


class Events(Strict):
    """What must come over the sockets, and what must not."""

    expect: list[EventRule] = []
    none: list[NoEvent] = []
    within: Duration = 2.0
    """Of every rule that says nothing else; from the moment when the request began to be sent."""
    order: Literal["any", "listed"] = "any"
    """`listed`: on each socket the events come in the order of the rules."""
    others: Literal["other-types", "any", "none"] = "other-types"
    """Which further events may come on these sockets: those of types that no rule here names, any, or none at all."""
    quiet: Duration = 0.2
    """How long is listened for what should not come, once everything has come that should."""

    def sockets(self) -> list[str]:
        """Return the sockets that its rules name."""
        return [name for rule in self.expect for name in rule.on] + [name for rule in self.none for name in rule.on]


def _events(value: Any) -> Any:
    return {"expect": value} if isinstance(value, list) else value


EventsField = Annotated[Events, BeforeValidator(_events)]
