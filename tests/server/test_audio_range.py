"""The bytes of tracks: signed addresses, ranges, validators, and rendering demo tracks once."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import soundfile
from sqlalchemy import update

from server.demo.music.catalogue import TRACKS
from server.demo.text.people import DEMO_USER
from server.music import start
from server.playback.audio import AudioStore
from server.playback.render import RenderFailed, render_apart
from server.ranges import _bytes
from server.tables.users import UserRow
from tests.server.music_seed import seed_catalogue

AUDIO = bytes(range(256)) * 40


class Studio:
    """Renders at once, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, bool]] = []

    async def __call__(self, key: str, quality: int, *, hurry: bool) -> bytes:
        self.asked.append((key, quality, hurry))
        await asyncio.sleep(0)
        if key == "broken":
            raise RenderFailed("no such track")
        return AUDIO


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    platform.state.playback.audio._render = Studio()
    return await platform.person("ann")


@pytest.fixture
async def nobody(platform: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = await platform.client()
    return client


async def address(platform: Any, person: Any, track: str = "t1", connection: str = "wifi") -> str:
    reply = await person.request("GET", f"/playback/stream/{track}", headers={"X-Connection-Type": connection})
    return str(platform.url + reply.json()["data"]["url"])


async def test_a_signed_address_gives_the_whole_track_without_a_token(
    platform: Any, ann: Any, nobody: httpx.AsyncClient
) -> None:
    reply = await nobody.get(await address(platform, ann))
    assert (reply.status_code, reply.content) == (200, AUDIO)
    assert reply.headers["content-type"] == "audio/ogg"
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["content-length"] == str(len(AUDIO))
    assert reply.headers["etag"].startswith('"')
    assert "private" in reply.headers["cache-control"]


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, 10239),
        ("bytes=-5", 10235, 10239),
        ("bytes=10239-10239", 10239, 10239),
        ("bytes=10000-99999", 10000, 10239),
    ],
)
async def test_ranges_are_answered_in_part(
    platform: Any, ann: Any, nobody: httpx.AsyncClient, wanted: str, first: int, last: int
) -> None:
    reply = await nobody.get(await address(platform, ann), headers={"Range": wanted})
    assert reply.status_code == 206
    assert reply.content == AUDIO[first : last + 1]
    assert reply.headers["content-range"] == f"bytes {first}-{last}/{len(AUDIO)}"


@pytest.mark.parametrize("wanted", ["bytes=10240-", "bytes=-0", "bytes=5-4"])
async def test_impossible_ranges_are_refused(platform: Any, ann: Any, nobody: httpx.AsyncClient, wanted: str) -> None:
    reply = await nobody.get(await address(platform, ann), headers={"Range": wanted})
    assert (reply.status_code, reply.json()["error"]["code"]) == (416, "RANGE_NOT_SATISFIABLE")
    assert reply.headers["content-range"] == f"bytes */{len(AUDIO)}"


async def test_head_says_what_get_would_give(platform: Any, ann: Any, nobody: httpx.AsyncClient) -> None:
    url = await address(platform, ann)
    head, got = await nobody.head(url), await nobody.get(url)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "accept-ranges"):
        assert head.headers[name] == got.headers[name]


async def test_if_range_gives_the_part_only_of_the_same_file(
    platform: Any, ann: Any, nobody: httpx.AsyncClient
) -> None:
    url = await address(platform, ann)
    etag = (await nobody.head(url)).headers["etag"]
    same = await nobody.get(url, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = await nobody.get(url, headers={"Range": "bytes=0-9", "If-Range": '"else"'})
    assert (same.status_code, other.status_code, len(other.content)) == (206, 200, len(AUDIO))
    known = await nobody.get(url, headers={"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")


async def test_qualities_have_different_validators(platform: Any, ann: Any, nobody: httpx.AsyncClient) -> None:
    fast = await nobody.head(await address(platform, ann))
    slow = await nobody.head(await address(platform, ann, connection="2g"))
    assert fast.headers["etag"] != slow.headers["etag"]


@pytest.mark.parametrize(("seconds", "status"), [(3600, 200), (3601, 403)])
async def test_an_address_is_good_for_one_hour(
    platform: Any, ann: Any, nobody: httpx.AsyncClient, seconds: int, status: int
) -> None:
    url = await address(platform, ann)
    platform.clock.advance(seconds)
    reply = await nobody.get(url, headers={"Range": "bytes=0-0"})
    assert reply.status_code == (206 if status == 200 else 403)
    if status == 403:
        assert reply.json()["error"]["code"] == "SIGNATURE_INVALID"


@pytest.mark.parametrize(
    ("part", "value"), [("exp", "9999999999999"), ("uid", "somebody"), ("sig", "A" * 43), ("sig", ""), ("more", "1")]
)
async def test_a_changed_address_is_refused(
    platform: Any, ann: Any, nobody: httpx.AsyncClient, part: str, value: str
) -> None:
    split = urlsplit(await address(platform, ann))
    query = {name: values[0] for name, values in parse_qs(split.query).items()} | {part: value}
    reply = await nobody.get(split._replace(query=urlencode(query)).geturl())
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "SIGNATURE_INVALID")


@pytest.mark.parametrize(("old", "new"), [("160kbps", "320kbps"), ("/t1_", "/t2_"), (".ogg", ".mp3")])
async def test_an_address_is_for_one_file(
    platform: Any, ann: Any, nobody: httpx.AsyncClient, old: str, new: str
) -> None:
    reply = await nobody.get((await address(platform, ann)).replace(old, new))
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "SIGNATURE_INVALID")
    bare = await nobody.get((await address(platform, ann)).partition("?")[0])
    assert bare.status_code == 403


