"""The feed's and the people's stores against a real platform, and against one that refuses or is late."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from api_client import endpoints
from api_client.endpoints import Endpoint
from api_client.errors import Forbidden, NotFound, api_error
from api_client.models.posts import LikeState, NewPhotoPost, PhotoPost
from api_client.models.users import ProfileChange
from api_client.sync.intents import Intent
from api_client.sync.outbox import Outbox
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import Account, Ahead, World, until, world
from tui.state.feed import EXPLORE, HOME, SAVED, FeedChange, FeedPart, FeedStore, user_key
from tui.state.new_photos import Outgoing
from tui.state.people import PeopleStore
from tui.state.writes import Writes


@pytest.fixture
async def here(platform: SharedPlatform) -> AsyncIterator[World]:
    async with world(platform) as found:
        yield found


async def share(account: Account, caption: str) -> PhotoPost:
    wish = NewPhotoPost(caption=caption, media_urls=["https://pictures.example/one.jpg"])
    post = await account.client.feed.create(wish)
    assert isinstance(post, PhotoPost)
    return post


def liked(store: FeedStore, post_id: str) -> tuple[bool, int]:
    post = store.post(post_id)
    assert isinstance(post, PhotoPost)
    return post.is_liked_by_me, post.like_count


class Gate:
    """Stands in the place of the platform for writes: says what it was asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[tuple[Endpoint, asyncio.Future[object]]] = asyncio.Queue()

    async def send(self, intent: Intent) -> object:
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self.asked.put_nowait((intent.endpoint, answer))
        return await answer


REFUSED = api_error(403, "FORBIDDEN", "Not today.")


@pytest.fixture
async def gate() -> AsyncIterator[tuple[Writes, Gate]]:
    found = Gate()
    outbox = Outbox(found.send, clock=Ahead())
    yield Writes(outbox), found
    await outbox.close()


async def test_pages_follow_one_another_without_repeats_until_the_end(here: World) -> None:
    ann = await here.account("ann")
    posts = [await share(ann, f"number {n}") for n in range(25)]
    store = ann.session.feed
    await store.load(HOME)
    assert len(store.posts(HOME)) == 20
    await share(ann, "in between")
    await store.load_more(HOME)
    assert [post.id for post in store.posts(HOME)] == [post.id for post in reversed(posts)]
    assert store.list_of(HOME).next_cursor is None


async def test_new_posts_are_announced_and_shown_when_asked_for(here: World) -> None:
    ann = await here.account("ann")
    first = await share(ann, "first")
    store = ann.session.feed
    await store.load(HOME)
    second = await share(ann, "second")
    changes: list[FeedChange] = []
    store.subscribe(changes.append)
    await store.look_for_new(HOME)
    assert FeedChange(FeedPart.NEWS, HOME) in changes
    assert [post.id for post in store.posts(HOME)] == [first.id]
    store.show_new(HOME)
    assert [post.id for post in store.posts(HOME)] == [second.id, first.id]


async def test_a_like_is_shown_at_once_and_confirmed_with_the_platforms_count(
    here: World, gate: tuple[Writes, Gate]
) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    post = await share(ann, "look")
    writes, platform = gate
    store = FeedStore(ben.client, writes, ben.session.me)
    await store.load(EXPLORE)
    work = asyncio.create_task(store.like(post.id, True))
    endpoint, answer = await platform.asked.get()
    assert liked(store, post.id) == (True, 1)
    assert endpoint is endpoints.LIKE
    answer.set_result(LikeState(liked=True, like_count=41))
    await work
    assert liked(store, post.id) == (True, 41)


async def test_a_refused_like_is_taken_back(here: World, gate: tuple[Writes, Gate]) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    post = await share(ann, "look")
    writes, platform = gate
    store = FeedStore(ben.client, writes, ben.session.me)
    await store.load(EXPLORE)
    work = asyncio.create_task(store.like(post.id, True))
    _endpoint, answer = await platform.asked.get()
    answer.set_exception(REFUSED)
    with pytest.raises(Forbidden):
        await work
    assert liked(store, post.id) == (False, 0)


