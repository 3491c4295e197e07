"""The store of comments against a real platform, and against other writers."""

from __future__ import annotations

import asyncio

import pytest

from api_client.errors import PlatformError
from api_client.models.posts import Comment
from api_client.models.realtime import Updates
from api_client.models.threads import CommentSort
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import Account, until, world
from tui.state import comment_threads as module
from tui.state.comment_entries import CommentEntry, MoreEntry
from tui.state.comments import CommentsChange, CommentsPart


def bodies(account: Account, post_id: str) -> list[str]:
    return [e.comment.body for e in account.comments.entries(post_id) if isinstance(e, CommentEntry)]


def written(account: Account, post_id: str, body: str) -> CommentEntry:
    found = (e for e in account.comments.entries(post_id) if isinstance(e, CommentEntry) and e.comment.body == body)
    return next(found)


async def thread(owner: Account, number: int = 3) -> tuple[str, list[Comment]]:
    await owner.community("cats")
    post = await owner.post("cats", "talk")
    return post.id, [await owner.client.comments.create(post.id, f"root {n}") for n in range(number)]


async def test_the_first_page_shows_at_once_and_the_others_are_appended(
    platform: SharedPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAGE", 2)
    monkeypatch.setattr(module, "PIECE", 3)
    async with world(platform) as place:
        ann = await place.account("ann")
        post_id, _ = await thread(ann, 7)
        changes: list[CommentsChange] = []
        sizes: list[int] = []
        ann.comments.subscribe(changes.append)
        ann.comments.subscribe(lambda _: sizes.append(len(ann.comments.entries(post_id))))
        await ann.comments.load(post_id, CommentSort.NEW)
        assert [change.part for change in changes] == [CommentsPart.ALL, CommentsPart.APPENDED, CommentsPart.APPENDED]
        assert sizes == [2, 5, 7]
        assert bodies(ann, post_id) == [f"root {n}" for n in reversed(range(7))]
        assert not ann.comments.has_rest(post_id)


async def test_a_reply_is_shown_while_it_is_sent_and_then_is_the_confirmed_one_in_its_place(
    platform: SharedPlatform,
) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        post_id, roots = await thread(ann)
        await ann.comments.load(post_id, CommentSort.TOP)
        seen: list[tuple[bool, str]] = []

        def look(_: CommentsChange) -> None:
            entries = [e for e in ann.comments.entries(post_id) if isinstance(e, CommentEntry)]
            seen.extend((e.sending, e.key) for e in entries if e.comment.body == "me too")

        ann.comments.subscribe(look)
        await ann.comments.reply(post_id, "me too", roots[1].id)
        assert [sending for sending, _ in seen][:: len(seen) - 1] == [True, False]
        assert sorted({sending for sending, _ in seen}) == [False, True]
        assert len({key for _, key in seen}) == 1
        entry = next(e for e in ann.comments.entries(post_id) if isinstance(e, CommentEntry) and e.key == seen[0][1])
        assert entry.depth == 1
        assert ann.comments.key_of(post_id, entry.comment.id) == entry.key


async def test_a_refused_reply_stays_in_its_place_with_the_reason_until_the_user_decides(
    platform: SharedPlatform,
) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        post_id, roots = await thread(ann)
        await ann.comments.load(post_id)
        await ann.client.comments.create(post_id, "answer", parent_id=roots[0].id)
        await ann.client.comments.delete(roots[0].id)
        with pytest.raises(PlatformError):
            await ann.comments.reply(post_id, "long thoughts", roots[0].id)
        entry = written(ann, post_id, "long thoughts")
        assert entry.refused
        assert "deleted" in (entry.reason or "")
        assert entry.depth == 1
        await ann.comments.load(post_id)
        assert written(ann, post_id, "long thoughts").refused
        await ann.comments.delete(entry.comment)
        assert "long thoughts" not in bodies(ann, post_id)
        assert not ann.session.outbox.open


async def test_a_refused_comment_is_written_anew_and_sent_in_its_place(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        post_id, roots = await thread(ann)
        await ann.comments.load(post_id)
        await ann.client.comments.delete(roots[0].id)
        with pytest.raises(PlatformError):
            await ann.comments.reply(post_id, "to nobody", roots[0].id)
        refused = written(ann, post_id, "to nobody").comment
        receipt = ann.comments.unsent(refused.id)
        assert receipt is not None
        assert await ann.comments.amend(refused.id, "to nobody at all")
        assert written(ann, post_id, "to nobody at all").comment.id == refused.id
        with pytest.raises(PlatformError):
            await ann.session.writes.follow(receipt)
        assert written(ann, post_id, "to nobody at all").refused
        assert not await ann.comments.amend(roots[1].id, "of somebody else")


async def test_votes_and_likes_show_at_once_and_are_taken_back_when_refused(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, ben = await place.account("ann"), await place.account("ben")
        post_id, roots = await thread(ann)
        await ben.comments.load(post_id)
        await ben.comments.vote(roots[0], -1)
        await ben.comments.like(roots[1], True)
        voted, liked = (ben.comments.comment(post_id, root.id) for root in roots[:2])
        assert voted is not None
        assert (voted.score, voted.my_vote) == (-1, -1)
        assert liked is not None
        assert (liked.like_count, liked.is_liked_by_me) == (1, True)
        await ann.client.comments.delete(roots[2].id)
        seen: list[int] = []
        ben.comments.subscribe(lambda change: seen.extend(e.comment.my_vote for e in change.entries))
        with pytest.raises(PlatformError):
            await ben.comments.vote(roots[2], 1)
        assert (seen[0], seen[-1]) == (1, 0)
        assert not ben.session.outbox.open


async def test_deleting_leaves_a_placeholder_only_above_replies(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        post_id, roots = await thread(ann)
        await ann.client.comments.create(post_id, "answer", parent_id=roots[0].id)
        await ann.comments.load(post_id)
        await ann.comments.delete(roots[0])
        await ann.comments.delete(roots[1])
        assert sorted(bodies(ann, post_id)) == ["[deleted]", "answer", "root 2"]


async def test_what_others_write_comes_in_while_the_thread_is_shown_and_not_afterwards(
    platform: SharedPlatform,
) -> None:
    async with world(platform) as place:
        ann, ben = await place.account("ann"), await place.account("ben")
        post_id, roots = await thread(ann)
        await ben.comments.load(post_id, CommentSort.NEW)
        ben.comments.show(post_id)
        ben.session.realtime.subscribe(f"posts:{post_id}")
        before = bodies(ben, post_id)
        await ann.client.comments.create(post_id, "just in", parent_id=roots[1].id)
        # The notice of the subscription itself may have gone before; this is the one of the comment.
        ben.comments.on_event(Updates.model_validate({"updates": [{"key": f"posts:{post_id}", "version": 99}]}))
        await until(lambda: "just in" in bodies(ben, post_id), ben.comments)
        assert [body for body in bodies(ben, post_id) if body != "just in"] == before
        assert ben.comments.fresh_count(post_id) == 1
        ben.comments.hide(post_id)
        ben.comments.on_event(Updates.model_validate({"updates": [{"key": f"posts:{post_id}", "version": 100}]}))
        assert ben.comments.is_loaded(post_id)


async def test_replies_that_were_left_out_can_be_fetched_and_a_deep_comment_is_reached(
    platform: SharedPlatform,
) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        post_id, roots = await thread(ann, 1)
        parent = roots[0]
        for level in range(24):
            parent = await ann.client.comments.create(post_id, f"level {level}", parent_id=parent.id)
        await ann.comments.load(post_id)
        more = next(e for e in ann.comments.entries(post_id) if isinstance(e, MoreEntry))
        assert more.count == 14
        assert await ann.comments.reach(post_id, parent.id)
        entries = ann.comments.entries(post_id)
        assert not any(isinstance(e, MoreEntry) for e in entries)
        assert [e.depth for e in entries] == list(range(25))


async def test_a_load_in_another_order_takes_the_place_of_one_that_is_still_under_way(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        post_id, _ = await thread(ann)
        await asyncio.gather(ann.comments.load(post_id, CommentSort.TOP), ann.comments.load(post_id, CommentSort.NEW))
        assert ann.comments.sort(post_id) is CommentSort.NEW
        assert bodies(ann, post_id) == ["root 2", "root 1", "root 0"]
