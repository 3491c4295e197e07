"""Feed, explore, saved posts, profiles and the form for a photo, over a real platform."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input, Static

from api_client.client import PlatformClient
from api_client.models.posts import MediaInput, NewPhotoPost, NewStory, PhotoPost
from api_client.models.users import ProfileChange
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import Account, Host, World, sees, until, world
from tui.actions import BY_ID
from tui.places import DirectChatPlace, ExplorePlace, PostPlace, ProfilePlace, SavedPlace, SectionPlace
from tui.screens.feed import ExploreScreen, FeedScreen, SavedScreen
from tui.screens.people_lists import RequestsList
from tui.screens.photo_form import PhotoForm
from tui.screens.photo_parts import PhotoDraft, PickedList
from tui.screens.post_list import PostListView
from tui.screens.profile import ProfileScreen
from tui.screens.profile_form import ProfileForm
from tui.state.feed import HOME, SAVED, FeedStore, user_key
from widgets.composer import Composer


@pytest.fixture
async def here(platform: SharedPlatform) -> AsyncIterator[World]:
    async with world(platform) as found:
        yield found


def _png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(data, "PNG")
    return data.getvalue()


PNG = _png()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.png"
    path.write_bytes(PNG)
    return path


async def share(account: Account, caption: str) -> PhotoPost:
    upload = await account.client.uploads.upload(PNG, "a.png", "image/png")
    wish = NewPhotoPost(caption=caption, media=[MediaInput(type="image", upload_id=upload, alt="a harbour")])
    post = await account.client.feed.create(wish)
    assert isinstance(post, PhotoPost)
    return post


def home(shell: Any) -> FeedScreen:
    return FeedScreen(shell, SectionPlace("feed"))


def profile_of(name: str) -> Callable[[Any], ProfileScreen]:
    return lambda shell: ProfileScreen(shell, ProfilePlace(name))


async def settled(pilot: Pilot[Any], store: Any, condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, looking again at every change of `store`, and until that is painted."""
    await pilot.pause()
    if not condition():
        await until(condition, store)
    await pilot.pause()


async def shown(pilot: Pilot[Any], host: Host, key: str) -> None:
    feed = host.session.feed
    await settled(pilot, feed, lambda: feed.list_of(key).loaded)


def liked(host: Host, post_id: str) -> bool:
    post = host.session.feed.post(post_id)
    return isinstance(post, PhotoPost) and post.is_liked_by_me


async def test_the_feed_fits_a_small_terminal_and_its_keys_act(here: World) -> None:
    ann = await here.account("ann")
    post = await share(ann, "see https://example.com/harbour")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        await shown(pilot, host, HOME)
        assert "♡ 0 likes" in host.text()
        assert all(len(line) <= 80 for line in host.text().splitlines())
        await pilot.press("a")
        await settled(pilot, ann.session.feed, lambda: liked(host, post.id))
        assert "♥ 1 like" in host.text()
        await pilot.press("s", "o", "u", "t", "Y")
        await pilot.pause()
        assert "◆ saved" in host.text()
        assert host.links == ["https://example.com/harbour"]
        assert host.opened == [ProfilePlace("ann"), PostPlace(post.id)]
        assert host.said[-1].endswith(f"/p/{post.id}")


async def test_a_double_click_likes_shows_a_heart_and_never_takes_a_like_back(here: World) -> None:
    ann = await here.account("ann")
    post = await share(ann, "look")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        await shown(pilot, host, HOME)
        await pilot.click(PostListView, offset=(10, 5), times=2)
        await settled(pilot, ann.session.feed, lambda: liked(host, post.id))
        assert "▄██▄ ▄██▄" in host.text()
        await pilot.click(PostListView, offset=(10, 5), times=2)
        await pilot.pause()
        assert ann.session.outbox.pending == 0
        assert liked(host, post.id)
        assert host.opened == []


