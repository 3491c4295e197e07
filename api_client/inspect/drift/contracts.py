"""What both sides say: the client's table and models, and an OpenAPI document, in one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from api_client.addresses import DEFAULT_PATH
from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.inspect.drift.schemas import Node
from api_client.models import realtime

_METHODS = frozenset({"get", "post", "put", "delete", "patch"})
_NAME = re.compile(r"\{[^{}/]*\}")

BY_ADDRESS = {
    ("PUT", "/media/uploads/{}"),
    ("GET", "/media/files/{}"),
    ("GET", "/media/audio/{}"),
}
"""What the client reaches by addresses that it is given, not by its table."""

SECOND_WAYS = {("GET", "/posts/{}/comments/stream"), ("GET", "/r/{}/stream")}
"""Streams of events for those who have no socket; the client has one."""

ALWAYS_SENT = {"platform.search": frozenset({"q"}), "chat.presence": frozenset({"ids"})}
"""Parameters that the client sends with every call of an endpoint, by its name."""


class NotADescription(Exception):
    """A document that does not describe a platform; the sentence says why."""


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    name: str
    method: str
    path: str
    """Below the base URL."""
    request: Node | None
    reply: Node | None
    """Of `data` in the envelope; for a list, of one item. None where nothing is said of it."""
    status: int | None
    """Of success."""
    public: bool
    statuses: frozenset[int] = frozenset()
    """Every status that is named."""
    needs: frozenset[str] = frozenset()
    """Parameters, outside of the path, without which it refuses."""
    paged: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Method and path, whatever the names in the path are called."""
        return self.method, _NAME.sub("{}", self.path)


@dataclass(frozen=True)
class Contract:
    """All operations of one side."""

    title: str
    operations: dict[tuple[str, str], Operation]
    events: dict[str, Node] = field(default_factory=dict)
    """The socket's events by their types; a document of REST says nothing of them."""

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation behind a path that was called; words go before names: `/users/me`, `/users/{name}`."""
        steps = path.split("/")
        best: tuple[int, Operation] | None = None
        for (verb, template), operation in self.operations.items():
            parts = template.split("/")
            if verb != method or len(parts) != len(steps):
                continue
            if all(part in ("{}", step) for part, step in zip(parts, steps, strict=True)):
                words = sum(part != "{}" for part in parts)
                if best is None or words > best[0]:
                    best = words, operation
        return best[1] if best else None


def client_contract() -> Contract:
    """Return what this client expects of a platform."""
    adapters = {}
    for endpoint in ENDPOINTS:
        adapters[endpoint.name, "reply"] = TypeAdapter(endpoint.reply)
        if endpoint.request is not None:
            adapters[endpoint.name, "request"] = TypeAdapter(endpoint.request)
    adapters["socket", "events"] = TypeAdapter(realtime.ServerFrame)
    read, root = TypeAdapter.json_schemas([(key, "validation", adapter) for key, adapter in adapters.items()])
    _, given = TypeAdapter.json_schemas([(key, "serialization", adapter) for key, adapter in adapters.items()])
    _add_computed(root.get("$defs", {}), given.get("$defs", {}))
    nodes = {key: Node(schema, root) for (key, _), schema in read.items()}
    operations = [_of_endpoint(endpoint, nodes) for endpoint in ENDPOINTS]
    events = {}
    for node in nodes["socket", "events"].alternatives:
        events.update(dict.fromkeys(map(str, node.properties["type"].alternatives[0].values or ()), node))
    return Contract("this client", {operation.key: operation for operation in operations}, events)


def _of_endpoint(endpoint: Endpoint, nodes: Mapping[tuple[str, str], Node]) -> Operation:
    return Operation(
        name=endpoint.name,
        method=endpoint.method,
        path=endpoint.path,
        request=nodes.get((endpoint.name, "request")),
        reply=nodes[endpoint.name, "reply"],
        status=endpoint.status,
        public=endpoint.public,
        needs=ALWAYS_SENT.get(endpoint.name, frozenset()),
        paged=endpoint.paged,
    )


def _add_computed(read: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Add the fields that the models work out by themselves: a platform may send them, and nobody reads them."""
    for name, schema in given.items():
        known = read.get(name, {}).get("properties")
        for field_name, inner in (schema.get("properties") or {}).items() if known is not None else ():
            if inner.get("readOnly"):
                known.setdefault(field_name, inner)


