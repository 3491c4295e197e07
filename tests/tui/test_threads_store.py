"""The store of subreddits and posts against a real platform."""

from __future__ import annotations

import asyncio

import pytest

from api_client.errors import PlatformError
from api_client.models.posts import NewThreadPost
from api_client.models.realtime import Updates
from api_client.models.threads import NewSubreddit, PostSort, TopWindow
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import until, world
from tui.state.threads import Listing, ThreadsChange, ThreadsPart


async def test_lists_hold_each_post_once_over_all_pages_and_votes_show_in_all_of_them(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        await ann.community("cats")
        for number in range(25):
            await ann.post("cats", f"title {number}")
        newest = Listing("cats", PostSort.NEW)
        best_of_all = Listing("cats", PostSort.TOP, TopWindow.ALL)
        await ann.threads.load(newest)
        assert len(ann.threads.posts(newest)) == 20
        assert ann.threads.has_more(newest)
        await ann.threads.load_more(newest)
        await ann.threads.load(best_of_all)
        assert [post.title for post in ann.threads.posts(newest)] == [f"title {n}" for n in reversed(range(25))]
        first = ann.threads.posts(newest)[0]
        await ann.threads.vote(first, -1)
        both = [ann.threads.post(first.id), next((p for p in ann.threads.posts(newest) if p.id == first.id), None)]
        assert [(p.score, p.my_vote, p.downvotes) for p in both if p] == [(-1, -1, 1)] * 2


async def test_a_vote_shows_at_once_and_is_taken_back_when_it_is_refused(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, ben = await place.account("ann"), await place.account("ben")
        await ann.community("cats")
        post = await ann.post("cats", "soon gone")
        ben.threads.take(post)
        await ann.client.feed.delete(post.id)
        seen: list[tuple[int, int]] = []

        def look(change: ThreadsChange) -> None:
            if (shown := ben.threads.post(post.id)) is not None:
                seen.append((shown.score, shown.my_vote))

        ben.threads.subscribe(look)
        with pytest.raises(PlatformError):
            await ben.threads.vote(post, 1)
        assert seen[0] == (post.score + 1, 1)
        assert seen[-1] == (post.score, 0)
        assert not ben.session.outbox.open


async def test_of_quick_votes_the_last_one_counts(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, ben = await place.account("ann"), await place.account("ben")
        await ann.community("cats")
        post = await ann.post("cats", "judge me")
        ben.threads.take(post)
        await asyncio.gather(ben.threads.vote(post, 1), ben.threads.vote(post, 0), ben.threads.vote(post, -1))
        shown = ben.threads.post(post.id)
        assert shown is not None
        assert shown.my_vote == -1
        assert (await ben.client.feed.post(post.id)).my_vote == -1  # type: ignore[union-attr]


async def test_joining_moves_a_subreddit_to_ones_own_and_an_owner_cannot_leave(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, ben = await place.account("ann"), await place.account("ben")
        founded = await ann.threads.found(NewSubreddit(name="Cats"))
        await ben.threads.load_subreddits()
        assert [sub.name for sub in ben.threads.others] == ["Cats"]
        await ben.threads.join(ben.threads.others[0], True)
        assert [sub.name for sub in ben.threads.mine] == ["Cats"]
        assert ben.threads.others == []
        members = ben.threads.subreddit("cats")
        assert members is not None
        assert members.subscriber_count == 2
        with pytest.raises(PlatformError):
            await ann.threads.join(founded, False)
        assert [sub.name for sub in ann.threads.mine] == ["Cats"]


async def test_saving_publishing_and_deleting(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        await ann.community("cats")
        listing = Listing("cats", PostSort.NEW)
        await ann.threads.load(listing)
        post = await ann.threads.publish(NewThreadPost(subreddit="cats", title="hello"))
        assert [p.title for p in ann.threads.posts(listing)] == ["hello"]
        await ann.threads.save(post, True)
        assert [p.id for p in (await ann.client.feed.saved()).items] == [post.id]
        await ann.threads.delete(post)
        assert ann.threads.posts(listing) == []
        assert ann.threads.post(post.id) is None


async def test_a_post_that_may_not_be_deleted_comes_back(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, ben = await place.account("ann"), await place.account("ben")
        await ann.community("cats")
        post = await ann.post("cats", "mine")
        listing = Listing("cats")
        await ben.threads.load(listing)
        with pytest.raises(PlatformError):
            await ben.threads.delete(post)
        assert [p.id for p in ben.threads.posts(listing)] == [post.id]


async def test_notices_of_the_socket_bring_new_counts_and_say_that_there_is_news(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, ben = await place.account("ann"), await place.account("ben")
        await ann.community("cats")
        post = await ann.post("cats", "watched")
        ben.threads.take(post)
        ben.session.realtime.subscribe(f"posts:{post.id}")
        news: list[ThreadsChange] = []
        ben.threads.subscribe(news.append)
        await ann.threads.vote(post, 1)
        current = await ann.client.feed.post(post.id)
        ben.threads.on_event(
            Updates.model_validate({"updates": [{"key": f"posts:{post.id}", "version": current.version}]})
        )
        await until(lambda: (p := ben.threads.post(post.id)) is not None and p.score == 1, ben.threads)
        told = ThreadsChange(ThreadsPart.NEWS, "cats")
        for version, counts in ((9, False), (9, False), (10, True)):
            ben.threads.on_event(Updates.model_validate({"updates": [{"key": "r:cats", "version": version}]}))
            assert (told in news) is counts


async def test_a_list_that_cannot_be_fetched_again_stays(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        await ann.community("cats")
        await ann.post("cats", "still here")
        listing = Listing("cats")
        await ann.threads.load(listing)
        with pytest.raises(PlatformError):
            await ann.threads.load(Listing("nowhere"))
        assert not ann.threads.is_loaded(Listing("nowhere"))
        assert [p.title for p in ann.threads.posts(listing)] == ["still here"]
