"""The file of a recorded session: JSON lines of actions, calls, frames and sockets, written and read without trust."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Never, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    model_validator,
)

SCHEMA = "parlour.session/1"
_SCHEMA_FAMILY = "parlour.session/"
FILE_LIMIT = 256 * 1024 * 1024
"""Bytes of a file: recording ends there, and nothing larger is read."""
LINE_LIMIT = 24 * 1024 * 1024
"""Bytes of a line: a reply of 8 MiB as base64, and what stands around it."""
LINES_LIMIT = 1_000_000
DEPTH_LIMIT = 100
"""Objects and lists inside of each other, from which on a body is kept as text."""


def _readable(address: str) -> str:
    try:
        _ = urlsplit(address).port
    except ValueError as error:
        raise ValueError("this is no address") from error
    return address


Pairs = list[tuple[str, str]]
Url = Annotated[str, AfterValidator(_readable)]
"""One that can be taken apart: whoever reads a recording need not be ready for anything else."""
Milliseconds = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
"""Since the recording began."""


class SessionFileError(Exception):
    """A file that is no recording, or a damaged one; the sentence says which line."""

    def __init__(self, path: Path, sentence: str, line: int | None = None, column: int | None = None) -> None:
        place = "".join(f":{number}" for number in (line, column) if number is not None)
        super().__init__(f"{path}{place}: {sentence}")
        self.line = line


class _Line(BaseModel):
    """Unknown fields are passed over: a newer Parlour may have more to say."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Content(_Line):
    """A body: JSON where it is JSON, else text, else bytes in base64; nothing of the three if there was none."""

    json_: JsonValue = Field(default=None, alias="json")
    text: str | None = None
    base64: str | None = None
    cut: bool = False
    """Whether only its beginning was kept."""

    @model_validator(mode="after")
    def _decodes(self) -> Content:
        if self.base64 is not None:
            try:
                base64.b64decode(self.base64, validate=True)
            except (binascii.Error, ValueError) as error:
                raise ValueError("not base64") from error
        return self

    @property
    def is_json(self) -> bool:
        """Whether `json_` is the body."""
        return self.text is None and self.base64 is None

    def bytes_(self) -> bytes:
        """Return the body as it travels; JSON in the shortest form."""
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        if self.text is not None:
            return self.text.encode("utf-8", "surrogatepass")
        return json.dumps(self.json_, separators=(",", ":")).encode()


class Header(_Line):
    """The first line: what this is a recording of."""

    kind: Literal["session"] = "session"
    schema_: str = Field(default=SCHEMA, alias="schema")
    parlour: str = ""
    """Version of the program."""
    began: str = ""
    """ISO-8601, UTC."""
    platform: Url
    """Base URL, such as `http://127.0.0.1:3000/api/v1`."""
    username: str = ""
    user_id: str = ""


class ActionLine(_Line):
    """Something the user did."""

    kind: Literal["action"] = "action"
    at: Milliseconds
    number: int
    id: str
    """As in the list of actions; `outbox.…` for what was sent later."""
    label: str = ""


class CallLine(_Line):
    """One exchange over HTTP: one attempt of a call."""

    kind: Literal["call"] = "call"
    at: Milliseconds
    number: int
    name: str
    """The endpoint's name, or `media`, `upload` or `audio`."""
    method: Annotated[str, Field(pattern=r"^[A-Z]{1,16}$")]
    url: Url
    headers: Pairs = []
    body: Content | None = None
    streamed: bool = False
    """Whether there was a body that could not be kept."""
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    """None where no reply came."""
    reply_headers: Pairs = []
    reply: Content | None = None
    took: Milliseconds = 0.0
    attempt: int = 1
    first: int = 0
    """Number of the first attempt of the same call."""
    origin: str = "network"
    cause: int | None = None
    """Number of the action behind it."""
    error: str | None = None


class FrameLine(_Line):
    """One frame of the socket."""

    kind: Literal["frame"] = "frame"
    at: Milliseconds
    socket: int
    direction: Literal["sent", "received"]
    content: Content
    cause: int | None = None


class SocketLine(_Line):
    """The socket was opened, or closed."""

    kind: Literal["socket"] = "socket"
    at: Milliseconds
    socket: int
    event: Literal["opened", "closed"]
    url: str = ""
    code: int | None = None
    reason: str = ""


class EndLine(_Line):
    """The last line: nothing was cut off behind it."""

    kind: Literal["end"] = "end"
    at: Milliseconds
    why: str = "stopped"
    calls: int = 0
    frames: int = 0
    lost: int = 0
    """Records that were not written, because they came faster than the disk took them."""


Entry: TypeAlias = ActionLine | CallLine | FrameLine | SocketLine | EndLine
Line: TypeAlias = Header | Entry

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])
_KINDS = frozenset({"action", "call", "frame", "socket", "end"})


@dataclass(frozen=True)
class Session:
    """A recording, each kind in the order of its time."""

    header: Header
    actions: list[ActionLine] = field(default_factory=list)
    calls: list[CallLine] = field(default_factory=list)
    frames: list[FrameLine] = field(default_factory=list)
    sockets: list[SocketLine] = field(default_factory=list)
    end: EndLine | None = None
    complaint: str = ""
    """What is missing at its end, in a sentence; empty for a whole one."""


