"""What a platform hands out as the address of a track: nothing hostile is fetched, and nobody learns a secret."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api_client import PlatformClient
from api_client.auth import MemoryTokens, Tokens
from tui.player.clock import LoopClock
from tui.player.engine import Fault
from tui.player.governor import Governor
from tui.player.shelf import SourceShelf
from tui.player.source import AddressRule, Held, StreamInfo
from tui.player.threads import run_in_thread
from tui.player.tickets import TicketDesk
from tui.track_addresses import TrackAddresses, audio_client

SECRET = "a-token-that-nobody-else-may-see"
AUDIO = bytes(range(256)) * 2_000


class Recorder:
    """A server on a socket of its own that answers what it is told and remembers all that it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.replies: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            self.requests.append((path, headers))
            status, more, body = self.replies.get(path.partition("?")[0], (404, {}, b""))
            if status == 200 and (span := headers.get("range")):
                first, _, last = span.removeprefix("bytes=").partition("-")
                end = min(len(body), int(last) + 1) if last else len(body)
                more = {**more, "Content-Range": f"bytes {first}-{end - 1}/{len(body)}"}
                status, body = 206, body[int(first) : end]
            lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in more.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class World:
    """A platform that hands out one address, a stranger's server, and a player's shelf between them."""

    def __init__(self, platform: Recorder, stranger: Recorder) -> None:
        self.platform, self.stranger = platform, stranger
        tokens = MemoryTokens(Tokens(access=SECRET, cookie=f"session={SECRET}"))
        self.client = PlatformClient(platform.url, tokens=tokens)
        self.http = audio_client(lambda: False, loopback=True)
        addresses = TrackAddresses(self.client, Governor(), "")
        self.shelf = SourceShelf(lambda: self.http, addresses.resolve, AddressRule(self.client.address.origin))

    def hands_out(self, url: str, **more: Any) -> None:
        ticket = {"url": url, "quality": 160, "expiresAt": 2**52, **more}
        reply = json.dumps({"success": True, "data": ticket}).encode()
        self.platform.replies["/api/v1/playback/stream/t1"] = 200, {"Content-Type": "application/json"}, reply

    def refuses(self, status: int, code: str, message: str) -> None:
        body = json.dumps({"success": False, "error": {"code": code, "message": message}}).encode()
        self.platform.replies["/api/v1/playback/stream/t1"] = status, {"Content-Type": "application/json"}, body

    async def read(self) -> tuple[bytes, Held]:
        """Read a track like an engine does; what cannot be had is empty."""
        source = self.shelf.open("t1")

        def read() -> bytes:
            reader, parts = source.reader(), []
            try:
                while part := reader.read(65_536):
                    parts.append(part)
            except OSError:
                return b""
            return b"".join(parts)

        async with asyncio.timeout(30):
            return await run_in_thread(read, "reader"), source


@pytest.fixture
async def world() -> AsyncIterator[World]:
    platform, stranger = Recorder(), Recorder()
    await platform.start()
    await stranger.start()
    stranger.replies["/a.ogg"] = 200, {}, AUDIO
    made = World(platform, stranger)
    yield made
    await made.shelf.close()
    await made.http.aclose()
    await made.client.close()
    await platform.stop()
    await stranger.stop()


HOSTILE = [
    "file:///etc/passwd",
    "/../../../../etc/passwd\\..\\a",
    "ftp://127.0.0.1:{port}/a.ogg",
    "rtmp://127.0.0.1:{port}/a.ogg",
    "edl://127.0.0.1:{port}/a.ogg",
    "memory://x",
    "lavf://http://127.0.0.1:{port}/a.ogg",
    "smb://127.0.0.1/a.ogg",
    "data:audio/ogg;base64,T2dnUw==",
    "javascript:alert(1)",
    "http://ada:secret@127.0.0.1:{port}/a.ogg",
    "http://127.0.0.1:{port}@evil.example/a.ogg",
    "http://2130706433:{port}/a.ogg",
    "http://0x7f.0.0.1:{port}/a.ogg",
    "http://0177.0.0.1:{port}/a.ogg",
    "http://127.1:{port}/a.ogg",
    "http://[::ffff:127.0.0.1]:{port}/a.ogg",
    "http://[::ffff:7f00:1]:{port}/a.ogg",
    "http://[fe80::1%25lo]:{port}/a.ogg",
    "http://[64:ff9b::7f00:1]:{port}/a.ogg",
    "http://127\u30020\u30020\u30021:{port}/a.ogg",
    "http://\uff11\uff12\uff17.0.0.1:{port}/a.ogg",
    "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3:{port}/a.ogg",
    "http:\\\\127.0.0.1:{port}\\a.ogg",
    "http://evil.example\\@127.0.0.1:{port}/a.ogg",
    "http://127.0.0.1:{port}/a.ogg HTTP/1.1\r\nX-Injected: 1",
    "http://evil.example/a\r\n.ogg",
    "https://evil.example\u202e.local/a.ogg",
    "http://127.0.0.1:{port}/a.ogg\x00.mp3",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://router.lan/a.ogg",
    "https://10.0.0.1/a.ogg",
    "https://192.168.1.1/a.ogg",
    "https://0/a.ogg",
    "https://0x7f000001/a.ogg",
    "https://printer/a.ogg",
    "http://cdn.example/a.ogg",
    "//evil.example:99999/a.ogg",
    "http://127.0.0.1:{port}/" + "a" * 9_000,
    "http://",
    "",
]


