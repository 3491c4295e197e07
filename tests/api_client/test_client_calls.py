import asyncio
import json
from typing import Any

import httpx
import pytest

from api_client import endpoints as table
from api_client.auth import Tokens
from api_client.endpoints import ENDPOINTS, Endpoint, Retry
from api_client.errors import BadReply, PlatformError, RateLimited, ServerFailed, TimedOut, Unreachable
from api_client.models.music import NewPlaylist
from api_client.models.users import ProfileChange

DONE = {"success": True, "data": {"success": True}}
POST = {"id": "p", "user": {"id": "u", "username": "ann"}, "createdAt": "2026-01-01T00:00:00Z"}


def arguments(endpoint: Endpoint) -> dict[str, Any]:
    names = [part.split("}")[0] for part in endpoint.path.split("{")[1:]]
    return {"path": dict.fromkeys(names, "7"), "body": {"a": 1} if endpoint.request is not None else None}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_each_endpoint_is_repeated_as_its_class_allows(endpoint: Endpoint, make_client: Any) -> None:
    seen: list[httpx.Request] = []

    def broken(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ReadError("")

    with pytest.raises(Unreachable) as error:
        await make_client(broken).call(endpoint, **arguments(endpoint))
    assert error.value.may_have_happened
    assert len(seen) == (1 if endpoint.retry is Retry.NEVER else 3)
    keys = {request.headers.get("X-Idempotency-Key") for request in seen}
    assert len(keys) == 1
    assert (keys != {None}) == (endpoint.retry is Retry.KEYED)
    assert len({request.headers["X-Request-Id"] for request in seen}) == len(seen)
    assert ("authorization" in seen[0].headers) == (not endpoint.public)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 409, 413, 416, 422, 500, 501])
async def test_other_refusals_are_not_repeated(status: int, make_client: Any) -> None:
    seen: list[int] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        seen.append(1)
        return httpx.Response(status, json={"error": "no"})

    with pytest.raises(PlatformError):
        await make_client(refuse).feed.page()
    assert len(seen) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_passing_failure_is_repeated_after_a_jittered_wait(status: int, make_client: Any, quick: Any) -> None:
    answers = [httpx.Response(status), httpx.Response(status), httpx.Response(200, json={"data": [POST]})]
    page = await make_client(lambda request: answers.pop(0)).feed.page()
    assert len(page) == 1
    assert quick.sleeps == [0.5, 1.0]


async def test_a_short_retry_after_is_waited_for_and_a_long_one_is_told(make_client: Any, quick: Any) -> None:
    limited = [httpx.Response(429, headers={"Retry-After": "2"}), httpx.Response(200, json={"data": []})]
    await make_client(lambda request: limited.pop(0)).feed.page()
    assert quick.sleeps == [2.0]
    with pytest.raises(RateLimited) as error:
        await make_client(lambda request: httpx.Response(429, headers={"Retry-After": "40"})).feed.page()
    assert error.value.retry_after == 40
    with pytest.raises(RateLimited):
        await make_client(lambda request: httpx.Response(429)).feed.page()
    with pytest.raises(ServerFailed):
        await make_client(lambda request: httpx.Response(503, headers={"Retry-After": "600"})).feed.page()
    assert quick.sleeps == [2.0]


async def test_a_key_that_was_given_is_the_one_that_travels(make_client: Any) -> None:
    seen: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["X-Idempotency-Key"], json.loads(request.content)))
        return httpx.Response(201, json={"data": {"id": "1", "ownerId": "u", "ownerName": "ann", "name": "n",
                                                  "createdAt": "2026-01-01T00:00:00Z"}})  # fmt: skip

    await make_client(answer).playlists.create(NewPlaylist(name="n"), idempotency_key="k-1")
    assert seen == [("k-1", {"name": "n", "isPublic": True, "isCollaborative": False})]


async def test_a_change_says_only_what_it_changes_and_null_takes_away(make_client: Any) -> None:
    seen: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"id": "u", "username": "ann", "createdAt": "2026-01-01T00:00:00Z"})

    client = make_client(answer)
    await client.users.change(ProfileChange(bio=None))
    await client.users.change(ProfileChange(is_private=True))
    assert seen == [{"bio": None}, {"isPrivate": True}]


async def test_the_deadline_covers_everything(tcp_server: Any, make_client: Any) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with tcp_server(silent) as base:
        client = make_client(base=base)
        with pytest.raises(TimedOut, match=base) as error:
            await client.call(table.ME, deadline=0.2)
    assert error.value.may_have_happened


async def test_a_drip_does_not_renew_the_deadline(tcp_server: Any, make_client: Any) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with tcp_server(drip) as base:
        with pytest.raises(TimedOut):
            await make_client(base=base).call(table.ME, deadline=0.3)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"", Unreachable, "broke"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", Unreachable, "broke"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", Unreachable, "broke"),
        (b"HTTP/1.1 200 OK\r\n\r\n{\"data\": [", BadReply, "read"),
        (b"\x1b[2J SSH-2.0-OpenSSH\r\n\r\n", BadReply, "HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nxx", BadReply, "encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nxx", BadReply, "read"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{", BadReply, "8 MiB"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n{}", BadReply, "HTTP"),
    ],
    ids=["closed", "short", "short chunk", "cut", "ssh", "brotli", "no gzip", "announced", "headers"],
)  # fmt: skip
async def test_broken_servers_are_named_in_words(
    answer: bytes, kind: type, words: str, tcp_server: Any, make_client: Any
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with tcp_server(serve) as base:
        with pytest.raises(kind, match=words) as error:
            await make_client(base=base).call(table.ME, deadline=5)
    assert error.value.sentence.isprintable()


async def test_an_endless_body_is_cut(tcp_server: Any, make_client: Any) -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 65_536)
            await writer.drain()
            sent += 65_536

    async with tcp_server(endless) as base:
        with pytest.raises(BadReply, match="8 MiB"):
            await make_client(base=base).feed.page()
    assert sent < 32 * 1024 * 1024


