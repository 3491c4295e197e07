"""The steps of a scenario: each kind with its one word, and what else it may say."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, Tag, model_validator

from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.inspect.smoke.expecting import (
    Captures,
    EventsField,
    Expect,
    ExpectField,
    Names,
    Predicates,
    Strict,
    read_cell,
)
from api_client.inspect.smoke.source import suggestion
from api_client.inspect.smoke.values import Duration, Jq

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")

_BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}
_REQUEST = re.compile(r"([A-Z]+)\s+(\S.*)")


class Step(Strict):
    """What every step has."""

    title: str | None = None
    _line: int = PrivateAttr(1)
    _file: str = PrivateAttr("")

    @property
    def line(self) -> int:
        """The line of the file on which it begins."""
        return self._line

    @property
    def file(self) -> str:
        """The file in which it stands."""
        return self._file

    def placed(self, file: str, line: int) -> None:
        """Note where it stands."""
        self._file, self._line = file, line

    @property
    def label(self) -> str:
        """What it is called in reports."""
        return self.title or self._label()

    def _label(self) -> str:
        return type(self).__name__


class Asking(Strict):
    """What a request carries besides its address."""

    path: dict[str, str | int] = {}
    """Values for the `{names}` of an endpoint called by its name."""
    query: dict[str, Any] = {}
    headers: dict[str, str] = {}
    body: Any = None
    """Sent as JSON."""
    text: str | None = None
    """Sent as it is."""
    base64: str | None = None
    """Sent as the bytes that it stands for."""
    key: str | Literal[False] | None = None
    """The idempotency key; a new one for each request if not said, none if false."""
    root: bool = False
    """Whether the path begins at the host and not at the base URL."""

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if sum(part is not None for part in (self.body, self.text, self.base64)) > 1:
            raise ValueError("a request has one of body, text and base64")
        return self


def target_of(request: str) -> tuple[str, str, Endpoint | None]:
    """Return method, path and endpoint of `GET /posts/1` or `posts.get`; raises ValueError.

    The endpoint is None where a path is given: which one that is shows when its variables are filled in.
    """
    if request in _BY_NAME:
        endpoint = _BY_NAME[request]
        return endpoint.method, endpoint.path, endpoint
    found = _REQUEST.fullmatch(request)
    if found is None:
        raise ValueError(
            f"there is no endpoint {request}{suggestion(request, _BY_NAME)}; write its name, or METHOD /path"
        )
    method, path = found[1], found[2].strip()
    if method not in METHODS:
        raise ValueError(f"there is no method {method}{suggestion(method, METHODS)}")
    if not path.startswith(("/", "{{", "http://", "https://")):
        raise ValueError("a path begins with / (below the base URL), or with a variable that holds an address")
    return method, path, None


def _is_target(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a request is the name of an endpoint, or METHOD /path")
    target_of(value)
    return value


Target = Annotated[str, BeforeValidator(_is_target)]


class RequestStep(Step, Asking):
    """One request and what must come of it."""

    request: Target
    person: str | None = Field(None, alias="as")
    """Who asks; the first of the scenario's people if not said, and nobody where there are none."""
    expect: ExpectField = Expect()
    capture: Captures = {}
    events: EventsField | None = None
    idempotent: bool = False
    """Whether it is sent again, with the same key, and must get the same reply."""
    eventually: Duration | None = None
    """How long it is asked again until everything expected holds."""
    times: int = Field(1, ge=1, le=1000)
    """How often it is sent, one after the other; `{{nth}}` counts from 1."""
    walk: Jq | None = None
    """Every page is asked for, to the end: jq over an item by which it is known again, and must not come twice.

    What is expected besides the status is then asked of one reply with the items of all pages.
    """

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.walk is not None and (target_of(self.request)[0] != "GET" or self.eventually is not None):
            raise ValueError("walk goes through the pages of a GET, and not together with eventually")
        if self.eventually is not None and target_of(self.request)[0] not in ("GET", "HEAD"):
            raise ValueError("only what reads can be asked again until it holds: eventually is for GET")
        if self.path and target_of(self.request)[2] is None:
            raise ValueError("path is for endpoints by name; write the values into the path itself")
        return self

    def _label(self) -> str:
        return f"{self.request}{f' as {self.person}' if self.person else ''}"


def _sockets(value: Any) -> Any:
    if isinstance(value, str):
        return {value: value}
    return {name: name for name in value} if isinstance(value, list) and all(type(n) is str for n in value) else value


class ConnectStep(Step):
    """Sockets that are opened and signed in; by default each is called as its person."""

    connect: Annotated[dict[str, str], BeforeValidator(_sockets), Field(min_length=1)]
    """Socket to person."""
    by: Literal["header", "frame"] = "header"
    """How it signs in: by the Authorization header, or by a first frame."""
    refused: int | None = None
    """The close code with which it must be refused."""

    def _label(self) -> str:
        return f"connect {', '.join(self.connect)}"


