"""What a recorded platform answers: which recorded reply fits a request, and what it says on the socket after it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from api_client.inspect.identities import UUID, Identities, ids_in, tokens_in
from api_client.inspect.replay_plan import NOISE_FRAMES, OWN_BUSINESS, SOUND, last_attempts, type_of
from api_client.inspect.session_file import CallLine, FrameLine, Session

_SIGNED = frozenset({"sig", "signature", "exp", "expires", "token", "uid"})
_NEAR = 5_000.0
"""Milliseconds after a write in which a frame about the same thing is its doing."""


@dataclass(frozen=True)
class Request:
    """What somebody asks for."""

    method: str
    path: str
    """Decoded."""
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    """Decoded JSON, None where there is none."""
    range_: str = ""


@dataclass
class _Recorded:
    call: CallLine
    request: Request
    ids: frozenset[str]
    served: int = 0


@dataclass
class Script:
    """The recording as a play: each reply in its turn, the last one again and again."""

    session: Session
    identities: Identities = field(default_factory=Identities)
    """Ids that the client made then, and makes now."""

    def __post_init__(self) -> None:
        self._calls = [
            _Recorded(call, _request_of(call), frozenset(_ids_of(call)))
            for call in last_attempts(self.session.calls)
            if call.status is not None and call.name not in OWN_BUSINESS | {SOUND}
        ]
        self._frames = _frames_by_cause(self.session, [each.call for each in self._calls])
        self._known = frozenset(each for recorded in self._calls for each in recorded.ids)
        self._said: set[int] = set()

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def first_frames(self) -> list[FrameLine]:
        """What was said before anything was asked."""
        return self._frames.get(-1, [])

    def answer(self, request: Request) -> CallLine | None:
        """Return the recorded reply that is due, None if nothing like this was recorded."""
        then = Request(
            request.method,
            self.identities.text_then(request.path),
            tuple((name, self.identities.text_then(value)) for name, value in request.query),
            _json_then(request.body, self.identities),
            request.range_,
        )
        fitting = self._fitting(then)
        if not fitting:
            return None
        due = self._due(fitting)
        due.served += 1
        for was, now in zip(due.request.path.split("/"), request.path.split("/"), strict=True):
            if was != now:
                self.identities.learn(was, now)
        self._learn(due.request.body, request.body)
        return due.call

    def frames_after(self, call: CallLine) -> list[FrameLine]:
        """Return what was said because of a call, once."""
        if call.number in self._said:
            return []
        self._said.add(call.number)
        return self._frames.get(call.number, [])

    def frames_upon(self, frame: dict[str, Any]) -> list[FrameLine]:
        """Return what was said because of a frame like this one, once."""
        for line in self.session.frames:
            data = line.content.json_ if line.content.is_json else None
            if line.direction != "sent" or not isinstance(data, dict) or id(line) in self._said:
                continue
            if data.get("type") == frame.get("type") and _same_target(data, frame, self.identities):
                self._said.add(id(line))
                self._learn(data, frame)
                return self._frames.get(id(line), [])
        return []

    def _fitting(self, request: Request) -> list[_Recorded]:
        """Return the calls that fit best: in query, range and body, then in the shape of the body, then in the path."""
        found = [
            each for each in self._calls if (each.request.method, each.request.path) == (request.method, request.path)
        ]
        found = found or [each for each in self._calls if self._stands_for(each.request, request)]
        query = _unsigned(request.query)
        asked = [each for each in found if _unsigned(each.request.query) == query]
        if not asked and any(name == "cursor" for name, _ in query):
            return []  # Another page is another reply, and none that was recorded is it.
        names = [name for name, _ in query]
        asked = (
            asked or [each for each in found if [name for name, _ in _unsigned(each.request.query)] == names] or found
        )
        ranged = [each for each in asked if each.request.range_ == request.range_] or asked
        same = [each for each in ranged if each.request.body == request.body]
        return same or [each for each in ranged if _shape(each.request.body) == _shape(request.body)] or ranged

    def _stands_for(self, recorded: Request, request: Request) -> bool:
        """Whether two paths are the same but for ids that nobody has heard of, such as that of this very device."""
        steps, others = recorded.path.split("/"), request.path.split("/")
        if recorded.method != request.method or len(steps) != len(others):
            return False
        pairs = [pair for pair in zip(steps, others, strict=True) if pair[0] != pair[1]]
        return all(UUID.fullmatch(then) and UUID.fullmatch(now) and now not in self._known for then, now in pairs)

    def _due(self, fitting: Sequence[_Recorded]) -> _Recorded:
        """Return whose turn it is: a reply from after a write is not due before that write."""
        served = [each for each in fitting if each.served]
        for each in fitting:
            if not each.served:
                return each if not served or not self._is_early(each) else served[-1]
        return fitting[-1]

    def _is_early(self, reading: _Recorded) -> bool:
        if reading.request.method != "GET":
            return False
        return any(
            not each.served and each.call.at < reading.call.at and each.ids & reading.ids
            for each in self._calls
            if each.request.method != "GET"
        )

    def _learn(self, then: Any, now: Any) -> None:
        if isinstance(then, dict) and isinstance(now, dict):
            for name in ("id", "clientId", "commandId"):
                was, here = then.get(name), now.get(name)
                if isinstance(was, str) and isinstance(here, str) and UUID.fullmatch(here):
                    self.identities.learn(was, here)


def request_of(method: str, path: str, query: str, body: Any = None, range_: str = "") -> Request:
    """Return a request; `path` is decoded and `query` is not."""
    return Request(method, path, tuple(parse_qsl(query, keep_blank_values=True)), body, range_)


def _request_of(call: CallLine) -> Request:
    parts = urlsplit(call.url)
    body = call.body.json_ if call.body is not None and call.body.is_json else None
    range_ = next((value for name, value in call.headers if name.lower() == "range"), "")
    return request_of(call.method, unquote(parts.path), parts.query, body, range_)


def _unsigned(query: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in query if name.lower() not in _SIGNED)


def _ids_of(call: CallLine) -> Iterator[str]:
    yield from (token for token in tokens_in(urlsplit(call.url).path) if UUID.fullmatch(token))
    if call.reply is not None and call.reply.is_json:
        yield from ids_in(call.reply.json_)


def _shape(value: Any) -> Any:
    """Return what fields there are, whatever stands in them."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return type(value).__name__


