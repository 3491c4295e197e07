"""The client's contract against the platform's own description: nothing on ours, and every planted difference."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_client.inspect.drift.classifying import compare
from api_client.inspect.drift.contracts import Contract, NotADescription, client_contract, server_contract
from api_client.inspect.drift.findings import KINDS, Ledger, Level, counted
from api_client.inspect.drift.observing import observe
from api_client.inspect.session_file import CallLine, FrameLine, Header, Session, content_of
from server.app import create_app
from server.openapi import describe
from server.settings import Settings

Document = dict[str, Any]
BASE = "http://127.0.0.1:3000/api/v1"


@pytest.fixture(scope="module")
def ours() -> Contract:
    return client_contract()


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    told: Document = json.loads(
        json.dumps(describe(create_app(Settings(data_dir=tmp_path_factory.mktemp("platform")))))
    )
    return told


def fresh(document: Document) -> Document:
    """Return a copy to plant something in."""
    copy: Document = json.loads(json.dumps(document))
    return copy


def schema(document: Document, name: str) -> Any:
    return document["components"]["schemas"][name]


def field(document: Document, name: str, field: str) -> Any:
    return schema(document, name)["properties"][field]


def operation(document: Document, method: str, path: str) -> Any:
    return document["paths"][f"/api/v1{path}"][method]


FEW = frozenset(
    {
        "auth.login",
        "auth.logout_all",
        "auth.me",
        "comments.create",
        "feed.list",
        "playback.history",
        "platform.meta",
        "playlists.create",
        "posts.create",
        "posts.get",
        "posts.like",
        "posts.vote",
        "users.change",
        "users.followers",
        "users.profile",
    }
)
"""Endpoints in which something is planted: to compare all of them each time would take a second."""


def few(contract: Contract, ours: Contract) -> Contract:
    """Return the part of a contract that is about those, and about what only it has."""
    kept = {
        key: operation
        for key, operation in contract.operations.items()
        if key not in ours.operations or ours.operations[key].name in FEW
    }
    return Contract(contract.title, kept, contract.events)


def test_our_own_platform_has_no_drift(ours: Contract, document: Document) -> None:
    theirs = server_contract(document)
    assert len(theirs.operations) >= len(ours.operations)
    assert [str(found) for found in compare(ours, theirs).findings] == []


def _gone(document: Document) -> None:
    del document["paths"]["/api/v1/posts/{id}/vote"]


def _new(document: Document) -> None:
    document["paths"]["/api/v1/reels"] = {"get": {"responses": {"200": {"description": ""}}}}


def _secured(document: Document) -> None:
    operation(document, "get", "/meta")["security"] = [{"bearer": []}]


def _parameter(document: Document) -> None:
    operation(document, "get", "/posts/feed")["parameters"].append({"name": "region", "in": "query", "required": True})


def _status(document: Document) -> None:
    responses = operation(document, "post", "/posts")["responses"]
    responses["202"] = responses.pop("201")


def _unpaged(document: Document) -> None:
    answer = operation(document, "get", "/history")["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"$ref": "#/components/schemas/Envelope_LikeState_"}


def _bodied(document: Document) -> None:
    body = operation(document, "post", "/posts/{id}/vote")["requestBody"]
    operation(document, "post", "/auth/logout-all")["requestBody"] = body


def _unbodied(document: Document) -> None:
    del operation(document, "post", "/posts/{id}/vote")["requestBody"]


def _set(name: str, field_name: str | None, **changes: Any) -> Callable[[Document], None]:
    def plant(document: Document) -> None:
        target = schema(document, name) if field_name is None else field(document, name, field_name)
        target.update(changes)

    return plant


def _drop(name: str, field_name: str) -> Callable[[Document], None]:
    def plant(document: Document) -> None:
        del schema(document, name)["properties"][field_name]
        schema(document, name)["required"] = [each for each in schema(document, name)["required"] if each != field_name]

    return plant


def _add(name: str, field_name: str, told: Any, *, required: bool = False) -> Callable[[Document], None]:
    def plant(document: Document) -> None:
        schema(document, name)["properties"][field_name] = told
        if required:
            schema(document, name).setdefault("required", []).append(field_name)

    return plant


def _optional(document: Document) -> None:
    schema(document, "LikeState")["required"].remove("liked")


def _nullable(document: Document) -> None:
    schema(document, "LikeState")["properties"]["likeCount"] = {"anyOf": [{"type": "integer"}, {"type": "null"}]}


def _values(name: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[Document], None]:
    def plant(document: Document) -> None:
        schema(document, name)["enum"] = change(schema(document, name)["enum"])

    return plant


def _not_null(document: Document) -> None:
    schema(document, "ProfileChange")["properties"]["bio"] = {"type": "string", "maxLength": 150}


def _closed(document: Document) -> None:
    _drop("NewComment", "parentId")(document)
    schema(document, "NewComment")["additionalProperties"] = False


def _always(document: Document) -> None:
    schema(document, "NewPlaylist").setdefault("required", []).append("description")


PLANTED = [
    ("operation-gone", "POST /posts/{id}/vote", _gone),
    ("operation-new", "GET /reels", _new),
    ("sign-in-needed", "platform.meta", _secured),
    ("parameter-needed", "feed.list?region", _parameter),
    ("status-other", "posts.create", _status),
    ("paging-other", "playback.history", _unpaged),
    ("body-needed", "auth.logout_all", _bodied),
    ("body-unwanted", "posts.vote", _unbodied),
    ("reply-field-gone", "LikeState.liked", _drop("LikeState", "liked")),
    ("reply-field-optional", "LikeState.liked", _optional),
    ("reply-field-unused", "PhotoPost.caption", _drop("PhotoPost", "caption")),
    ("reply-field-new", "PhotoPost.mood", _add("PhotoPost", "mood", {"type": "string"})),
    ("reply-null", "LikeState.likeCount", _nullable),
    ("reply-type", "LikeState.likeCount", _set("LikeState", "likeCount", type="string")),
    ("reply-type", "LikeState.likeCount", _set("LikeState", "likeCount", type="number")),
    ("request-field-needed", "VoteRequest.reason", _add("VoteRequest", "reason", {"type": "string"}, required=True)),
    ("request-field-new", "VoteRequest.reason", _add("VoteRequest", "reason", {"type": "string"})),
    ("request-field-always", "NewPlaylist.description", _always),
    ("request-field-ignored", "NewComment.parentId", _drop("NewComment", "parentId")),
    ("request-field-refused", "NewComment.parentId", _closed),
    ("request-null", "ProfileChange.bio", _not_null),
    ("request-type", "VoteRequest.value", _set("VoteRequest", "value", type="string", enum=["up", "down"])),
    ("request-value-refused", "VoteRequest.value", _set("VoteRequest", "value", enum=[-1, 1])),
    ("request-value-new", "VoteRequest.value", _set("VoteRequest", "value", enum=[-1, 0, 1, 2])),
    ("request-limit-stricter", "NewPlaylist.name", _set("NewPlaylist", "name", maxLength=5)),
    ("request-limit-stricter", "NewPlaylist.name", _set("NewPlaylist", "name", pattern="^[a-z]+$")),
    ("request-limit-looser", "NewPlaylist.name", _set("NewPlaylist", "name", maxLength=5_000)),
    ("reply-value-new", "Subscription", _values("Subscription", lambda values: [*values, "gold"])),
    ("reply-value-gone", "Subscription", _values("Subscription", lambda values: values[:1])),
    ("reply-value-refused", "PhotoPost.kind", _set("PhotoPost", "kind", const="photo")),
]


@pytest.mark.parametrize(("code", "place", "plant"), PLANTED, ids=[f"{code} {place}" for code, place, _ in PLANTED])
def test_a_planted_difference_is_found_and_nothing_else(
    ours: Contract, document: Document, code: str, place: str, plant: Callable[[Document], None]
) -> None:
    changed = fresh(document)
    plant(changed)
    findings = compare(few(ours, ours), few(server_contract(changed), ours)).findings
    found = {(finding.kind.code, finding.place) for finding in findings}
    assert any(kind == code and where.startswith(place.split("?")[0].split(".")[0]) for kind, where in found), found
    # One change may show on both sides, as a field that is asked for and given; it shows nowhere else.
    assert len({where.split("[")[0].split("?")[0].split(".")[0] for _, where in found}) <= 3, found
    for finding in findings:
        assert finding.operations
        assert "{" not in finding.sentence.replace("{id}", "") + finding.advice


def test_every_kind_of_finding_is_planted_somewhere() -> None:
    seen = {code for code, *_ in PLANTED} | {code for code, *_ in OBSERVED}
    assert seen == set(KINDS)


def test_what_a_model_lost_is_one_finding_for_all_who_use_it(ours: Contract, document: Document) -> None:
    changed = fresh(document)
    _drop("UserRef", "username")(changed)
    (finding,) = compare(few(ours, ours), few(server_contract(changed), ours)).findings
    assert finding.place == "UserRef.username"
    assert {"feed.list", "users.followers"} <= set(finding.operations)
    assert counted([finding]) == {"breaking": 1, "other": 0}


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"openapi": "2.0"},
        {"swagger": "2.0"},
        {"openapi": "3.1.0"},
        {"openapi": "3.1.0", "paths": []},
        {"openapi": "3.1.0", "paths": {"/elsewhere": {"get": {}}}},
        {"openapi": "3.1.0", "paths": {"/api/v1/x": []}},
    ],
)
def test_what_describes_no_platform_is_refused_in_a_sentence(told: Any) -> None:
    with pytest.raises(NotADescription, match=r"document|OpenAPI"):
        server_contract(told)


def test_a_hostile_description_is_survived(ours: Contract, document: Document) -> None:
    hostile = fresh(document)
    schemas = hostile["components"]["schemas"]
    schemas["LikeState"] = {"$ref": "#/components/schemas/LikeState"}
    schemas["UserRef"] = {"allOf": [{"$ref": "#/components/schemas/UserRef"}]}
    schemas["VoteState"] = {"anyOf": [{"$ref": "#/components/schemas/Nowhere"}, 7, None]}
    schemas["Subscription"] = {"enum": [None, {}, []], "type": ["string", 7]}
    schemas["PhotoPost"]["properties"] = []
    schemas["ThreadPost"]["required"] = "kind"
    operation(hostile, "get", "/meta")["responses"] = {"x": 1, "200": {"content": []}}
    operation(hostile, "get", "/auth/me")["parameters"] = [{"$ref": "#/nowhere"}, 3]
    findings = compare(few(ours, ours), few(server_contract(hostile), ours)).findings
    assert any(found.kind.code == "reply-field-gone" and found.place.startswith("PhotoPost.") for found in findings)


# -- what was seen

NOW = "2026-01-05T12:00:00.000Z"
LIKE = {"liked": True, "likeCount": 3}


def seen_call(data: Any, *, method: str = "PUT", path: str = "/posts/1/like", status: int = 200) -> CallLine:
    body = json.dumps({"success": True, "data": data}).encode()
    return CallLine(at=0, number=1, name="", method=method, url=BASE + path, status=status, reply=content_of(body))


def seen_frame(data: Any) -> FrameLine:
    content = content_of(json.dumps(data).encode())
    assert content is not None
    return FrameLine(at=0, socket=1, direction="received", content=content)


OBSERVED: list[tuple[str, str, CallLine | FrameLine]] = [
    ("seen-field-new", "LikeState.mood", seen_call({**LIKE, "mood": "fine"})),
    ("seen-field-missing", "LikeState.liked", seen_call({"likeCount": 3})),
    ("seen-null", "LikeState.liked", seen_call({**LIKE, "liked": None})),
    ("seen-type", "LikeState.likeCount", seen_call({**LIKE, "likeCount": "3"})),
    ("seen-value-new", "PresenceStatus", seen_frame({"type": "presence", "userId": "1", "status": "away"})),
    ("seen-value-refused", "PlatformInfo", seen_call({"success": "no"}, method="POST", path="/auth/logout-all")),
    ("seen-status", "posts.like", seen_call(LIKE, status=418)),
    ("seen-operation", "GET /reels", seen_call([], method="GET", path="/reels")),
    ("seen-undescribed", "PUT /posts/{id}/like", seen_call(LIKE)),
    ("seen-event", "event story-mode", seen_frame({"type": "story-mode"})),
]


@pytest.mark.parametrize(
    ("code", "place", "line"),
    [each for each in OBSERVED if each[0] not in ("seen-value-refused", "seen-undescribed")],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_was_seen_and_is_not_in_the_contract_is_found(
    ours: Contract, document: Document, code: str, place: str, line: CallLine | FrameLine
) -> None:
    assert places(ours, server_contract(document), line) == {(code, place)}


def places(ours: Contract, theirs: Contract | None, *lines: CallLine | FrameLine) -> set[tuple[str, str]]:
    ledger = Ledger()
    calls = [line for line in lines if isinstance(line, CallLine)]
    frames = [line for line in lines if isinstance(line, FrameLine)]
    observe([Session(Header(platform=BASE), calls=calls, frames=frames)], ours, theirs, ledger)
    return {(found.kind.code, found.place) for found in ledger.findings}


def test_a_value_that_no_model_reads_breaks(ours: Contract) -> None:
    post = {"kind": "photo", "id": "1"}
    found = places(ours, None, seen_call(post, method="GET", path="/posts/1"))
    assert {code for code, _ in found} >= {"seen-value-refused"}


def test_what_the_description_lacks_is_told(ours: Contract, document: Document) -> None:
    changed = fresh(document)
    del changed["paths"]["/api/v1/posts/{id}/like"]
    assert places(ours, server_contract(changed), seen_call(LIKE)) == {("seen-undescribed", "PUT /posts/{id}/like")}


def test_both_ways_to_write_a_name_are_the_same(ours: Contract) -> None:
    assert places(ours, None, seen_call({"liked": True, "like_count": 3})) == set()


def test_what_was_never_seen_is_counted(ours: Contract) -> None:
    session = Session(Header(platform=BASE), calls=[seen_call(LIKE)], frames=[seen_frame({"type": "pong", "t": 1.0})])
    seen = observe([session], ours, None, Ledger())
    operations, events = seen.never(ours)
    assert "posts.like" not in operations
    assert len(operations) == len(ours.operations) - 1
    assert "pong" not in events
    assert "new-message" in events
    assert seen.statuses == {"posts.like": {200}}


def test_levels_are_told_apart() -> None:
    assert KINDS["reply-field-gone"].level is Level.BREAKING
    assert KINDS["reply-field-new"].level is Level.OTHER


def test_a_path_of_words_goes_before_one_of_names(ours: Contract) -> None:
    found = ours.find("PUT", "/users/me")
    assert found is not None
    assert found.name == "users.change"
    assert ours.find("GET", "/nowhere/at/all") is None
    assert Path(found.path).name == "me"


@pytest.mark.parametrize("union", ["anyOf", "allOf"])
def test_a_description_that_is_made_of_itself_comes_to_an_end(ours: Contract, document: Document, union: str) -> None:
    hostile = fresh(document)
    names = [f"Loop{number}" for number in range(40)]
    for name, inner in zip(names, [*names[1:], names[0]], strict=True):
        hostile["components"]["schemas"][name] = {union: [{"$ref": f"#/components/schemas/{inner}"}] * 8}
    reply = hostile["paths"]["/api/v1/meta"]["get"]["responses"]["200"]["content"]["application/json"]
    reply["schema"] = {"$ref": "#/components/schemas/Loop0"}
    compare(ours, server_contract(hostile))


def test_an_address_that_is_none_below_the_base_is_no_end_of_it(ours: Contract) -> None:
    call = CallLine(at=0, number=1, name="raw", method="GET", url=f"{BASE}//[x?y", status=200)
    ledger = Ledger()
    observe([Session(Header(platform=BASE), calls=[call])], ours, None, ledger)
    assert [finding.place for finding in ledger.findings] == ["GET //[x"]
