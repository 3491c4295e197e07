"""A thread that goes on deeper than a page: it is fetched when it is reached, and the reader stays where they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import Account, Host, World, sees, world
from tui.places import PostPlace
from tui.screens.post import PostScreen
from widgets.comment_item import MoreItem
from widgets.virtual_list import VirtualList

SIZE = (100, 24)


def post_screen(post_id: str) -> Callable[[Any], PostScreen]:
    return lambda shell: PostScreen(shell, PostPlace(post_id))


async def deep_thread(place: World) -> tuple[Account, str]:
    """Return somebody, and a post with a comment, fifteen answers one below the other, and five more comments."""
    ann = await place.account("ann")
    await ann.community("cats")
    post = await ann.post("cats", "How deep does it go?")
    parent = await ann.client.comments.create(post.id, "the first word")
    for level in range(15):
        parent = await ann.client.comments.create(post.id, f"level {level}", parent_id=parent.id)
    return ann, post.id


def page(host: Host) -> VirtualList[Any]:
    return host.screen.query_one("#page", VirtualList)


def left_part(host: Host) -> list[str]:
    """Return what stands in the upper half, without the scrollbar."""
    return [line[:90].rstrip() for line in host.text().split("\n")[4:12]]


def gaps(host: Host) -> list[MoreItem]:
    return [item for item in page(host).items if isinstance(item, MoreItem)]


async def test_what_goes_on_deeper_comes_when_it_is_reached(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post_id = await deep_thread(place)
        host = Host(ann, post_screen(post_id))
        async with host.run_test(size=SIZE) as pilot:
            await sees(pilot, lambda: gaps(host))
            assert gaps(host)[0].deep
            assert "level 14" not in host.text()
            await pilot.press("G")
            await sees(pilot, lambda: not gaps(host))
            await pilot.press("j", "j", "j")
            await sees(pilot, lambda: "level 11" in host.text())
            assert not host.said


async def test_what_does_not_come_says_why_and_is_asked_for_again(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post_id = await deep_thread(place)
        host = Host(ann, post_screen(post_id))
        async with host.run_test(size=SIZE) as pilot:
            await sees(pilot, lambda: gaps(host))
            ann.client.offline = True
            await pilot.press("G")
            await sees(pilot, lambda: "✗" in host.text())
            assert "Enter tries again" in host.text()
            above = left_part(host)
            ann.client.offline = False
            await pilot.press("enter")
            await sees(pilot, lambda: not gaps(host))
            assert left_part(host) == above, "what was read is where it was"
            assert not host.said


async def test_the_comment_that_is_answered_stays_at_the_top(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        await ann.community("cats")
        post = await ann.post("cats", "How many answers does it have?")
        root = await ann.client.comments.create(post.id, "**Tell** me all")
        for number in range(14):
            await ann.client.comments.create(post.id, f"answer {number}", parent_id=root.id)
        host = Host(ann, post_screen(post.id))
        async with host.run_test(size=SIZE) as pilot:
            await sees(pilot, lambda: len(page(host)) == 16)
            top = page(host).render_line
            assert "↑" not in top(0).text
            await pilot.press("G")
            assert top(0).text.split() == ["ann", "Tell", "me", "all", "↑"]
            await pilot.press("P")
            assert page(host).highlighted.comment.id == root.id
            assert "↑" not in top(0).text
            await pilot.press("G")
            await pilot.click(VirtualList, offset=(20, 0))
            assert page(host).highlighted.comment.id == root.id


async def test_a_long_thread_begins_on_the_screen_before_all_of_it_is_put_together(
    platform: SharedPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.post.MANY", 10)
    monkeypatch.setattr("tui.screens.post.AT_ONCE", 5)
    async with world(platform) as place:
        ann = await place.account("ann")
        await ann.community("cats")
        post = await ann.post("cats", "How many answers does it have?")
        for number in range(14):
            await ann.client.comments.create(post.id, f"answer {number}")
        first = Host(ann, post_screen(post.id))
        async with first.run_test(size=SIZE) as pilot:
            await sees(pilot, lambda: len(page(first)) == 15)
        comments = ann.session.comments
        put_together, may_go_on = comments.entries_in_turns, asyncio.Event()

        async def waits(post_id: str) -> Any:
            await may_go_on.wait()
            return await put_together(post_id)

        monkeypatch.setattr(comments, "entries_in_turns", waits)
        again = Host(ann, post_screen(post.id))
        async with again.run_test(size=SIZE) as pilot:
            await sees(pilot, lambda: len(page(again)) == 6)
            shown = [item.comment.id for item in page(again).items[1:]]
            await pilot.press("j", "j")
            here = page(again).highlighted
            may_go_on.set()
            await sees(pilot, lambda: len(page(again)) == 15)
            assert [item.comment.id for item in page(again).items[1:6]] == shown
            assert page(again).highlighted.comment.id == here.comment.id
