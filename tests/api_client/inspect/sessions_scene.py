"""A session to record: somebody who posts, votes, comments and chats, with the socket open."""

from __future__ import annotations

import asyncio
from pathlib import Path

from api_client import PlatformClient
from api_client.inspect.causes import caused_by
from api_client.inspect.recorder import Recorder
from api_client.inspect.recording import SessionRecording, Written
from api_client.inspect.session_file import Header
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.posts import NewThreadPost, ThreadPost
from api_client.models.realtime import NewMessageEvent, Updates
from api_client.models.threads import NewSubreddit
from api_client.raw import RawClient
from api_client.realtime import Realtime

PASSWORD = "correct horse battery"


async def resident(url: str, username: str) -> RawClient:
    """Return the client of somebody new."""
    client = RawClient(url)
    await client.accounts.register(username, f"{username}@example.org", PASSWORD, username.title())
    return client


async def lived(client: PlatformClient, other: str, subreddit: str) -> None:
    """Do what is recorded."""
    heard: asyncio.Queue[object] = asyncio.Queue()
    link = Realtime(client, on_event=heard.put, on_gap=lambda: None)
    link.start()
    try:
        with caused_by("global.create", "new community"):
            await client.threads.found(NewSubreddit(name=subreddit, description="Bread."))
        with caused_by("item.create", "new post"):
            post = await client.feed.create(NewThreadPost(subreddit=subreddit, title="On crusts", body="Thick."))
        link.subscribe(f"posts:{post.id}")
        while not isinstance(await heard.get(), Updates):
            pass
        with caused_by("item.positive", "upvote"):
            await client.threads.vote(post.id, 1)
        while not isinstance(await heard.get(), Updates):
            pass
        with caused_by("item.reply", "reply"):
            comment = await client.comments.create(post.id, "Thin is better.")
            await client.comments.vote(comment.id, 1)
        with caused_by("global.refresh", "refresh"):
            page = await client.comments.page(post.id)
            assert [each.id for each in page] == [comment.id]
            again = await client.threads.page(subreddit=subreddit)
            assert [each.id for each in again if isinstance(each, ThreadPost)] == [post.id]
        with caused_by("item.create", "new chat"):
            friend = await client.users.profile(other)
            chat = await client.chat.create(NewConversation(type="direct", member_ids=[friend.id]))
            await client.chat.send(chat.id, NewMessage(content="Bread at six?"))
        while not isinstance(await heard.get(), NewMessageEvent):
            pass
    finally:
        await link.stop()


async def recorded(client: PlatformClient, path: Path, other: str, subreddit: str) -> Written:
    """Record the whole scene into a file."""
    client.recorder = Recorder()
    me = await client.accounts.me()
    header = Header(platform=client.address.base, username=me.username, user_id=me.id, parlour="0.1.0")
    recording = SessionRecording(path, client.recorder, header)
    await lived(client, other, subreddit)
    written = await recording.stop()
    client.recorder = None
    return written
