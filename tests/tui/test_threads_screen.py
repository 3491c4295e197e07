"""The screens of threads over a real platform: what is read, what the keys do, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from api_client.models.posts import ThreadPost
from api_client.models.threads import PostSort, TopWindow
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import Account, Host, World, sees, until, world
from tui.places import PostPlace, ProfilePlace, SectionPlace, SubredditPlace
from tui.screens.post import PostScreen
from tui.screens.post_parts import ReplyDock
from tui.screens.thread_form import ThreadForm, fault_in
from tui.screens.thread_orders import parse_order
from tui.screens.threads import SubredditScreen, ThreadsScreen
from tui.state.comment_entries import CommentEntry
from tui.state.thread_draft import ThreadDraft
from tui.state.threads import Listing
from widgets.comment_item import CommentItem
from widgets.post_page import PostHead
from widgets.virtual_list import VirtualList


def threads_screen(shell: Any) -> ThreadsScreen:
    return ThreadsScreen(shell, SectionPlace("threads"))


def post_screen(post_id: str, comment_id: str | None = None) -> Callable[[Any], PostScreen]:
    return lambda shell: PostScreen(shell, PostPlace(post_id, comment_id))


async def loaded(pilot: Pilot[Any], host: Host, condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, looking again at every change of the stores."""
    await pilot.pause()
    await until(condition, host.session.threads) if not condition() else None
    await pilot.pause()


async def two(place: World) -> tuple[Account, ThreadPost]:
    """Return somebody, and a post of theirs in a subreddit of theirs."""
    ann = await place.account("ann")
    await ann.community("cats")
    return ann, await ann.post("cats", "What do they want?", body="Look at [this](https://example.com/cat).")


