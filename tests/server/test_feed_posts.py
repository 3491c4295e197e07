"""Photo posts: making them, their limits, reading, removing, liking and keeping them."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from server.clock import ManualClock
from server.tables.posts import LikeRow, PhotoPostRow, PostMediaRow
from server.tables.users import UserRow

from .conftest import Person, Platform
from .pictures import medium, png

URL = "https://pictures.example/a.jpg"


async def posted(person: Person, **more: Any) -> dict[str, Any]:
    body = {"mediaUrls": [URL], **more}
    data: dict[str, Any] = await person.data("POST", "/posts", body)
    return data


async def refusal(person: Person, body: dict[str, Any]) -> str:
    reply = await person.post("/posts", body)
    assert reply.status_code == 400, reply.text
    return str(reply.json()["error"]["code"])


async def test_pictures_come_back_in_order_with_their_sizes(platform: Platform) -> None:
    ann = await platform.person("ann")
    body = {"caption": "three", "location": "Oslo", "media": [medium(10 * n, 20, alt=f"no. {n}") for n in (3, 1, 2)]}
    reply = await ann.post("/posts", body)
    assert reply.status_code == 201
    post = reply.json()["data"]
    assert post["kind"] == "media"
    assert post["user"]["username"] == "ann"
    assert post["location"] == {"name": "Oslo", "lat": None, "lng": None}
    assert [(item["order"], item["width"], item["height"], item["alt"]) for item in post["media"]] == [
        (0, 30, 20, "no. 3"), (1, 10, 20, "no. 1"), (2, 20, 20, "no. 2")
    ]  # fmt: skip
    assert set(post["media"][0]["thumbnails"]) == {"320", "640"}
    stored = await ann.http.get(f"{platform.url}{post['media'][0]['url']}")
    assert stored.status_code == 200
    assert (await ann.data("GET", f"/posts/{post['id']}")) == post
    assert (await ann.data("GET", "/users/ann"))["postCount"] == 1


async def test_an_upload_serves_one_post(platform: Platform) -> None:
    ann = await platform.person("ann")
    data = png()
    ticket = await ann.data(
        "POST", "/uploads", {"filename": "a.png", "mimeType": "image/png", "sizeBytes": len(data), "purpose": "post"}
    )
    body = {"media": [{"type": "image", "uploadId": ticket["uploadId"]}]}
    assert await refusal(ann, body) == "VALIDATION_ERROR"
    put = await ann.http.put(f"{platform.url}{ticket['url']}", content=data, headers=ticket["headers"])
    assert put.is_success, put.text
    await ann.data("POST", f"/uploads/{ticket['uploadId']}/complete")
    bob = await platform.person("bob")
    assert (await bob.post("/posts", body)).status_code == 404
    post = await ann.data("POST", "/posts", body)
    assert (post["media"][0]["width"], post["media"][0]["height"]) == (64, 48)
    assert (await ann.post("/posts", body)).status_code == 404


async def test_limits_hold_at_their_edges(platform: Platform) -> None:
    ann = await platform.person("ann")
    for good in (
        {"caption": "a" * 2200}, {"caption": "🙂" * 1100}, {"location": "a" * 100},
        {"location": {"lat": 90, "lng": -180}}, {"mediaUrls": [URL] * 10}, {},
    ):  # fmt: skip
        assert (await ann.post("/posts", {"mediaUrls": [URL], **good})).status_code == 201, good
    for bad in (
        {"caption": "a" * 2201}, {"caption": "🙂" * 1101}, {"location": "a" * 101},
        {"location": {"lat": 90.0001, "lng": 0}}, {"location": {"lat": 0, "lng": -180.1}},
        {"mediaUrls": [URL] * 11}, {"mediaUrls": []}, {"mediaUrls": ["not-a-url"]}, {"media": [medium()]},
    ):  # fmt: skip
        assert await refusal(ann, {"mediaUrls": [URL], **bad}) == "VALIDATION_ERROR", bad
    for halved in (
        b'{"mediaUrls":["https://a.b/c"],"caption":"\\ud800"}',
        b'{"media":[{"type":"image","uploadId":"\\ud800"}]}',
    ):
        reply = await ann.http.post("posts", content=halved, headers={"Content-Type": "application/json"})
        assert reply.status_code == 400
    assert (await ann.post("/posts", {"media": [medium(2, 2)] * 10})).status_code == 201
    for bad_media in ([], [medium(2, 2)] * 11, [medium(type="audio")], [{"type": "image", "base64": "%%%"}]):
        assert await refusal(ann, {"media": bad_media}) == "VALIDATION_ERROR"
    for junk in (b"", b"\x89PNG\r\n\x1a\n cut", b"plain text"):
        item = {"type": "image", "base64": base64.b64encode(junk).decode()}
        assert await refusal(ann, {"media": [item]}) == "VALIDATION_ERROR"


async def test_a_video_is_told_by_its_first_bytes(platform: Platform) -> None:
    ann = await platform.person("ann")
    mp4 = base64.b64encode(b"\x00\x00\x00\x18ftypisom" + bytes(32)).decode()
    post = await ann.data("POST", "/posts", {"media": [{"type": "video", "base64": mp4}]})
    assert post["media"][0]["type"] == "video"
    assert post["media"][0]["url"].endswith(".mp4")
    assert await refusal(ann, {"media": [{"type": "video", "base64": medium()["base64"]}]}) == "VALIDATION_ERROR"
    linked = await ann.data("POST", "/posts", {"mediaUrls": ["https://x.example/clip.WEBM?x=1", URL]})
    assert [item["type"] for item in linked["media"]] == ["video", "image"]


async def test_a_post_that_cannot_be_stored_leaves_nothing(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await platform.person("ann")
    monkeypatch.setattr("server.feed.photos._media_row", lambda post_id, *_: PostMediaRow(id="x", post_id=post_id))
    reply = await ann.post("/posts", {"media": [medium()]})
    assert reply.status_code == 500
    async with platform.state.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(PhotoPostRow)) == 0
        assert await db.scalar(select(UserRow.post_count)) == 0
    folder = platform.state.settings.data_dir / "media" / "posts"
    assert not folder.exists() or not any(folder.rglob("*.png"))


async def test_nobody_signed_in_nothing_posted(platform: Platform) -> None:
    stranger = await platform.client()
    assert (await stranger.post("posts", json={"mediaUrls": [URL]})).status_code == 401
    assert (await stranger.get("posts/feed")).status_code == 401


async def test_100_posts_an_hour_and_no_more(strict_platform: Platform, clock: ManualClock) -> None:
    platform = strict_platform
    ann = await platform.person("ann")
    await ann.post("/r", {"name": "python"})
    for _ in range(98):
        platform.state.limiter.take("posts", ann.id, 100, 3600, clock.now())
    assert (await ann.post("/posts", {"subreddit": "python", "title": "x"})).status_code == 201
    assert (await ann.post("/posts", {"subreddit": "none", "title": "x"})).status_code == 404
    assert (await ann.post("/posts", {"mediaUrls": [URL]})).status_code == 201
    refused = await ann.post("/posts", {"media": [medium()]})
    assert not list((platform.state.settings.data_dir / "media").rglob("*.png"))
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "RATE_LIMITED"
    assert refused.headers["Retry-After"] == "3600"
    assert (await ann.data("GET", "/users/ann"))["postCount"] == 2
    clock.advance(3600)
    again = (await ann.post("/auth/login", {"email": "ann", "password": "correct horse battery"})).json()["data"]
    ann.http.headers["Authorization"] = f"Bearer {again['accessToken']}"
    assert (await ann.post("/posts", {"mediaUrls": [URL]})).status_code == 201


async def test_the_like_toggle_turns_and_put_and_delete_do_not(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    path = f"/posts/{(await posted(ann))['id']}/like"
    first = (await bob.post(path)).json()
    assert (first["liked"], first["likeCount"], first["data"]) == (True, 1, {"liked": True, "likeCount": 1})
    assert (await bob.data("GET", path.removesuffix("/like")))["isLikedByMe"]
    assert not (await ann.data("GET", path.removesuffix("/like")))["isLikedByMe"]
    assert (await bob.post(path)).json()["liked"] is False
    for _ in range(2):
        assert (await bob.put(path)).json()["likeCount"] == 1
    for _ in range(2):
        assert (await bob.delete(path)).json()["likeCount"] == 0


async def test_fifty_toggles_at_once_lose_no_count(platform: Platform) -> None:
    ann = await platform.person("ann")
    people = [ann] + [await platform.person(f"p{n}") for n in range(4)]
    post = await posted(ann)
    replies = await asyncio.gather(*[people[n % 5].post(f"/posts/{post['id']}/like") for n in range(51)])
    assert all(reply.status_code == 200 for reply in replies)
    async with platform.state.database.reading() as db:
        rows = await db.scalar(select(func.count()).select_from(LikeRow))
    assert (await ann.data("GET", f"/posts/{post['id']}"))["likeCount"] == rows == 1


async def test_a_like_stands_once_in_the_database(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await posted(ann)
    row = {"user_id": ann.id, "post_id": post["id"], "created_at": platform.clock.now()}
    with pytest.raises(IntegrityError):
        async with platform.state.database.writing() as db:
            await db.execute(insert(LikeRow), [row, row])


async def test_posts_are_removed_by_their_author_or_the_sites_moderators(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    first, second = await posted(ann, media=[medium()], mediaUrls=None), await posted(ann)
    await bob.put(f"/posts/{first['id']}/save")
    assert (await bob.delete(f"/posts/{first['id']}")).status_code == 403
    assert (await ann.delete(f"/posts/{first['id']}")).status_code == 200
    assert (await ann.get(f"/posts/{first['id']}")).status_code == 404
    assert (await ann.delete(f"/posts/{first['id']}")).status_code == 404
    assert (await bob.all("/users/me/saved")) == []
    await platform.state.background.drain()
    assert (await ann.http.get(f"{platform.url}{first['media'][0]['url']}")).status_code == 404
    async with platform.state.database.writing() as db:
        (await db.get_one(UserRow, bob.id)).role = "moderator"
    assert (await bob.delete(f"/posts/{second['id']}")).status_code == 200
    assert (await ann.data("GET", "/users/ann"))["postCount"] == 0


async def test_private_posts_are_for_followers(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    post = await posted(ann)
    await ann.put(f"/posts/{post['id']}/save")
    await bob.put(f"/posts/{post['id']}/save")
    await ann.put("/users/me", {"isPrivate": True})
    for path in (f"/posts/{post['id']}", "/users/ann/posts", f"/posts/{post['id']}/comments"):
        assert (await bob.get(path)).status_code == 403, path
        assert (await ann.get(path)).status_code == 200, path
    assert (await bob.post(f"/posts/{post['id']}/like")).status_code == 403
    assert (await bob.post(f"/posts/{post['id']}/comments", {"body": "x"})).status_code == 403
    assert (await bob.all("/users/me/saved")) == []
    assert len(await ann.all("/users/me/saved")) == 1
    await bob.post("/users/ann/follow")
    request = (await ann.all("/follow-requests"))[0]
    await ann.post(f"/follow-requests/{request['id']}/accept")
    assert [item["id"] for item in await bob.all("/users/ann/posts")] == [post["id"]]
    assert len(await bob.all("/users/me/saved")) == 1


async def test_saved_posts_of_both_kinds_come_latest_first(platform: Platform, clock: ManualClock) -> None:
    ann = await platform.person("ann")
    await ann.post("/r", {"name": "python"})
    photo = await posted(ann)
    thread = await ann.data("POST", "/posts", {"subreddit": "python", "title": "hello"})
    for post in (photo, thread):
        clock.advance(1)
        assert await ann.data("PUT", f"/posts/{post['id']}/save") == {"saved": True}
        await ann.put(f"/posts/{post['id']}/save")
    assert [(item["kind"], item["isSavedByMe"]) for item in await ann.all("/users/me/saved", limit=1)] == [
        ("thread", True), ("media", True)
    ]  # fmt: skip
    assert await ann.data("DELETE", f"/posts/{photo['id']}/save") == {"saved": False}
    assert [item["id"] for item in await ann.all("/users/me/saved")] == [thread["id"]]
    assert [item["kind"] for item in await ann.all("/users/ann/posts", limit=1)] == ["thread", "media"]
