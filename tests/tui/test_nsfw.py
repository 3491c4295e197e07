"""What is marked NSFW is shown after one question, and not before."""

from __future__ import annotations

from sqlalchemy import update

from server.tables.posts import ThreadPostRow
from tests.shared_platform import SharedPlatform
from tests.tui.test_threads_screen import post_screen
from tests.tui.threads_world import Account, Host, World, world
from tui.places import SubredditPlace
from tui.screens.threads import SubredditScreen


async def marked(platform: SharedPlatform, place: World) -> tuple[Account, str]:
    """Return a reader, and a post of somebody else that is marked."""
    ann, bob = await place.account("ann"), await place.account("bob")
    await ann.community("cats")
    post = await ann.post("cats", "Careful", body="what not everybody wants to see")
    async with platform.state.database.writing() as db:
        await db.execute(update(ThreadPostRow).where(ThreadPostRow.id == post.id).values(is_nsfw=True))
    return bob, post.id


async def test_a_marked_post_is_shown_after_one_question(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        bob, post_id = await marked(platform, place)
        host = Host(bob, post_screen(post_id))
        host.answers = [True]
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "what not everybody" in host.text()
        assert host.left == 0
        again = Host(bob, post_screen(post_id))
        async with again.run_test(size=(80, 24)) as pilot:
            await again.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "what not everybody" in again.text()


async def test_who_says_no_is_led_back_and_has_seen_nothing(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        bob, post_id = await marked(platform, place)
        host = Host(bob, post_screen(post_id))
        host.answers = [False]
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "what not everybody" not in host.text()
        assert host.left == 1


async def test_in_a_list_a_marked_post_says_so_and_keeps_its_text(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        bob, _ = await marked(platform, place)
        host = Host(bob, lambda shell: SubredditScreen(shell, SubredditPlace("cats")))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "NSFW" in host.text()
            assert "what not everybody" not in host.text()


async def test_the_link_of_a_marked_post_is_opened_after_the_question_only(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        bob, post_id = await marked(platform, place)
        link = "https://example.org/careful"
        async with platform.state.database.writing() as db:
            await db.execute(update(ThreadPostRow).where(ThreadPostRow.id == post_id).values(url=link))
        host = Host(bob, lambda shell: SubredditScreen(shell, SubredditPlace("cats")))
        host.answers = [False, True]
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert isinstance(host.screen, SubredditScreen)
            await host.screen.action_open_link()
            assert link not in host.links
            await host.screen.action_open_link()
            assert link in host.links
