"""Accounts: registration, sign-in, tokens and sessions."""

from __future__ import annotations

import stat
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import select, update

from server.permissions import permissions
from server.tables.users import SessionRow, UserRow
from tests.server.conftest import PASSWORD, Person, Platform


@pytest.fixture
async def ann(platform: Platform) -> Person:
    return await platform.person("ann")


def code_of(reply: httpx.Response) -> tuple[int, str, str]:
    error = reply.json()["error"]
    return reply.status_code, error["code"], error["message"]


NOT_SIGNED_IN = (401, "UNAUTHENTICATED", "Not authenticated")
SESSION_OVER = (401, "SESSION_EXPIRED", "Session expired")


async def sign_in(platform: Platform, name: str = "ann", password: str = PASSWORD, **more: Any) -> httpx.Response:
    return await (await platform.client()).post("auth/login", json={"email": name, "password": password, **more})


async def refreshed(platform: Platform, token: str) -> httpx.Response:
    return await (await platform.client()).post("auth/refresh", json={"refreshToken": token})


async def test_registering_signs_in(ann: Person) -> None:
    assert ann.user["username"] == "ann"
    assert ann.user["version"] == 1
    assert ann.tokens["expiresIn"] == 900
    assert (await ann.data("GET", "/auth/me"))["user"]["email"] == "ann@example.com"