async def test_a_gzip_bomb_is_not_inflated(make_client: Any) -> None:
    import gzip
    import tracemalloc

    bomb = gzip.compress(b" " * (64 * 1024 * 1024), 9)
    client = make_client(lambda request: _raw(bomb, {"Content-Encoding": "gzip"}))
    tracemalloc.start()
    try:
        with pytest.raises(BadReply, match="8 MiB"):
            await client.feed.page()
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()


async def test_gzip_is_read(make_client: Any) -> None:
    import gzip

    body = gzip.compress(json.dumps({"data": [POST] * 5_000}).encode())
    page = await make_client(lambda request: _raw(body, {"Content-Encoding": "gzip"})).feed.page()
    assert len(page) == 5_000
    with pytest.raises(BadReply, match="short"):
        await make_client(lambda request: _raw(body[:-10], {"Content-Encoding": "gzip"})).feed.page()


def _raw(body: bytes, headers: dict[str, str]) -> httpx.Response:
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))


async def test_nobody_there_is_said_with_the_address(make_client: Any) -> None:
    client = make_client(base="http://127.0.0.1:1")
    with pytest.raises(
        Unreachable, match=r"Nothing answers at http://127\.0\.0\.1:1\. Is the platform running\?"
    ) as error:
        await client.feed.page()
    assert not error.value.may_have_happened


async def test_redirects_are_not_followed(make_client: Any) -> None:
    seen: list[str] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://evil.example/"})

    with pytest.raises(BadReply, match=r"evil\.example") as error:
        await make_client(elsewhere).feed.page()
    assert len(seen) == 1
    assert error.value.sentence.isprintable()


async def test_environment_proxies_do_not_see_this_machine(
    tcp_server: Any, make_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"data": []}')
        await writer.drain()

    async with tcp_server(serve) as base:
        assert len(await make_client(base=base).feed.page()) == 0


async def test_media_carry_tokens_to_the_platform_alone(make_client: Any) -> None:
    seen: dict[str, str | None] = {}

    def serve(request: httpx.Request) -> httpx.Response:
        seen[str(request.url)] = request.headers.get("authorization")
        if request.url.path.endswith("/moved.png"):
            return httpx.Response(307, headers={"Location": "https://cdn.example.org/b.png"})
        return httpx.Response(200, content=b"png")

    client = make_client(serve)
    assert await client.media("/api/v1/media/moved.png") == b"png"
    assert await client.media("media/a.png") == b"png"
    assert seen == {
        "http://127.0.0.1:3000/api/v1/media/moved.png": "Bearer access-1",
        "https://cdn.example.org/b.png": None,
        "http://127.0.0.1:3000/api/v1/media/a.png": "Bearer access-1",
    }


async def test_media_are_capped_and_do_not_run_in_circles(make_client: Any) -> None:
    big = make_client(lambda request: httpx.Response(200, content=b"x" * 2_000))
    with pytest.raises(BadReply, match="more than"):
        await big.media("a.png", cap=1_999)
    circle = make_client(lambda request: httpx.Response(302, headers={"Location": str(request.url)}))
    with pytest.raises(BadReply, match="elsewhere"):
        await circle.media("a.png")


async def test_an_upload_is_announced_sent_and_completed(make_client: Any) -> None:
    calls: list[str] = []
    parts = bytearray()
    broken = [True]

    async def serve(request: httpx.Request) -> httpx.Response:
        calls.append(f"{request.method} {request.url.path}")
        if request.method == "PUT":
            parts.clear()
            async for chunk in request.stream:
                parts.extend(chunk)
                if broken:
                    broken.clear()
                    raise httpx.WriteError("")
            assert request.headers["content-length"] == str(len(parts))
            assert "transfer-encoding" not in request.headers
            return httpx.Response(200, json=DONE)
        ticket = {"uploadId": "up", "url": "/api/v1/uploads/up/bytes?sig=s", "expiresAt": 1, "headers": {"X-Part": "1"}}
        return httpx.Response(201, json={"data": ticket if request.url.path.endswith("/uploads") else {}})

    data = bytes(range(256)) * 600
    reports: list[tuple[int, int]] = []
    upload_id = await make_client(serve).uploads.upload(
        data, "a.png", "image/png", progress=lambda *now: reports.append(now)
    )
    assert upload_id == "up"
    assert bytes(parts) == data
    assert calls == ["POST /api/v1/uploads", *["PUT /api/v1/uploads/up/bytes"] * 2, "POST /api/v1/uploads/up/complete"]
    assert reports[-3:] == [(65_536, 153_600), (131_072, 153_600), (153_600, 153_600)]


async def test_tokens_stand_in_no_representation() -> None:
    tokens = Tokens(access="canary", refresh="canary", cookie="canary")
    assert "canary" not in f"{tokens} {tokens!r}"
    assert Tokens.loads(tokens.dumps()) == tokens


async def test_a_client_that_is_held_asks_nothing_until_it_is_let_go(make_client: Any) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": [POST]})

    client = make_client(answer)
    client.latch.hold()
    asked = [asyncio.create_task(client.feed.page()), asyncio.create_task(client.media("/media/p"))]
    for _ in range(10):
        await asyncio.sleep(0)
    assert not seen
    client.latch.let_go()
    await asyncio.gather(*asked)
    assert len(seen) == 2
    assert len(await client.feed.page()) == 1
