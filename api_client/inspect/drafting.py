"""The last action as a scenario: requests with what they need from each other, checks that hold twice, and an undo."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from api_client.inspect.causes import Cause
from api_client.inspect.draft_steps import (
    DraftStep,
    ids_about,
    is_made_by,
    matchers_of,
    notices_in,
    noun_of,
    singular,
    source_of,
    stable_part,
    step_of,
    taken_by,
)
from api_client.inspect.identities import ids_in
from api_client.inspect.recorder import Recorder
from api_client.inspect.recording import call_line, frame_line
from api_client.inspect.records import BINARY, TEXT, CallRecord
from api_client.inspect.replay_plan import FILES, NOISE_FRAMES, OWN_BUSINESS, last_attempts, type_of
from api_client.inspect.session_file import CallLine, FrameLine
from api_client.inspect.undoing import UNDO, UNDO_BODY

WHO = "me"
"""What the scenario calls the user."""
_AFTER = 3_000.0
"""Milliseconds after a request in which an event about the same thing is its doing."""
_DEPTH, _MATCHED = 3, 12
"""How deep a reply is looked into, and how many of its fields are asserted."""
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
    return [line for line in last_attempts(lines) if line.name not in OWN_BUSINESS | FILES]


def _givers(recorder: Recorder, before: int, lines: Sequence[CallLine]) -> Iterator[CallRecord]:
    """Yield the latest call before number `before` that gave each id which `lines` need, in order."""
    wanted = {token.encode() for line in lines for token in taken_by(step_of(line))}
    found: dict[int, CallRecord] = {}
    for call in reversed(recorder.calls):
        if call.id < before and call.body is not None and call.name not in OWN_BUSINESS:
            given = {token for token in wanted if token in call.body}
            if given:
                found[call.id] = call
                wanted -= given
    yield from (found[number] for number in sorted(found))


class _Draft:
    """Works out one scenario."""

    def __init__(
        self, title: str, calls: Sequence[CallLine], earlier: Sequence[CallLine], frames: Sequence[FrameLine]
    ) -> None:
        self._title = title
        self._steps = [step_of(call) for call in calls]
        self._earlier = [step_of(call) for call in earlier]
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

    def _resolve(self) -> list[DraftStep]:
        """Give every id that a request takes a name, and return what has to be asked first for some of them."""
        setup: dict[int, DraftStep] = {}
        for place, step in enumerate(self._steps):
            for wanted in taken_by(step):
                if wanted in self._names or is_made_by(step, wanted):
                    continue
                source = source_of(wanted, [*self._earlier, *self._steps[:place]])
                name = self._name(noun_of(step, wanted))
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

    def _name_created(self, step: DraftStep) -> None:
        """Capture what a write created: it is what has to be taken back."""
        made = step.reply.get("data") if isinstance(step.reply, dict) else None
        undo = UNDO.get(step.endpoint.name) if step.endpoint else None
        for source in (undo[1] if undo else {}).values():
            key = source.removeprefix(".reply.")
            if source.startswith(".reply.") and isinstance(made, dict) and isinstance(made.get(key), str):
                if made[key] not in self._names:
                    self._names[made[key]] = self._name(singular(step.path.rpartition("/")[2]))
                step.captures.setdefault(self._names[made[key]], f".data.{key}")

    def _name(self, noun: str) -> str:
        taken = set(self._names.values())
        return next(name for name in (noun, *(f"{noun}_{n}" for n in range(2, 1000))) if name not in taken)

    # -- steps

    def _request(self, step: DraftStep) -> dict[str, Any]:
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

    def _body(self, step: DraftStep) -> dict[str, Any]:
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

    def _expected(self, step: DraftStep) -> dict[str, Any]:
        expected: dict[str, Any] = {"status": step.call.status}
        reply = step.reply
        if not isinstance(reply, dict):
            return expected
        error = reply.get("error")
        if isinstance(error, dict) and isinstance(error.get("code"), str):
            return {**expected, "code": error["code"]}
        data = reply.get("data")
        # What this very reply gives is not known before it.
        known = {value: name for value, name in self._names.items() if name not in step.captures}
        stable = stable_part(data, _DEPTH, known) if isinstance(data, dict) and step.call.method != "GET" else None
        if stable:
            expected["match"] = {"data": dict(list(stable.items())[:_MATCHED])}
        if matchers := list(matchers_of(data)):
            expected["jq"] = matchers
        return expected

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

    def _with_events(self, step: DraftStep, told: dict[str, Any]) -> list[str] | None:
        """Add the events that a write caused to its step, and return the keys to follow for them; None without any."""
        if step.call.method == "GET":
            return None
        keys, rules = [], []
        for frame in self._frames:
            kind = type_of(frame)
            if frame.direction != "received" or kind is None or kind in NOISE_FRAMES:
                continue
            for data in notices_in(frame.content.json_):
                if self._cause_of(data, frame.at) is step and (rule := self._rule(kind, data, step)) not in rules:
                    rules.append(rule)
                    keys += [rule["match"]["key"]] if kind == "updates" else []
        # What is only being created cannot be followed yet.
        created = {f"{{{{{name}}}}}" for name in step.captures}
        rules = [rule for rule in rules if not any(name in rule.get("match", {}).get("key", "") for name in created)]
        if not rules:
            return None
        told["events"] = rules
        return [key for key in keys if not any(name in key for name in created)]

    def _cause_of(self, data: dict[str, Any], at: float) -> DraftStep | None:
        """Return the last write before a moment that is about the same thing as a frame."""
        subject = {*ids_in(data), *str(data.get("key", "")).split(":")[1:]}
        for step in reversed(self._steps):
            is_near = step.call.at <= at <= step.call.at + _AFTER
            if step.call.method != "GET" and is_near and subject & set(ids_about(step)):
                return step
        return None

    def _rule(self, kind: str, data: dict[str, Any], step: DraftStep) -> dict[str, Any]:
        known = set(self._names.values()) - step.captures.keys()
        match = {
            name: self._filled(value)
            for name, value in data.items()
            if name != "type" and isinstance(value, str) and (name == "key" or self._names.get(value) in known)
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

    def _undo_value(self, step: DraftStep, source: str) -> str | None:
        if source.startswith(".reply."):
            data = step.reply.get("data") if isinstance(step.reply, dict) else None
            value = data.get(source.removeprefix(".reply.")) if isinstance(data, dict) else None
        elif source.startswith(".body."):
            value = step.body.get(source.removeprefix(".body.")) if isinstance(step.body, dict) else None
        else:
            value = step.arguments.get(source)
        return self._filled(value) if isinstance(value, str) else None


class _Dumper(yaml.SafeDumper):
    """Writes text with several lines as it reads, and nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        """Have no anchors: a scenario is read by people."""
        return True
