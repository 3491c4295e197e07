"""What was written, judged and deleted in a thread without the platform: there after a restart, and then sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api_client.models.posts import Comment, NewThreadPost, ThreadPost
from api_client.models.threads import CommentSort, NewSubreddit
from api_client.sync.receipts import Status
from tests.shared_platform import SharedPlatform
from tests.tui.restart_world import Machine, Program, machine, until
from tui.state import comment_shelf


async def thread(at: Machine, roots: int = 2) -> tuple[str, list[Comment]]:
    """Return a post and its comments, which the program on the machine has seen, oldest first."""
    await at.client.threads.found(NewSubreddit(name="cats"))
    post = await at.client.feed.create(NewThreadPost(subreddit="cats", title="talk"))
    assert isinstance(post, ThreadPost)
    comments = [await at.client.comments.create(post.id, f"root {n}") for n in range(roots)]
    program = await at.start()
    await program.comments.load(post.id, CommentSort.NEW)
    program.comments.show(post.id)
    return post.id, comments


async def offline(at: Machine) -> Program:
    """Start the program anew with the platform out of reach."""
    at.client.offline = True
    return await at.start()


async def test_comments_and_answers_to_them_stay_in_their_places_until_they_are_sent_in_order(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        post_id, roots = await thread(at)
        program = await offline(at)
        program.comments.show(post_id)
        assert program.tree(post_id) == [(0, "root 1"), (0, "root 0")]
        program.do(program.comments.reply(post_id, "mine", roots[1].id))
        await until(lambda: program.entry(post_id, "mine") is not None, program.comments)
        first = program.entry(post_id, "mine")
        assert first is not None
        program.do(program.comments.reply(post_id, "and mine", first.comment.id))
        await until(lambda: program.entry(post_id, "and mine") is not None, program.comments)
        expected = [(0, "root 1"), (1, "mine"), (2, "and mine"), (0, "root 0")]
        assert program.tree(post_id) == expected

        program = await offline(at)
        program.comments.show(post_id)
        assert program.tree(post_id) == expected
        await until(lambda: (e := program.entry(post_id, "mine")) is not None and bool(e.reason), program.comments)
        again = program.entry(post_id, "mine")
        assert again is not None
        assert again.sending
        assert not again.refused
        assert (again.key, again.comment.author_username) == (first.key, "ann")

        at.client.offline = False
        await program.settled()
        assert program.tree(post_id) == expected
        assert not any(getattr(e, "sending", False) for e in program.comments.entries(post_id))
        there = await at.client.comments.page(post_id, sort=CommentSort.NEW)
        assert [(c.depth, c.body) for c in there] == expected
        assert there.items[1].id == first.comment.id


async def test_judgements_of_comments_also_of_unsent_ones_show_again_and_are_sent(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        post_id, roots = await thread(at)
        program = await offline(at)
        program.comments.show(post_id)
        program.do(program.comments.reply(post_id, "mine"))
        await until(lambda: program.entry(post_id, "mine") is not None, program.comments)
        unsent = program.entry(post_id, "mine")
        assert unsent is not None
        program.do(program.comments.vote(roots[0], -1))
        program.do(program.comments.like(roots[1], True))
        program.do(program.comments.like(unsent.comment, True))

        def shown(now: Program) -> list[tuple[int, int, bool]]:
            found = [now.comments.comment(post_id, c.id) for c in (*roots, unsent.comment)]
            return [(c.my_vote, c.like_count, c.is_liked_by_me) for c in found if c]

        wanted = [(-1, 0, False), (0, 1, True), (0, 1, True)]
        await until(lambda: shown(program) == wanted, program.comments)
        program = await offline(at)
        program.comments.show(post_id)
        assert shown(program) == wanted
        at.client.offline = False
        await program.settled()
        assert shown(program) == wanted
        there = {c.id: c for c in await at.client.comments.page(post_id)}
        assert [
            (c.my_vote, c.like_count, c.is_liked_by_me)
            for c in map(there.get, [*(r.id for r in roots), unsent.comment.id])
            if c
        ] == wanted


async def test_a_deleted_comment_stays_hidden_over_restarts_and_answers_from_before(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        post_id, roots = await thread(at)
        program = await offline(at)
        program.comments.show(post_id)
        program.do(program.comments.delete(roots[0]))
        await until(lambda: program.entry(post_id, "root 0") is None, program.comments)
        program = await offline(at)
        program.comments.show(post_id)
        assert program.tree(post_id) == [(0, "root 1"), (0, "[deleted]")]
        at.client.offline = False
        before = program.comments.load(post_id)
        await asyncio.gather(before, program.settled())
        assert program.tree(post_id) == [(0, "root 1")]
        program = await offline(at)
        program.comments.show(post_id)
        assert program.tree(post_id) == [(0, "root 1")]


async def test_an_unsent_comment_that_is_deleted_was_never_there(platform: SharedPlatform, tmp_path: Path) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        post_id, _ = await thread(at, 1)
        at.client.offline = True
        program = at.program
        assert program is not None
        program.outbox.pause("You are working offline.")
        program.do(program.comments.reply(post_id, "a slip"))
        await until(lambda: program.entry(post_id, "a slip") is not None, program.comments)
        slip = program.entry(post_id, "a slip")
        assert slip is not None
        await program.comments.delete(slip.comment)
        assert program.tree(post_id) == [(0, "root 0")]
        assert not program.outbox.open


async def test_a_refused_comment_is_there_after_a_restart_with_the_reason_and_can_be_dropped(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at:
        post_id, roots = await thread(at)
        program = await offline(at)
        program.comments.show(post_id)
        program.do(program.comments.reply(post_id, "too late", roots[0].id))
        await until(lambda: program.entry(post_id, "too late") is not None, program.comments)
        at.client.offline = False
        await at.client.comments.delete(roots[0].id)
        program.outbox.resume()
        await until(lambda: bool((e := program.entry(post_id, "too late")) and e.refused), program.comments)
        told = program.entry(post_id, "too late")

        program = await at.start()
        program.comments.show(post_id)
        entry = program.entry(post_id, "too late")
        assert entry is not None
        assert told is not None
        assert (entry.refused, entry.reason, entry.depth) == (True, told.reason, 1)
        receipt = program.comments.unsent(entry.comment.id)
        assert receipt is not None
        assert receipt.status is Status.ATTENTION
        program.outbox.retry(receipt.id)
        # Refused once more it looks as before: the comments may have nothing to tell.
        again = (program.comments, program.outbox)
        await until(lambda: receipt.status is Status.ATTENTION and receipt.attempts > 1, *again)
        assert await program.comments.amend(entry.comment.id, "too late again")
        await until(lambda: bool((e := program.entry(post_id, "too late again")) and e.refused), program.comments)
        await program.comments.delete(entry.comment)
        await program.comments.load(post_id)
        assert program.tree(post_id) == [(0, "root 1")]
        assert not program.outbox.open


async def test_a_thread_opens_from_this_machine_says_how_old_it_is_and_what_is_new_since(
    platform: SharedPlatform, tmp_path: Path
) -> None:
    await platform.empty()
    async with machine(platform, "ann", tmp_path) as at, machine(platform, "ben", tmp_path) as other:
        post_id, roots = await thread(at)
        assert at.program is not None
        at.program.comments.hide(post_id)
        program = await offline(at)
        program.comments.show(post_id)
        assert program.comments.sort(post_id) is CommentSort.NEW
        assert program.comments.freshness(post_id).stale_since is None
        (failed,) = await asyncio.gather(program.comments.load(post_id), return_exceptions=True)
        assert isinstance(failed, Exception)
        assert program.comments.freshness(post_id).stale_since is not None
        assert program.tree(post_id) == [(0, "root 1"), (0, "root 0")]

        at.client.offline = False
        await other.client.comments.create(post_id, "news", parent_id=roots[0].id)
        program.comments.on_gap()
        await until(lambda: program.entry(post_id, "news") is not None, program.comments)
        assert program.comments.freshness(post_id).stale_since is None
        assert program.comments.fresh_count(post_id) == 1
        program = await at.start()
        program.comments.show(post_id)
        await program.comments.load(post_id)
        assert program.comments.fresh_count(post_id) == 1
        program.comments.hide(post_id)
        program = await at.start()
        program.comments.show(post_id)
        assert program.comments.fresh_count(post_id) == 0


async def test_a_large_thread_comes_from_this_machine_in_pieces_in_its_order(
    platform: SharedPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.empty()
    monkeypatch.setattr(comment_shelf, "FIRST_PIECE", 7)
    monkeypatch.setattr(comment_shelf, "PIECE", 9)
    async with machine(platform, "ann", tmp_path) as at:
        post_id, _ = await thread(at, 30)
        program = await offline(at)
        program.comments.show(post_id)
        assert len(program.tree(post_id)) == 7
        await until(lambda: len(program.tree(post_id)) == 30, program.comments)
        assert program.tree(post_id) == [(0, f"root {n}") for n in reversed(range(30))]
