import asyncio
import base64
import json
import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from api_client.auth import Authority, FixedToken, MemoryTokens, Tokens, expiry_in
from api_client.client import PlatformClient
from api_client.clock import SystemClock
from api_client.errors import MfaRequired, PlatformError, SignInRequired, TimedOut, Unreachable
from api_client.filelock import FileLock

USER = {"id": "u", "username": "ann", "createdAt": "2026-01-01T00:00:00Z"}


class Platform:
    """Rotates refresh tokens, and ends the session if one is used twice."""

    def __init__(self) -> None:
        self.access, self.refresh = "access-1", "refresh-1"
        self.refreshes = self.calls = 0
        self.ended = False
        self.refresh_answer: httpx.Response | None = None
        self.gate: asyncio.Event | None = None
        self.asked = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path == "/auth/refresh":
            return await self._renew(json.loads(request.content)["refreshToken"])
        if path == "/auth/login":
            self.access, self.refresh, self.ended = "access-n", "refresh-n", False
            return httpx.Response(200, json={"data": {"user": USER, **self._pair()}})
        if path == "/auth/logout":
            return httpx.Response(200, json={"data": {"success": True}})
        self.calls += 1
        if self.ended or request.headers.get("authorization") != f"Bearer {self.access}":
            return httpx.Response(401, json={"error": {"code": "TOKEN_EXPIRED", "message": "expired"}})
        return httpx.Response(200, json={"data": {"user": USER}})

    async def _renew(self, token: str) -> httpx.Response:
        self.asked.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.refresh_answer is not None:
            return self.refresh_answer
        if token != self.refresh:
            self.ended = True
            return httpx.Response(401, json={"error": {"code": "SESSION_EXPIRED", "message": "reuse"}})
        self.refreshes += 1
        self.access, self.refresh = f"access-r{self.refreshes}", f"refresh-r{self.refreshes}"
        return httpx.Response(200, json={"data": self._pair()})

    def _pair(self) -> dict[str, Any]:
        return {"accessToken": self.access, "refreshToken": self.refresh, "expiresIn": 900}


@pytest.fixture
def platform() -> Platform:
    return Platform()


async def test_many_tasks_renew_an_expired_token_once(platform: Platform, make_client: Any) -> None:
    platform.access = "not the one that is stored"
    client = make_client(platform)
    users = await asyncio.gather(*(client.accounts.me() for _ in range(20)))
    assert {user.id for user in users} == {"u"}
    assert platform.refreshes == 1
    assert not platform.ended


async def test_a_token_is_renewed_before_it_ends(platform: Platform, make_client: Any, quick: Any) -> None:
    store = MemoryTokens(Tokens(access="access-1", refresh="refresh-1", expires_at=quick.time() + 900))
    client = make_client(platform, tokens=store)
    await client.accounts.me()
    quick.now += 839
    await client.accounts.me()
    assert platform.refreshes == 0
    quick.now += 1
    await client.accounts.me()
    assert platform.refreshes == 1
    assert platform.calls == 3
    kept = await store.load()
    assert kept is not None
    assert (kept.access, kept.refresh, kept.expires_at) == ("access-r1", "refresh-r1", quick.time() + 900)


async def test_without_expires_in_the_token_itself_is_asked(platform: Platform, make_client: Any, quick: Any) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": quick.time() + 100}).encode()).rstrip(b"=").decode()
    platform.access = f"h.{claims}.s"
    client = make_client(platform, tokens=MemoryTokens(Tokens(access=platform.access, refresh="refresh-1")))
    await client.accounts.me()
    assert platform.refreshes == 0
    quick.now += 60
    await client.accounts.me()
    assert platform.refreshes == 1


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.e30.c", "a.bnVsbA.c", "a.W10.c", "a.eyJleHAiOiJ4In0.c",
                                   "a." + "W" * 40_000 + ".c", "a.é.c"])  # fmt: skip
