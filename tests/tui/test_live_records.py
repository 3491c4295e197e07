"""Notices of newer records: one fetch for many, whatever they are of; each to its store, and never back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from api_client.errors import ApiError, BadReply, ErrorCode, api_error
from api_client.models.chat import ConversationChange, NewConversation
from api_client.models.music import NewPlaylist, PlaylistChange
from api_client.models.posts import NewPhotoPost, PhotoPost
from api_client.models.realtime import SocketError, Updates, VersionNotice
from api_client.models.records import RecordPointer, RecordSet
from api_client.models.users import ProfileChange
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import Account, World, until, world
from tui.state.feed import HOME
from tui.state.live_records import LiveRecords


@pytest.fixture
async def here(platform: SharedPlatform) -> AsyncIterator[World]:
    async with world(platform) as found:
        yield found


class Counted:
    """Stands before `records.fetch`: notes what is asked for, and answers as it is told, or as the platform does."""

    def __init__(self, account: Account) -> None:
        self.asked: list[list[str]] = []
        self.answers: Iterator[Any] = iter(())
        self._fetch = account.client.records.fetch
        account.client.records.fetch = self  # type: ignore[method-assign]

    async def __call__(self, pointers: Iterable[RecordPointer]) -> RecordSet:
        wanted = list(pointers)
        self.asked.append(sorted(pointer.key for pointer in wanted))
        answer = next(self.answers, None)
        if isinstance(answer, Exception):
            raise answer
        found = await self._fetch(wanted)
        return answer(found) if callable(answer) else found


async def photo(account: Account, caption: str) -> PhotoPost:
    wish = NewPhotoPost(caption=caption, media_urls=["https://pictures.example/one.jpg"])
    post = await account.client.feed.create(wish)
    assert isinstance(post, PhotoPost)
    return post


def told(live: LiveRecords, *keys: str, version: int = 1_000) -> None:
    live.on_event(Updates(updates=[VersionNotice(key=key, version=version) for key in keys]))


def caption_of(account: Account, post: PhotoPost) -> tuple[int, int] | None:
    known = account.session.feed.post(post.id)
    return None if not isinstance(known, PhotoPost) else (known.version, known.like_count)


async def test_records_of_all_kinds_come_in_one_fetch_each_to_its_store(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await ann.session.realtime.stop()
    session = ann.session
    await ben.community("cats")
    thread, picture = await ben.post("cats", "Mine"), await photo(ben, "look")
    playlist = await ben.client.playlists.create(NewPlaylist(name="Mix"))
    chat = await ben.client.chat.create(NewConversation(type="group", name="Us", member_ids=[session.me.id]))
    await session.feed.fetch(picture.id)
    await session.threads.load_subreddit("cats")
    session.threads.take(thread)
    await session.music.playlists.load(playlist.id)
    await session.people.profile("ben")
    await session.chat.load()

    await ann.client.feed.like(picture.id)
    await ben.client.threads.vote(thread.id, 0)
    await ben.client.playlists.change(playlist.id, PlaylistChange(name="Night"))
    await ben.client.chat.change(chat.id, ConversationChange(name="All of us"))
    await ben.client.users.change(ProfileChange(bio="here"))
    keys = [f"posts:{picture.id}", f"posts:{thread.id}", f"playlists:{playlist.id}"]
    keys += [f"conversations:{chat.id}", "users:ben", "r:cats"]
    counted = Counted(ann)
    told(session.live, *keys, "posts:unknown", "songs:unknown", "elsewhere:1", "nothing")
    await session.live.settled()

    assert counted.asked == [sorted(keys)]
    assert caption_of(ann, picture) == (picture.version + 1, 1)
    assert (found := session.threads.post(thread.id)) is not None
    assert found.score == 0
    assert (mix := session.music.playlists.get(playlist.id)) is not None
    assert mix.name == "Night"
    assert (us := session.chat.conversation(chat.id)) is not None
    assert us.name == "All of us"
    assert (profile := session.people.known("ben")) is not None
    assert profile.bio == "here"
    kept = session.cache.record(f"posts:{picture.id}", PhotoPost)
    assert kept is not None
    assert kept.like_count == 1


async def test_after_a_gap_all_that_is_followed_comes_in_one_fetch_and_what_is_gone_goes(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    posts = [await photo(ben, str(number)) for number in range(4)]
    session = ann.session
    for post in posts:
        await session.feed.fetch(post.id)
    await ann.session.realtime.stop()
    session.live.follow("screen", [f"posts:{post.id}" for post in posts[:3]])
    await ann.client.feed.like(posts[0].id)
    await ben.client.feed.delete(posts[1].id)
    await ann.client.feed.like(posts[3].id)
    counted = Counted(ann)
    session.live.on_gap()
    await session.live.settled()
    assert counted.asked == [sorted(f"posts:{post.id}" for post in posts[:3])]
    assert [caption_of(ann, post) for post in posts] == [(2, 1), (1, 0), (1, 0), (1, 0)]
    assert session.cache.record(f"posts:{posts[1].id}", PhotoPost) is None
    session.live.follow("screen", ())
    session.live.on_gap()
    assert len(counted.asked) == 1


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_platform_that_does_not_know_the_call_is_asked_for_each_record_and_not_asked_again(
    here: World, status: int
) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await ann.session.realtime.stop()
    posts = [await photo(ben, str(number)) for number in range(3)]
    for post in posts:
        await ann.session.feed.fetch(post.id)
        await ann.client.feed.like(post.id)
    await ben.client.feed.delete(posts[2].id)
    counted = Counted(ann)
    counted.answers = iter([ApiError("No such thing.", code="NOT_IMPLEMENTED", status=status)])
    for _ in range(2):
        told(ann.session.live, *(f"posts:{post.id}" for post in posts))
        await ann.session.live.settled()
    assert len(counted.asked) == 1
    assert [caption_of(ann, post) for post in posts[:2]] == [(2, 1), (2, 1)]
    assert ann.session.cache.record(f"posts:{posts[2].id}", PhotoPost) is None


async def test_a_page_in_place_of_the_answer_is_no_reason_to_give_the_call_up(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await ann.session.realtime.stop()
    post = await photo(ben, "look")
    await ann.session.feed.fetch(post.id)
    await ann.client.feed.like(post.id)
    counted = Counted(ann)
    counted.answers = iter([BadReply("A page.")])
    for _ in range(2):
        told(ann.session.live, f"posts:{post.id}")
        await ann.session.live.settled()
    assert caption_of(ann, post) == (2, 1)
    assert len(counted.asked) == 2


async def test_what_came_to_nothing_is_asked_for_again_by_itself(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await ann.session.realtime.stop()
    post = await photo(ben, "look")
    await ann.session.feed.fetch(post.id)
    await ann.client.feed.like(post.id)
    counted = Counted(ann)
    counted.answers = iter([api_error(503, ErrorCode.UNAVAILABLE, "Being repaired.")] * 2)
    ann.session.live._jitter = lambda: 0.01
    told(ann.session.live, f"posts:{post.id}")
    await until(lambda: caption_of(ann, post) == (2, 1), ann.session.feed)  # type: ignore[arg-type]
    assert len(counted.asked) == 3


async def test_neither_an_older_record_nor_one_that_cannot_be_read_takes_the_place_of_what_is_known(
    here: World,
) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await ann.session.realtime.stop()
    posts = [await photo(ben, str(number)) for number in range(3)]
    old = await ann.client.records.fetch([RecordPointer(table="posts", id=posts[0].id)])
    for post in posts:
        await ann.client.feed.like(post.id)
    await ann.session.feed.fetch(posts[0].id)
    for post in posts[1:]:
        ann.session.feed._take([post], 1)

    def spoilt(found: RecordSet) -> RecordSet:
        table = {**found.record_map["posts"], **old.record_map["posts"], posts[1].id: {"id": 7, "media": "none"}}
        return RecordSet(record_map={"posts": table})

    counted = Counted(ann)
    counted.answers = iter([spoilt])
    told(ann.session.live, *(f"posts:{post.id}" for post in posts))
    await ann.session.live.settled()
    assert [caption_of(ann, post) for post in posts] == [(2, 1), (1, 0), (2, 1)]
    told(ann.session.live, *(f"posts:{post.id}" for post in posts))
    await ann.session.live.settled()
    assert [caption_of(ann, post) for post in posts] == [(2, 1)] * 3


async def test_new_posts_in_the_home_feed_are_told_by_the_platform(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await ann.client.users.follow("ben")
    feed = ann.session.feed
    await feed.load(HOME)
    looks: list[str] = []
    page = ann.client.feed.page

    async def counted(*arguments: Any, **more: Any) -> Any:
        looks.append("look")
        return await page(*arguments, **more)

    ann.client.feed.page = counted  # type: ignore[method-assign]
    feed.on_event(Updates(updates=[VersionNotice(key=feed.socket_key, version=0)]))
    assert feed.hears_of_new
    assert looks == [], "where things stand is no news"
    await photo(ben, "new")
    await until(lambda: feed.list_of(HOME).news == 1, feed)  # type: ignore[arg-type]
    assert feed.posts(HOME) == []
    feed.show_new(HOME)
    assert len(feed.posts(HOME)) == 1
    feed.on_event(SocketError(message="You may not follow this.", key=feed.socket_key))
    assert not feed.hears_of_new
