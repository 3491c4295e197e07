"""What was done to photos and people without the platform: the same picture after a restart, and then sent."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.posts import MediaInput, NewPhotoPost, NewStory, PhotoPost
from api_client.models.users import ProfileChange, User
from api_client.sync.cache import Cache
from api_client.sync.intents import sender
from api_client.sync.memory import Disk, MemoryStore
from api_client.sync.outbox import Outbox
from api_client.sync.ports import StoreTrouble
from api_client.sync.receipts import Status
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import PASSWORD, Ahead
from tui.rebases import rebases
from tui.state.attachments import Attachments
from tui.state.feed import EXPLORE, HOME, SAVED, FeedStore, user_key
from tui.state.new_photos import Outgoing
from tui.state.people import PeopleStore
from tui.state.photo_sender import PhotoSender
from tui.state.writes import Writes


async def turns() -> None:
    """Let everything that has begun come to where it has to wait."""
    for _ in range(20):
        await asyncio.sleep(0)


class Machine:
    """One person's machine: what outlives the program, and the program that runs."""

    def __init__(self, client: PlatformClient, me: User, folder: Path) -> None:
        self.client = client
        self.me = me
        self._disk = Disk()
        self._folder = folder
        self._doing: list[asyncio.Task[Any]] = []
        self.outbox: Outbox | None = None

    async def start(self) -> None:
        """Start the program, after leaving it if it runs, and show what is unsent."""
        await self.leave()
        self.cache = await Cache.open(self._folder / "cache.db")
        photos = PhotoSender(self.client.uploads, sender(self.client))
        self.outbox = Outbox(photos, store=MemoryStore(self._disk), clock=Ahead(), rebase=rebases(self.client))
        self.writes = Writes(self.outbox)
        self.attachments = self._folder / "attachments"
        self.feed = FeedStore(self.client, self.writes, self.me, self.cache, Attachments(self.attachments), photos)
        self.people = PeopleStore(self.client, self.writes, self.me, self.cache)
        await self.outbox.start()
        for receipt in self.outbox.open:
            self.writes.follow(receipt)
        await turns()

    async def leave(self) -> None:
        """Leave the program, whatever is unsent."""
        if self.outbox is None:
            return
        await self.outbox.close()
        for result in await asyncio.gather(*self._doing, return_exceptions=True):
            assert not isinstance(result, BaseException) or isinstance(result, PlatformError), result
        self._doing.clear()
        await self.cache.close()
        self.outbox = None

    async def try_to(self, load: Callable[[], Any]) -> None:
        """Load something, be the platform in reach or not."""
        try:
            await load()
        except PlatformError:
            assert self.client.offline

    async def open_all(self) -> None:
        """Open the screens that there are."""
        for key in (HOME, EXPLORE, SAVED, user_key(self.me.username)):
            await self.try_to(lambda key=key: self.feed.load(key))
        for load in (self.feed.load_tray, self.people.load_requests):
            await self.try_to(load)
        for name in ("ann", "ben"):
            await self.try_to(lambda name=name: self.people.profile(name))

    async def begin(self, *works: Any) -> None:
        """Let the user do things one after another, each of which may take as long as the platform is away."""
        outbox = self.outbox
        assert outbox is not None
        for work in works:
            before = len(outbox.open)
            self._doing.append(asyncio.create_task(work))
            await self._soon(lambda before=before: len(outbox.open) > before)
        await self.waits()
        await turns()

    async def _soon(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds, looking again whenever a write moves."""
        assert self.outbox is not None
        moved = asyncio.Event()
        end = self.outbox.subscribe(lambda _: moved.set())
        async with asyncio.timeout(30):
            while not condition():
                await moved.wait()
                moved.clear()
        end()

    async def waits(self) -> None:
        """Wait until nothing is being tried, so that everything can be taken back."""
        outbox = self.outbox
        assert outbox is not None
        await self._soon(lambda: all(receipt.status is not Status.SENDING for receipt in outbox.open))

    async def settled(self) -> None:
        """Wait until the platform has everything, and the stores have taken in what it said."""
        assert self.outbox is not None
        following = [self.writes.follow(receipt) for receipt in self.outbox.open]
        self.outbox.resume()
        async with asyncio.timeout(30):
            await asyncio.gather(*following)

    def picture(self) -> Any:
        """Return what everything looks like."""
        lists = {
            key: [_look(post, self.feed) for post in self.feed.posts(key) if isinstance(post, PhotoPost)]
            for key in (HOME, EXPLORE, SAVED, user_key(self.me.username))
        }
        people = [self.people.known(name) for name in ("ann", "ben")]
        stories = [[story.seen for story in entry.stories] for entry in self.feed.tray]
        requests = [request.user.username for request in self.people.requests]
        return lists, [person and person.model_dump(exclude={"version"}) for person in people], stories, requests

    async def through_a_restart(self) -> Any:
        """Return what everything looks like, the same before and after a restart without the platform."""
        before = self.picture()
        await self.start()
        await self.open_all()
        assert self.picture() == before
        return before


def _look(post: PhotoPost, feed: FeedStore) -> tuple[Any, ...]:
    waits = feed.words_for(post.id) is not None
    return post.id, post.caption, post.is_liked_by_me, post.like_count, post.is_saved_by_me, len(post.media), waits


@pytest.fixture
async def two(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[tuple[Machine, Machine]]:
    """Ann and Ben at their machines; Ann has posted twice."""
    await platform.empty()
    async with AsyncExitStack() as stack:
        machines = []
        for name in ("ann", "ben"):
            client = await stack.enter_async_context(PlatformClient(platform.url))
            me = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
            machine = Machine(client, me, tmp_path / name)
            stack.push_async_callback(machine.leave)
            machines.append(machine)
        ann, ben = machines
        for caption in ("first", "second"):
            await share(ann, caption)
        for machine in machines:
            await machine.start()
            await machine.open_all()
        yield ann, ben


async def share(machine: Machine, caption: str) -> PhotoPost:
    wish = NewPhotoPost(caption=caption, media_urls=["https://pictures.example/one.jpg"])
    post = await machine.client.feed.create(wish)
    assert isinstance(post, PhotoPost)
    return post


def png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(data, "PNG")
    return data.getvalue()


def liked(machine: Machine) -> dict[str | None, tuple[bool, int, bool]]:
    posts = [post for post in machine.feed.posts(EXPLORE) if isinstance(post, PhotoPost)]
    return {post.caption: (post.is_liked_by_me, post.like_count, post.is_saved_by_me) for post in posts}


async def test_every_list_opens_from_the_machine_and_says_so(two: tuple[Machine, Machine]) -> None:
    _, ben = two
    assert ben.feed.list_of(EXPLORE).stale_since is None
    ben.client.offline = True
    before = await ben.through_a_restart()
    assert len(before[0][EXPLORE]) == 2
    found = ben.feed.list_of(EXPLORE)
    assert found.stale_since is not None
    assert found.failed
    ben.client.offline = False
    await ben.feed.load(EXPLORE)
    assert (found.stale_since, found.failed) == (None, False)


async def test_likes_and_saves_and_taking_them_back(two: tuple[Machine, Machine]) -> None:
    ann, ben = two
    second, first = ben.feed.posts(EXPLORE)
    await ben.feed.like(first.id, True)
    await ben.feed.save(first.id, True)
    ben.client.offline = True
    await ben.begin(
        ben.feed.like(second.id, True),
        ben.feed.save(second.id, True),
        ben.feed.like(first.id, False),
        ben.feed.save(first.id, False),
    )
    wanted = {"second": (True, 1, True), "first": (False, 0, False)}
    assert liked(ben) == wanted
    await ben.through_a_restart()
    assert liked(ben) == wanted
    ben.client.offline = False
    await ben.settled()
    assert liked(ben) == wanted
    seen = {post.caption: post.like_count for post in (await ann.client.feed.page()).items}
    assert seen == {"second": 1, "first": 0}
    assert [post.id for post in await ben.client.feed.saved()] == [second.id]
    ben.client.offline = True
    await ben.through_a_restart()
    assert liked(ben) == wanted


async def test_a_deleted_post_stays_away(two: tuple[Machine, Machine]) -> None:
    ann, _ = two
    second, _first = ann.feed.posts(HOME)
    ann.client.offline = True
    await ann.begin(ann.feed.delete(second.id))
    before = await ann.through_a_restart()
    assert [look[1] for look in before[0][HOME]] == ["first"]
    ann.client.offline = False
    await ann.settled()
    assert [post.caption for post in await ann.client.feed.page()] == ["first"]
    ann.client.offline = True
    assert await ann.through_a_restart() == before


async def test_a_photo_waits_with_its_pictures_at_the_head_of_the_feed(two: tuple[Machine, Machine]) -> None:
    ann, _ = two
    ann.client.offline = True
    post_id = await ann.feed.publish(
        "third", "the harbour", files=[Outgoing(png(), "image/png", "a boat"), Outgoing(png(), "image/png")]
    )
    await ann.begin(ann.feed.like(post_id, True))
    before = await ann.through_a_restart()
    for key in (HOME, user_key("ann")):
        assert before[0][key][0] == (post_id, "third", True, 1, False, 2, True)
        assert len(before[0][key]) == 3
    assert ann.feed.words_for(post_id) is not None
    files = list(ann.attachments.iterdir())
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    ann.client.offline = False
    heard: list[int] = []
    ann.feed.subscribe(lambda change: heard.append(1) if change.key == post_id else None)
    await ann.settled()
    assert ann.feed.words_for(post_id) is None
    there = await ann.client.feed.post(post_id)
    assert isinstance(there, PhotoPost)
    assert [(medium.width, medium.alt) for medium in there.media] == [(40, "a boat"), (40, None)]
    assert there.is_liked_by_me
    shown = [post.id for post in ann.feed.posts(HOME)]
    assert shown[0] == post_id
    assert len(shown) == 3
    assert list(ann.attachments.iterdir()) == []
    assert heard


async def test_a_photo_that_is_withdrawn_leaves_nothing_behind(two: tuple[Machine, Machine]) -> None:
    ann, _ = two
    ann.client.offline = True
    before = ann.picture()
    await ann.feed.publish("oops", files=[Outgoing(png(), "image/png")])
    await ann.start()
    await ann.open_all()
    assert ann.outbox is not None
    (receipt,) = ann.outbox.open
    await ann.waits()
    assert await ann.outbox.discard(receipt.id)
    await turns()
    assert ann.picture() == before
    # The files go in a thread of their own.
    for _ in range(500):
        if not list(ann.attachments.iterdir()):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the pictures are still there")


async def test_a_photo_whose_pictures_cannot_be_stored_is_not_taken_on(two: tuple[Machine, Machine]) -> None:
    ann, _ = two
    ann.attachments.write_text("in the way")
    before = ann.picture()
    with pytest.raises(StoreTrouble):
        await ann.feed.publish("oops", files=[Outgoing(png(), "image/png")])
    assert ann.picture() == before
    upload_id = await ann.feed.upload(png(), "a.png", "image/png", lambda *_: None)
    await ann.feed.publish("third", files=[Outgoing(png(), "image/png", None, upload_id)])
    await ann.settled()
    assert [post.caption for post in await ann.client.feed.page()] == ["third", "second", "first"]


async def test_stories_that_were_looked_at_stay_seen(two: tuple[Machine, Machine]) -> None:
    ann, ben = two
    await ben.client.users.follow("ann")
    for _ in range(2):
        upload_id = await ann.feed.upload(png(), "a.png", "image/png", lambda *_: None)
        await ann.client.stories.create(NewStory(media=MediaInput(type="image", upload_id=upload_id)))
    await ben.feed.load_tray()
    entry = next(entry for entry in ben.feed.tray if entry.user.username == "ann")
    assert [story.seen for story in entry.stories] == [False, False]
    ben.client.offline = True
    assert ben.outbox is not None
    await ben.begin(ben.feed.view_stories(entry))
    before = await ben.through_a_restart()
    assert [True, True] in before[2]
    assert len(ben.outbox.open) == 2
    ben.client.offline = False
    await ben.settled()
    (entry,) = [entry for entry in (await ben.client.stories.tray()).items if entry.user.username == "ann"]
    assert entry.seen
    ben.client.offline = True
    assert await ben.through_a_restart() == before


async def test_following_and_following_no_more(two: tuple[Machine, Machine]) -> None:
    _, ben = two
    ben.client.offline = True
    await ben.begin(ben.people.follow("ann", True))
    before = await ben.through_a_restart()
    profile = ben.people.known("Ann")
    assert profile is not None
    assert (profile.is_following, profile.follower_count) == (True, 1)
    ben.client.offline = False
    await ben.settled()
    assert ben.picture()[1] == before[1]
    assert (await ben.client.users.profile("ann")).is_following
    ben.client.offline = True
    await ben.begin(ben.people.follow("ann", False))
    await ben.through_a_restart()
    profile = ben.people.known("ann")
    assert profile is not None
    assert (profile.is_following, profile.follower_count) == (False, 0)
    ben.client.offline = False
    await ben.settled()
    assert not (await ben.client.users.profile("ann")).is_following


@pytest.mark.parametrize("accept", [True, False])
async def test_an_answered_request_stays_answered(two: tuple[Machine, Machine], accept: bool) -> None:
    ann, ben = two
    await ann.people.change_own(ProfileChange(is_private=True))
    await ann.settled()
    await ben.people.follow("ann", True)
    await ann.open_all()
    (request,) = ann.people.requests
    ann.client.offline = True
    await ann.begin(ann.people.answer(request, accept))
    before = await ann.through_a_restart()
    assert before[3] == []
    ann.client.offline = False
    await ann.settled()
    assert (await ben.client.users.profile("ann")).is_following == accept
    ann.client.offline = True
    assert (await ann.through_a_restart())[3] == []


async def test_the_own_profile_is_shown_changed_and_its_draft_is_gone(two: tuple[Machine, Machine]) -> None:
    ann, _ = two
    assert ann.outbox is not None
    ann.client.offline = True
    ann.outbox.drafts.keep("profile", {"bio": "trains"})
    await ann.people.change_own(ProfileChange(bio="trains"), draft="profile")
    assert not ann.outbox.drafts.fields("profile")
    await ann.people.change_own(ProfileChange(full_name="Ann"))
    await turns()
    await ann.through_a_restart()
    profile = ann.people.known("ann")
    assert profile is not None
    assert (profile.bio, profile.full_name) == ("trains", "Ann")
    intent = ann.outbox.open[0].intent
    assert intent.base is not None
    assert intent.base.fields == {"bio": None}
    assert intent.body.base_version == intent.base.version
    ann.client.offline = False


async def test_undo_takes_back_what_was_sent(two: tuple[Machine, Machine]) -> None:
    ann, ben = two
    assert ben.outbox is not None
    ben.outbox.on_foreign(ben.writes.follow)
    post = ben.feed.posts(EXPLORE)[0]
    for do, shown in (
        (lambda: ben.feed.like(post.id, True), lambda: liked(ben)["second"][0]),
        (lambda: ben.feed.save(post.id, True), lambda: liked(ben)["second"][2]),
        (lambda: ben.people.follow("ann", True), lambda: getattr(ben.people.known("ann"), "is_following", None)),
    ):
        await do()
        assert shown()
        assert await ben.outbox.undo()
        await ben.settled()
        assert not shown()
    assert ann.outbox is not None
    ann.outbox.on_foreign(ann.writes.follow)
    await ann.people.change_own(ProfileChange(bio="trains"))
    await ann.settled()
    assert await ann.outbox.undo()
    await ann.settled()
    assert (await ann.client.users.profile("ann")).bio is None