async def test_new_posts_wait_behind_a_line_until_the_top_is_asked_for(here: World) -> None:
    ann = await here.account("ann")
    await share(ann, "first")
    host = Host(ann, home)
    async with host.run_test(size=(80, 40)) as pilot:
        await shown(pilot, host, HOME)
        await share(ann, "second")
        await ann.session.feed.look_for_new(HOME)
        await pilot.pause()
        assert "1 new post · g g shows it" in host.text()
        assert "second" not in host.text()
        await pilot.press("g", "g")
        await pilot.pause()
        assert "new post" not in host.text()
        assert host.text().index("second") < host.text().index("first")


async def test_an_account_that_follows_nobody_is_told_which_keys_lead_on(here: World) -> None:
    host = Host(await here.account("ann"), home)
    async with host.run_test(size=(80, 24)) as pilot:
        await shown(pilot, host, HOME)
        assert "g e shows photos to explore, c posts your own" in " ".join(host.text().split())


async def test_stories_open_full_screen_and_count_as_seen(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    upload = await ben.client.uploads.upload(PNG, "a.png", "image/png", purpose="story")
    story = await ben.client.stories.create(NewStory(media=MediaInput(type="image", upload_id=upload)))
    await ann.client.users.follow("ben")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        feed = ann.session.feed
        await settled(pilot, feed, lambda: any(entry.user.username == "ben" for entry in feed.tray))
        assert "● ben" in host.text()
        host.answers = [ben.session.me.id]
        await pilot.press("g", "s")
        await settled(pilot, feed, lambda: all(entry.seen for entry in feed.tray if entry.user.username == "ben"))
        assert host.links == [story.media_url]
        assert "○ ben" in host.text()


async def test_explore_and_saved_say_so_when_they_are_empty(here: World) -> None:
    ann = await here.account("ann")
    host = Host(ann, lambda shell: ExploreScreen(shell, ExplorePlace()))
    async with host.run_test(size=(80, 24)) as pilot:
        await shown(pilot, host, "explore")
        assert "nothing to explore" in host.text()
    host = Host(ann, lambda shell: SavedScreen(shell, SavedPlace()))
    async with host.run_test(size=(80, 24)) as pilot:
        await shown(pilot, host, SAVED)
        assert "s on a post keeps it here" in host.text()


async def test_a_dead_platform_is_told_in_a_sentence_with_the_key_to_try_again(here: World) -> None:
    ann = await here.account("ann")
    nowhere = PlatformClient("http://127.0.0.1:9", jitter=lambda: 0.0)
    ann.session.feed = FeedStore(nowhere, ann.session.writes, ann.session.me)
    host = Host(ann, home)
    async with nowhere, host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert "Ctrl+R tries again" in " ".join(host.text().split())


async def test_a_profile_shows_posts_of_both_kinds_and_following_acts_at_once(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await share(ben, "by the sea")
    await ben.community("cats")
    thread = await ben.post("cats", "What do they want?")
    host = Host(ann, profile_of("ben"))
    async with host.run_test(size=(80, 40)) as pilot:
        await shown(pilot, host, user_key("ben"))
        for words in ("@ben", "0 followers", "by the sea", "What do they want?"):
            assert words in host.text()
        await pilot.press("F")
        people = ann.session.people
        await settled(pilot, people, lambda: (p := people.known("ben")) is not None and p.is_following)
        assert "✓ you follow them" in host.text()
        # The follow is to be through before the next keys, so that each assertion has one cause.
        await host.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("j", "z")
        await settled(pilot, ann.threads, lambda: (p := ann.threads.post(thread.id)) is not None and p.my_vote == -1)
        # Last: keys that follow it belong to the field of the chat that it opens, and are never taken for verbs here.
        await pilot.press("r")
        assert host.opened == [DirectChatPlace(ben.session.me.id)]
        assert "▼" in host.text()


async def test_of_a_private_account_a_stranger_sees_a_sentence(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await share(ben, "secret")
    await ben.client.users.change(ProfileChange(is_private=True))
    host = Host(ann, profile_of("ben"))
    async with host.run_test(size=(80, 24)) as pilot:
        people = ann.session.people
        await settled(pilot, people, lambda: people.known("ben") is not None)
        assert "This account is private. F asks to follow." in host.text()
        await pilot.press("F")
        await settled(pilot, people, lambda: (p := people.known("ben")) is not None and p.follow_requested)
        assert "waits for an answer" in host.text()
        assert "secret" not in host.text()


async def test_requests_to_follow_are_answered_from_the_own_profile(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    await ann.client.users.change(ProfileChange(is_private=True))
    await ben.client.users.follow("ann")
    host = Host(ann, profile_of("ann"))
    async with host.run_test(size=(80, 24)) as pilot:
        people = ann.session.people
        await settled(pilot, people, lambda: bool(people.requests))
        assert "1 person asks to follow you · Enter answers" in host.text()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(host.screen, RequestsList)
        await pilot.press("a")
        await settled(pilot, people, lambda: not people.requests)
    assert (await ben.client.users.profile("ann")).is_following


async def test_several_who_ask_are_answered_together(here: World) -> None:
    ann, ben, cem = await here.account("ann"), await here.account("ben"), await here.account("cem")
    await ann.client.users.change(ProfileChange(is_private=True))
    for other in (ben, cem):
        await other.client.users.follow("ann")
    host = Host(ann, profile_of("ann"))
    async with host.run_test(size=(80, 24)) as pilot:
        people = ann.session.people
        await settled(pilot, people, lambda: len(people.requests) == 2)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("x", "escape")
        assert isinstance(host.screen, RequestsList), "Esc took the mark away"
        await pilot.press("x", "k", "x", "a")
        await settled(pilot, people, lambda: not people.requests)
        await pilot.pause()
        assert any(said.endswith("follow you now.") for said in host.said)


async def test_the_own_profile_is_edited_in_a_form_that_keeps_what_is_refused(here: World) -> None:
    ann = await here.account("ann")
    host = Host(ann, profile_of("ann"))
    async with host.run_test(size=(80, 24)) as pilot:
        people = ann.session.people
        await settled(pilot, people, lambda: people.known("ann") is not None)
        await pilot.press("E")
        await pilot.pause()
        assert isinstance(host.screen, ProfileForm)
        host.screen.query_one(Composer).text = "x" * 151
        await pilot.press("ctrl+s")
        await pilot.pause()
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert "bio" in str(host.screen.query_one("#trouble", Static).content)
        host.screen.query_one(Composer).text = "trains"
        await pilot.press("ctrl+s")
        await settled(pilot, people, lambda: (p := people.known("ann")) is not None and p.bio == "trains")


async def form(pilot: Pilot[Any], host: Host) -> PhotoForm:
    await shown(pilot, host, HOME)
    await pilot.press("c")
    await pilot.pause()
    assert isinstance(host.screen, PhotoForm)
    return host.screen


def complaint(screen: PhotoForm, field: str) -> str:
    return str(screen.query_one(f"#trouble-{field}", Static).content)


async def test_a_photo_is_put_together_posted_and_stands_on_top(here: World, picture: Path) -> None:
    ann = await here.account("ann")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        screen = await form(pilot, host)
        path = screen.query_one("#media-upload", Input)
        path.value = str(picture)[:-4]
        await pilot.press("end", "tab")
        await host.workers.wait_for_complete()
        assert path.value == str(picture)
        await pilot.press("enter")
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert "harbour.png" in host.text()
        screen.query_one("#alt", Input).value = "boats"
        screen.query_one(Composer).text = "Evening"
        screen.query_one("#location", Input).value = "Gdańsk"
        await pilot.press("ctrl+s")
        feed = ann.session.feed
        await settled(pilot, feed, lambda: bool(feed.posts(HOME)))
        post = feed.posts(HOME)[0]
        assert isinstance(post, PhotoPost)
        assert (post.caption, post.location and post.location.name, post.media[0].alt) == ("Evening", "Gdańsk", "boats")
        await pilot.pause()
        assert not isinstance(host.screen, PhotoForm)


async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    here: World, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("hello")
    ann = await here.account("ann")
    host = Host(ann, home)
    async with host.run_test(size=(80, 24)) as pilot:
        screen = await form(pilot, host)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "needs a picture" in complaint(screen, "media-upload")
        for text, words in (
            (str(tmp_path / "none.png"), "no such file"),
            (str(tmp_path), "folder"),
            (str(tmp_path / "note.txt"), "not a picture"),
            ("ftp://example.com/a.png", "http or https"),
        ):
            screen.query_one("#media-upload", Input).value = text
            await pilot.press("enter")
            await host.workers.wait_for_complete()
            assert words in complaint(screen, "media-upload")
        screen.query_one("#media-upload", Input).value = str(picture)
        await pilot.press("enter")
        await host.workers.wait_for_complete()
        screen.query_one(Composer).text = "🌊" * 1101
        screen.query_one("#location", Input).value = "x" * 101
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "too long by 2" in complaint(screen, "caption")
        screen.query_one(Composer).text = "fine"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "too long by 1" in complaint(screen, "location")
        await pilot.press("escape")
        await pilot.pause()
        screen = await form(pilot, host)
        assert screen.query_one(Composer).text == "fine"
        assert len(screen.query_one(PickedList)) == 1
        assert ann.session.feed.posts(HOME) == []


async def test_pictures_are_ordered_removed_and_at_most_ten(here: World, picture: Path) -> None:
    ann = await here.account("ann")
    draft = PhotoDraft()
    host = Host(ann, home)
    async with host.run_test(size=(100, 30)) as pilot:
        await shown(pilot, host, HOME)
        screen = PhotoForm(host, draft)  # type: ignore[arg-type]
        await host.push_screen(screen)
        await pilot.pause()
        for number in range(11):
            screen.query_one("#media-upload", Input).value = f"https://example.com/{number}.jpg"
            await pilot.press("enter")
            await host.workers.wait_for_complete()
            await pilot.pause()
        assert "at most 10" in complaint(screen, "media-upload")
        screen.query_one("#media-upload", Input).value = str(picture)
        screen.query_one(PickedList).focus()
        await pilot.press("k", "less_than_sign", "x")
        await pilot.pause()
        assert [p.name for p in draft.pictures] == [f"{n}.jpg" for n in (0, 1, 2, 3, 4, 5, 6, 7, 9)]
        screen.query_one("#media-upload", Input).focus()
        await pilot.press("enter")
        await host.workers.wait_for_complete()
        assert "not both" in complaint(screen, "media-upload")


async def test_an_open_profile_follows_what_is_changed_elsewhere(here: World) -> None:
    ann, ben = await here.account("ann"), await here.account("ben")
    host = Host(ann, profile_of("ben"))
    async with host.run_test(size=(80, 24)) as pilot:
        await sees(pilot, lambda: "@ben" in host.text())
        await sees(pilot, lambda: "users:ben" in ann.session.realtime.followed)
        await ben.client.users.change(ProfileChange(bio="I sail"))
        await sees(pilot, lambda: "I sail" in host.text())
    await sees(pilot, lambda: "users:ben" not in ann.session.realtime.followed)


async def test_the_own_profile_can_be_edited_once_it_is_there(here: World) -> None:
    ann = await here.account("ann")
    host = Host(ann, profile_of("ann"))
    ann.client.offline = True
    edit = BY_ID["item.edit"]
    async with host.run_test(size=(80, 24)) as pilot:
        screen = host.screen
        assert isinstance(screen, ProfileScreen)
        await sees(pilot, lambda: "You are working offline." in host.text())
        assert not screen.fits(edit)
        ann.client.offline = False
        screen.refresh_content()
        await sees(pilot, lambda: screen.fits(edit))
