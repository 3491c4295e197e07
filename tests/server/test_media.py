"""Stored files and uploads: what is taken, how it is served, and what happens when the disk is full."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from api_client.errors import ErrorCode
from server import media as store_module
from server.clock import to_ms
from server.media import MediaStore, picture_facts
from server.problems import Problem
from server.signing import Signer
from tests.server.conftest import START, Person, Platform


@pytest.fixture
async def ann(platform: Platform) -> Person:
    return await platform.person("ann")


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def picture(width: int = 800, height: int = 600, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


async def announced(person: Person, data: bytes, **more: Any) -> dict[str, Any]:
    body = {"filename": "a.png", "mimeType": "image/png", "sizeBytes": len(data), **more}
    return dict(await person.data("POST", "/uploads", body))


async def put(platform: Platform, ticket: dict[str, Any], data: bytes) -> httpx.Response:
    """Put the bytes without being signed in: the signature is enough."""
    client = await platform.client()
    return await client.put(platform.url + ticket["url"], content=data, headers=ticket["headers"])


async def avatar(platform: Platform, person: Person, data: bytes) -> str:
    ticket = await announced(person, data, purpose="avatar")
    assert (await put(platform, ticket, data)).status_code == 200
    await person.data("POST", f"/uploads/{ticket['uploadId']}/complete")
    return str((await person.data("PUT", "/users/me", {"avatarUrl": ticket["url"]}))["avatarUrl"])


# Uploads


async def test_an_uploaded_picture_says_nothing_about_where_it_was_taken(platform: Platform, ann: Person) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "52.5163N 13.3777E"
    data = picture(40, 30, "JPEG", exif=exif)
    ticket = await announced(ann, data, mimeType="image/jpeg", purpose="avatar")
    assert (await put(platform, ticket, data)).status_code == 200
    await ann.data("POST", f"/uploads/{ticket['uploadId']}/complete")
    url = (await ann.data("PUT", "/users/me", {"avatarUrl": ticket["url"]}))["avatarUrl"]
    served = (await (await platform.client()).get(platform.url + url)).content
    assert b"52.5163N" in data
    assert b"52.5163N" not in served
    with Image.open(io.BytesIO(served)) as shown:
        assert shown.size == (30, 40)


async def test_an_upload_goes_from_announcement_to_avatar(platform: Platform, ann: Person) -> None:
    data = picture()
    url = await avatar(platform, ann, data)
    served = await (await platform.client()).get(platform.url + url)
    assert served.content == data
    assert served.headers["Content-Type"] == "image/png"


async def test_an_upload_serves_once(platform: Platform, ann: Person) -> None:
    data = picture()
    ticket = await announced(ann, data, purpose="avatar")
    await put(platform, ticket, data)
    unfinished = await ann.put("/users/me", {"avatarUrl": ticket["url"]})
    assert unfinished.json()["error"]["details"][0]["field"] == "avatarUrl"
    await ann.data("POST", f"/uploads/{ticket['uploadId']}/complete")
    ben = await platform.person("ben")
    assert (await ben.put("/users/me", {"avatarUrl": ticket["url"]})).status_code == 404
    assert (await ann.put("/users/me", {"avatarUrl": ticket["url"]})).status_code == 200
    assert (await ann.put("/users/me", {"avatarUrl": ticket["url"]})).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"mimeType": "image/svg+xml"}, 400),
        ({"mimeType": "text/html"}, 400),
        ({"mimeType": "video/mp4", "purpose": "avatar"}, 400),
        ({"mimeType": "audio/ogg", "purpose": "post"}, 400),
        ({"sizeBytes": 10 * 1024 * 1024 + 1}, 413),
        ({"sizeBytes": 64 * 1024 * 1024 + 1, "mimeType": "video/mp4"}, 400),
        ({"sizeBytes": 0}, 400),
    ],
)
async def test_what_is_not_taken_is_refused_before_it_is_sent(ann: Person, body: dict[str, Any], status: int) -> None:
    reply = await ann.post("/uploads", {"filename": "a", "mimeType": "image/png", "sizeBytes": 10, **body})
    assert reply.status_code == status


async def test_the_bytes_must_be_as_many_as_announced(platform: Platform, ann: Person) -> None:
    data = picture()
    ticket = await announced(ann, data)
    short, long = await put(platform, ticket, data[:-1]), await put(platform, ticket, data + b"x")
    assert (short.status_code, short.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert (long.status_code, long.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert (await put(platform, ticket, data)).status_code == 200
    assert not list((platform.state.settings.data_dir / "media" / "incoming").iterdir())


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>" + b" " * 99, picture(kind="JPEG"), picture()[:200]])
async def test_the_bytes_must_be_what_was_announced(platform: Platform, ann: Person, content: bytes) -> None:
    reply = await put(platform, await announced(ann, content), content)
    assert (reply.status_code, reply.json()["error"]["details"][0]["field"]) == (400, "body")


async def test_bytes_may_be_sent_again_until_the_upload_is_complete(platform: Platform, ann: Person) -> None:
    data = picture()
    ticket = await announced(ann, data)
    assert (await ann.post(f"/uploads/{ticket['uploadId']}/complete")).status_code == 409
    await put(platform, ticket, data)
    await put(platform, ticket, data)
    assert len(list((platform.state.settings.data_dir / "media" / "uploads").iterdir())) == 1
    for _ in range(2):
        assert (await ann.post(f"/uploads/{ticket['uploadId']}/complete")).status_code == 200
    assert (await put(platform, ticket, data)).status_code == 409


async def test_the_address_of_an_upload_cannot_be_forged_and_expires(platform: Platform, ann: Person) -> None:
    data = picture()
    ticket, other = await announced(ann, data), await announced(ann, data)
    swapped = {**ticket, "url": ticket["url"].replace(ticket["uploadId"], other["uploadId"])}
    unsigned = {**ticket, "url": ticket["url"].partition("?")[0]}
    later = {**ticket, "url": ticket["url"].replace("exp=1", "exp=2")}
    for forged in (swapped, unsigned, later):
        reply = await put(platform, forged, data)
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "SIGNATURE_INVALID")
    platform.clock.advance(3600)
    assert (await put(platform, ticket, data)).status_code == 200
    platform.clock.advance(0.001)
    assert (await put(platform, other, data)).status_code == 403


async def test_nobody_completes_the_uploads_of_others(platform: Platform, ann: Person) -> None:
    ticket = await announced(ann, picture())
    ben = await platform.person("ben")
    assert (await ben.post(f"/uploads/{ticket['uploadId']}/complete")).status_code == 404


async def test_abandoned_uploads_are_cleared_away(platform: Platform, ann: Person) -> None:
    data = picture()
    ticket = await announced(ann, data)
    await put(platform, ticket, data)
    platform.clock.advance(3601)
    client = await platform.client()
    renewed = await client.post("auth/refresh", json={"refreshToken": ann.tokens["refreshToken"]})
    ann.http.headers["Authorization"] = f"Bearer {renewed.json()['data']['accessToken']}"
    await announced(ann, data)
    assert not list((platform.state.settings.data_dir / "media" / "uploads").iterdir())
    assert (await ann.post(f"/uploads/{ticket['uploadId']}/complete")).status_code == 404


async def test_a_full_disk_is_said_so(platform: Platform, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture()
    ticket = await announced(ann, data)
    real = os.open

    def full(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if "incoming" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, flags, mode, **more)

    monkeypatch.setattr(store_module.os, "open", full)
    reply = await put(platform, ticket, data)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert reply.json()["error"]["message"] == "The platform has no room left for this upload."


# Serving


@pytest.fixture
async def served(platform: Platform, ann: Person) -> tuple[httpx.AsyncClient, str, bytes]:
    data = picture(2000, 1000)
    url = await platform.state.media.save("pictures/wide.png", data)
    return await platform.client(), platform.url + url, data


Served = tuple[httpx.AsyncClient, str, bytes]


async def test_files_can_be_kept_for_ever(served: Served) -> None:
    client, url, data = served
    whole = await client.get(url)
    assert whole.content == data
    assert "immutable" in whole.headers["Cache-Control"]
    again = await client.get(url, headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await client.head(url)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(data)), b"")


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=10-99999999", 10, None)],
)
async def test_parts_of_files(served: Served, wanted: str, first: int, last: int | None) -> None:
    client, url, data = served
    reply = await client.get(url, headers={"Range": wanted})
    expected = data[first:] if last is None else data[first : last + 1]
    start = first % len(data)
    assert (reply.status_code, reply.content) == (206, expected)
    assert reply.headers["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(data)}"


async def test_parts_that_do_not_exist(served: Served) -> None:
    client, url, data = served
    for wanted in (f"bytes={len(data)}-", "bytes=-0", "bytes=5-2"):
        reply = await client.get(url, headers={"Range": wanted})
        assert (reply.status_code, reply.json()["error"]["code"]) == (416, "RANGE_NOT_SATISFIABLE")
        assert reply.headers["Content-Range"] == f"bytes */{len(data)}"


async def test_a_range_of_an_older_file_and_strange_ranges_get_the_whole(served: Served) -> None:
    client, url, data = served
    for headers in (
        {"Range": "bytes=0-9", "If-Range": '"something else"'},
        {"Range": "lines=1-2"},
        {"Range": "bytes=0-1,5-6"},
    ):
        reply = await client.get(url, headers=headers)
        assert (reply.status_code, len(reply.content)) == (200, len(data))


async def test_thumbnails_are_made_once_and_keep_their_shape(platform: Platform, served: Served) -> None:
    client, url, data = served
    replies = await asyncio.gather(*[client.get(url, params={"w": "320"}) for _ in range(4)])
    assert {reply.status_code for reply in replies} == {200}
    thumbnail = replies[0]
    with Image.open(io.BytesIO(thumbnail.content)) as image:
        assert (image.size, image.format) == ((320, 160), "JPEG")
    assert thumbnail.headers["Content-Type"] == "image/jpeg"
    assert len(thumbnail.content) < len(data)
    assert thumbnail.headers["ETag"] != (await client.get(url)).headers["ETag"]
    assert (await client.get(url, params={"w": "100"})).status_code == 400


async def test_a_small_picture_is_its_own_thumbnail(platform: Platform) -> None:
    url = await platform.state.media.save("pictures/small.png", picture(100, 80))
    reply = await (await platform.client()).get(platform.url + url, params={"w": "640"})
    assert reply.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    "key", ["../secret", "..%2fsecret", "pictures/../../secret", ".hidden.png", "a.png", "pictures/", "%00.png", "a/b"]
)
async def test_nothing_outside_the_store_is_served(platform: Platform, key: str) -> None:
    reply = await (await platform.client()).get(f"media/files/{key}")
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "NOT_FOUND"


# The store


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_are_known_by_their_bytes(kind: str) -> None:
    facts = picture_facts(picture(30, 20, kind))
    assert (facts.width, facts.height) == (30, 20)
    assert facts.mime_type == f"image/{kind.lower()}"


def test_turned_pictures_are_measured_as_they_are_shown() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = picture_facts(picture(30, 20, "JPEG", exif=exif))
    assert (facts.width, facts.height) == (20, 30)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ErrorCode.VALIDATION_ERROR),
        (b"GIF89a", ErrorCode.VALIDATION_ERROR),
        (picture()[:-300], ErrorCode.VALIDATION_ERROR),
        (picture(kind="BMP"), ErrorCode.VALIDATION_ERROR),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 10 * 1024 * 1024, ErrorCode.PAYLOAD_TOO_LARGE),
    ],
)
def test_what_is_no_sound_picture_is_refused(data: bytes, code: ErrorCode) -> None:
    with pytest.raises(Problem) as caught:
        picture_facts(data)
    assert caught.value.code is code


def test_a_picture_that_unpacks_to_gigabytes_is_refused_unopened() -> None:
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    assert len(buffer.getvalue()) < 100_000
    with pytest.raises(Problem, match="megapixels"):
        picture_facts(buffer.getvalue())


async def test_files_belong_to_their_owner_alone(store: MediaStore, tmp_path: Path) -> None:
    await store.save("pictures/a.png", b"data")
    path = tmp_path / "media" / "pictures" / "a.png"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["a.png"]


async def test_a_demo_picture_is_drawn_once_when_first_asked_for(tmp_path: Path) -> None:
    drawn: list[str] = []

    def draw(key: str) -> bytes:
        drawn.append(key)
        if key != "demo/post/1.png":
            raise KeyError(key)
        return b"picture"

    store = MediaStore(tmp_path, draw)
    paths = await asyncio.gather(*[store.open("demo/post/1.png") for _ in range(5)])
    assert {path.read_bytes() for path in paths} == {b"picture"}
    assert drawn == ["demo/post/1.png"]
    with pytest.raises(Problem):
        await store.open("demo/post/2.png")
    with pytest.raises(Problem):
        await store.open("pictures/1.png")
    assert len(drawn) == 2


# Signatures


def test_signatures_hold_for_their_path_their_fields_and_their_time() -> None:
    signer = Signer(b"k" * 32)
    expires = to_ms(START) + 3_600_000
    query = dict(httpx.QueryParams(signer.sign("/a", expires, uid="ann")))
    assert signer.verify("/a", query, START) == {"uid": "ann"}
    for path, changed in (
        ("/b", query),
        ("/a", {**query, "uid": "ben"}),
        ("/a", {**query, "exp": str(expires + 1)}),
        ("/a", {**query, "more": "x"}),
        ("/a", {name: value for name, value in query.items() if name != "uid"}),
        ("/a", {}),
        ("/a", {"exp": f"{expires}\nuid=ann", "sig": query["sig"]}),
        (f"/a\nexp={expires}\nuid=ann", {"sig": query["sig"]}),
    ):
        with pytest.raises(Problem) as caught:
            signer.verify(path, changed, START)
        assert caught.value.code is ErrorCode.SIGNATURE_INVALID
    with pytest.raises(Problem):
        Signer(b"l" * 32).verify("/a", query, START)