async def test_of_two_likes_in_a_row_the_last_one_is_shown_whatever_becomes_of_the_first(
    here: World, gate: tuple[Writes, Gate]
) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    post = await share(ann, "look")
    writes, platform = gate
    store = FeedStore(ben.client, writes, ben.session.me)
    await store.load(EXPLORE)
    first = asyncio.create_task(store.like(post.id, True))
    second = asyncio.create_task(store.like(post.id, False))
    _, like = await platform.asked.get()
    await until(lambda: liked(store, post.id) == (False, 0), store)  # type: ignore[arg-type]
    like.set_result(LikeState(liked=True, like_count=1))
    await first
    assert liked(store, post.id) == (False, 0)
    _, unlike = await platform.asked.get()
    unlike.set_result(LikeState(liked=False, like_count=0))
    await second
    assert liked(store, post.id) == (False, 0)


async def test_a_like_goes_on_when_the_screen_that_asked_for_it_is_gone(here: World, gate: tuple[Writes, Gate]) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    post = await share(ann, "look")
    writes, platform = gate
    store = FeedStore(ben.client, writes, ben.session.me)
    await store.load(EXPLORE)
    work = asyncio.create_task(store.like(post.id, True))
    _endpoint, answer = await platform.asked.get()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    answer.set_result(LikeState(liked=True, like_count=7))
    await until(lambda: liked(store, post.id) == (True, 7), store)  # type: ignore[arg-type]


async def test_saving_puts_a_post_into_the_saved_ones(here: World) -> None:
    ann = await here.account("ann")
    post = await share(ann, "keep")
    store = ann.session.feed
    await store.load(SAVED)
    await store.load(HOME)
    await store.save(post.id, True)
    assert [found.id for found in store.posts(SAVED)] == [post.id]
    await store.save(post.id, False)
    await store.load(SAVED)
    assert store.posts(SAVED) == []


async def test_a_deleted_post_is_gone_from_every_list_and_back_when_that_is_refused(
    here: World, gate: tuple[Writes, Gate]
) -> None:
    ann = await here.account("ann")
    post = await share(ann, "oops")
    writes, platform = gate
    store = FeedStore(ann.client, writes, ann.session.me)
    await store.load(HOME)
    await store.load(user_key("ann"))
    work = asyncio.create_task(store.delete(post.id))
    _endpoint, answer = await platform.asked.get()
    assert store.posts(HOME) == store.posts(user_key("Ann")) == []
    answer.set_exception(REFUSED)
    with pytest.raises(Forbidden):
        await work
    assert [found.id for found in store.posts(HOME)] == [post.id]
    await ann.session.feed.load(HOME)
    await ann.session.feed.delete(post.id)
    with pytest.raises(NotFound):
        await ann.client.feed.post(post.id)


def picture(size: tuple[int, int]) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, "teal").save(data, "PNG")
    return data.getvalue()


async def test_files_are_brought_and_published_in_order_and_the_post_stands_on_top(here: World) -> None:
    ann = await here.account("ann")
    store = ann.session.feed
    await store.load(HOME)
    files, heard = [], []
    for number, size in enumerate(((40, 30), (30, 40))):
        data = picture(size)
        upload_id = await store.upload(data, "a.png", "image/png", lambda *sent: heard.append(sent))
        files.append(Outgoing(data, "image/png", f"picture {number}", upload_id))
    post_id = await store.publish("two", files=files)
    await until(lambda: store.posts(HOME) != [] and store.words_for(post_id) is None, store)  # type: ignore[arg-type]
    (post,) = store.posts(HOME)
    assert isinstance(post, PhotoPost)
    assert post.id == post_id
    assert [(medium.width, medium.alt) for medium in post.media] == [(40, "picture 0"), (30, "picture 1")]
    assert heard
    assert all(sent == total for sent, total in heard)
    assert [found.id for found in await ann.client.feed.page()] == [post_id]


async def test_a_refused_post_stays_in_the_outbox_and_on_the_screen_until_it_is_discarded(here: World) -> None:
    ann = await here.account("ann")
    store, outbox = ann.session.feed, ann.session.outbox
    await store.load(HOME)
    post_id = await store.publish("lost", files=[Outgoing(b"", "image/png", None, "nothing")])
    await until(lambda: str(store.words_for(post_id)).startswith("not posted: "), store)  # type: ignore[arg-type]
    assert [post.id for post in store.posts(HOME)] == [post_id]
    (refused,) = outbox.attention
    assert await outbox.discard(refused.id)
    await until(lambda: store.posts(HOME) == [], store)  # type: ignore[arg-type]
    assert store.words_for(post_id) is None


