"""The requests of a drafted scenario: what each needs, what it gives, and what of its reply is the same next time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from api_client.endpoints import Endpoint
from api_client.inspect.comparing import jq_path
from api_client.inspect.identities import UUID, ids_in, is_id_key, looks_like_id
from api_client.inspect.replay_plan import TAG
from api_client.inspect.session_file import CallLine
from api_client.inspect.smoke.contract import endpoint_at

_VOLATILE = re.compile(
    r".*At|.*[cC]ount|score|karma|upvotes|downvotes|version|lastSeen|timestamp|position|.*Url|url|hot"
)
_PEOPLE = re.compile(
    r".*([uU]ser|[oO]wner|[aA]uthor|[uU]sername|(author|owner|sender|user)[A-Z].*|displayName|fullName)"
)
"""Names of fields that tell of people: whoever carries the scenario out is somebody else."""
_TEMPLATE = re.compile(r"\{\{")


@dataclass
class DraftStep:
    """One request, and what later ones take out of its reply."""

    call: CallLine
    path: str
    """As in the endpoint table, filled in; whole where the table does not have it."""
    endpoint: Endpoint | None
    captures: dict[str, str] = field(default_factory=dict)
    """Name of a variable to jq for where it stands in the reply."""

    @property
    def reply(self) -> Any:
        """The reply as decoded JSON, None where it is none."""
        content = self.call.reply
        return content.json_ if content is not None and content.is_json else None

    @property
    def body(self) -> Any:
        """The request's body as decoded JSON, None where it is none."""
        content = self.call.body
        return content.json_ if content is not None and content.is_json else None

    @property
    def arguments(self) -> dict[str, str]:
        """What stands for the names in the endpoint's path."""
        if self.endpoint is None:
            return {}
        pairs = zip(self.endpoint.path.split("/"), self.path.split("/"), strict=True)
        return {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")}


def singular(word: str) -> str:
    """Return what a part of a path is a list of: `posts`, `stories`, `projects`."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return {"r": "subreddit"}.get(word, re.sub(r"[^A-Za-z0-9]", "_", word).removesuffix("s")) or "thing"


def noun_of(step: DraftStep, wanted: str) -> str:
    """Return what to call an id that a request takes: after the field it stands in, or after the path before it."""
    for name, value in step.arguments.items():
        if value == wanted:
            before = step.path.split("/")
            place = before.index(quote(wanted, safe="@:")) if quote(wanted, safe="@:") in before else 0
            return singular(before[place - 1]) if name == "id" and place else name.removesuffix("Id")
    for name, value in step.body.items() if isinstance(step.body, dict) else ():
        if wanted in (value if isinstance(value, list) else [value]):
            return singular(re.sub(r"_?[Ii]ds?$", "", name) or "thing")
    return "thing"


def step_of(call: CallLine) -> DraftStep:
    """Return the step that does `call` again."""
    path = urlsplit(call.url).path
    # The base is whatever stands in front of a path of the table.
    steps = path.split("/")
    for start in range(1, len(steps)):
        inside = "/" + "/".join(steps[start:])
        endpoint = endpoint_at(call.method, inside)
        if endpoint is not None and (endpoint.name == call.name or call.name in ("", "raw")):
            return DraftStep(call, inside, endpoint)
    return DraftStep(call, path, None)


def taken_by(step: DraftStep) -> Iterator[str]:
    """Yield the ids that a request needs."""
    for name, value in step.arguments.items():
        if is_id_key(name) or name == "code":
            yield value
    yield from ids_in(step.body)


def is_made_by(step: DraftStep, wanted: str) -> bool:
    """Whether the client made this id for what the request creates."""
    body = step.body
    return isinstance(body, dict) and step.call.method == "POST" and wanted in (body.get("id"), body.get("clientId"))


def source_of(wanted: str, steps: Sequence[DraftStep]) -> tuple[DraftStep, str] | None:
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


def stable_part(value: dict[str, Any], depth: int, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that are the same the next time, ids by the `names` of their variables."""
    found: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, str) and inner in names:
            found[name] = f"{{{{{names[inner]}}}}}"
        elif isinstance(inner, dict) and depth > 1 and not _PEOPLE.fullmatch(name):
            if deeper := stable_part(inner, depth - 1, names):
                found[name] = deeper
        elif isinstance(inner, (str, bool, int)) and _is_stable(name, inner):
            found[name] = inner
    return found


def _is_stable(name: str, value: str | int | bool) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, str) and (looks_like_id(name, value) or any(e.search(value) for e in (TAG, UUID, _TEMPLATE))):
        return False
    return _VOLATILE.fullmatch(name) is None and _PEOPLE.fullmatch(name) is None


def matchers_of(data: Any) -> Iterator[str]:
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


def ids_about(step: DraftStep) -> Iterator[str]:
    """Yield the ids that a request and its reply are about."""
    yield from step.arguments.values()
    yield from ids_in(step.body)
    yield from ids_in(step.reply)


def notices_in(data: Any) -> list[dict[str, Any]]:
    """Return a frame's notices of versions, each as a frame of its own; any other frame alone."""
    if not isinstance(data, dict):
        return []
    notices = data.get("updates")
    if data.get("type") == "updates" and isinstance(notices, list):
        return [{"type": "updates", "key": str(each.get("key"))} for each in notices if isinstance(each, dict)]
    return [data]
