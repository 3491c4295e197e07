"""Live: the event streams of posts and subreddits, and the version notices behind them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from server.app import begin_stopping
from server.feed.announce import post_topic
from server.realtime.rules import version_for
from server.tables.users import UserRow

from .conftest import Person, Platform

Event = tuple[str, str, dict[str, Any]]


class Stream:
    """An event stream that is being read."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def event(self) -> Event:
        """Return (id, event, data) of the next event, passing over comments."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(30):
            async for line in self._lines:
                if not line and fields:
                    break
                if line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    fields[name] = value
        return fields.get("id", ""), fields["event"], json.loads(fields["data"])

    async def comment(self) -> str:
        async with asyncio.timeout(30):
            return await anext(self._lines)


@asynccontextmanager
async def watching(person: Person, path: str, last_id: str | None = None) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with person.http.stream("GET", path, headers=headers) as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        stream = Stream(aiter(reply.aiter_lines()))
        assert (await stream.comment()).startswith(":")
        yield stream


async def thread(person: Person) -> str:
    await person.post("/r", {"name": "Python"})
    return str((await person.data("POST", "/posts", {"subreddit": "python", "title": "hello"}))["id"])


async def test_a_stream_lasts_no_longer_than_the_token_it_was_asked_for_with(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    post = await thread(ann)
    async with ann.http.stream("GET", f"posts/{post}/comments/stream") as reply, asyncio.timeout(30):
        lines = aiter(reply.aiter_lines())
        assert await anext(lines) == ": connected"
        await bob.data("POST", f"/posts/{post}/comments", {"body": "in time"})
        while not (await anext(lines)).startswith("data:"):
            pass
        platform.clock.advance(901)
        platform.state.streams.publish(post_topic(post), "comment", {"body": "too late"})
        assert [line for line in [line async for line in lines] if line] == []


async def test_comments_scores_and_deletions_arrive_on_the_post_and_its_subreddit(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    post = await thread(ann)
    async with (
        watching(ann, f"posts/{post}/comments/stream") as on_post,
        watching(ann, "r/PYTHON/stream") as on_subreddit,
    ):
        made = await bob.data("POST", f"/posts/{post}/comments", {"body": "line\nbreak ✓"})
        await bob.post(f"/comments/{made['id']}/vote", {"value": 1})
        await bob.post(f"/posts/{post}/vote", {"value": -1})
        await bob.delete(f"/comments/{made['id']}")
        for stream in (on_post, on_subreddit):
            assert (await stream.event())[1:] == ("comment", made)
            assert (await stream.event())[1:] == ("score", {
                "targetType": "comment", "id": made["id"], "postId": post,
                "score": 1, "upvotes": 1, "downvotes": 0, "likeCount": 0,
            })  # fmt: skip
            assert (await stream.event())[1:] == ("score", {
                "targetType": "post", "id": post, "postId": post,
                "score": -1, "upvotes": 0, "downvotes": 1, "commentCount": 1,
            })  # fmt: skip
            deleted = {"targetType": "comment", "id": made["id"], "postId": post}
            assert (await stream.event())[1:] == ("deleted", deleted)
        second = await bob.data("POST", "/posts", {"subreddit": "python", "title": "second"})
        assert (await on_subreddit.event())[1:] == ("post", second)
        await ann.delete(f"/posts/{second['id']}")
        assert (await on_subreddit.event())[1:] == (
            "deleted", {"targetType": "post", "id": second["id"], "postId": second["id"]}
        )  # fmt: skip


async def test_a_reader_that_comes_back_gets_what_it_missed(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await thread(ann)
    path = f"posts/{post}/comments/stream"
    async with watching(ann, path) as stream:
        await ann.post(f"/posts/{post}/comments", {"body": "one"})
        last_id, _, _ = await stream.event()
    await ann.post(f"/posts/{post}/comments", {"body": "two"})
    async with watching(ann, path, last_id) as stream:
        assert (await stream.event())[2]["body"] == "two"
    async with watching(ann, path, "long-ago-1") as stream:
        assert (await stream.event())[1] == "reset"


async def test_a_write_that_fails_is_not_announced(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await platform.person("ann")
    post = await thread(ann)

    async def fail(*_: object) -> None:
        raise RuntimeError("after the comment was written")

    monkeypatch.setattr("server.routing.keep_reply", fail)
    async with watching(ann, f"posts/{post}/comments/stream") as stream:
        assert (await ann.post(f"/posts/{post}/comments", {"body": "lost"}, key="k")).status_code == 500
        await ann.post(f"/posts/{post}/comments", {"body": "x", "parentId": "nothing"})
        await ann.post(f"/posts/{post}/vote", {"value": 0})
        await ann.post(f"/posts/{post}/comments", {"body": "first"})
        assert (await stream.event())[2]["body"] == "first"


async def test_who_may_listen(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    photo = (await ann.data("POST", "/posts", {"mediaUrls": ["https://a.example/b.jpg"]}))["id"]
    await ann.put("/users/me", {"isPrivate": True})
    path = f"posts/{photo}/comments/stream"
    stranger = await platform.client()
    assert (await stranger.get(path)).status_code == 401
    assert (await bob.get(path)).status_code == 403
    assert (await bob.get("posts/nothing/comments/stream")).status_code == 404
    assert (await bob.get("r/nothing/stream")).status_code == 404
    async with platform.state.database.reading() as db:
        ann_row, bob_row = await db.get_one(UserRow, ann.id), await db.get_one(UserRow, bob.id)
        assert await version_for(db, ann_row, f"posts:{photo}") == 1
        assert await version_for(db, bob_row, f"posts:{photo}") is None
        assert await version_for(db, bob_row, "r:nothing") is None


async def test_streams_end_when_the_platform_stops_and_hold_no_session(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await thread(ann)
    async with watching(ann, f"posts/{post}/comments/stream") as stream:
        assert platform.state.database.figures()["readers_busy"] == 0
        begin_stopping(platform.state)
        try:
            await stream.event()
        except KeyError:
            ended = True
        except httpx.RemoteProtocolError:
            ended = False
        assert ended


async def test_versions_of_subreddits_and_stories_can_be_asked_for(platform: Platform) -> None:
    ann = await platform.person("ann")
    await thread(ann)
    async with platform.state.database.reading() as db:
        row = await db.get_one(UserRow, ann.id)
        assert await version_for(db, row, "r:Python") == 2
        assert await version_for(db, row, "r:python") is None
        assert await version_for(db, row, "stories:nothing") is None
