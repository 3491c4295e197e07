"""A socket that is lost again and again while others change everything: in the end nothing is missing or out of date.

What is missing from a chat meanwhile is shown to be.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from api_client.client import PlatformClient
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.music import NewPlaylist, Playlist, PlaylistChange
from api_client.models.posts import NewPhotoPost, NewThreadPost, PhotoPost, ThreadPost
from api_client.models.realtime import ServerFrame
from api_client.models.threads import NewSubreddit
from api_client.realtime import Phase, Realtime, SocketState
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from tests.faults.proxy import Fault, FaultProxy, Then, Weather
from tests.server.music_seed import TRACKS, seed_catalogue
from tests.shared_platform import SharedPlatform
from tui.state.comment_entries import CommentEntry
from tui.state.session import Session

PASSWORD = "correct horse battery"
PATIENCE = 30.0
OUTAGES = 4
CHANGES = 8
"""In each of them."""
PAGE = 3
"""Messages that are fetched at once, so that there are holes."""


class Watcher:
    """A terminal behind a bad line, and what others change meanwhile."""

    def __init__(self, client: PlatformClient, session: Session, other: PlatformClient, chance: random.Random) -> None:
        self.client, self.session, self.other, self.chance = client, session, other, chance
        self.changed = asyncio.Event()
        self.connects: list[int] = []
        """How often it was tried, by outage."""
        self.photos: list[str] = []
        self.threads: list[str] = []
        self.playlist_id = self.chat_id = ""

    def followed(self, state: SocketState) -> None:
        if state.phase is Phase.CONNECTING and self.connects:
            self.connects[-1] += 1
        self.changed.set()

    @property
    def is_online(self) -> bool:
        return self.session.realtime.state.phase is Phase.ONLINE

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def furnish(self) -> None:
        other, session = self.other, self.session
        await other.threads.found(NewSubreddit(name="cats"))
        for number in range(3):
            wish = NewPhotoPost(caption=str(number), media_urls=["https://pictures.example/one.jpg"])
            self.photos.append((await other.feed.create(wish)).id)
            self.threads.append((await other.feed.create(NewThreadPost(subreddit="cats", title=str(number)))).id)
        self.playlist_id = (await other.playlists.create(NewPlaylist(name="Mix"))).id
        for track in TRACKS[:3]:
            await other.playlists.add(self.playlist_id, track)
        chat = await other.chat.create(NewConversation(type="direct", member_ids=[session.me.id]))
        self.chat_id = chat.id
        for post_id in self.photos:
            await session.feed.fetch(post_id)
        for post_id in self.threads:
            thread = await self.client.feed.post(post_id)
            assert isinstance(thread, ThreadPost)
            session.threads.take(thread)
            session.comments.show(post_id)
            await session.comments.load(post_id)
        await session.music.playlists.load(self.playlist_id)
        await session.chat.load()
        await session.chat.load_messages(self.chat_id)
        session.chat.watch(self.chat_id)
        keys = [f"posts:{post_id}" for post_id in (*self.photos, *self.threads)]
        session.live.follow("screens", [*keys, f"playlists:{self.playlist_id}"])

    async def change_something(self) -> None:
        """Somebody else does something."""
        other, chance = self.other, self.chance
        entries = [track.id for track in (await other.playlists.get(self.playlist_id)).tracks]
        left = [track for track in TRACKS if track not in entries]
        thread, photo = chance.choice(self.threads), chance.choice(self.photos)
        doings: list[Callable[[], Awaitable[object]]] = [
            lambda: other.feed.like(photo),
            lambda: other.feed.unlike(photo),
            lambda: other.threads.vote(thread, chance.choice((-1, 0, 1))),
            lambda: other.comments.create(thread, f"comment {chance.random()}"),
            lambda: other.playlists.change(self.playlist_id, PlaylistChange(name=f"Mix {chance.random()}")),
            lambda: other.chat.send(self.chat_id, NewMessage(content=f"message {chance.random()}")),
            lambda: other.chat.send(self.chat_id, NewMessage(content=f"message {chance.random()}")),
        ]
        if left:
            doings.append(lambda: other.playlists.add(self.playlist_id, chance.choice(left)))
        if len(entries) > 1:
            doings.append(lambda: other.playlists.move(self.playlist_id, entries[0], 1, len(entries)))
            doings.append(lambda: other.playlists.remove(self.playlist_id, entries[-1]))
        await chance.choice(doings)()

    async def outage(self, door: FaultProxy) -> None:
        """Lose the line in one way or another, for a while in which much happens."""
        self.connects.append(0)
        away = self.chance.random() < 0.5
        if away:
            await door.shut()
        elif self.chance.random() < 0.5:
            door.strike(Weather(down=Fault(then=Then.RESET, after=self.chance.randrange(200))))
        door.cut()
        await self.until(lambda: not self.is_online)
        for _ in range(CHANGES):
            await self.change_something()
        if len(self.connects) % 2:
            for number in range(2 * PAGE):
                await self.other.chat.send(self.chat_id, NewMessage(content=f"all at once {number}"))
        if away:
            await door.open()
        self.session.realtime.retry_now()
        await self.until(lambda: self.is_online)

    # -- how it compares

    async def messages_there(self) -> list[str]:
        page = await self.other.chat.messages(self.chat_id, limit=100)
        assert page.next_cursor is None, "all of them"
        return [message.id for message in reversed(page.items)]

    def runs(self) -> list[list[str]]:
        transcript = self.session.chat.transcript(self.chat_id)
        return transcript.runs(transcript.messages)

    async def is_as_there(self) -> None:
        """Wait until everything is as the platform has it."""
        session, other = self.session, self.other
        for post_id in (*self.photos, *self.threads):
            there = await other.feed.post(post_id)
            assert isinstance(there, PhotoPost | ThreadPost)
            store = session.feed if isinstance(there, PhotoPost) else session.threads
            await self.until(lambda: _facts(store.post(post_id)) == _facts(there))  # noqa: B023
            kept = session.cache.record(f"posts:{post_id}", type(there))
            assert _facts(kept) == _facts(there)
        for post_id in self.threads:
            page = await other.comments.page(post_id, limit=100)
            bodies = sorted(comment.body for comment in page.items)
            await self.until(lambda: self.comments_on(post_id) == bodies)  # noqa: B023
        playlist = await other.playlists.get(self.playlist_id)
        await self.until(lambda: _tracks(session.music.playlists.get(self.playlist_id)) == _tracks(playlist))
        kept_list = session.cache.listing(f"playlist:{self.playlist_id}", Playlist)
        assert kept_list is not None
        assert _tracks(kept_list.items[0]) == _tracks(playlist)

    def comments_on(self, post_id: str) -> list[str]:
        entries = self.session.comments.entries(post_id)
        return sorted(entry.comment.body for entry in entries if isinstance(entry, CommentEntry))

    async def fill(self) -> None:
        """Go through the chat as a reader does who scrolls to each hole, and to the beginning."""
        transcript = self.session.chat.transcript(self.chat_id)
        while holes := transcript.holes:
            self.session.chat.fill(self.chat_id, holes[-1])
            await self.until(lambda: transcript.holes != holes)
        while not transcript.complete:
            await self.session.chat.load_older(self.chat_id)


def _facts(post: object) -> tuple[int, int] | None:
    match post:
        case PhotoPost(version=version, like_count=count) | ThreadPost(version=version, score=count):
            return version, count
        case _:
            return None


def _tracks(playlist: Playlist | None) -> tuple[str, list[str]] | None:
    return None if playlist is None else (playlist.name, [track.id for track in playlist.tracks])


@asynccontextmanager
async def watching(platform: SharedPlatform, door: FaultProxy, chance: random.Random) -> AsyncIterator[Watcher]:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(PlatformClient(door.url))
        other = await stack.enter_async_context(PlatformClient(platform.url))
        me = await client.accounts.register("ann", "ann@example.com", PASSWORD)
        await other.accounts.register("ben", "ben@example.com", PASSWORD)
        outbox = Outbox(sender(client))

        def heard(frame: ServerFrame) -> None:
            for store in session.listeners:
                store.on_event(frame)

        def gap() -> None:
            for store in session.listeners:
                store.on_gap()

        stack.push_async_callback(outbox.close)
        realtime = Realtime(
            client,
            on_event=heard,
            on_gap=gap,
            on_state=lambda state: watcher.followed(state),
            jitter=lambda: 0.5,
        )
        session = Session.build(client, realtime, outbox, me)
        session.comments.calm = 0.0
        watcher = Watcher(client, session, other, chance)
        for store in (session.feed, session.threads, session.comments, session.chat, session.music):
            store.subscribe(lambda _: watcher.changed.set())
        stack.push_async_callback(session.live.close)
        stack.push_async_callback(realtime.stop)
        yield watcher


@pytest.mark.parametrize("seed", [1, 4])
async def test_after_many_outages_everything_is_as_on_the_platform(
    platform: SharedPlatform, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("tui.state.transcripts.PAGE", PAGE)
    await platform.empty()
    await platform.within(lambda: seed_catalogue(platform.state.database))
    host, port = platform.url.removeprefix("http://").split(":")
    async with (
        FaultProxy(host, int(port), seed=seed) as door,
        watching(platform, door, random.Random(seed)) as watcher,
    ):
        await watcher.furnish()
        watcher.session.realtime.start()
        await watcher.until(lambda: watcher.is_online)
        seen_holes = 0
        for _ in range(OUTAGES):
            await watcher.outage(door)
            await watcher.session.live.settled()
            there = await watcher.messages_there()
            newest = watcher.session.chat.transcript(watcher.chat_id)
            await watcher.until(lambda: newest.newest is not None and newest.newest.id == there[-1])  # noqa: B023
            for run in watcher.runs():
                start = there.index(run[0])
                assert run == there[start : start + len(run)], "what is missing is not said"
            seen_holes += len(newest.holes)
        assert seen_holes, "no outage was long enough to miss messages"
        assert max(watcher.connects) <= 3
        await watcher.is_as_there()
        await watcher.fill()
        assert [message.id for message in newest.messages] == await watcher.messages_there()