@pytest.mark.parametrize("url", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_hostile_address_is_ever_asked(world: World, url: str) -> None:
    world.hands_out(url.replace("{port}", str(world.stranger.port)))
    data, source = await world.read()
    assert data == b""
    assert source.fault in (Fault.ADDRESS, Fault.SERVER, Fault.NOT_FOUND)
    assert world.stranger.requests == []
    # Whatever is relative stays with the platform, which has no such file.
    assert all(path.startswith("/") and "passwd" not in path for path, _ in world.platform.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_nowhere(world: World, status: int) -> None:
    world.hands_out("/audio/t1.ogg")
    world.platform.replies["/audio/t1.ogg"] = status, {"Location": f"{world.stranger.url}/a.ogg"}, b""
    data, source = await world.read()
    assert (data, source.fault) == (b"", Fault.ADDRESS)
    assert world.stranger.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/a",
        "http://localhost/a",
        "http://[::1]/a",
        "https://127.0.0.1/a",
        "https://localhost/a",
        "https://a.localhost/a",
        "https://cdn.example./a%00b\u0000",
        "https://-/a",
        "https://a..b/a",
    ],
)
def test_a_platform_elsewhere_has_no_business_on_this_machine(url: str) -> None:
    assert not AddressRule("https://parlour.example").allows(url)


@pytest.mark.parametrize(
    "url", ["https://cdn.example/a?sig=1", "https://a-1.b.example:8443/x", "https://cdn.example./a"]
)
def test_a_public_name_over_https_may_hold_the_audio(url: str) -> None:
    assert AddressRule("https://parlour.example").allows(url)


async def test_the_audio_host_is_told_nothing_of_the_listener(world: World) -> None:
    url = f"{world.stranger.url}/a.ogg?sig=1"
    world.hands_out(url)
    cookie = {"Set-Cookie": "track=you; Path=/", "ETag": '"one"'}
    world.stranger.replies["/a.ogg"] = 200, cookie, AUDIO
    data, _ = await world.read()
    assert data == AUDIO
    assert len(world.stranger.requests) >= 2
    allowed = {"host", "accept", "accept-encoding", "connection", "user-agent", "range", "if-range", ""}
    for _, headers in world.stranger.requests:
        assert set(headers) <= allowed
        assert SECRET not in str(headers)
    platform = [headers for path, headers in world.platform.requests if "stream" in path]
    assert all(SECRET in headers["authorization"] for headers in platform)


async def test_the_platforms_own_files_are_fetched_without_a_secret_too(world: World) -> None:
    world.hands_out("/audio/t1.ogg?sig=1")
    world.platform.replies["/audio/t1.ogg"] = 200, {}, AUDIO
    assert (await world.read())[0] == AUDIO
    files = [headers for path, headers in world.platform.requests if path.startswith("/audio/")]
    assert files
    assert all("authorization" not in headers and "cookie" not in headers for headers in files)


@pytest.mark.parametrize(
    ("status", "code", "message", "fault"),
    [
        (403, "NOT_AVAILABLE_IN_REGION", "This track is not available in your region.", Fault.UNAVAILABLE),
        (403, "FORBIDDEN", "This track is not out before 2031-01-01.", Fault.UNAVAILABLE),
        (404, "NOT_FOUND", "There is no audio of this track any more.", Fault.NOT_FOUND),
    ],
)
async def test_what_the_platform_refuses_is_said_in_its_words(
    world: World, status: int, code: str, message: str, fault: Fault
) -> None:
    world.refuses(status, code, message)
    _, source = await world.read()
    assert (source.fault, source.reason) == (fault, message)


class Wall(LoopClock):
    """A clock that is set by hand."""

    now = 1_000_000_000

    def wall_ms(self) -> int:
        return self.now


async def test_a_ticket_is_used_until_half_a_minute_before_it_expires() -> None:
    clock, asked = Wall(), 0

    async def resolve(_track: str, _quality: int | None) -> StreamInfo:
        nonlocal asked
        asked += 1
        return StreamInfo(f"https://cdn.example/{asked}", 160, clock.now + 3_600_000)

    desk = TicketDesk(resolve, clock)
    first = await desk.ticket("a", 160)
    clock.now += 3_569_999
    assert await desk.ticket("a", 160) is first
    clock.now += 1
    assert await desk.ticket("a", 160) is not first
    assert asked == 2
    await desk.close()


async def test_two_who_want_the_same_ticket_ask_once_and_one_that_looks_expired_is_used_until_refused() -> None:
    asked = 0
    clock = LoopClock()

    async def resolve(_track: str, _quality: int | None) -> Any:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return StreamInfo(f"https://cdn.example/{asked}", 160, clock.wall_ms() - 3_600_000)

    desk = TicketDesk(resolve, clock)
    one, other = await asyncio.gather(desk.ticket("a", 160), desk.ticket("a", 160))
    assert one is other is await desk.ticket("a", 160)
    assert asked == 1
    desk.refused("a", 160, one)
    assert await desk.ticket("a", 160) is not one
    await desk.ticket("a", 96)
    assert asked == 3
    await desk.close()