class DisconnectStep(Step):
    """Sockets that are closed in order, or cut."""

    disconnect: Names
    cut: bool = False
    """Whether the connection is cut instead of closed."""

    def _label(self) -> str:
        return f"{'cut' if self.cut else 'disconnect'} {', '.join(self.disconnect)}"


class SubscribeStep(Step):
    """Keys that sockets follow from now on; their present versions are awaited."""

    subscribe: dict[str, Names]
    """Socket to keys."""
    refused: bool = False
    """Whether an `error` must come instead."""
    within: Duration = 2.0

    def _label(self) -> str:
        return f"subscribe {', '.join(self.subscribe)}"


class SendStep(Step):
    """One frame that a socket sends, and what must come of it."""

    send: dict[str, Any]
    """The frame."""
    socket: str = Field(alias="as")
    raw: str | None = None
    """Text to send instead of the frame."""
    contract: Literal["strict", "off"] = "strict"
    """`off`: the frame may be wrong on purpose, and an `error` event is no failure."""
    events: EventsField | None = None

    def _label(self) -> str:
        return f"send {self.send.get('type', 'a frame')} as {self.socket}"


class EventsStep(Step):
    """What must have come since events were looked at last."""

    events: EventsField

    def _label(self) -> str:
        return "events " + ", ".join(dict.fromkeys(rule.type for rule in self.events.expect)) or "events"


class AssertStep(Step):
    """What must hold between values: jq over an object of all variables."""

    predicates: Predicates = Field(alias="assert")

    def _label(self) -> str:
        return "assert"


class SetStep(Step):
    """Variables: values, or jq over an object of all variables where a value is `{jq: ...}`."""

    set: dict[str, Any]

    def _label(self) -> str:
        return f"set {', '.join(self.set)}"


class UseStep(Step):
    """Shared steps, with what they need."""

    use: str
    """Their name; `file.yaml#name` where they stand in another file."""
    given: dict[str, Any] = Field({}, alias="with")

    def _label(self) -> str:
        return f"use {self.use}"


class WaitStep(Step):
    """A pause: where the platform itself needs time, and no event tells when it has passed."""

    wait: Duration

    def _label(self) -> str:
        return f"wait {self.wait:g}s"


Cell = Annotated[str | int, Field(union_mode="left_to_right")]


class MatrixRow(Asking):
    """One request of a table, with more than its cells."""

    cells: list[Cell]
    match: Any = None
    """What the body of every success must have at least."""


class MatrixStep(Step):
    """Who may do what: one request in a row, one person in a column, what must come of it in the cell."""

    matrix: str
    """What the table is about."""
    people: Names = Field(alias="as")
    rows: dict[Target, Annotated[MatrixRow, BeforeValidator(lambda v: {"cells": v} if isinstance(v, list) else v)]]

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        for request, row in self.rows.items():
            if len(row.cells) != len(self.people):
                raise ValueError(f"{request} has {len(row.cells)} cells for {len(self.people)} people")
            for cell in row.cells:
                read_cell(cell)
        return self

    def _label(self) -> str:
        return self.matrix


VERBS: dict[str, type[Step]] = {
    "request": RequestStep,
    "connect": ConnectStep,
    "disconnect": DisconnectStep,
    "subscribe": SubscribeStep,
    "send": SendStep,
    "matrix": MatrixStep,
    "assert": AssertStep,
    "set": SetStep,
    "use": UseStep,
    "wait": WaitStep,
    "events": EventsStep,
}
"""The word by which a step is known, to what it is; `events` alone is a step, beside another verb a part of it."""


def verb_of(value: Any) -> str | None:
    """Return the one verb of a step, None if it has none or several."""
    if isinstance(value, Step):
        return next(verb for verb, kind in VERBS.items() if isinstance(value, kind))
    if not isinstance(value, dict):
        return None
    verbs = [verb for verb in VERBS if verb in value and verb != "events"]
    if not verbs and "events" in value:
        return "events"
    return verbs[0] if len(verbs) == 1 else None


AnyStep = Annotated[
    Annotated[RequestStep, Tag("request")]
    | Annotated[ConnectStep, Tag("connect")]
    | Annotated[DisconnectStep, Tag("disconnect")]
    | Annotated[SubscribeStep, Tag("subscribe")]
    | Annotated[SendStep, Tag("send")]
    | Annotated[MatrixStep, Tag("matrix")]
    | Annotated[AssertStep, Tag("assert")]
    | Annotated[SetStep, Tag("set")]
    | Annotated[UseStep, Tag("use")]
    | Annotated[WaitStep, Tag("wait")]
    | Annotated[EventsStep, Tag("events")],
    Discriminator(verb_of),
]