async def test_the_front_page_shows_posts_and_the_keys_act_on_them(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        host = Host(ann, threads_screen)
        async with host.run_test(size=(120, 36)) as pilot:
            await loaded(pilot, host, lambda: ann.threads.is_loaded(Listing()) and ann.threads.subreddits_loaded)
            assert "What do they want?" in host.text()
            assert "r/cats" in host.text()
            await pilot.press("z", "s")
            await loaded(pilot, host, lambda: (p := ann.threads.post(post.id)) is not None and p.is_saved_by_me)
            await loaded(pilot, host, lambda: (p := ann.threads.post(post.id)) is not None and p.my_vote == -1)
            assert "▼" in host.text()
            await pilot.press("enter", "u", "y")
            assert host.opened == [PostPlace(post.id), ProfilePlace("ann")]
            assert host.said[-1].startswith("What do they want?")


async def test_on_a_narrow_terminal_the_communities_are_a_drawer(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, _ = await two(place)
        host = Host(ann, threads_screen)
        async with host.run_test(size=(80, 24)) as pilot:
            await loaded(pilot, host, lambda: ann.threads.is_loaded(Listing()) and ann.threads.subreddits_loaded)
            assert "JOINED" not in host.text()
            await pilot.press("h")
            await pilot.pause()
            assert "JOINED" in host.text()
            await pilot.press("j", "j", "enter")
            await loaded(pilot, host, lambda: ann.threads.is_loaded(Listing("cats")))
            assert "JOINED" not in host.text()
            assert "r/cats   hot" in host.text()
            await pilot.press("tab")
            await pilot.pause()
            assert "JOINED" in host.text()
            await pilot.press("escape")
            await pilot.pause()
            assert "JOINED" not in host.text()
            assert host.left == 0
            assert all(len(line) <= 80 for line in host.text().splitlines())


async def test_an_order_is_chosen_from_the_menu_with_its_window(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, _ = await two(place)
        host = Host(ann, lambda shell: SubredditScreen(shell, SubredditPlace("cats", "new")))
        async with host.run_test(size=(100, 30)) as pilot:
            await loaded(pilot, host, lambda: ann.threads.is_loaded(Listing("cats", PostSort.NEW)))
            host.answers = ["top", "year"]
            await pilot.press("S")
            await loaded(pilot, host, lambda: ann.threads.is_loaded(Listing("cats", PostSort.TOP, TopWindow.YEAR)))
            assert "top this year" in host.text()


async def test_an_account_without_anything_is_told_what_to_press(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        host = Host(ann, threads_screen)
        async with host.run_test(size=(120, 36)) as pilot:
            await loaded(pilot, host, lambda: ann.threads.is_loaded(Listing()) and ann.threads.subreddits_loaded)
            assert "c writes the first one" in host.text()


async def test_a_subreddit_that_is_not_there_says_so_and_how_to_try_again(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        host = Host(ann, lambda shell: SubredditScreen(shell, SubredditPlace("nowhere")))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.workers.wait_for_complete()
            await pilot.pause()
            assert "no subreddit of this name. Ctrl+R tries again" in host.text()


async def talk(ann: Account, post: ThreadPost) -> list[str]:
    """Write three roots with an answer under the first, and return the ids of the four."""
    first, second, third = [await ann.client.comments.create(post.id, f"root {n}") for n in "abc"]
    answer = await ann.client.comments.create(post.id, "answer", parent_id=first.id)
    return [first.id, answer.id, second.id, third.id]


async def test_a_thread_is_read_folded_and_judged_by_key(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        first, answer, *_ = await talk(ann, post)
        host = Host(ann, post_screen(post.id))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            page = host.screen.query_one("#page", VirtualList)
            assert "4 comments · best first" in host.text()
            assert page.highlight(answer)
            await pilot.press("P")
            assert page.highlighted_key == first
            await pilot.press("space")
            await pilot.pause()
            assert "answer" not in host.text()
            assert "1 reply folded" in host.text()
            await pilot.press("l", "j", "a")
            await pilot.pause()
            assert page.highlighted_key == answer
            await until(
                lambda: (c := ann.comments.comment(post.id, answer)) is not None and c.my_vote == 1, ann.comments
            )
            await pilot.press("h")
            await pilot.pause()
            assert "answer" not in host.text()
            await pilot.press("P", "P")
            assert isinstance(page.highlighted, PostHead)
            await pilot.press("o")
            await pilot.pause()
            assert host.links == ["https://example.com/cat"]
            await pilot.press("h")
            assert host.left == 1


async def test_a_reply_is_kept_when_one_leaves_it_and_sent_by_ctrl_s(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        ids = await talk(ann, post)
        host = Host(ann, post_screen(post.id, ids[2]))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            page = host.screen.query_one("#page", VirtualList)
            assert page.highlighted_key == ids[2]
            await pilot.press("r", *"half")
            assert "to ann: root b" in host.text()
            await pilot.press("escape")
            assert host.focused is page
            await pilot.press("g", "g", "r")
            assert host.screen.query_one(ReplyDock).composer.text == ""
            await pilot.press("escape")
            page.highlight(ids[2])
            await pilot.press("r", *" done", "ctrl+s")

            def is_there() -> bool:
                entries = ann.comments.entries(post.id)
                return any(
                    isinstance(e, CommentEntry) and e.comment.body == "half done" and not e.sending for e in entries
                )

            await until(is_there, ann.comments)
            await pilot.pause()
            assert "half done" in host.text()
            assert ann.session.outbox.drafts.all() == []


async def test_a_refused_reply_stands_in_its_place_and_its_words_come_back_into_the_field(
    platform: SharedPlatform,
) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        ids = await talk(ann, post)
        host = Host(ann, post_screen(post.id, ids[2]))
        async with host.run_test(size=(80, 30)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.press("r", *"too late")
            # While it is being answered, so that the news of it cannot come first.
            await ann.client.comments.delete(ids[2])
            await pilot.press("ctrl+s")
            await sees(pilot, lambda: "Not sent: " in host.text())
            (refused,) = ann.session.outbox.attention
            page = host.screen.query_one("#page", VirtualList)
            page.highlight(refused.intent.body.id)
            await pilot.press("r")
            await sees(pilot, lambda: host.said and "E changes it" in host.said[-1])
            await pilot.press("E")
            composer = host.screen.query_one(ReplyDock).composer
            await sees(pilot, lambda: composer.text == "too late")
            await pilot.press(*" for me", "escape", "E")
            await sees(pilot, lambda: composer.text == "too late for me")
            await pilot.press("ctrl+s")
            await host.screen.workers.wait_for_complete()
            await sees(pilot, lambda: ann.session.outbox.attention and "too late for me" in host.text())
            assert ann.session.outbox.drafts.all() == []
            host.answers = [True]
            await pilot.press("d")
            await sees(pilot, lambda: not ann.session.outbox.open and "too late" not in host.text())


async def test_a_low_score_starts_folded_and_opens_on_enter(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        bad = await ann.client.comments.create(post.id, "unpopular")
        for name in ("ben", "cyd", "dee", "eve"):
            await (await place.account(name)).client.comments.vote(bad.id, -1)
        reader = await place.account("reader")
        host = Host(reader, post_screen(post.id, bad.id))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "unpopular" not in host.text()
            await pilot.press("enter")
            await pilot.pause()
            assert "unpopular" in host.text()


async def test_a_post_that_was_deleted_is_a_sentence(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        await ann.client.feed.delete(post.id)
        host = Host(ann, post_screen(post.id))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "This post was deleted" in host.text()


async def test_only_what_is_ones_own_can_be_deleted_and_nothing_is_asked(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        theirs, _, second, _ = await talk(ann, post)
        ben = await place.account("ben")
        mine = await ben.client.comments.create(post.id, "my own words")
        host = Host(ben, post_screen(post.id, theirs))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.press("d")
            await pilot.pause()
            assert host.said == ["Only what you wrote can be deleted."]
            page = host.screen.query_one("#page", VirtualList)
            page.highlight(mine.id)
            await pilot.press("d")
            await host.workers.wait_for_complete()
            await pilot.pause()
            assert "my own words" not in host.text()
            assert ben.comments.comment(post.id, second) is not None


async def test_a_locked_post_takes_no_reply(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        host = Host(ann, post_screen(post.id))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            ann.threads.take(post.changed(is_locked=True, version=post.version + 50))
            await pilot.press("r")
            await pilot.pause()
            assert "locked" in host.text()
            assert host.screen.query_one(ReplyDock).target is None
            assert any("locked" in said for said in host.said)


async def test_a_hostile_text_is_shown_as_it_is_written(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        await ann.client.comments.create(post.id, "[/] [bold]not[/bold] [@click=app.quit]x[/]")
        host = Host(ann, post_screen(post.id))
        async with host.run_test(size=(80, 24)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "[/] [bold]not[/bold]" in host.text()


async def test_comments_of_a_photo_are_liked_and_not_voted_on(platform: SharedPlatform) -> None:
    from api_client.models.posts import NewPhotoPost

    async with world(platform) as place:
        ann = await place.account("ann")
        photo = await ann.client.feed.create(NewPhotoPost(caption="dusk", media_urls=["https://example.com/a.jpg"]))
        said = await ann.client.comments.create(photo.id, "lovely")
        host = Host(ann, post_screen(photo.id, said.id))
        async with host.run_test(size=(80, 30)) as pilot:
            await host.screen.workers.wait_for_complete()
            await pilot.pause()
            assert "dusk" in host.text()
            await pilot.press("z", "a")
            await until(
                lambda: (c := ann.comments.comment(photo.id, said.id)) is not None and c.like_count == 1, ann.comments
            )
            found = ann.comments.comment(photo.id, said.id)
            assert found is not None
            assert found.my_vote == 0
            item = host.screen.query_one("#page", VirtualList).highlighted
            assert isinstance(item, CommentItem)
            assert item.liked


async def test_a_new_post_says_what_is_missing_keeps_what_was_typed_and_opens_when_it_is_there(
    platform: SharedPlatform,
) -> None:
    async with world(platform) as place:
        ann, _ = await two(place)
        host = Host(ann, lambda shell: SubredditScreen(shell, SubredditPlace("cats")))
        async with host.run_test(size=(80, 24)) as pilot:
            await loaded(pilot, host, lambda: ann.threads.is_loaded(Listing("cats")))
            await pilot.press("c")
            await pilot.pause()
            assert isinstance(host.screen, ThreadForm)
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert "A post needs a title." in host.text()
            await pilot.press(*"New", "escape")
            await pilot.pause()
            assert ann.session.outbox.drafts.fields("post")["title"] == "New"
            await pilot.press("c")
            await pilot.pause()
            assert "3/300" in host.text()
            await pilot.press("ctrl+s")
            await host.workers.wait_for_complete()
            await pilot.pause()
            assert [post.title for post in ann.threads.posts(Listing("cats"))].count("New") == 1
            assert isinstance(host.opened[-1], PostPlace)
            assert ann.session.outbox.drafts.all() == []


def test_drafts_are_judged_in_sentences() -> None:
    good = ThreadDraft("cats", "text", "Hello", "", "")
    assert fault_in(good) is None
    for draft, field in [
        (ThreadDraft("", "text", "Hello"), "#subreddit"),
        (ThreadDraft("cats", "text", "  "), "#title"),
        (ThreadDraft("cats", "text", "🐈" * 151), "#title"),
        (ThreadDraft("cats", "link", "Hello", "example.com"), "#url"),
        (ThreadDraft("cats", "link", "Hello", "javascript:alert(1)"), "#url"),
        (ThreadDraft("cats", "link", "Hello", "https://a b"), "#url"),
        (ThreadDraft("cats", "text", "Hello", "", "x" * 40_001), "#text"),
    ]:
        fault = fault_in(draft)
        assert fault is not None
        assert fault.field == field
        assert fault.sentence.endswith(".")


def test_orders_are_read_from_words() -> None:
    assert parse_order("new") == (PostSort.NEW, None)
    assert parse_order("top-year") == (PostSort.TOP, TopWindow.YEAR)
    assert parse_order("top") == (PostSort.TOP, TopWindow.DAY)
    assert parse_order(None) == (PostSort.HOT, None)
    assert parse_order("new-year") == (PostSort.NEW, None)
    assert parse_order("tallest") is None


async def test_the_page_goes_to_the_comment_that_was_just_written(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann, post = await two(place)
        for number in range(40):
            await ann.client.comments.create(post.id, f"root {number}")
        host = Host(ann, post_screen(post.id))
        async with host.run_test(size=(80, 24)) as pilot:
            await sees(pilot, lambda: "40 comments" in host.text() and not ann.comments.has_rest(post.id))
            page = host.screen.query_one("#page", VirtualList)
            page.action_cursor_bottom()
            await pilot.press("r", *"mine")
            await sees(pilot, lambda: host.screen.query_one(ReplyDock).composer.text == "mine")
            parent = page.highlighted_key
            await pilot.press("ctrl+s")
            await sees(pilot, lambda: isinstance(page.highlighted, CommentItem) and page.highlighted.key != parent)
            assert page.highlighted.comment.body == "mine"
            assert page.highlighted_key in page.visible_keys
