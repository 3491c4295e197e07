"""The last action as a scenario: requests with what they need from each other, checks that hold twice, and an undo."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from api_client.endpoints import Endpoint
from api_client.inspect.causes import Cause
from api_client.inspect.comparing import jq_path
from api_client.inspect.identities import UUID, ids_in, is_id_key, looks_like_id
from api_client.inspect.recorder import Recorder
from api_client.inspect.recording import call_line, frame_line
from api_client.inspect.records import BINARY, TEXT, CallRecord
from api_client.inspect.replay_plan import NOISE_FRAMES, OWN_BUSINESS, TAG, last_attempts, type_of
from api_client.inspect.session_file import CallLine, FrameLine
from api_client.inspect.smoke.contract import endpoint_at
from api_client.inspect.undoing import UNDO, UNDO_BODY

WHO = "me"
"""What the scenario calls the user."""
_AFTER = 3_000.0
"""Milliseconds after a request in which an event about the same thing is its doing."""
_DEPTH, _MATCHED = 3, 12
"""How deep a reply is looked into, and how many of its fields are asserted."""

_VOLATILE = re.compile(
    r".*At|.*[cC]ount|score|karma|upvotes|downvotes|version|lastSeen|timestamp|position|.*Url|url|hot"
)
_TEMPLATE = re.compile(r"\{\{")


class NothingToDraft(Exception):
    """There is no such action, or nothing went over the wire for it."""


def last_cause(recorder: Recorder) -> Cause | None:
    """Return the action behind the last write; behind the last call where nothing was written."""
    causes = [call for call in recorder.calls if call.cause is not None and call.name not in OWN_BUSINESS]
    writes = [call for call in causes if call.method != "GET"]
    return (writes or causes)[-1].cause if causes else None


def draft(recorder: Recorder, cause: Cause | int | None = None) -> str:
    """Return a scenario in YAML that does again what went over the wire for `cause`, or for the last action.

    Ids that one reply gave and a later request takes become captures; what the action took from earlier replies is
    asked for first. Raises NothingToDraft.
    """
    wanted = cause if cause is not None else last_cause(recorder)
    number = wanted.number if isinstance(wanted, Cause) else wanted
    own = [call for call in recorder.calls if call.cause is not None and call.cause.number == number]
    lines = _lines(recorder, own)
    if not lines:
        raise NothingToDraft("Nothing went over the wire for that.")
    earlier = _lines(recorder, list(_givers(recorder, own[0].id, lines)))
    frames = [
        frame_line(frame, recorder.redactor, (frame.at - own[0].started) / 1e6)
        for frame in recorder.frames
        if frame.opcode in (TEXT, BINARY) and frame.at >= own[0].started
    ]
    label = own[0].cause.label if own[0].cause is not None else ""
    return _Draft(label or lines[0].name, lines, earlier, frames).text()


def _lines(recorder: Recorder, calls: Sequence[CallRecord]) -> list[CallLine]:
    """Return calls that a scenario can repeat, redacted, in order of time."""
    start = calls[0].started if calls else 0
    lines = [
        call_line(call, recorder.redactor, max(0.0, (call.started - start) / 1e6))
        for call in calls
        if call.ended is not None and call.status is not None
    ]
    return [line for line in last_attempts(lines) if line.name not in (*OWN_BUSINESS, "media", "upload")]


def _givers(recorder: Recorder, before: int, lines: Sequence[CallLine]) -> Iterator[CallRecord]:
    """Yield the latest call before number `before` that gave each id which `lines` need, in order."""
    wanted = {token.encode() for line in lines for token in _taken(_step(line))}
    found: dict[int, CallRecord] = {}
    for call in reversed(recorder.calls):
        if call.id < before and call.body is not None and call.name not in OWN_BUSINESS:
            given = {token for token in wanted if token in call.body}
            if given:
                found[call.id] = call
                wanted -= given
    yield from (found[number] for number in sorted(found))


@dataclass
class _Step:
    call: CallLine
    path: str
    endpoint: Endpoint | None
    captures: dict[str, str] = field(default_factory=dict)

    @property
    def reply(self) -> Any:
        content = self.call.reply
        return content.json_ if content is not None and content.is_json else None

    @property
    def body(self) -> Any:
        content = self.call.body
        return content.json_ if content is not None and content.is_json else None

    @property
    def arguments(self) -> dict[str, str]:
        """What stands for the names in the endpoint's path."""
        if self.endpoint is None:
            return {}
        pairs = zip(self.endpoint.path.split("/"), self.path.split("/"), strict=True)
        return {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")}


class _Draft:
    """Works out one scenario."""

    def __init__(
        self, title: str, calls: Sequence[CallLine], earlier: Sequence[CallLine], frames: Sequence[FrameLine]
    ) -> None:
        self._title = title
        self._steps = [_step(call) for call in calls]
        self._earlier = [_step(call) for call in earlier]
        self._frames = frames
        self._names: dict[str, str] = {}
        """Id to the name of its variable."""
        self._variables: dict[str, str] = {}

    def text(self) -> str:
        setup = self._resolve()
        steps = [self._request(step) for step in (*setup, *self._steps)]
        events = [self._with_events(step, told) for step, told in zip(self._steps, steps[len(setup) :], strict=True)]
        if any(found is not None for found in events):
            keys = sorted({key for found in events for key in found or ()})
            steps.insert(len(setup), {"connect": WHO})
            if keys:
                steps.insert(len(setup) + 1, {"subscribe": {WHO: keys}})
        scenario: dict[str, Any] = {"scenario": self._title[:200], "tags": ["drafted"], "people": [WHO]}
        if self._variables:
            scenario["variables"] = self._variables
        scenario["steps"] = steps
        undo = list(self._undo())
        if undo:
            scenario["finally"] = undo
        head = "# Drafted from what went over the wire. Look at what it expects before you keep it.\n"
        if self._variables:
            head += "# No recorded reply gave the ids in the variables: they hold for the platform it was drafted on.\n"
        return head + yaml.dump(scenario, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)

    # -- what needs what

    def _resolve(self) -> list[_Step]:
        """Give every id that a request takes a name, and return what has to be asked first for some of them."""
        setup: dict[int, _Step] = {}
        for place, step in enumerate(self._steps):
            for wanted in _taken(step):
                if wanted in self._names or _made_by(step, wanted):
                    continue
                source = _source(wanted, [*self._earlier, *self._steps[:place]])
                name = self._name(source[0] if source else step, wanted)
                self._names[wanted] = name
                if source is None:
                    self._variables[name] = wanted
                    continue
                giver, path = source
                giver.captures[name] = path
                if giver in self._earlier:
                    setup[giver.call.number] = giver
        for step in self._steps:
            self._name_created(step)
        return list(setup.values())

    def _name_created(self, step: _Step) -> None:
        """Capture what a write created: it is what has to be taken back."""
        made = step.reply.get("data") if isinstance(step.reply, dict) else None
        undo = UNDO.get(step.endpoint.name) if step.endpoint else None
        for source in (undo[1] if undo else {}).values():
            key = source.removeprefix(".reply.")
            if source.startswith(".reply.") and isinstance(made, dict) and isinstance(made.get(key), str):
                if made[key] not in self._names:
                    self._names[made[key]] = self._name(step, made[key])
                step.captures.setdefault(self._names[made[key]], f".data.{key}")

    def _name(self, giver: _Step, wanted: str) -> str:
        area = (giver.endpoint.name if giver.endpoint else giver.call.name).partition(".")[0]
        base = _SINGULAR.get(area, area.removesuffix("s")) or "thing"
        taken = set(self._names.values())
        return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 1000))) if name not in taken)

    # -- steps

    def _request(self, step: _Step) -> dict[str, Any]:
        path, query = step.path, dict(parse_qsl(urlsplit(step.call.url).query, keep_blank_values=True))
        told: dict[str, Any] = {}
        if step.endpoint is not None:
            told["request"] = step.endpoint.name
            if step.arguments:
                told["path"] = self._filled(step.arguments)
        else:
            told["request"] = f"{step.call.method} {self._filled(path)}"
        told["as"] = WHO
        if query:
            told["query"] = self._filled(query)
        if step.call.body is not None:
            told |= self._body(step)
        told["expect"] = self._expected(step)
        if step.captures:
            told["capture"] = dict(step.captures)
        return told

    def _body(self, step: _Step) -> dict[str, Any]:
        content = step.call.body
        if content is None:
            return {}
        if content.is_json:
            body = content.json_
            if isinstance(body, dict):
                # An id of the client's own would be the same thing again: the platform makes one.
                made = {name for name in ("id", "clientId") if str(body.get(name)) not in self._names}
                body = {name: value for name, value in body.items() if name not in made}
            return {"body": self._filled(body)}
        return {"text": content.text} if content.text is not None else {"base64": content.base64}

    def _expected(self, step: _Step) -> dict[str, Any]:
        expected: dict[str, Any] = {"status": step.call.status}
        reply = step.reply
        if not isinstance(reply, dict):
            return expected
        error = reply.get("error")
        if isinstance(error, dict) and isinstance(error.get("code"), str):
            return {**expected, "code": error["code"]}
        data = reply.get("data")
        stable = self._stable(data, _DEPTH) if isinstance(data, dict) and step.call.method != "GET" else None
        if stable:
            expected["match"] = {"data": dict(list(stable.items())[:_MATCHED])}
        if matchers := list(_matchers(data)):
            expected["jq"] = matchers
        return expected

    def _stable(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        """Return the fields that are the same the next time."""
        found: dict[str, Any] = {}
        for name, inner in value.items():
            if isinstance(inner, str) and inner in self._names:
                found[name] = f"{{{{{self._names[inner]}}}}}"
            elif isinstance(inner, dict) and depth > 1 and not name.endswith(("user", "User", "author", "owner")):
                if deeper := self._stable(inner, depth - 1):
                    found[name] = deeper
            elif isinstance(inner, (str, bool, int)) and _is_stable(name, inner):
                found[name] = inner
        return found

    def _filled(self, value: Any) -> Any:
        """Return `value` with the names of variables in place of ids, and nothing else in it that looks like one."""
        if isinstance(value, dict):
            return {str(name): self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value in self._names:
            return f"{{{{{self._names[value]}}}}}"
        text = _TEMPLATE.sub("{ {", value)
        for known, name in self._names.items():
            if len(known) > 8:
                text = text.replace(known, f"{{{{{name}}}}}")
        return text

    # -- events

    def _with_events(self, step: _Step, told: dict[str, Any]) -> list[str] | None:
        """Add the events that a write caused to its step, and return the keys to follow for them; None without any."""
        if step.call.method == "GET":
            return None
        about = set(_ids_about(step))
        keys, rules = [], []
        for frame in self._frames:
            kind = type_of(frame)
            if frame.direction != "received" or kind in {*NOISE_FRAMES, None} or kind is None:
                continue
            if not step.call.at <= frame.at <= step.call.at + _AFTER:
                continue
            for data in _notices(frame.content.json_):
                subject = {*ids_in(data), *str(data.get("key", "")).split(":")[1:]}
                if not about & subject:
                    continue
                rule = self._rule(kind, data)
                if rule not in rules:
                    rules.append(rule)
                    keys += [rule["match"]["key"]] if kind == "updates" else []
        # What is only being created cannot be followed yet.
        created = {f"{{{{{name}}}}}" for name in step.captures}
        rules = [rule for rule in rules if not any(name in rule.get("match", {}).get("key", "") for name in created)]
        if not rules:
            return None
        told["events"] = rules
        return [key for key in keys if not any(name in key for name in created)]

    def _rule(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        match = {
            name: self._filled(value)
            for name, value in data.items()
            if name != "type" and isinstance(value, str) and (value in self._names or name == "key")
        }
        return {"on": WHO, "type": kind, **({"match": match} if match else {})}

    # -- taking back

    def _undo(self) -> Iterator[dict[str, Any]]:
        for step in reversed(self._steps):
            name = step.endpoint.name if step.endpoint is not None else ""
            if step.call.status is None or step.call.status >= 300:
                continue
            if name in UNDO_BODY:
                request, body = UNDO_BODY[name]
                path = self._filled(step.arguments)
                yield {"request": request, "path": path, "as": WHO, "body": body, "expect": [200, 404]}
            elif name in UNDO:
                request, sources = UNDO[name]
                values = {argument: self._undo_value(step, source) for argument, source in sources.items()}
                if None not in values.values():
                    yield {"request": request, "path": values, "as": WHO, "expect": [200, 404]}

    def _undo_value(self, step: _Step, source: str) -> str | None:
        if source.startswith(".reply."):
            data = step.reply.get("data") if isinstance(step.reply, dict) else None
            value = data.get(source.removeprefix(".reply.")) if isinstance(data, dict) else None
        elif source.startswith(".body."):
            value = step.body.get(source.removeprefix(".body.")) if isinstance(step.body, dict) else None
        else:
            value = step.arguments.get(source)
        return self._filled(value) if isinstance(value, str) else None


_SINGULAR = {"feed": "post", "chat": "conversation", "stories": "story", "library": "item", "music": "thing"}


def _step(call: CallLine) -> _Step:
    path = urlsplit(call.url).path
    # The base is whatever stands in front of a path of the table.
    steps = path.split("/")
    for start in range(1, len(steps)):
        inside = "/" + "/".join(steps[start:])
        endpoint = endpoint_at(call.method, inside)
        if endpoint is not None and (endpoint.name == call.name or call.name in ("", "raw")):
            return _Step(call, inside, endpoint)
    return _Step(call, path, None)


def _taken(step: _Step) -> Iterator[str]:
    """Yield the ids that a request needs."""
    for name, value in step.arguments.items():
        if is_id_key(name) or name == "code":
            yield value
    yield from ids_in(step.body)


def _made_by(step: _Step, wanted: str) -> bool:
    """Whether the client made this id for what the request creates."""
    body = step.body
    return isinstance(body, dict) and step.call.method == "POST" and wanted in (body.get("id"), body.get("clientId"))


def _source(wanted: str, steps: Sequence[_Step]) -> tuple[_Step, str] | None:
    """Return the step whose reply gave an id, the latest first, and jq for where it stands there."""
    for step in reversed(steps):
        place = _place(wanted, step.reply, ())
        if place is not None:
            # Of a list, the first one: what stood somewhere in it stands elsewhere the next time.
            return step, jq_path(0 if isinstance(each, int) else each for each in place)
    return None


def _place(wanted: str, value: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    if isinstance(value, dict):
        inner: Any = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        return None
    for name, item in inner:
        if item == wanted and (isinstance(name, int) or looks_like_id(name, item) or name == "code"):
            return (*path, name)
        if (found := _place(wanted, item, (*path, name))) is not None:
            return found
    return None


def _is_stable(name: str, value: str | int | bool) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, str) and (looks_like_id(name, value) or any(e.search(value) for e in (TAG, UUID, _TEMPLATE))):
        return False
    return _VOLATILE.fullmatch(name) is None


def _matchers(data: Any) -> Iterator[str]:
    """Yield jq for what is another value each time, and always of one kind."""
    if not isinstance(data, dict):
        return
    for name, value in list(data.items())[:40]:
        path = jq_path(("data", name))
        if name == "id" and isinstance(value, str):
            yield f"{path} | length > 0"
        elif name.endswith("At") and isinstance(value, str):
            yield f'{path} | test("^[0-9]{{4}}-")'
        elif isinstance(value, int) and not isinstance(value, bool) and _VOLATILE.fullmatch(name):
            yield f'{path} | type == "number"'


def _ids_about(step: _Step) -> Iterator[str]:
    yield from step.arguments.values()
    yield from ids_in(step.body)
    yield from ids_in(step.reply)


def _notices(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, dict):
        return []
    notices = data.get("updates")
    if data.get("type") == "updates" and isinstance(notices, list):
        return [{"type": "updates", "key": str(each.get("key"))} for each in notices if isinstance(each, dict)]
    return [data]


class _Dumper(yaml.SafeDumper):
    """Writes text with several lines as it reads, and nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        """Have no anchors: a scenario is read by people."""
        return True
