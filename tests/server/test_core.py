"""What every route has in common: the table, errors, repetition, limits, headers, and the database underneath."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from api_client.endpoints import ENDPOINTS
from server import app as application
from server.context import PublicCtx
from server.db import Database, SchemaMismatch
from server.idempotency import HEADER
from server.serve import running
from server.settings import RateLimits, Settings
from server.tables.users import IdempotencyRow, UserRow
from tests.server.conftest import Person, Platform


@pytest.fixture
async def ann(platform: Platform) -> Person:
    return await platform.person("ann")


# The table and the routes


def json_routes() -> list[APIRoute]:
    return [route for router in application.ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_every_endpoint_of_the_table_is_registered_exactly_once() -> None:
    served = [(method, route.path) for route in json_routes() for method in route.methods]
    counted = {(entry.method, entry.path): served.count((entry.method, entry.path)) for entry in ENDPOINTS}
    assert {place: count for place, count in counted.items() if count != 1} == {}


def test_every_json_route_is_in_the_table() -> None:
    known = {(entry.method, entry.path) for entry in ENDPOINTS}
    beside_the_table = {"uploads.put"}
    strange = [
        (method, route.path)
        for route in json_routes()
        for method in route.methods
        if (method, route.path) not in known and route.response_model is not None and route.name not in beside_the_table
    ]
    assert strange == []


def test_no_route_hides_another() -> None:
    """A path that stands later and would match an earlier pattern is never reached."""
    routes = json_routes()
    hidden = [
        (earlier.path, later.path)
        for index, later in enumerate(routes)
        for earlier in routes[:index]
        if earlier.methods & later.methods and earlier.path != later.path and earlier.path_regex.match(later.path)
    ]
    assert hidden == []


async def test_the_description_covers_the_table(platform: Platform) -> None:
    document = (await (await platform.client()).get(f"{platform.url}/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert {(entry.method, f"/api/v1{entry.path}") for entry in ENDPOINTS} <= described
    assert "HTTPValidationError" not in document["components"]["schemas"]
    replies = document["paths"]["/api/v1/auth/register"]["post"]["responses"]
    assert {"201", "400", "409", "413", "429"} <= replies.keys()
    assert "422" not in replies


async def test_the_short_base_leads_to_the_same_place(platform: Platform, ann: Person) -> None:
    long, short = await ann.get("/auth/me"), await ann.get(f"{platform.url}/api/auth/me")
    assert short.status_code == 200
    assert short.json() == long.json()


async def test_the_platform_tells_about_itself(platform: Platform) -> None:
    client = await platform.client()
    meta = (await client.get("meta")).json()["data"]
    assert meta["name"] == "Parlour"
    assert {"feed", "threads", "chat", "music"} <= set(meta["capabilities"])
    assert meta["limits"]["captionLength"] == 2200
    for path in ("healthz", "readyz"):
        assert (await client.get(f"{platform.url}/{path}")).json() == {"status": "ok"}
    page = await client.get(f"{platform.url}/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "/api/v1/posts/feed" in page.text
    assert "http://" not in page.text.replace(platform.url, "")
    assert "https://" not in page.text


async def test_figures_name_routes_and_not_paths(platform: Platform, ann: Person) -> None:
    await ann.get("/users/somebody-secret")
    figures = (await ann.get(f"{platform.url}/metrics")).text
    assert 'parlour_requests_total{method="GET",route="/users/{username}",status="404"} 1' in figures
    assert "somebody-secret" not in figures
    assert "parlour_sockets 0" in figures
    assert 'parlour_request_seconds_bucket{route="/users/{username}",le="+Inf"} 1' in figures


# Errors


def broken_router() -> APIRouter:
    router = APIRouter()

    @router.get("/api/v1/broken")
    async def broken(ctx: PublicCtx) -> None:
        raise RuntimeError(f"the password of {ctx.address} is hunter2")

    @router.get("/locked")
    async def locked(ctx: PublicCtx) -> None:
        raise OperationalError("UPDATE x", {}, Exception("database is locked"))

    return router


async def test_a_failure_is_logged_and_told_without_its_reason(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(application, "_routes", lambda: broken_router().routes)
    async with running(settings) as at, httpx.AsyncClient(base_url=at.url, trust_env=False) as client:
        reply = await client.get("/api/v1/broken", headers={"X-Request-Id": "abc-1"})
        busy = await client.get("/locked")
    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "INTERNAL"
    assert reply.json()["meta"] == {"requestId": "abc-1"}
    assert reply.headers["X-Request-Id"] == "abc-1"
    assert "hunter2" not in reply.text
    assert "hunter2" in caplog.text
    assert (busy.status_code, busy.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert busy.headers["Retry-After"] == "2"


async def test_unknown_paths_and_methods_get_the_envelope(ann: Person, platform: Platform) -> None:
    missing = await ann.get("/no/such/place")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")
    wrong = await ann.request("PATCH", "/users/me")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "Allow" in wrong.headers
    assert missing.json()["success"] is False


async def test_broken_bodies_are_refused_by_field(ann: Person) -> None:
    reply = await ann.request("PUT", "/users/me", content=b"{", headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert reply.json()["error"]["details"][0]["field"] == "body"
    reply = await ann.put("/users/me", {"bio": "b" * 151, "isPrivate": "perhaps"})
    assert {entry["field"] for entry in reply.json()["error"]["details"]} == {"bio", "isPrivate"}
    assert "perhaps" not in reply.text


async def test_both_spellings_are_read(ann: Person) -> None:
    assert (await ann.data("PUT", "/users/me", {"full_name": "A"}))["fullName"] == "A"


# Ids of requests, headers


async def test_request_ids_come_back_if_they_are_harmless(ann: Person) -> None:
    assert (await ann.request("GET", "/meta", headers={"X-Request-Id": "a.B-1_2"})).headers["X-Request-Id"] == "a.B-1_2"
    for hostile in ("a b", "x" * 65, "<script>"):
        reply = await ann.request("GET", "/meta", headers={"X-Request-Id": hostile})
        assert reply.headers["X-Request-Id"] != hostile
        assert len(reply.headers["X-Request-Id"]) == 36


async def test_replies_forbid_what_browsers_would_do_with_them(ann: Person) -> None:
    headers = (await ann.get("/auth/me")).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Server" not in headers


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [("http://localhost:5173", True), ("http://127.0.0.1", True), ("https://evil.example", False)],
)
async def test_pages_of_this_machine_may_call(platform: Platform, origin: str, welcome: bool) -> None:
    asked = "authorization,content-type,x-idempotency-key,x-connection-type,x-request-id"
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": asked,
    }
    reply = await (await platform.client()).options("auth/login", headers=headers)
    assert (reply.headers.get("Access-Control-Allow-Origin") == origin) is welcome
    assert (reply.status_code == 200) is welcome


async def test_the_log_has_no_secrets(platform: Platform, ann: Person, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "parlour.access"):
        await ann.get("/media/files/a.png", sig="topsecret", w="320")
    line = next(record.getMessage() for record in caplog.records if record.name == "parlour.access")
    assert line.startswith("GET /api/v1/media/files/a.png 404")
    assert "topsecret" not in caplog.text
    assert ann.token not in caplog.text


# Sizes


async def test_a_body_that_is_too_large_is_refused_by_its_declared_size(platform: Platform, ann: Person) -> None:
    limit = platform.state.settings.body_limit
    body = json.dumps({"bio": "b" * limit})
    reply = await ann.request("PUT", "/users/me", content=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_without_a_declared_size_is_counted_while_it_comes(platform: Platform, ann: Person) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 40 * platform.state.settings.body_limit:
            sent += 65536
            yield b" " * 65536

    headers = {"Content-Type": "application/json"}
    try:
        reply = await ann.request("PUT", "/users/me", content=endless(), headers=headers)
    except httpx.TransportError:
        pass  # the platform hung up while more was still being sent, which is its right
    else:
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert sent < 40 * platform.state.settings.body_limit
    assert (await ann.get("/auth/me")).status_code == 200


# Repetition


async def follow(person: Person, key: str, who: str = "ben", **more: Any) -> httpx.Response:
    return await person.request("POST", f"/users/{who}/follow", headers={HEADER: key}, **more)


@pytest.mark.parametrize(("seconds", "replayed"), [(299, True), (301, False)])
async def test_the_same_key_gets_the_same_reply_for_300_seconds(
    platform: Platform, ann: Person, seconds: int, replayed: bool
) -> None:
    ben = await platform.person("ben")
    first = await follow(ann, "key-1")
    await ben.put("/users/me", {"isPrivate": True})
    await ann.delete("/users/ben/follow")
    platform.clock.advance(seconds)
    again = await follow(ann, "key-1")
    assert (again.headers.get("X-Idempotency-Replayed") == "true") is replayed
    assert (again.json() == first.json()) is replayed
    assert again.json()["data"]["following"] is replayed


async def test_keys_of_different_people_have_nothing_to_do_with_each_other(platform: Platform, ann: Person) -> None:
    ben, carl = await platform.person("ben"), await platform.person("carl")
    await follow(ann, "key-1", "carl")
    reply = await follow(ben, "key-1", "carl")
    assert "X-Idempotency-Replayed" not in reply.headers
    assert (await carl.data("GET", "/users/me"))["followerCount"] == 2


async def test_a_key_that_was_used_for_something_else_is_a_conflict(platform: Platform, ann: Person) -> None:
    await platform.person("ben")
    await platform.person("carl")
    await follow(ann, "key-1", "ben")
    for other in (follow(ann, "key-1", "carl"), follow(ann, "key-1", "ben", json={"x": 1})):
        reply = await other
        assert (reply.status_code, reply.json()["error"]["code"]) == (409, "CONFLICT")


async def test_a_refused_request_is_not_kept(platform: Platform, ann: Person) -> None:
    assert (await follow(ann, "key-1", "ben")).status_code == 404
    await platform.person("ben")
    assert (await follow(ann, "key-1", "ben")).status_code == 200


async def test_repetitions_at_the_same_time_happen_once(platform: Platform, ann: Person) -> None:
    await platform.person("ben")
    replies = await asyncio.gather(*[follow(ann, "key-1") for _ in range(8)])
    assert {reply.text for reply in replies} == {replies[0].text}
    assert sum("X-Idempotency-Replayed" not in reply.headers for reply in replies) == 1
    assert (await ann.data("GET", "/users/ben"))["followerCount"] == 1
    async with platform.state.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(IdempotencyRow)) == 1


@pytest.mark.parametrize("key", ["", "a" * 129, "two words"])
async def test_an_unusable_key_is_refused(platform: Platform, ann: Person, key: str) -> None:
    await platform.person("ben")
    reply = await follow(ann, key)
    assert reply.json()["error"]["details"][0]["field"] == HEADER


async def test_old_replies_are_forgotten(platform: Platform, ann: Person) -> None:
    await platform.person("ben")
    await follow(ann, "key-1")
    platform.clock.advance(301)
    await follow(ann, "key-2")
    async with platform.state.database.reading() as db:
        assert (await db.scalars(select(IdempotencyRow.key))).all() == ["key-2"]


# Limits


async def test_requests_of_one_user_are_limited_and_others_are_not_hindered(settings: Settings) -> None:
    limited = replace(settings, limits=RateLimits(logins_per_minute=99, requests_per_minute=3))
    async with running(limited) as at, httpx.AsyncClient(base_url=f"{at.url}/api/v1/", trust_env=False) as client:
        people = []
        for name in ("ann", "ben"):
            body = {"username": name, "email": f"{name}@example.com", "password": "a long password"}
            people.append((await client.post("auth/register", json=body)).json()["data"]["accessToken"])
        ann, ben = ({"Authorization": f"Bearer {token}"} for token in people)
        left = [(await client.get("auth/me", headers=ann)).headers["X-RateLimit-Remaining"] for _ in range(3)]
        refused = await client.get("auth/me", headers=ann)
        other = await client.get("auth/me", headers=ben)
    assert left == ["2", "1", "0"]
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= set(refused.headers)
    assert other.status_code == 200


# The database


async def test_writers_wait_for_each_other_and_readers_for_nobody(platform: Platform, ann: Person) -> None:
    database = platform.state.database
    async with database.writing() as writer:
        row = await writer.get_one(UserRow, ann.id)
        row.bio = "not yet"
        await writer.flush()
        assert (await ann.data("GET", "/users/me"))["bio"] is None
        waiting = asyncio.create_task(ann.put("/users/me", {"fullName": "Ann"}))
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
    assert (await waiting).status_code == 200
    me = await ann.data("GET", "/users/me")
    assert (me["bio"], me["fullName"]) == ("not yet", "Ann")


async def test_follows_at_the_same_time_are_all_counted(platform: Platform, ann: Person) -> None:
    fans = [await platform.person(f"fan{number}") for number in range(12)]
    replies = await asyncio.gather(*[fan.post("/users/ann/follow") for fan in fans for _ in range(3)])
    assert {reply.status_code for reply in replies} == {200}
    assert (await ann.data("GET", "/users/me"))["followerCount"] == 12


async def test_reading_sessions_cannot_write(platform: Platform, ann: Person) -> None:
    async with platform.state.database.reading() as db:
        with pytest.raises(OperationalError, match="readonly"):
            await db.execute(text("DELETE FROM users"))


async def test_what_a_refused_write_began_is_undone(platform: Platform, ann: Person) -> None:
    before = await ann.data("GET", "/users/me")
    refused = await ann.put("/users/me", {"bio": "new", "avatarUrl": "javascript:x"})
    assert refused.status_code == 400
    assert await ann.data("GET", "/users/me") == before


async def test_a_database_of_another_version_is_left_alone(platform: Platform) -> None:
    async with platform.state.database.writing() as db:
        await db.execute(text("PRAGMA user_version = 99"))
    other = Database(platform.state.database.path)
    with pytest.raises(SchemaMismatch, match="99"):
        await other.open()
    await other.close()


@pytest.mark.parametrize("half", [rb"\ud800", rb"\udc00x", rb"\udc00\ud800", b"\xed\xa0\x80", b"\xff"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "auth/register", b'{"username": "bob", "email": "b@example.com", "password": "password-%s"}'),
        (
            "POST",
            "auth/register",
            b'{"username": "bob", "email": "b@example.com", "password": "a-pass-word", "fullName": "%s"}',
        ),
        ("POST", "auth/login", b'{"email": "%s", "password": "password"}'),
        ("PUT", "users/me", b'{"bio": "%s"}'),
        ("PUT", "users/me", b'{"fullName": "%s"}'),
        ("POST", "playlists", b'{"name": "%s"}'),
        ("POST", "r", b'{"name": "anything", "displayName": "%s"}'),
        ("POST", "posts", b'{"type": "image", "caption": "%s"}'),
        ("POST", "uploads", b'{"filename": "%s.png", "mimeType": "image/png", "sizeBytes": 9, "purpose": "post"}'),
        ("POST", "conversations", b'{"participantIds": ["%s"], "title": "x"}'),
        ("POST", "conversations/x/messages", b'{"text": "%s"}'),
        ("POST", "posts/x/comments", b'{"text": {"deep": ["%s"]}}'),
    ],
)
async def test_half_a_character_is_refused_wherever_it_stands(
    platform: Platform, ann: Person, method: str, path: str, body: bytes, half: bytes
) -> None:
    reply = await ann.request(
        method, path, content=body.replace(b"%s", half), headers={"Content-Type": "application/json"}
    )
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert reply.json()["error"]["details"][0]["field"] == "body"


async def test_characters_in_two_halves_are_whole(ann: Person) -> None:
    reply = await ann.request(
        "PUT", "users/me", content=rb'{"bio": "\ud83d\ude00"}', headers={"Content-Type": "application/json"}
    )
    assert reply.json()["data"]["bio"] == "\N{GRINNING FACE}"