async def test_a_change_elsewhere_is_fetched_and_a_post_that_is_gone_leaves_the_list(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    post, gone = await share(ann, "look"), await share(ann, "short")
    store = ben.session.feed
    await store.load(EXPLORE)
    for post_id in (gone.id, post.id):
        ben.session.realtime.subscribe(f"posts:{post_id}")
    await ann.client.feed.like(post.id)
    # The platform takes frames in order: once the second record is followed, so is the first.
    await until(lambda: liked(store, post.id) == (False, 1), store)  # type: ignore[arg-type]
    await ann.client.feed.delete(gone.id)
    await until(lambda: len(store.posts(EXPLORE)) == 1, store)  # type: ignore[arg-type]
    assert [found.id for found in store.posts(EXPLORE)] == [post.id]


async def test_after_the_socket_was_away_everything_that_is_shown_is_fetched_again(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    posts = [await share(ann, f"number {number}") for number in range(25)]
    store, live = ben.session.feed, ben.session.live
    await store.load(EXPLORE)
    await store.load_more(EXPLORE)
    first, last, gone = posts[-1], posts[0], posts[1]
    await ben.session.realtime.stop()
    live.follow("a screen", [f"posts:{post.id}" for post in (first, last, gone)])
    for post in (first, last):
        await ann.client.feed.like(post.id)
    await ann.client.feed.delete(gone.id)
    newest = await share(ann, "newest")
    store.on_gap()
    live.on_gap()
    await until(lambda: liked(store, first.id) == liked(store, last.id) == (False, 1), store)  # type: ignore[arg-type]
    await until(lambda: len(store.posts(EXPLORE)) == 24, store)  # type: ignore[arg-type]
    await until(lambda: store.list_of(EXPLORE).news == 1, store)  # type: ignore[arg-type]
    store.show_new(EXPLORE)
    assert newest.id in {post.id for post in store.posts(EXPLORE)}


async def test_an_answer_that_comes_too_late_does_not_bring_an_old_list_back(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await here.account("ann")
    await share(ann, "first")
    store = FeedStore(ann.client, ann.session.writes, ann.session.me)
    early = await ann.client.feed.page()
    held, page = asyncio.Event(), ann.client.feed.page

    async def late(*_: object, **__: object) -> object:
        monkeypatch.setattr(ann.client.feed, "page", page)
        await held.wait()
        return early

    monkeypatch.setattr(ann.client.feed, "page", late)
    first = asyncio.create_task(store.load(HOME))
    await asyncio.sleep(0)
    second = await share(ann, "second")
    await store.load(HOME)
    held.set()
    await first
    assert store.posts(HOME)[0].id == second.id


async def test_following_shows_at_once_and_asks_where_the_account_is_private(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    people = ben.session.people
    await people.profile("ann")
    state = await people.follow("ann", True)
    assert (state.following, state.pending) == (True, False)
    profile = people.known("ANN")
    assert profile is not None
    assert profile.is_following
    assert profile.follower_count == 1
    await people.follow("ann", False)
    await ann.session.people.change_own(ProfileChange(is_private=True))
    await ann.session.outbox.drained(5)
    await people.profile("ann")
    assert (await people.follow("ann", True)).pending
    profile = people.known("ann")
    assert profile is not None
    assert profile.follow_requested
    assert not profile.is_following
    await ann.session.people.load_requests()
    await ann.session.people.answer(ann.session.people.requests[0], True)
    assert ann.session.people.requests == []
    assert (await people.profile("ann")).is_following


async def test_a_refused_follow_is_taken_back(here: World, gate: tuple[Writes, Gate]) -> None:
    await here.account("ann")
    ben = await here.account("ben")
    writes, platform = gate
    people = PeopleStore(ben.client, writes, ben.session.me)
    await people.profile("ann")
    work = asyncio.create_task(people.follow("ann", True))
    _endpoint, answer = await platform.asked.get()
    shown = people.known("ann")
    assert shown is not None
    assert (shown.is_following, shown.follower_count) == (True, 1)
    answer.set_exception(REFUSED)
    with pytest.raises(Forbidden):
        await work
    shown = people.known("ann")
    assert shown is not None
    assert (shown.is_following, shown.follower_count) == (False, 0)


async def test_the_own_profile_is_changed_and_shown_changed(here: World) -> None:
    ann = await here.account("ann")
    people = ann.session.people
    await people.profile("ann")
    await people.change_own(ProfileChange(bio="trains"))
    await ann.session.outbox.drained(5)
    shown = people.known("ann")
    assert shown is not None
    assert shown.bio == "trains"
    assert (await ann.client.users.profile("ann")).bio == "trains"
