"""The shape of a scenario: what its YAML may say, strictly. How it is written: docs/developers.md, section Smoke."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    field_validator,
    model_validator,
)

from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.errors import ErrorCode
from api_client.inspect.smoke.source import suggestion
from api_client.inspect.smoke.values import Duration, Jq

ANYBODY = ("anonymous", "expired")
"""Who is always there: somebody without a token, and somebody whose sign-in has ended."""

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
EVENT_GRACE = 2.0
"""Seconds beyond its limit in which an event is still awaited, to tell late from never."""

_BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}
_REQUEST = re.compile(r"([A-Z]+)\s+(\S.*)")
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


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Statuses = Annotated[tuple[int, ...], BeforeValidator(_statuses)]
Names = Annotated[list[Annotated[str, Field(min_length=1)]], BeforeValidator(_many), Field(min_length=1)]
Predicates = Annotated[list[Jq], BeforeValidator(_many)] | dict[Jq, Any]
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
            except re.error as error:
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


def _is_target(value: str) -> str:
    target_of(value)
    return value


Target = Annotated[str, BeforeValidator(_is_target)]


class RequestStep(Step, Asking):
    """One request and what must come of it."""

    request: Target
    person: str | None = Field(None, alias="as")
    """Who asks; the first of the scenario's people if not said, and nobody where there are none."""
    expect: Annotated[Expect, BeforeValidator(_expectation)] = Expect()
    capture: Captures = {}
    events: EventsField | None = None
    idempotent: bool = False
    """Whether it is sent again, with the same key, and must get the same reply."""
    eventually: Duration | None = None
    """How long it is asked again until everything expected holds."""
    times: int = Field(1, ge=1, le=1000)
    """How often it is sent, one after the other; `{{nth}}` counts from 1."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
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


class PersonRule(Strict):
    """Somebody of a scenario: registered for it, unless it says how they sign in."""

    username: str | None = None
    password: str | None = None
    """With a username: an account that exists. Usually `{{a_secret}}`."""
    profile: dict[str, Any] = {}
    """What PUT /users/me is told once they are registered, such as `isPrivate: true`."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.username is None) is not (self.password is None):
            raise ValueError("an account that exists needs username and password, both")
        return self


def _people(value: Any) -> Any:
    value = _many(value)
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        if len(set(value)) != len(value):
            raise ValueError("somebody is named twice")
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {} if rule is None else rule for name, rule in value.items()}
    return value


Word = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]


class Scenario(Strict):
    """Steps that belong together, who takes part, and what is tidied up behind them."""

    scenario: Annotated[str, Field(min_length=1, max_length=200)]
    about: str | None = None
    area: Word | None = None
    """The first part of its name in reports; the file's name if not said."""
    tags: Annotated[list[Word], BeforeValidator(_many)] = []
    requires: Annotated[list[str], BeforeValidator(_many)] = []
    """Capabilities, as GET /meta lists them, without which it is left out."""
    people: Annotated[dict[Word, PersonRule], BeforeValidator(_people)] = {}
    variables: dict[Word, Any] = {}
    data: list[dict[Word, Any]] | str = []
    """Rows of variables, or a CSV file beside this one: the scenario is carried out once for each."""
    timeout: Duration = 60.0
    steps: Annotated[list[AnyStep], Field(min_length=1)]
    teardown: list[AnyStep] = Field([], alias="finally")
    """Carried out in any case, one after the other, whatever fails."""
    _file: str = PrivateAttr("")
    _line: int = PrivateAttr(1)

    @field_validator("people")
    @classmethod
    def _free_names(cls, people: dict[str, PersonRule]) -> dict[str, PersonRule]:
        for name in people:
            if name in ANYBODY:
                raise ValueError(f"{name} is always there and is not listed")
        return people

    def placed(self, file: str, line: int) -> None:
        """Note where it stands."""
        self._file, self._line = file, line

    @property
    def file(self) -> str:
        """The file in which it stands."""
        return self._file

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self._line

    @cached_property
    def slug(self) -> str:
        """Its title as a word."""
        return re.sub(r"[^a-z0-9]+", "-", self.scenario.lower()).strip("-") or "scenario"

    @property
    def classname(self) -> str:
        """What it is called in JUnit reports, as long as its title stays."""
        area = self.area or re.split(r"[\\/]", self._file)[-1].rsplit(".", 1)[0]
        return f"smoke.{area}.{self.slug}"


class Shared(Strict):
    """Steps that several scenarios use."""

    shared: Word
    about: str | None = None
    needs: list[Word] = []
    """Variables that who uses them must give."""
    steps: Annotated[list[AnyStep], Field(min_length=1)]
    teardown: list[AnyStep] = Field([], alias="finally")
    """Added in front of the teardown of the scenario."""
