"""Deleting asks nothing where it can be taken back; what was never sent is not dropped without a question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client.errors import NotFound
from api_client.models.posts import NewThreadPost, ThreadPost
from api_client.models.threads import NewSubreddit
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.places import PostPlace, SubredditPlace
from tui.screens.outbox_details import EditWords
from tui.screens.post import PostScreen
from tui.screens.threads import SubredditScreen
from tui.state.outbox_sections import Section
from widgets.menu import Question
from widgets.virtual_list import VirtualList


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def in_cats(visit: Visit, *titles: str) -> list[ThreadPost]:
    """Found r/cats, post there, and open it."""
    client = visit.session.client
    await client.threads.found(NewSubreddit(name="cats"))
    posts = [await client.feed.create(NewThreadPost(subreddit="cats", title=title)) for title in titles]
    visit.app.open_place(SubredditPlace("cats", "new"))
    await visit.until(lambda: isinstance(visit.app.screen, SubredditScreen) and visit.app.screen.has_frame)
    await visit.sees(*titles)
    return [post for post in posts if isinstance(post, ThreadPost)]


def held(visit: Visit) -> int:
    return visit.session.sections.count(Section.HELD)


async def test_a_post_is_deleted_from_its_list_at_once_and_comes_back(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await in_cats(visit, "Tabby", "Ginger")
        await visit.pilot.press("d")
        await visit.until(lambda: held(visit) == 1)
        await visit.hears("Deleted. U takes it back (5 s).")
        rows = visit.app.screen.query_one("#posts", VirtualList)
        await visit.until(lambda: len(rows) == 1)
        await visit.pilot.press("U")
        await visit.until(lambda: len(rows) == 2 and not held(visit))


async def test_a_post_is_deleted_from_its_page_which_closes_first(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        ginger, tabby = await in_cats(visit, "Ginger", "Tabby")
        await visit.pilot.press("enter")
        await visit.until(lambda: isinstance(visit.app.screen, PostScreen) and visit.app.screen.has_frame)
        await visit.sees("No comments yet")
        await visit.pilot.press("d")
        await visit.until(lambda: isinstance(visit.app.screen, SubredditScreen) and held(visit) == 1)
        rows = visit.app.screen.query_one("#posts", VirtualList)
        await visit.until(lambda: rows.keys == [ginger.id])
        await visit.pilot.press("U")
        await visit.until(lambda: rows.keys == [tabby.id, ginger.id])
        monkeypatch.setattr("tui.state.threads.HOLD", 0.05)
        rows.highlight(tabby.id)
        await visit.pilot.press("d")
        await visit.until(lambda: rows.keys == [ginger.id] and not visit.session.outbox.open)
        with pytest.raises(NotFound):
            await visit.session.client.feed.post(tabby.id)


async def test_a_comment_is_deleted_at_once_and_comes_back(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        (post,) = await in_cats(visit, "Tabby")
        mine = await visit.session.client.comments.create(post.id, "my own words")
        visit.app.open_place(PostPlace(post.id, mine.id))
        await visit.until(lambda: isinstance(visit.app.screen, PostScreen) and visit.app.screen.has_frame)
        page = visit.app.screen.query_one("#page", VirtualList)
        await visit.until(lambda: page.highlighted_key == mine.id)
        await visit.pilot.press("d")
        await visit.until(lambda: "my own words" not in visit.text and held(visit) == 1)
        await visit.pilot.press("U")
        await visit.sees("my own words")


async def test_a_post_that_waits_is_edited_sent_and_dropped_where_it_stands(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await in_cats(visit, "Tabby")
        await home.shut()
        wish = NewThreadPost(subreddit="cats", title="Ginger", body="one")
        await visit.begins(lambda: visit.session.threads.publish(wish))
        await visit.sees("Not sent yet.")
        rows = visit.app.screen.query_one("#posts", VirtualList)
        rows.highlight(rows.keys[0])
        await visit.pilot.press("E")
        await visit.until(lambda: isinstance(visit.app.screen, EditWords))
        await visit.pilot.press(*"two ", "ctrl+s")
        post_id = rows.keys[0]
        await visit.until(lambda: not isinstance(visit.app.screen, EditWords))
        receipt = visit.session.threads.unsent_receipt(post_id)
        assert receipt is not None
        await visit.until(lambda: "two" in receipt.intent.body.body)
        await visit.pilot.press("enter")
        await visit.until(lambda: isinstance(visit.app.screen, PostScreen) and visit.app.screen.has_frame)
        await visit.pilot.press("d")
        await visit.until(lambda: isinstance(visit.app.screen, Question))
        await visit.pilot.press("n")
        await visit.until(lambda: isinstance(visit.app.screen, PostScreen))
        assert visit.session.threads.unsent_receipt(post_id) is receipt
        await home.door.open()
        await visit.pilot.press("p")
        await visit.until(lambda: visit.session.threads.unsent_receipt(post_id) is None)
        sent = await visit.session.client.feed.post(post_id)
        assert isinstance(sent, ThreadPost)
        assert sent.body is not None
        assert "two" in sent.body