def test_a_token_that_is_no_jwt_has_no_expiry(token: str) -> None:
    assert expiry_in(token) is None


async def test_a_refused_renewal_asks_to_sign_in_once(platform: Platform, make_client: Any) -> None:
    platform.ended = True
    platform.refresh = "somebody used it"
    heard: list[str] = []
    store = MemoryTokens(Tokens(access="access-1", refresh="refresh-1"))
    client = make_client(platform, tokens=store, on_signed_out=lambda: heard.append("signed out"))
    outcomes = await asyncio.gather(*(client.accounts.me() for _ in range(5)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {SignInRequired}
    assert heard == ["signed out"]
    assert await store.load() is None
    calls = platform.calls
    with pytest.raises(SignInRequired):
        await client.accounts.me()
    assert platform.calls == calls
    await client.accounts.sign_in("ann", "password")
    assert (await client.accounts.me()).id == "u"


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(503), httpx.Response(429, headers={"Retry-After": "9"})]
)
async def test_a_failing_platform_signs_nobody_out(
    answer: httpx.Response, platform: Platform, make_client: Any
) -> None:
    heard: list[str] = []
    store = MemoryTokens(Tokens(access="old", refresh="refresh-1"))
    client = make_client(platform, tokens=store, on_signed_out=lambda: heard.append("signed out"))
    platform.refresh_answer = answer
    with pytest.raises(PlatformError) as error:
        await client.accounts.me()
    assert not isinstance(error.value, SignInRequired)
    platform.refresh_answer = None
    assert (await client.accounts.me()).id == "u"
    assert heard == []


async def test_no_network_signs_nobody_out(make_client: Any) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/refresh"):
            raise httpx.ConnectError("refused")
        return httpx.Response(401, json={"error": "Session expired"})

    store = MemoryTokens(Tokens(access="old", refresh="refresh-1"))
    with pytest.raises(Unreachable):
        await make_client(serve, tokens=store).accounts.me()
    assert await store.load() is not None


async def test_a_screen_that_leaves_does_not_lose_the_new_tokens(platform: Platform, make_client: Any) -> None:
    platform.access, platform.gate = "access-2", asyncio.Event()
    store = MemoryTokens(Tokens(access="access-1", refresh="refresh-1"))
    client = make_client(platform, tokens=store)
    call = asyncio.create_task(client.accounts.me())
    await platform.asked.wait()
    call.cancel()
    await asyncio.wait({call})
    platform.gate.set()
    await client.close()
    kept = await store.load()
    assert kept is not None
    assert kept.refresh == "refresh-r1"


async def test_what_another_process_has_renewed_is_used(platform: Platform, make_client: Any) -> None:
    store = MemoryTokens(Tokens(access="access-1", refresh="refresh-1"))
    client = make_client(platform, tokens=store)
    await client.accounts.me()
    platform.access, platform.refresh = "access-2", "refresh-2"
    await store.save(Tokens(access="access-2", refresh="refresh-2"))
    await client.accounts.me()
    assert platform.refreshes == 0
    assert not platform.ended


async def test_a_fixed_token_is_never_renewed(platform: Platform, make_client: Any) -> None:
    client = make_client(platform, tokens=FixedToken("access-1\n"))
    assert (await client.accounts.me()).id == "u"
    platform.access = "access-2"
    with pytest.raises(SignInRequired):
        await client.accounts.me()
    platform.access = "access-1"
    assert (await client.accounts.me()).id == "u"
    with pytest.raises(PlatformError, match="fixed token"):
        await client.accounts.sign_in("ann", "password")
    assert platform.refreshes == 0


