"""Feed and profile screens without the platform: what they show, what they say of it, and where one was reading."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.widgets import Input

from api_client.calls import Page
from api_client.models.posts import NewPhotoPost, PhotoPost
from tests.shared_platform import SharedPlatform
from tests.tui.test_feed_screens import home, profile_of, settled, shown
from tests.tui.threads_world import Account, Host, World, world
from tui.screens import feed_parts
from tui.screens.people_lists import PeopleList
from tui.screens.photo_form import PhotoForm
from tui.screens.photo_parts import PickedList
from tui.screens.profile_form import ProfileForm
from tui.state.feed import HOME, FeedStore
from tui.state.people import PeopleStore
from widgets.composer import Composer
from widgets.virtual_list import VirtualList


@pytest.fixture
async def here(platform: SharedPlatform) -> AsyncIterator[World]:
    async with world(platform) as found:
        yield found


def restarted(account: Account) -> None:
    """Give the account stores that know nothing but what the cache has."""
    session = account.session
    session.feed = FeedStore(account.client, session.writes, session.me, session.cache)
    session.people = PeopleStore(account.client, session.writes, session.me, session.cache)


async def share(account: Account, caption: str) -> PhotoPost:
    wish = NewPhotoPost(caption=caption, media_urls=["https://pictures.example/one.jpg"])
    post = await account.client.feed.create(wish)
    assert isinstance(post, PhotoPost)
    return post


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(data, "PNG")
    path = tmp_path / "harbour.png"
    path.write_bytes(data.getvalue())
    return path


async def test_the_feed_opens_from_this_machine_and_says_from_when_it_is(here: World) -> None:
    ann = await here.account("ann")
    await share(ann, "the harbour")
    await ann.session.feed.load(HOME)
    restarted(ann)
    ann.client.offline = True
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        await settled(pilot, ann.session.feed, lambda: ann.session.feed.list_of(HOME).failed)
        assert "the harbour" in host.text()
        assert "not refreshed" in host.text()
        ann.client.offline = False
        host.front.refresh_content()  # type: ignore[union-attr]
        await settled(pilot, ann.session.feed, lambda: ann.session.feed.list_of(HOME).stale_since is None)
        await pilot.pause()
        assert "the harbour" in host.text()
        assert "not refreshed" not in host.text()


async def test_a_platform_that_takes_its_time_leaves_the_mark_meanwhile(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_parts, "STALE_AFTER", 0.01)
    ann = await here.account("ann")
    await share(ann, "the harbour")
    await ann.session.feed.load(HOME)
    restarted(ann)
    answer: asyncio.Future[Page[PhotoPost]] = asyncio.get_running_loop().create_future()

    async def page(*_: Any, **__: Any) -> Page[PhotoPost]:
        return await answer

    monkeypatch.setattr(ann.client.feed, "page", page)
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.05)
        assert "the harbour" in host.text()
        assert "not refreshed" in host.text()
        posts = [post for post in ann.session.feed.posts(HOME) if isinstance(post, PhotoPost)]
        answer.set_result(Page(posts))
        await settled(pilot, ann.session.feed, lambda: ann.session.feed.list_of(HOME).stale_since is None)
        assert "not refreshed" not in host.text()


async def test_the_feed_opens_where_it_was_left(here: World) -> None:
    ann = await here.account("ann")
    for number in range(12):
        await share(ann, f"number {number}")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        await shown(pilot, host, HOME)
        await pilot.press("j", "j", "j", "j", "j")
        await pilot.pause()
        left = host.front.query_one("#posts", VirtualList)  # type: ignore[union-attr]
        was = left.highlighted_key, left.position, left.visible_keys
    restarted(ann)
    await share(ann, "newer than all")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        feed = ann.session.feed
        await settled(pilot, feed, lambda: feed.list_of(HOME).stale_since is None and feed.list_of(HOME).loaded)
        await pilot.pause()
        found = host.front.query_one("#posts", VirtualList)  # type: ignore[union-attr]
        assert (found.highlighted_key, found.position, found.visible_keys) == was


async def test_a_first_visit_begins_at_the_top_also_when_newer_posts_come(here: World) -> None:
    ann = await here.account("ann")
    for number in range(12):
        await share(ann, f"number {number}")
    await ann.session.feed.load(HOME)
    restarted(ann)
    await share(ann, "newer than all")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        feed = ann.session.feed
        await settled(pilot, feed, lambda: feed.list_of(HOME).stale_since is None and feed.list_of(HOME).loaded)
        await pilot.pause()
        assert "newer than all" in host.text()


async def test_a_profile_and_its_followers_open_from_this_machine(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await share(ann, "the harbour")
    await ben.session.people.follow("ann", True)
    await ben.session.people.profile("ann")
    await ben.session.people.followers("ann")
    await ben.session.feed.load("user:ann")
    restarted(ben)
    ben.client.offline = True
    host = Host(ben, profile_of("ann"))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await host.workers.wait_for_complete()
        assert "@ann" in host.text()
        assert "the harbour" in host.text()
        host.front.action_followers()  # type: ignore[union-attr]
        await pilot.pause()
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(host.screen, PeopleList)
        assert "@ben" in host.text()
        assert "not refreshed" in host.text()


async def test_a_photo_that_waits_says_so_on_its_card(here: World) -> None:
    ann = await here.account("ann")
    await share(ann, "older")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        await shown(pilot, host, HOME)
        ann.client.offline = True
        await ann.session.feed.publish("newest", urls=["https://pictures.example/one.jpg"])
        await settled(pilot, ann.session.feed, lambda: len(ann.session.feed.posts(HOME)) == 2)
        await pilot.pause(0.05)
        assert "newest" in host.text()
        assert "waiting" in host.text()
        ann.client.offline = False
        ann.session.outbox.resume()
        await settled(
            pilot,
            ann.session.feed,
            lambda: not any(map(ann.session.feed.words_for, ann.session.feed.list_of(HOME).ids)),
        )
        await settled(pilot, ann.session.feed, lambda: len(ann.session.feed.list_of(HOME).ids) == 2)
        await pilot.pause()
        assert "newest" in host.text()
        assert "waiting" not in host.text()


async def test_the_photo_form_is_as_it_was_left_also_in_the_next_run(here: World, picture: Path) -> None:
    ann = await here.account("ann")
    drafts = ann.session.outbox.drafts
    gone = {"from": str(picture.with_name("gone.png")), "alt": ""}
    pictures = json.dumps([{"from": str(picture), "alt": "boats"}, gone])
    drafts.keep("photo", {"caption": "Evening", "location": "Gdańsk", "pictures": pictures})
    ann.client.offline = True
    ann.session.feed = FeedStore(ann.client, ann.session.writes, ann.session.me, ann.session.cache)
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await pilot.pause()
        await host.workers.wait_for_complete()
        screen = host.screen
        assert isinstance(screen, PhotoForm)
        assert screen.query_one(Composer).text == "Evening"
        assert screen.query_one("#location", Input).value == "Gdańsk"
        assert [row.detail for row in screen.query_one(PickedList).items] == ["boats"]
        screen.query_one(Composer).text = "Late evening"
        await pilot.pause()
        assert drafts.fields("photo")["caption"] == "Late evening"
        assert str(picture) in drafts.fields("photo")["pictures"]


async def test_the_profile_form_keeps_what_was_typed_until_it_is_saved(here: World) -> None:
    ann = await here.account("ann")
    drafts = ann.session.outbox.drafts
    host = Host(ann, profile_of("ann"))
    async with host.run_test(size=(80, 24)) as pilot:
        people = ann.session.people
        await settled(pilot, people, lambda: people.known("ann") is not None)
        await pilot.press("E")
        await pilot.pause()
        host.screen.query_one(Composer).text = "trains"
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert drafts.fields("profile")["bio"] == "trains"
        ann.client.offline = True
        await pilot.press("E")
        await pilot.pause()
        assert isinstance(host.screen, ProfileForm)
        assert host.screen.query_one(Composer).text == "trains"
        await pilot.press("ctrl+s")
        await settled(pilot, people, lambda: (p := people.known("ann")) is not None and p.bio == "trains")
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert not isinstance(host.screen, ProfileForm)
        assert not drafts.fields("profile")