async def test_a_track_is_rendered_once_however_many_ask(platform: Any, ann: Any, nobody: httpx.AsyncClient) -> None:
    url = await address(platform, ann)
    await asyncio.gather(*(nobody.get(url) for _ in range(5)))
    await platform.state.background.drain()
    studio = platform.state.playback.audio._render
    assert [(key, quality) for key, quality, _ in studio.asked] == [("song-1", 160)]
    given = (
        await ann.get(
            "/playback/stream/t1",
        )
    ).json()["data"]
    assert given["url"] in url


async def test_ticket_of_a_rendered_track_names_its_size(platform: Any, ann: Any, nobody: httpx.AsyncClient) -> None:
    await nobody.get(await address(platform, ann))
    platform.clock.advance(301)
    assert (await ann.get("/playback/stream/t1")).json()["data"]["sizeBytes"] == len(AUDIO)


async def test_a_track_that_cannot_be_rendered_says_so(
    platform: Any, ann: Any, nobody: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(key: str, quality: int, *, hurry: bool) -> bytes:
        raise RenderFailed("out of notes")

    platform.state.playback.audio._render = fail
    reply = await nobody.get(await address(platform, ann))
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "UNAVAILABLE")


async def test_rendering_ahead_skips_what_is_there_and_what_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    studio = Studio()
    store = AudioStore(tmp_path / "audio", None, studio)
    await store.path("demo/one", 160)
    await store.render_all(["demo/one", "demo/broken", "demo/../../two", "demo/two"], [320, 160], hurry=False)
    assert [(key, quality) for key, quality, hurry in studio.asked if not hurry] == [
        ("one", 320),
        ("broken", 320),
        ("broken", 160),
        ("two", 320),
        ("two", 160),
    ]
    files = sorted(path.name for path in (tmp_path / "audio").iterdir())
    assert files == ["one_160kbps.ogg", "one_320kbps.ogg", "two_160kbps.ogg", "two_320kbps.ogg"]
    assert "broken cannot be rendered" in caplog.text


async def test_only_what_the_demo_user_will_likely_play_is_rendered_ahead(
    platform: Any, ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform.state, "settings", replace(platform.state.settings, tracks_ahead=2))
    await start.render_ahead(platform.state, 0)
    assert platform.state.playback.audio._render.asked == [("song-9", 160, False), ("song-8", 160, False)]


async def test_the_demo_user_hears_what_was_rendered_ahead(platform: Any, ann: Any) -> None:
    demo = await platform.person(DEMO_USER)
    async with platform.state.database.writing() as db:
        await db.execute(update(UserRow).where(UserRow.id == demo.id).values(subscription="premium"))
    await start.render_ahead(platform.state, 0)
    assert {quality for _, quality, _ in platform.state.playback.audio._render.asked} == {320}


async def test_a_demo_track_is_real_ogg_made_by_another_process() -> None:
    data = await render_apart(TRACKS[0].key, 96, hurry=True)
    facts = soundfile.info(io.BytesIO(data))
    assert (facts.format, facts.subtype) == ("OGG", "VORBIS")
    assert facts.duration > 30
    with pytest.raises(RenderFailed, match="KeyError"):
        await render_apart("no-such-track", 96, hurry=True)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
async def test_rendering_ends_with_whoever_wanted_it() -> None:
    rendering = asyncio.create_task(render_apart(TRACKS[0].key, 320, hurry=False))
    while not (children := _renderers()):  # noqa: ASYNC110 - only the system knows when a process is there
        await asyncio.sleep(0.01)
    rendering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rendering
    assert not _renderers() & children


def _renderers() -> set[int]:
    """Return the processes of this one that render."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            command = entry.with_name("cmdline").read_bytes()
            if int(fields[1]) == os.getpid() and fields[0] != "Z" and b"server.playback.render" in command:
                found.add(int(entry.parent.name))
    return found


async def test_who_leaves_while_the_file_is_opened_leaves_no_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "track.ogg"
    path.write_bytes(b"sound")
    at_the_door, may_open = threading.Event(), threading.Event()
    opened: list[Any] = []
    really_open = Path.open

    def slow_open(self: Path, *args: Any) -> Any:
        at_the_door.set()
        assert may_open.wait(30)
        opened.append(really_open(self, *args))
        return opened[-1]

    monkeypatch.setattr(Path, "open", slow_open)
    chunks = _bytes(path, 0, 4)
    reading = asyncio.ensure_future(anext(chunks))
    await asyncio.to_thread(at_the_door.wait, 30)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    may_open.set()
    async with asyncio.timeout(30):
        while not (opened and opened[0].closed):  # noqa: ASYNC110 - a file tells nobody that it is closed
            await asyncio.sleep(0)