def _json_then(value: Any, identities: Identities) -> Any:
    if isinstance(value, dict):
        return {identities.text_then(name): _json_then(inner, identities) for name, inner in value.items()}
    if isinstance(value, list):
        return [_json_then(inner, identities) for inner in value]
    return identities.text_then(value) if isinstance(value, str) else value


def _same_target(then: dict[str, Any], now: dict[str, Any], identities: Identities) -> bool:
    return all(identities.text_now(str(then.get(name))) == str(now.get(name)) for name in ("key", "chatId"))


def _frames_by_cause(session: Session, calls: Sequence[CallLine]) -> dict[int, list[FrameLine]]:
    """Return what was said, by the number of the call, or the identity of the sent frame, that it followed.

    A write about the same thing a moment ago is what caused it; else whatever came last; -1 where nothing came before.
    """
    found: dict[int, list[FrameLine]] = {}
    moments: list[tuple[float, int, frozenset[str], bool]] = [
        (call.at, call.number, frozenset(_ids_of(call)), call.method != "GET") for call in calls
    ]
    for line in session.frames:
        if line.direction == "sent" and type_of(line) not in {*NOISE_FRAMES, None}:
            ids = frozenset(ids_in(line.content.json_)) | frozenset(tokens_in(_key(line)))
            moments.append((line.at, id(line), ids, True))
    moments.sort(key=lambda moment: moment[0])
    for line in session.frames:
        if line.direction == "received" and type_of(line) not in {"ready", "ping", "pong", "error", None}:
            found.setdefault(_cause_of(line, moments), []).append(line)
    return found


def _cause_of(line: FrameLine, moments: Sequence[tuple[float, int, frozenset[str], bool]]) -> int:
    count = bisect_right(moments, line.at, key=lambda moment: moment[0])
    about = frozenset(ids_in(line.content.json_)) | frozenset(tokens_in(_key(line)))
    for place in range(count - 1, -1, -1):
        at, cause, ids, writes = moments[place]
        if line.at - at > _NEAR:
            break
        if writes and ids & about:
            return cause
    return moments[count - 1][1] if count else -1


def _key(line: FrameLine) -> str:
    data = line.content.json_
    if not isinstance(data, dict):
        return ""
    notices = data.get("updates")
    keys = [str(each.get("key")) for each in notices if isinstance(each, dict)] if isinstance(notices, list) else []
    return " ".join([str(data.get("key", "")), *keys])
