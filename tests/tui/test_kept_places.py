"""Where somebody was reading is found again to the line in the next run: threads, comments, chats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.places import Place, PostPlace, SubredditPlace
from widgets.virtual_list import VirtualList

LONG = "\n\n".join(f"Paragraph {number}. " + "A cat sat down beside the door. " * 6 for number in range(12))


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def opened(visit: Visit, place: Place, words: str) -> VirtualList[object]:
    visit.app.open_place(place)
    await visit.until(lambda: visit.app.front is not None and visit.app.front.place == place)
    await visit.until(lambda: visit.app.front is not None and visit.app.front.has_frame)
    await visit.sees(words)
    return visit.app.screen.query_one(VirtualList)


def shown(found: VirtualList[object]) -> list[str]:
    return [found.render_line(y).text for y in range(found.size.height)]


async def test_a_long_post_opens_at_the_line_where_it_was_left(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        client = visit.session.client
        await client.threads.found(NewSubreddit(name="cats"))
        post = await client.feed.create(NewThreadPost(subreddit="cats", title="Cats", body=LONG))
        page = await opened(visit, PostPlace(post.id), "Paragraph 2")
        await visit.until(lambda: visit.session.comments.is_loaded(post.id))
        assert page.scroll_lines(7)
        was, drawn = page.position, shown(page)
        assert was == (post.id, -7)
    async with home.program() as visit:
        await visit.is_in()
        page = await opened(visit, PostPlace(post.id), "Paragraph 2")
        await visit.until(lambda: page.position == was and shown(page) == drawn)


async def test_a_list_of_posts_stands_where_it_stood_in_each_of_its_orders(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        client = visit.session.client
        await client.threads.found(NewSubreddit(name="cats"))
        for number in range(20):
            await client.feed.create(NewThreadPost(subreddit="cats", title=f"cat {number:02}", body="x"))
        posts = await opened(visit, SubredditPlace("cats", "new"), "cat 19")
        for _ in range(11):
            posts.action_cursor_down()
        assert posts.scroll_lines(-1)
        was = posts.position, posts.visible_keys, shown(posts)
        visit.app.front.work_on(visit.app.front.action_sort("top"), "sort")  # type: ignore[union-attr]
        await visit.sees("top today")
    async with home.program() as visit:
        await visit.is_in()
        posts = await opened(visit, SubredditPlace("cats", "new"), "cat")
        await visit.until(lambda: (posts.position, posts.visible_keys) == was[:2])