def content_of(body: bytes | str | None, *, cut: bool = False) -> Content | None:
    """Return what stands in the file for `body`, already redacted: JSON only where nothing is lost by it."""
    if body is None:
        return None
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if not cut and raw:
        try:
            value = _strict_json(raw.decode("utf-8"))
            if _SURROGATE.search(raw):
                # Half of a pair, which JSON can name and nothing else can hold, stays an escape in text.
                json.dumps(value, ensure_ascii=False).encode()
            if not _is_deep(value):
                return Content.model_construct(json_=value)
        except (ValueError, RecursionError):
            pass
    try:
        return Content.model_construct(text=raw.decode("utf-8"), cut=cut)
    except UnicodeDecodeError:
        return Content.model_construct(base64=base64.b64encode(raw).decode(), cut=cut)


def _is_deep(value: Any) -> bool:
    """Whether JSON is nested beyond what every reader of the file follows."""
    level = [value]
    for _ in range(DEPTH_LIMIT):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list))]
        level = [item for items in inner for item in items]
        if not level:
            return False
    return True


def line_of(entry: Line) -> bytes:
    """Return `entry` as a line of the file, pure ASCII, with its end."""
    data = entry.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    data = {"kind": entry.kind, **data}
    if isinstance(entry, Header):
        data["schema"] = entry.schema_
    for name in ("body", "reply", "content"):
        part = getattr(entry, name, None)
        if isinstance(part, Content) and part.is_json:
            data[name]["json"] = part.json_  # null is a body too
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def read_session(path: Path) -> Session:
    """Return the recording in the file at `path`.

    A last line that was cut short, as when the program was killed, is left out and complained of in the session. Raises
    SessionFileError for anything else that is not as it was written, and OSError.
    """
    if (size := path.stat().st_size) > FILE_LIMIT + LINE_LIMIT:
        raise SessionFileError(path, f"this is larger than any recording ({size // 1024**2} MiB)")
    session: Session | None = None
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    complaint = ""
    number = 0
    for number, raw, whole in _raw_lines(path):
        try:
            if session is None:
                session = Session(_header(path, raw, number))
            elif (entry := _entry(path, raw, number)) is not None:
                found[entry.kind].append(entry)
        except SessionFileError:
            if whole or session is None:
                raise
            complaint = f"{path}:{number}: this line was cut short; what stands before it is used."
    if session is None:
        raise SessionFileError(path, "this is empty, and no recording")
    if not found["end"] and not complaint:
        complaint = f"{path}:{number}: the recording has no end; Parlour was probably killed."
    for lines in found.values():
        lines.sort(key=lambda line: line.at)
    return Session(
        session.header,
        found["action"],
        found["call"],
        found["frame"],
        found["socket"],
        found["end"][-1] if found["end"] else None,
        complaint,
    )


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Yield number, text and whether it has an end, of every line that is not empty."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LINE_LIMIT + 1):
            number += 1
            if len(raw) > LINE_LIMIT:
                raise SessionFileError(path, "this line is longer than any of a recording", number)
            if number > LINES_LIMIT:
                raise SessionFileError(path, "there are more lines than in any recording", number)
            if raw.strip():
                yield number, raw, raw.endswith(b"\n")


def _header(path: Path, raw: bytes, number: int) -> Header:
    data = _json(path, raw, number)
    schema = data.get("schema") if isinstance(data, dict) else None
    if not isinstance(schema, str) or not schema.startswith(_SCHEMA_FAMILY):
        raise SessionFileError(path, "this is not a recording of Parlour", number)
    if schema != SCHEMA:
        raise SessionFileError(path, f"this was recorded by another version of Parlour ({schema[:40]})", number)
    try:
        return Header.model_validate(data)
    except ValidationError as error:
        raise _refused(path, error, number) from None


def _entry(path: Path, raw: bytes, number: int) -> Entry | None:
    """Return the entry of a line; None for one of a kind that is not known here."""
    data = _json(path, raw, number)
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        raise SessionFileError(path, "this line does not say what it is", number)
    if kind not in _KINDS:
        return None
    try:
        # By way of JSON, because there a list is also what a pair is written as.
        return _ENTRY.validate_json(raw)
    except ValidationError as error:
        raise _refused(path, error, number) from None


def _json(path: Path, raw: bytes, number: int) -> Any:
    try:
        return _strict_json(raw.decode("utf-8").rstrip("\n"))
    except json.JSONDecodeError as error:
        raise SessionFileError(path, f"this is not JSON: {error.msg}", number, error.colno) from None
    except (ValueError, RecursionError):
        raise SessionFileError(path, "this is not JSON as it is written here", number) from None


def _refused(path: Path, error: ValidationError, number: int) -> SessionFileError:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    # The name of the kind is the first step into a union, and no field.
    steps = [str(step) for step in first["loc"] if step not in _KINDS]
    return SessionFileError(path, f"{'.'.join(steps) or 'this line'}: {first['msg']}", number)


def _strict_json(text: str) -> Any:
    """Return the JSON in `text`; raises ValueError for what would not come out again as it went in."""
    return json.loads(text, parse_constant=_no_constant, parse_float=_float, parse_int=_int, object_pairs_hook=_unique)


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_EXACT = re.compile(r"-?\d{1,18}")


def _int(digits: str) -> int:
    if not _EXACT.fullmatch(digits):
        raise ValueError("a number of more digits than are exact")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number beyond what a float holds")
    return number


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found


def create(path: Path) -> int:
    """Create the file of a new recording, for its owner alone, and return its descriptor; raises OSError.

    What exists is left alone, also where it is a link that leads nowhere.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
