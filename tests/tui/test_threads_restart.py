"""What was joined, judged, saved, posted and deleted without the platform: there after a restart, and then sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from api_client.errors import PlatformError
from api_client.models.posts import NewThreadPost, ThreadPost
from api_client.models.realtime import Updates, VersionNotice
from api_client.models.records import RecordPointer, RecordSet
from api_client.models.threads import NewSubreddit, PostSort
from api_client.realtime import Realtime
from api_client.sync.receipts import Status
from tests.shared_platform import SharedPlatform
from tests.tui.restart_world import Machine, Program, machine, until
from tui.state import threads as module
from tui.state.live_records import LiveRecords
from tui.state.threads import Listing

CATS = Listing("cats", PostSort.NEW)


async def posts(at: Machine, number: int = 2) -> list[ThreadPost]:
    """Return posts of a community, which the program on the machine has seen, oldest first."""
    await at.client.threads.found(NewSubreddit(name="cats"))
    made = [await at.client.feed.create(NewThreadPost(subreddit="cats", title=f"post {n}")) for n in range(number)]
    program = await at.start()
    await program.threads.load_subreddits()
    program.threads.show(CATS)
    await program.threads.load(CATS)
    return [post for post in made if isinstance(post, ThreadPost)]


async def offline(at: Machine) -> Program:
    """Start the program anew with the platform out of reach, and open the list."""
    at.client.offline = True
    program = await at.start()
    program.threads.recall_subreddits()
    program.threads.show(CATS)
    return program


def titles(program: Program) -> list[str]:
    return [post.title for post in program.threads.posts(CATS)]


async def test_votes_and_saves_show_again_and_are_sent(platform: SharedPlatform, tmp_path: Path) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        first, second = await posts(at)
        program = await offline(at)
        program.do(program.threads.vote(first, -1))
        program.do(program.threads.vote(second, 1))
        program.do(program.threads.vote(second, 0))
        program.do(program.threads.save(second, True))

        def shown(now: Program) -> list[tuple[int, int, bool]]:
            return [(p.score, p.my_vote, p.is_saved_by_me) for p in now.threads.posts(CATS)]

        wanted = [(0, 0, True), (-1, -1, False)]
        await until(lambda: shown(program) == wanted, program.threads)
        program = await offline(at)
        assert shown(program) == wanted
        at.client.offline = False
        await program.settled()
        assert shown(program) == wanted
        there = (await at.client.threads.page("cats", sort=PostSort.NEW)).items
        assert [(p.score, p.my_vote, p.is_saved_by_me) for p in there] == wanted
        program = await offline(at)
        assert shown(program) == wanted


async def test_joining_and_founding_show_again_and_are_sent(platform: SharedPlatform, tmp_path: Path) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at, machine(platform, "ben", tmp_path) as other:
        await other.client.threads.found(NewSubreddit(name="dogs"))
        await posts(at)
        program = await offline(at)
        (dogs,) = program.threads.others
        program.do(program.threads.join(dogs, True))
        program.do(program.threads.found(NewSubreddit(name="birds")))
        await until(lambda: len(program.threads.mine) == 3, program.threads)
        program = await offline(at)
        assert [(s.name, s.subscriber_count) for s in program.threads.mine] == [("birds", 1), ("cats", 1), ("dogs", 2)]
        assert program.threads.others == []
        at.client.offline = False
        await program.settled()
        assert [s.name for s in program.threads.mine] == ["birds", "cats", "dogs"]
        assert {s.name for s in await at.client.threads.mine()} == {"birds", "cats", "dogs"}


async def test_a_post_stands_in_its_list_is_judged_and_talked_about_before_it_is_sent(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        await posts(at, 1)
        program = await offline(at)
        program.do(program.threads.found(NewSubreddit(name="birds")))
        written = await program.threads.publish(NewThreadPost(subreddit="cats", title="mine"))
        about_birds = await program.threads.publish(NewThreadPost(subreddit="Birds", title="tweet"))
        program.do(program.threads.vote(written, 1))
        program.do(program.comments.reply(written.id, "first"))
        program.comments.show(written.id)
        await until(lambda: program.tree(written.id) == [(0, "first")], program.comments)
        program = await offline(at)
        program.comments.show(written.id)
        assert titles(program) == ["mine", "post 0"]
        assert program.tree(written.id) == [(0, "first")]
        unsent = program.threads.unsent(written.id)
        assert unsent is not None
        assert not unsent.refused
        shown = program.threads.post(written.id)
        assert shown is not None
        assert (shown.author_username, shown.my_vote) == ("ann", 1)

        at.client.offline = False
        await program.settled()
        assert titles(program) == ["mine", "post 0"]
        assert program.threads.unsent(written.id) is None
        there = await at.client.feed.post(written.id)
        assert isinstance(there, ThreadPost)
        assert (there.my_vote, there.comment_count) == (1, 1)
        tweet = await at.client.feed.post(about_birds.id)
        assert isinstance(tweet, ThreadPost)
        assert tweet.subreddit_name == "birds"


async def test_a_refused_post_stays_with_the_reason_over_a_restart_until_it_is_dropped(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        await posts(at, 1)
        program = await offline(at)
        program.threads.show(Listing("nowhere"))
        lost = await program.threads.publish(NewThreadPost(subreddit="nowhere", title="lost"))
        at.client.offline = False
        program.outbox.resume()
        await until(lambda: bool((u := program.threads.unsent(lost.id)) and u.refused), program.threads)
        program = await at.start()
        unsent = program.threads.unsent(lost.id)
        assert unsent is not None
        assert unsent.refused
        assert unsent.reason
        assert [p.id for p in program.threads.posts(Listing("nowhere"))] == [lost.id]
        await program.threads.delete(lost)
        assert program.threads.post(lost.id) is None
        assert not program.outbox.open


async def test_a_refusal_that_comes_at_once_is_raised_where_the_post_was_written(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        program = await at.start()
        wish = NewThreadPost(subreddit="nowhere", title="lost")
        with pytest.raises(PlatformError):
            await program.threads.publish(wish)
        (receipt,) = program.outbox.attention
        assert receipt.status is Status.ATTENTION
        assert await program.threads.withdraw(receipt.intent.body.id)
        assert not program.outbox.open


async def test_publishing_goes_on_behind_when_the_platform_takes_its_time(
    platform: SharedPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.empty()
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    async with machine(platform, "ann", tmp_path) as at:
        await posts(at, 0)
        program = at.program
        assert program is not None
        program.outbox.pause("busy")
        written = await program.threads.publish(NewThreadPost(subreddit="cats", title="mine"))
        assert titles(program) == ["mine"]
        assert program.threads.unsent(written.id) is not None


async def test_a_deleted_post_stays_hidden_over_restarts_and_answers_from_before(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        first, _ = await posts(at)
        program = await offline(at)
        program.do(program.threads.delete(first))
        await until(lambda: titles(program) == ["post 1"], program.threads)
        program = await offline(at)
        assert titles(program) == ["post 1"]
        at.client.offline = False
        await asyncio.gather(program.threads.load(CATS), program.settled())
        assert titles(program) == ["post 1"]
        program = await offline(at)
        assert titles(program) == ["post 1"]
        assert program.threads.recall(first.id) is None


async def test_a_deletion_that_is_taken_back_within_its_time_shows_the_post_again(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        first, _ = await posts(at)
        program = at.program
        assert program is not None
        program.outbox.pause("You are working offline.")
        program.do(program.threads.delete(first))
        await until(lambda: titles(program) == ["post 1"], program.threads)
        assert await program.outbox.undo() == "delete a post"
        await until(lambda: titles(program) == ["post 1", "post 0"], program.threads)
        assert not program.outbox.open


async def test_a_vote_that_was_sent_is_undone_by_the_vote_before(platform: SharedPlatform, tmp_path: Path) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        first, _ = await posts(at)
        program = at.program
        assert program is not None
        await program.threads.vote(first, 1)
        voted = program.threads.post(first.id)
        assert voted is not None
        await program.threads.vote(voted, -1)
        assert await program.outbox.undo() == "vote on a post"
        for receipt in program.outbox.open:
            program.writes.follow(receipt)
        await until(lambda: bool((p := program.threads.post(first.id)) and p.my_vote == 1), program.threads)
        await program.settled()
        there = await at.client.feed.post(first.id)
        assert isinstance(there, ThreadPost)
        assert there.my_vote == 1


async def test_a_list_opens_from_this_machine_and_says_how_old_it_is(platform: SharedPlatform, tmp_path: Path) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        await posts(at)
        program = await offline(at)
        assert titles(program) == ["post 1", "post 0"]
        assert [s.name for s in program.threads.mine] == ["cats"]
        assert program.threads.freshness(CATS).stale_since is None
        with pytest.raises(PlatformError):
            await program.threads.load(CATS)
        assert program.threads.freshness(CATS).stale_since is not None
        assert titles(program) == ["post 1", "post 0"]
        at.client.offline = False
        program.threads.on_gap()
        await until(lambda: program.threads.freshness(CATS).stale_since is None, program.threads)


async def test_a_list_of_several_pages_is_fetched_again_as_far_as_it_was_read(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        await posts(at, 45)
        program = at.program
        assert program is not None
        await program.threads.load_more(CATS)
        sizes: list[int] = []
        threads = program.threads
        threads.subscribe(lambda _: sizes.append(len(threads.posts(CATS))))
        program = await at.start()
        program.threads.show(CATS)
        assert len(program.threads.posts(CATS)) == 40
        await program.threads.load(CATS)
        assert set(sizes) <= {40}
        assert titles(program) == [f"post {n}" for n in reversed(range(5, 45))]
        await program.threads.load_more(CATS)
        assert len(titles(program)) == 45


async def test_many_notices_of_one_post_are_one_fetch_and_old_answers_change_nothing(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        first, _ = await posts(at)
        program = at.program
        assert program is not None
        await at.client.threads.vote(first.id, 1)
        live = LiveRecords(at.client, Realtime(at.client, on_event=lambda _: None, on_gap=lambda: None))
        program.threads.put_on_shelf(live)
        asked: list[str] = []
        fetch = at.client.records.fetch

        async def counted(pointers: Iterable[RecordPointer]) -> RecordSet:
            wanted = list(pointers)
            asked.extend(pointer.key for pointer in wanted)
            return await fetch(wanted)

        at.client.records.fetch = counted  # type: ignore[method-assign]
        notice = Updates(updates=[VersionNotice(key=f"posts:{first.id}", version=first.version + 1)])
        for _ in range(20):
            live.on_event(notice)
        await until(lambda: bool((p := program.threads.post(first.id)) and p.score == 1), program.threads)
        program.threads.take(first)
        live.on_event(notice)
        kept = program.threads.post(first.id)
        assert kept is not None
        assert kept.score == 1
        assert asked == [f"posts:{first.id}"]
        await live.close()