async def test_signing_out_forgets_the_tokens_even_without_the_platform(make_client: Any) -> None:
    def dead(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    store = MemoryTokens(Tokens(access="access-1", refresh="refresh-1"))
    with pytest.raises(Unreachable):
        await make_client(dead, tokens=store).accounts.sign_out()
    assert await store.load() is None


async def test_a_platform_with_nothing_but_a_session_cookie_works(make_client: Any) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/login"):
            return httpx.Response(200, json={"message": "Welcome"},
                                  headers={"Set-Cookie": "session=abc123; HttpOnly; Path=/"})  # fmt: skip
        if request.headers.get("cookie") != "session=abc123":
            return httpx.Response(403, json={"error": "Unauthorized"})
        return httpx.Response(200, json={"user": USER})

    store = MemoryTokens()
    client = make_client(serve, tokens=store)
    with pytest.raises(SignInRequired):
        await client.accounts.me()
    assert (await client.accounts.sign_in("ann", "password")).id == "u"
    restarted = make_client(serve, tokens=store)
    assert (await restarted.accounts.me()).username == "ann"


async def test_a_missing_second_factor_is_told_apart(make_client: Any) -> None:
    client = make_client(lambda request: httpx.Response(401, json={"error": {"code": "MFA_REQUIRED", "message": "m"}}))
    with pytest.raises(MfaRequired):
        await client.accounts.sign_in("ann", "password")


async def test_a_wrong_password_leaves_an_earlier_sign_in_alone(make_client: Any) -> None:
    heard: list[str] = []
    client = make_client(
        lambda request: httpx.Response(401, json={"error": "no"}), on_signed_out=lambda: heard.append("x")
    )
    with pytest.raises(SignInRequired):
        await client.accounts.sign_in("ann", "wrong")
    assert await client.auth.current() is not None
    assert heard == []


class FileTokens:
    """A store that processes share."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def load(self) -> Tokens | None:
        return Tokens.loads(self._path.read_text())

    async def save(self, tokens: Tokens) -> None:
        self._path.write_text(tokens.dumps())

    async def clear(self) -> None:
        self._path.write_text(Tokens().dumps())


def _renew_in_a_process(folder: str, start: Any) -> None:
    """Renew "old" in this process, by way of a token service that is a file and counts its calls."""
    from api_client.models.users import TokenPair

    log = os.open(Path(folder, "renewals"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def refresh(token: str) -> TokenPair:
        os.write(log, f"{token}\n".encode())
        await asyncio.sleep(0.05)
        return TokenPair(access_token="new", refresh_token="r-new", expires_in=900)

    async def main() -> None:
        store = FileTokens(Path(folder, "tokens"))
        authority = Authority(store, refresh, SystemClock(), between_processes=FileLock(Path(folder, "lock")))
        old = await authority.current()
        assert old is not None
        start.wait()
        renewed = await asyncio.gather(*(authority.renew(old) for _ in range(10)))
        assert {tokens.access for tokens in renewed} == {"new"}

    asyncio.run(main())


def test_processes_that_share_a_store_renew_once(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(Tokens(access="old", refresh="r-old").dumps())
    context = multiprocessing.get_context("fork")
    start = context.Barrier(4)
    processes = [context.Process(target=_renew_in_a_process, args=(str(tmp_path), start)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert (tmp_path / "renewals").read_text() == "r-old\n"


async def test_a_lock_that_is_never_let_go_is_given_up(tmp_path: Path, quick: Any) -> None:
    path = tmp_path / "lock"
    async with FileLock(path):
        began = time.monotonic()
        with pytest.raises(TimedOut):
            async with FileLock(path, patience=0.1, clock=quick):
                pass
        assert time.monotonic() - began < 20
    async with FileLock(path, patience=0.1, clock=quick):
        assert path.stat().st_mode & 0o777 == 0o600


async def test_a_client_without_tokens_asks_the_platform(make_client: Any) -> None:
    seen: list[bool] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append("authorization" in request.headers)
        return httpx.Response(200, json={"user": USER})

    client: PlatformClient = make_client(serve, tokens=MemoryTokens())
    await client.accounts.me()
    assert seen == [False]
