"""The program on real files: nothing is lost by leaving, by a dead platform, or by signing out."""

from __future__ import annotations

import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client import endpoints
from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.app import ParlourApp
from tui.ending import tell_unsent
from tui.screens.outbox import OutboxScreen
from tui.screens.welcome import WelcomeScreen
from widgets.menu import Menu, Question
from widgets.status_line import Link, StatusLine


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def founds(visit: Visit, name: str) -> None:
    """Begin a write that anybody may do."""
    await visit.begins(
        lambda: visit.session.writes.do(
            endpoints.CREATE_SUBREDDIT, object_key=f"r:{name}", label=f"found {name}", body=NewSubreddit(name=name)
        )
    )


def status_of(visit: Visit) -> StatusLine:
    assert visit.app.front is not None
    return visit.app.front.query_one(StatusLine)


async def test_a_dead_platform_at_the_start_leads_into_the_program_and_what_was_begun_goes_out_later(
    home: House,
) -> None:
    async with home.program() as first:
        await first.enters("ann")
    await home.shut()
    async with home.program() as second:
        await second.is_in()
        assert second.session.me.username == "ann"
        await founds(second, "gardens")
        await second.until(lambda: status_of(second).status.link is Link.WAITING)
        await second.sees("offline", "1")
    assert second.app.unsent == 1
    await home.door.open()
    async with home.program() as third:
        await third.is_in()
        await third.until(lambda: not third.session.sections.counts.open)
        subreddit = await third.session.client.threads.subreddit("gardens")
        assert subreddit.name == "gardens"


async def test_leaving_with_unsent_changes_asks_nothing_and_takes_no_time(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await home.shut()
        await founds(visit, "gardens")
        began = time.monotonic()
        await visit.pilot.press("Q")
        await visit.until(lambda: not visit.app.is_running or visit.app._exit)
        assert not isinstance(visit.app.screen, Question)
    assert time.monotonic() - began < 20
    assert visit.app.unsent == 1


async def test_the_files_stand_in_the_accounts_own_folder_for_the_user_alone(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        account = visit.app.backstage.admission.account
        await visit.session.cache.flush()
    for folder, name in (
        (home.launch.paths.account_data(account.folder), "outbox.db"),
        (home.launch.paths.account_cache(account.folder), "cache.db"),
    ):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


async def test_signing_out_names_what_is_unsent_and_keeps_it_for_the_account_alone(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await home.shut()
        await founds(visit, "gardens")
        visit.app.run_worker(visit.app.action_sign_out())
        await visit.until(lambda: isinstance(visit.app.screen, Menu))
        await visit.sees("1 change not sent yet", "keep it")
        await visit.pilot.press("enter")
        await visit.until(lambda: isinstance(visit.app.screen, WelcomeScreen) and visit.app._backstage is None)
        await home.door.open()
        await visit.until(lambda: not visit.app.screen.has_class("-busy"))
        await visit.enters("ben")
        assert visit.session.sections.counts.open == 0
        await visit.until(lambda: status_of(visit).status.link is Link.ONLINE)
        async with home.somebody_else("eve") as eve:
            assert not [found.name for found in await eve.threads.subreddits()]
    async with home.program() as again:
        await again.is_in()
        again.app.run_worker(again.app.action_sign_out())
        await again.until(lambda: isinstance(again.app.screen, Question))
        await again.pilot.press("y")
        await again.until(lambda: isinstance(again.app.screen, WelcomeScreen) and again.app._backstage is None)
        await again.returns("ann")
        await again.until(lambda: not again.session.sections.counts.open)
        assert (await again.session.client.threads.subreddit("gardens")).name == "gardens"


async def test_signing_out_may_discard_what_is_unsent(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await home.shut()
        await founds(visit, "gardens")
        visit.app.run_worker(visit.app.action_sign_out())
        await visit.until(lambda: isinstance(visit.app.screen, Menu))
        await visit.pilot.press("j", "enter")
        await visit.until(lambda: isinstance(visit.app.screen, WelcomeScreen) and visit.app._backstage is None)
        await home.door.open()
        await visit.until(lambda: not visit.app.screen.has_class("-busy"))
        await visit.returns("ann")
        assert visit.session.sections.counts.open == 0


async def test_where_nothing_can_be_stored_the_program_says_so_and_asks_before_it_loses_something(
    home: House,
) -> None:
    (home.launch.paths.data / "accounts").write_text("no folder")
    began = time.monotonic()
    async with home.program() as visit:
        await visit.enters("ann")
        assert time.monotonic() - began < 20
        await visit.hears("lost when you leave")
        await visit.sees("not stored")
        await home.shut()
        await founds(visit, "gardens")
        await visit.pilot.press("Q")
        await visit.until(lambda: isinstance(visit.app.screen, Question))
        await visit.pilot.press("n")


async def test_working_offline_sends_nothing_until_one_is_back(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await visit.until(lambda: status_of(visit).status.link is Link.ONLINE)
        await visit.pilot.press("T", "o")
        await visit.until(lambda: status_of(visit).status.link is Link.BY_CHOICE)
        exchanges = home.door.exchanges
        await founds(visit, "gardens")
        await visit.sees("offline by choice", "1 to send")
        assert home.door.exchanges == exchanges
        await visit.pilot.press("T", "o")
        await visit.until(lambda: status_of(visit).status.link is Link.ONLINE)
        await visit.until(lambda: not visit.session.sections.counts.open)


async def test_the_program_can_begin_offline(home: House) -> None:
    async with home.program() as first:
        await first.enters("ann")
    exchanges = home.door.exchanges
    async with home.program(offline=True) as visit:
        await visit.is_in()
        await visit.sees("offline by choice")
    assert home.door.exchanges == exchanges


async def test_what_another_account_sent_away_needs_attention_and_can_be_sent_again_from_the_outbox(
    home: House,
) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        async with home.somebody_else("eve") as eve:
            await eve.threads.found(NewSubreddit(name="gardens"))
        post = NewThreadPost(subreddit="nowhere", title="Roses", body="are **red**")
        await visit.begins(
            lambda: visit.session.writes.do(
                endpoints.CREATE_POST, object_key="posts:new", label="post Roses", body=post, holds_words=True
            )
        )
        await visit.until(lambda: visit.session.sections.counts.attention == 1)
        await visit.pilot.press("g", "d")
        await visit.until(lambda: isinstance(visit.app.screen, OutboxScreen))
        await visit.sees("Needs attention", "needs attention", "are **red**")


def test_the_sentence_after_leaving_counts(capsys: pytest.CaptureFixture[str]) -> None:
    tell_unsent(1)
    tell_unsent(3)
    assert capsys.readouterr().out.splitlines() == [
        "1 change waits to be sent; it goes out the next time.",
        "3 changes wait to be sent; they go out the next time.",
    ]
    assert ParlourApp.unsent == 0
