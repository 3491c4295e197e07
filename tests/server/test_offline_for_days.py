"""Away for eight days with an answer that was lost: keys and tokens are gone by then, and there is still one effect."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.ids import new_id
from api_client.models.posts import NewComment
from api_client.sync import Intent, Outbox, Status, sender
from api_client.sync.memory import Disk, MemoryStore
from tests.server.conftest import PASSWORD, Platform

DAYS = 8 * 24 * 3600


class LosesReplies(httpx.AsyncHTTPTransport):
    """Carries requests to the platform, and on the way back drops the line."""

    losing = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        reply = await super().handle_async_request(request)
        if self.losing:
            await reply.aread()
            raise httpx.ReadError("the line is dead", request=request)
        return reply


async def attempted(outbox: Outbox, status: Status) -> None:
    """Wait until the one intent has been tried, and stands at `status`."""
    changed = asyncio.Event()
    end = outbox.subscribe(lambda _: changed.set())
    async with asyncio.timeout(30):
        while not (outbox.open and outbox.open[0].status is status and outbox.open[0].attempts):
            await changed.wait()
            changed.clear()
    end()


async def test_what_was_sent_before_eight_days_offline_happens_once(platform: Platform) -> None:
    ann = await platform.person("ann")
    await ann.post("/r", {"name": "birds"})
    post: dict[str, Any] = await ann.data("POST", "/posts", {"subreddit": "birds", "title": "Wrens"})
    line = LosesReplies()
    async with PlatformClient(platform.url, transport=line) as client:
        await client.accounts.sign_in("ann", PASSWORD)
        disk = Disk()
        before = Outbox(sender(client), store=MemoryStore(disk))
        line.losing = True
        comment_id = new_id()
        await before.submit(
            Intent.of(
                endpoints.CREATE_COMMENT,
                params={"id": post["id"]},
                body=NewComment(id=comment_id, body="Seen one today"),
                object_key=f"comments:{post['id']}",
                created_at=0.0,
                label="comment",
                holds_words=True,
            )
        )
        await attempted(before, Status.WAITING)
        await before.close()

        platform.clock.advance(DAYS)
        line.losing = False
        after = Outbox(sender(client), store=MemoryStore(disk))
        await after.start()
        await attempted(after, Status.WAITING)
        assert after.held_up is not None, "the sign-in has run out, and nothing is given up for that"
        await client.accounts.sign_in("ann", PASSWORD)
        after.resume()
        assert await after.drained(20)
        assert after.attention == []
        await after.close()
        comments = await client.comments.page(post["id"])
    assert [(comment.id, comment.body) for comment in comments] == [(comment_id, "Seen one today")]
