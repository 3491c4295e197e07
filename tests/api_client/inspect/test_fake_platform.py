"""A recording in place of the platform: the real client gets what was recorded, in its order, socket included."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api_client import PlatformClient
from api_client.errors import NotFound
from api_client.inspect.fake_platform import FakePlatform
from api_client.inspect.fake_script import Script, request_of
from api_client.inspect.session_file import CallLine, FrameLine, Header, Session, content_of, read_session
from api_client.models.posts import NewThreadPost
from api_client.models.realtime import NewMessageEvent, Updates
from api_client.realtime import Phase, Realtime
from tests.api_client.inspect.sessions_scene import lived

ORIGIN = "http://127.0.0.1:3000"
BASE = f"{ORIGIN}/api/v1"


def call(number: int, method: str, path: str, reply: Any, *, body: Any = None, status: int = 200) -> CallLine:
    return CallLine(
        at=number * 10.0,
        number=number,
        name="",
        method=method,
        url=BASE + path,
        body=None if body is None else content_of(repr(body).replace("'", '"').encode()),
        status=status,
        reply_headers=[("Content-Type", "application/json")],
        reply=content_of(repr(reply).replace("'", '"').encode()),
    )


def played(session: Session, *asked: tuple[str, str, Any]) -> list[Any]:
    script = Script(session)
    found = []
    for method, path, body in asked:
        where, _, query = path.partition("?")
        answer = script.answer(request_of(method, "/api/v1" + where, query, body))
        found.append(answer.reply.json_ if answer is not None and answer.reply is not None else None)
    return found


def test_replies_come_in_their_order_and_the_last_one_again() -> None:
    session = Session(Header(platform=BASE), calls=[call(1, "GET", "/time", [1]), call(2, "GET", "/time", [2])])
    assert played(session, *[("GET", "/time", None)] * 4) == [[1], [2], [2], [2]]


def test_queries_and_bodies_tell_replies_apart() -> None:
    calls = [
        call(1, "GET", "/posts?sort=new", ["new"]),
        call(2, "GET", "/posts?sort=top", ["top"]),
        call(3, "POST", "/posts/p1/vote", ["up"], body={"value": 1}),
        call(4, "POST", "/posts/p1/vote", ["down"], body={"value": -1}),
    ]
    asked = [
        ("GET", "/posts?sort=top", None),
        ("GET", "/posts?sort=new", None),
        ("GET", "/posts?sort=best", None),
        ("GET", "/posts?sort=new&cursor=2", None),
        ("POST", "/posts/p1/vote", {"value": -1}),
        ("POST", "/posts/p1/vote", {"value": 1}),
        ("PUT", "/posts/p1/vote", None),
    ]
    assert played(Session(Header(platform=BASE), calls=calls), *asked) == [
        ["top"],
        ["new"],
        ["top"],
        None,
        ["down"],
        ["up"],
        None,
    ]


def test_what_a_write_changed_is_not_served_before_it() -> None:
    post = "01980000-0000-7000-8000-000000000001"
    calls = [
        call(1, "GET", f"/posts/{post}", ["before"]),
        call(2, "PUT", f"/posts/{post}/like", ["liked"]),
        call(3, "GET", f"/posts/{post}", ["after"]),
    ]
    reading, liking = ("GET", f"/posts/{post}", None), ("PUT", f"/posts/{post}/like", None)
    found = played(Session(Header(platform=BASE), calls=calls), reading, reading, liking, reading)
    assert found == [["before"], ["before"], ["liked"], ["after"]]


def test_a_new_id_of_the_client_stands_for_the_recorded_one() -> None:
    then, now = "01980000-0000-7000-8000-000000000001", "01980000-0000-7000-8000-000000000002"
    calls = [
        call(1, "POST", "/posts", {"id": then}, body={"id": then}),
        call(2, "GET", f"/posts/{then}", {"id": then}),
    ]
    script = Script(Session(Header(platform=BASE), calls=calls))
    assert script.answer(request_of("POST", "/api/v1/posts", "", {"id": now})) is not None
    assert script.answer(request_of("GET", f"/api/v1/posts/{now}", "")) is not None
    assert script.identities.text_now(then) == now


def test_an_id_that_nobody_has_heard_of_stands_for_the_recorded_one() -> None:
    device, mine, other = (f"01980000-0000-7000-8000-00000000000{number}" for number in range(3))
    calls = [
        call(1, "PUT", f"/player/devices/{device}", {"id": device}),
        call(2, "GET", f"/posts/{other}", {"id": other}),
    ]
    script = Script(Session(Header(platform=BASE), calls=calls))
    assert script.answer(request_of("PUT", f"/api/v1/player/devices/{mine}", "")) is not None
    assert script.identities.text_now(device) == mine
    # One that was heard of is what it is, and what is missing is missing.
    assert script.answer(request_of("PUT", f"/api/v1/player/devices/{other}", "")) is None
    assert script.answer(request_of("GET", "/api/v1/posts/2", "")) is None


def test_frames_follow_what_caused_them() -> None:
    post, other = "01980000-0000-7000-8000-000000000001", "01980000-0000-7000-8000-000000000002"
    update = content_of(f'{{"type":"updates","updates":[{{"key":"posts:{post}","version":2}}]}}')
    assert update is not None
    session = Session(
        Header(platform=BASE),
        calls=[call(1, "PUT", f"/posts/{post}/like", {"id": post}), call(2, "GET", f"/posts/{other}", {"id": other})],
        frames=[FrameLine(at=40.0, socket=1, direction="received", content=update)],
    )
    script = Script(session)
    reading = script.answer(request_of("GET", f"/api/v1/posts/{other}", ""))
    liking = script.answer(request_of("PUT", f"/api/v1/posts/{post}/like", ""))
    assert reading is not None
    assert liking is not None
    assert script.frames_after(reading) == []
    assert script.frames_after(liking) == session.frames
    assert script.frames_after(liking) == []


class Server(uvicorn.Server):
    """Says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serving(platform: FakePlatform) -> AsyncIterator[str]:
    """Run `platform` on a port of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(platform, lifespan="off", log_config=None, access_log=False, ws="websockets-sansio")
        server = Server(config)
        task = asyncio.create_task(server._serve([listener]))
        await server.ready.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


async def test_the_client_lives_the_recorded_session_again_without_the_platform(once: tuple[Path, list[str]]) -> None:
    missed: list[str] = []
    platform = FakePlatform(read_session(once[0]), missed=missed.append)
    async with serving(platform) as url, PlatformClient(url) as client:
        user = await client.accounts.sign_in("ann", "any password")
        assert user.username == "ann"
        await lived(client, "ben", "bread")
        with pytest.raises(NotFound, match="not in the recording"):
            await client.playlists.mine()
    assert missed == ["GET /api/v1/playlists"]


async def test_the_socket_asks_for_a_sign_in_and_answers(once: tuple[Path, list[str]]) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()
    phases: asyncio.Queue[Phase] = asyncio.Queue()
    platform = FakePlatform(read_session(once[0]))
    async with serving(platform) as url, PlatformClient(url) as client:
        await client.accounts.sign_in("ann", "x")
        link = Realtime(client, on_event=heard.put, on_gap=lambda: None, on_state=lambda s: phases.put_nowait(s.phase))
        link.start()
        while await phases.get() is not Phase.ONLINE:
            pass
        post = await client.feed.create(NewThreadPost(subreddit="bread", title="On crusts", body="Thick."))
        link.subscribe(f"posts:{post.id}")
        assert isinstance(await heard.get(), Updates | NewMessageEvent)
        await link.stop()


async def test_hostile_requests_do_not_end_it() -> None:
    evil = call(1, "GET", "/time", {"a": 1}).model_copy(
        update={"reply_headers": [("Content-Type", "text/plain\r\nSet-Cookie: a=b"), ("X-Other", "x")]}
    )
    platform = FakePlatform(Session(Header(platform=BASE, username="ann"), calls=[evil]))
    transport = httpx.ASGITransport(platform)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        reply = await http.get("/api/v1/time")
        assert "set-cookie" not in reply.headers
        assert (await http.post("/api/v1/auth/login", content=b"[" * 100_000)).status_code == 200
        assert (await http.request("BREW", "/%00/../..")).status_code == 404
        me = (await http.get("/api/v1/auth/me")).json()["data"]["user"]
        assert me["username"] == "ann"


async def test_what_was_kept_in_part_is_not_served_as_a_whole() -> None:
    cut = call(1, "GET", "/time", {}).model_copy(update={"reply": content_of(b'{"a":', cut=True)})
    missed: list[str] = []
    platform = FakePlatform(Session(Header(platform=BASE), calls=[cut]), missed=missed.append)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(platform), base_url=ORIGIN) as http:
        assert (await http.get("/api/v1/time")).status_code == 503
    assert missed == ["GET /api/v1/time: only its beginning was kept"]