def server_contract(document: Any, *, base: str = DEFAULT_PATH) -> Contract:
    """Return what an OpenAPI document says; paths are taken as those below `base`.

    Raises NotADescription for anything else than such a document.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("openapi"), str):
        raise NotADescription("this is not an OpenAPI document")
    if not str(document["openapi"]).startswith("3."):
        raise NotADescription(f"this is OpenAPI {str(document['openapi'])[:20]}, and 3 is understood")
    paths = document.get("paths")
    if not isinstance(paths, Mapping) or not paths:
        raise NotADescription("this document describes no paths")
    prefix = _prefix(paths, document, base)
    operations: dict[tuple[str, str], Operation] = {}
    for path, methods in paths.items():
        if not isinstance(path, str) or not isinstance(methods, Mapping) or not path.startswith(prefix + "/"):
            continue
        for method, told in methods.items():
            if method in _METHODS and isinstance(told, Mapping):
                operation = _of_document(document, methods, method.upper(), path.removeprefix(prefix), told)
                operations[operation.key] = operation
    if not operations:
        raise NotADescription(f"this document describes nothing below {base}")
    info = document.get("info")
    told = info if isinstance(info, Mapping) else {}
    return Contract(f"{told.get('title', 'a platform')} {told.get('version', '')}".strip(), operations)


def _prefix(paths: Mapping[Any, Any], document: Mapping[str, Any], base: str) -> str:
    """Return what stands in front of the paths: the base, unless the document names servers that end in it."""
    if any(str(path).startswith(base + "/") for path in paths):
        return base
    servers = document.get("servers")
    urls = [str(each.get("url", "")).rstrip("/") for each in servers or () if isinstance(each, Mapping)]
    return "" if any(url.endswith(base) for url in urls) else base


def _of_document(
    document: Mapping[str, Any], methods: Mapping[str, Any], method: str, path: str, told: Mapping[str, Any]
) -> Operation:
    responses = told.get("responses")
    answers = {
        int(status): answer
        for status, answer in (responses.items() if isinstance(responses, Mapping) else ())
        if str(status).isdecimal() and len(str(status)) == 3 and isinstance(answer, Mapping)
    }
    success = next((status for status in sorted(answers) if 200 <= status < 300), None)
    reply = _schema(answers[success], document) if success is not None else None
    paged = False
    if reply is not None:
        reply, paged = _unwrapped(reply)
    security = told.get("security", document.get("security"))
    return Operation(
        name=str(told.get("operationId") or f"{method} {path}"),
        method=method,
        path=path,
        request=_schema(_resolved(told.get("requestBody"), document), document),
        reply=reply,
        status=success,
        public=not security,
        statuses=frozenset(answers),
        needs=frozenset(_needed(document, methods.get("parameters")) | _needed(document, told.get("parameters"))),
        paged=paged,
    )


def _resolved(told: Any, document: Mapping[str, Any]) -> Mapping[str, Any]:
    here = told if isinstance(told, Mapping) else {}
    reference = here.get("$ref")
    for step in reference[2:].split("/") if isinstance(reference, str) and reference.startswith("#/") else ():
        inner = (document if step == "components" else here).get(step)
        here = inner if isinstance(inner, Mapping) else {}
    return here


def _schema(told: Mapping[str, Any], document: Mapping[str, Any]) -> Node | None:
    """Return the JSON schema of a body."""
    content = _resolved(told, document).get("content")
    body = content.get("application/json") if isinstance(content, Mapping) else None
    schema = body.get("schema") if isinstance(body, Mapping) else None
    return Node(schema, document) if isinstance(schema, Mapping) else None


def _unwrapped(reply: Node) -> tuple[Node, bool]:
    """Return what is inside of the envelope, and whether that is a list of it; a bare reply is itself."""
    for node in reply.alternatives:
        data = node.properties.get("data")
        if data is None or "success" not in node.properties:
            continue
        lists = [each for each in data.alternatives if each.kind == "array"]
        if "nextCursor" in node.properties and lists and lists[0].items is not None:
            return lists[0].items, True
        return data, False
    return reply, False


def _needed(document: Mapping[str, Any], parameters: Any) -> set[str]:
    found = [_resolved(each, document) for each in parameters] if isinstance(parameters, list) else []
    return {str(each.get("name")) for each in found if each.get("required") is True and each.get("in") != "path"}