@pytest.mark.parametrize(
    ("username", "email", "field"),
    [("ANN", "other@example.com", "username"), ("other", "Ann@Example.com", "email")],
)
async def test_a_taken_name_or_address_is_refused_in_any_case(
    platform: Platform, ann: Person, username: str, email: str, field: str
) -> None:
    body = {"username": username, "email": email, "password": PASSWORD}
    reply = await (await platform.client()).post("auth/register", json=body)
    assert reply.status_code == 409
    assert reply.json()["error"]["code"] == "DUPLICATE"
    assert reply.json()["error"]["details"][0]["field"] == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a" * 31}, "username"),
        ({"username": "me"}, "username"),
        ({"username": "a b"}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"email": "a" * 250 + "@b.org"}, "email"),
        ({"password": "short"}, "password"),
    ],
)
async def test_unacceptable_fields_are_named_and_never_repeated(
    platform: Platform, change: dict[str, str], field: str
) -> None:
    body = {"username": "newcomer", "email": "new@example.com", "password": PASSWORD, **change}
    reply = await (await platform.client()).post("auth/register", json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "VALIDATION_ERROR"
    assert [entry["field"] for entry in reply.json()["error"]["details"]] == [field]
    assert PASSWORD not in reply.text
    assert change[field] not in reply.text or len(change[field]) < 6


async def test_thirty_letters_are_a_name(platform: Platform) -> None:
    assert (await platform.person("a" * 30)).username == "a" * 30


@pytest.mark.parametrize("name", ["ann", "ANN", "ann@example.com", "Ann@Example.COM"])
async def test_sign_in_by_name_or_address(platform: Platform, ann: Person, name: str) -> None:
    reply = await sign_in(platform, name)
    assert reply.status_code == 200
    assert reply.json()["data"]["user"]["id"] == ann.id


async def test_a_code_of_a_second_factor_is_not_asked_for_and_does_not_disturb(platform: Platform, ann: Person) -> None:
    assert (await sign_in(platform, otp="123456")).status_code == 200


async def test_wrong_password_and_unknown_name_look_the_same(platform: Platform, ann: Person) -> None:
    wrong, unknown = await sign_in(platform, password="wrong password"), await sign_in(platform, "nobody")
    assert code_of(wrong) == code_of(unknown) == (401, "UNAUTHENTICATED", "The name or the password is wrong.")


async def test_an_unknown_name_costs_a_hash_as_well(
    platform: Platform, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[bool] = []
    passwords = platform.state.passwords
    real = passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda *args: compared.append(True) or real(*args))
    await sign_in(platform, "nobody")
    assert compared == [True]


async def test_passwords_are_kept_as_argon2id(platform: Platform, ann: Person) -> None:
    async with platform.state.database.reading() as db:
        row = await db.get_one(UserRow, ann.id)
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in row.password_hash


async def test_requests_without_a_token_or_with_nonsense_are_not_authenticated(platform: Platform, ann: Person) -> None:
    anybody = await platform.client()
    assert code_of(await anybody.get("auth/me")) == NOT_SIGNED_IN
    forged = jwt.encode({"sub": ann.id, "sid": "x", "jti": "x", "type": "access", "exp": 9e9}, "k" * 32)
    refresh_as_access = ann.tokens["refreshToken"]
    unsigned = jwt.encode({"sub": ann.id, "sid": "x", "jti": "x", "type": "access", "exp": 9e9}, "", algorithm="none")
    for token in ("nonsense", forged, refresh_as_access, unsigned):
        reply = await anybody.get("auth/me", headers={"Authorization": f"Bearer {token}"})
        assert code_of(reply) == NOT_SIGNED_IN


async def test_an_access_token_lives_for_fifteen_minutes(platform: Platform, ann: Person) -> None:
    platform.clock.advance(900)
    assert (await ann.get("/auth/me")).status_code == 200
    platform.clock.advance(1)
    assert code_of(await ann.get("/auth/me"))[:2] == (401, "TOKEN_EXPIRED")


@pytest.mark.parametrize(("seconds", "expected"), [(604_800, 200), (604_801, 401)])
async def test_a_refresh_token_lives_for_seven_days(
    platform: Platform, ann: Person, seconds: int, expected: int
) -> None:
    platform.clock.advance(seconds)
    reply = await refreshed(platform, ann.tokens["refreshToken"])
    assert reply.status_code == expected
    if expected == 401:
        assert code_of(reply) == SESSION_OVER


async def test_tokens_of_the_same_second_differ(platform: Platform, ann: Person) -> None:
    first, second = (await sign_in(platform)).json()["data"], (await sign_in(platform)).json()["data"]
    assert first["refreshToken"] != second["refreshToken"]
    assert first["accessToken"] != second["accessToken"]
    again = (await refreshed(platform, first["refreshToken"])).json()["data"]
    assert again["refreshToken"] != first["refreshToken"]


async def test_a_spent_refresh_token_ends_its_whole_family(platform: Platform, ann: Person) -> None:
    other = (await sign_in(platform)).json()["data"]
    old = ann.tokens["refreshToken"]
    newer = (await refreshed(platform, old)).json()["data"]
    assert code_of(await refreshed(platform, old)) == SESSION_OVER
    assert code_of(await refreshed(platform, newer["refreshToken"])) == SESSION_OVER
    thief = await platform.client(newer["accessToken"])
    assert code_of(await thief.get("auth/me")) == SESSION_OVER
    assert code_of(await ann.get("/auth/me")) == SESSION_OVER
    assert (await refreshed(platform, other["refreshToken"])).status_code == 200


async def test_refresh_tokens_are_kept_as_hashes_only(platform: Platform, ann: Person) -> None:
    async with platform.state.database.reading() as db:
        row = (await db.scalars(select(SessionRow))).one()
    assert len(row.refresh_hash) == 32
    stored = b"".join(path.read_bytes() for path in platform.state.settings.data_dir.glob("platform.db*"))
    assert ann.tokens["refreshToken"].encode() not in stored
    assert ann.tokens["accessToken"].encode() not in stored


async def test_nonsense_is_no_refresh_token(platform: Platform, ann: Person) -> None:
    for token in ("nonsense", ann.tokens["accessToken"]):
        assert code_of(await refreshed(platform, token)) == NOT_SIGNED_IN


async def test_signing_out_ends_this_session_alone(platform: Platform, ann: Person) -> None:
    other = await platform.client((await sign_in(platform)).json()["data"]["accessToken"])
    assert (await ann.post("/auth/logout", {})).status_code == 200
    assert code_of(await ann.get("/auth/me")) == SESSION_OVER
    assert code_of(await refreshed(platform, ann.tokens["refreshToken"])) == SESSION_OVER
    assert (await other.get("auth/me")).status_code == 200


async def test_signing_out_needs_no_body(ann: Person) -> None:
    assert (await ann.request("POST", "/auth/logout")).status_code == 200


async def test_signing_out_everywhere_ends_all_sessions(platform: Platform, ann: Person) -> None:
    other = await platform.client((await sign_in(platform)).json()["data"]["accessToken"])
    await ann.data("POST", "/auth/logout-all")
    assert code_of(await other.get("auth/me")) == SESSION_OVER
    assert code_of(await ann.get("/auth/me")) == SESSION_OVER


async def test_sessions_are_listed_and_can_be_ended(platform: Platform, ann: Person) -> None:
    platform.clock.advance(60)
    phone = (await sign_in(platform, device="Ann's phone\x1b[31m")).json()["data"]
    listed = await ann.data("GET", "/auth/sessions")
    assert [entry["current"] for entry in listed] == [False, True]
    assert listed[0]["device"].startswith("Ann's phone")
    assert "\x1b" not in listed[0]["device"]
    assert listed[1]["device"].startswith("python-httpx")
    await ann.data("DELETE", f"/auth/sessions/{listed[0]['id']}")
    assert code_of(await (await platform.client(phone["accessToken"])).get("auth/me")) == SESSION_OVER
    assert (await ann.delete(f"/auth/sessions/{listed[0]['id']}")).status_code == 404
    assert len(await ann.data("GET", "/auth/sessions")) == 1


async def test_nobody_ends_the_sessions_of_others(platform: Platform, ann: Person) -> None:
    ben = await platform.person("ben")
    (session,) = await ben.data("GET", "/auth/sessions")
    assert (await ann.delete(f"/auth/sessions/{session['id']}")).status_code == 404
    assert (await ben.get("/auth/me")).status_code == 200


async def test_last_seen_follows_use(platform: Platform, ann: Person) -> None:
    platform.clock.advance(120)
    await ann.get("/auth/me")
    await platform.state.background.drain()
    (session,) = await ann.data("GET", "/auth/sessions")
    assert session["lastSeen"] == "2026-01-05T12:02:00.000Z"


async def test_eleven_sign_ins_in_a_minute_are_one_too_many(strict_platform: Platform) -> None:
    platform = strict_platform
    await platform.person("ann")
    for _ in range(10):
        assert (await sign_in(platform)).status_code == 200
    refused = await sign_in(platform)
    assert code_of(refused)[:2] == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["X-RateLimit-Limit"] == "10"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["X-RateLimit-Reset"] == "60"
    platform.clock.advance(59.9)
    assert (await sign_in(platform)).status_code == 429
    platform.clock.advance(0.1)
    assert (await sign_in(platform)).status_code == 200


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        ("user", {"read", "write"}),
        ("moderator", {"read", "write", "delete"}),
        ("admin", {"read", "write", "delete", "admin"}),
        ("wizard", set()),
    ],
)
def test_roles_grant_what_the_table_says(role: str, granted: set[str]) -> None:
    assert permissions(role) == granted


async def test_an_unknown_role_may_do_nothing_and_breaks_nothing(platform: Platform, ann: Person) -> None:
    async with platform.state.database.writing() as db:
        await db.execute(update(UserRow).where(UserRow.id == ann.id).values(role="wizard"))
    assert code_of(await ann.get("/users/ann")) == (403, "FORBIDDEN", "Forbidden")
    assert (await ann.data("GET", "/auth/me"))["user"]["role"] == "unknown"
    assert (await ann.post("/auth/logout", {})).status_code == 200


def test_the_secret_is_for_its_owner_alone(platform: Platform) -> None:
    folder = platform.state.settings.data_dir
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "platform.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
