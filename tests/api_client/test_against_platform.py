"""The client and the platform together, over real sockets."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from api_client import PlatformClient
from api_client import endpoints as table
from api_client.errors import Conflict, Invalid, NotFound, SignInRequired, TimedOut
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.music import NewPlaylist, PlaylistChange
from api_client.models.posts import MediaInput, NewComment, NewPhotoPost, NewThreadPost
from api_client.models.realtime import NewMessageEvent, Typing, Updates, UserTyping
from api_client.models.threads import NewSubreddit, PostSort
from api_client.models.users import ProfileChange
from api_client.realtime import Phase, Realtime
from api_client.sync import Intent, Outbox, sender
from server.clock import ManualClock
from server.serve import running
from server.settings import HashCost, RateLimits, Settings

PASSWORD = "correct horse battery"


class Town:
    """A running platform, and clients of it."""

    def __init__(self, url: str, clock: ManualClock) -> None:
        self.url = url
        self.clock = clock
        self.clients: list[PlatformClient] = []

    def visitor(self, **options: Any) -> PlatformClient:
        client = PlatformClient(self.url, **options)
        self.clients.append(client)
        return client

    async def resident(self, username: str) -> PlatformClient:
        client = self.visitor()
        await client.accounts.register(username, f"{username}@example.org", PASSWORD, username.title())
        return client


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    clock = ManualClock(datetime(2026, 1, 5, 12, tzinfo=UTC))
    settings = Settings(
        data_dir=tmp_path / "platform",
        port=0,
        clock=clock,
        hash_cost=HashCost(passes=1, memory_kib=8, lanes=1),
        limits=RateLimits(logins_per_minute=10_000, requests_per_minute=1_000_000),
    )
    async with running(settings) as at:
        town = Town(at.url, clock)
        yield town
        for client in town.clients:
            await client.close()


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (180, 90, 30)).save(file, "PNG")
    return file.getvalue()


async def test_an_account_from_registration_to_the_end_of_its_session(town: Town) -> None:
    client = await town.resident("ann")
    assert (await client.accounts.me()).username == "ann"
    changed = await client.users.change(ProfileChange(bio="Here for the bread."))
    assert changed.bio == "Here for the bread."
    assert (await client.users.change(ProfileChange(bio=None))).bio is None
    assert [session.current for session in await client.accounts.sessions()] == [True]
    await client.accounts.sign_out()
    with pytest.raises(SignInRequired):
        await client.accounts.me()
    with pytest.raises(SignInRequired):
        await client.accounts.sign_in("ann", "wrong password")
    assert (await client.accounts.sign_in("ann@example.org", PASSWORD)).username == "ann"
    with pytest.raises((Conflict, Invalid)):
        await town.visitor().accounts.register("ann", "other@example.org", PASSWORD)


async def test_the_access_token_ends_and_nobody_notices(town: Town) -> None:
    client = await town.resident("ann")
    for _ in range(3):
        town.clock.advance(16 * 60)
        users = await asyncio.gather(*(client.accounts.me() for _ in range(8)))
        assert {user.username for user in users} == {"ann"}


async def test_a_photo_is_uploaded_posted_fetched_liked_and_saved(town: Town) -> None:
    ann, bob = await town.resident("ann"), await town.resident("bob")
    await bob.users.follow("ann")
    data = picture()
    progress: list[tuple[int, int]] = []
    upload = await ann.uploads.upload(data, "bread.png", "image/png", progress=lambda *at: progress.append(at))
    assert progress[-1] == (len(data), len(data))
    medium = MediaInput(type="image", upload_id=upload, alt="A loaf")
    post = await ann.feed.create(NewPhotoPost(caption="Bread \x1b[2Jday", media=[medium]))
    seen = (await bob.feed.page()).items
    assert [item.id for item in seen] == [post.id]
    assert "\x1b" not in str(seen[0].caption)
    assert (await bob.media(seen[0].media[0].url))[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")
    assert (await bob.feed.like(post.id)).like_count == 1
    assert (await bob.feed.like(post.id)).like_count == 1
    assert not (await bob.feed.toggle_like(post.id)).liked
    assert (await bob.feed.save(post.id)).saved
    assert [item.id for item in await bob.feed.saved()] == [post.id]


async def test_a_thread_with_votes_and_pages_of_comments(town: Town) -> None:
    ann, bob = await town.resident("ann"), await town.resident("bob")
    await ann.threads.found(NewSubreddit(name="bread"))
    assert (await bob.threads.join("bread")).joined
    post = await ann.feed.create(NewThreadPost(subreddit="bread", title="Rye or wheat?"))
    assert (await bob.threads.vote(post.id, 1)).my_vote == 1
    first = await bob.comments.create(post.id, "Rye.")
    await ann.comments.create(post.id, "Why?", parent_id=first.id)
    for number in range(4):
        await bob.comments.create(post.id, f"Reason {number}")
    cursor, found = None, []
    while True:
        page = await ann.comments.page(post.id, cursor, limit=2)
        found += [comment.body for comment in page]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found) == sorted(["Rye.", "Why?", *(f"Reason {number}" for number in range(4))])
    assert found.index("Why?") == found.index("Rye.") + 1
    assert [item.id for item in await bob.threads.page("bread", sort=PostSort.NEW)] == [post.id]
    with pytest.raises(NotFound):
        await bob.threads.subreddit("nowhere")


async def test_playlists_search_and_what_the_platform_says_of_itself(town: Town) -> None:
    ann = await town.resident("ann")
    mine = await ann.playlists.create(NewPlaylist(name="Mornings", is_public=False))
    changed = await ann.playlists.change(mine.id, PlaylistChange(name="Evenings"))
    assert (changed.name, changed.is_public) == ("Evenings", False)
    assert [playlist.id for playlist in await ann.playlists.mine()] == [mine.id]
    found = await ann.platform.search("ann", ["user"])
    assert [user.username for user in found.users] == ["ann"]
    info = await town.visitor().platform.info()
    assert info is not None
    assert info.capabilities
    assert (await ann.music.library("tracks")).tracks == []


async def test_messages_arrive_by_themselves(town: Town) -> None:
    ann, bob = await town.resident("ann"), await town.resident("bob")
    me = await bob.accounts.me()
    chat = await ann.chat.create(NewConversation(member_ids=[me.id]))
    events: list[Any] = []
    phases: list[Phase] = []
    changed = asyncio.Event()

    def note(event: Any) -> None:
        events.append(event)
        changed.set()

    def state(now: Any) -> None:
        phases.append(now.phase)
        changed.set()

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                changed.clear()
                await changed.wait()

    link = Realtime(bob, on_event=note, on_gap=lambda: None, on_state=state)
    typist = Realtime(ann, on_event=lambda event: None, on_gap=lambda: None, on_state=state)
    link.join(chat.id)
    typist.join(chat.id)
    link.start()
    await until(lambda: phases.count(Phase.ONLINE) == 1)
    typist.start()
    await until(lambda: phases.count(Phase.ONLINE) == 2)
    sent = await ann.chat.send(chat.id, NewMessage(content="Bread?", client_id="1"))
    await until(lambda: any(isinstance(event, NewMessageEvent) and event.message.id == sent.id for event in events))
    assert typist.send(Typing(chat_id=chat.id))
    await until(lambda: any(isinstance(event, UserTyping) for event in events))
    link.subscribe(f"user:{me.id}")
    await until(lambda: any(isinstance(event, Updates) for event in events))
    await typist.stop()
    await link.stop()
    assert link.state.phase is Phase.STOPPED
    assert [message.content for message in await bob.chat.messages(chat.id, limit=1)] == ["Bread?"]
    assert (await bob.chat.read(sent.id)).message_id == sent.id


async def test_an_intent_whose_reply_was_lost_happens_once(town: Town) -> None:
    ann = await town.resident("ann")
    await ann.threads.found(NewSubreddit(name="bread"))
    post = await ann.feed.create(NewThreadPost(subreddit="bread", title="Rye or wheat?"))
    send = sender(ann)
    lost = [TimedOut("late"), TimedOut("late")]

    async def unlucky(intent: Intent) -> Any:
        data = await send(intent)
        if lost:
            raise lost.pop()
        return data

    outbox = Outbox(unlucky, jitter=lambda: 0.0)
    comments = [
        Intent.of(
            table.CREATE_COMMENT,
            params={"id": post.id},
            body=NewComment(body=body),
            object_key=f"posts:{post.id}",
            created_at=0.0,
            label="comment",
        )
        for body in ("one", "two", "three")
    ]
    receipts = [await outbox.submit(comment) for comment in comments]
    assert [(await receipt).body for receipt in receipts] == ["one", "two", "three"]
    assert sorted(comment.body for comment in await ann.comments.page(post.id)) == ["one", "three", "two"]
    assert await outbox.close() == ()


async def test_both_sides_have_the_same_table(town: Town) -> None:
    client = town.visitor()
    described = json.loads(await client.media("/openapi.json"))
    served = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in described["paths"].items()
        for method in methods
    }
    wanted = {(endpoint.method, endpoint.path) for endpoint in table.ENDPOINTS}
    assert {_shape(item) for item in wanted} <= {_shape(item) for item in served}


def _shape(route: tuple[str, str]) -> tuple[str, str]:
    """Return a route without the names of its parameters."""
    parts = ["{}" if part.startswith("{") else part for part in route[1].split("/")]
    return route[0], "/".join(parts)
