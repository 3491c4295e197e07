"""The outbox, the history and a conflict on the screen: real stores, a real platform, keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client import endpoints
from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from api_client.models.users import ProfileChange
from api_client.realtime import Phase
from api_client.sync.intents import Base, Inverse
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.screens.conflict import ConflictScreen
from tui.screens.conflict_parts import FieldChoice
from tui.screens.history import HistoryScreen
from tui.screens.outbox import MOST, OutboxScreen
from tui.screens.outbox_details import EditWords, OutboxDetails
from tui.screens.outbox_parts import OutboxRenderer
from widgets.composer import Composer
from widgets.menu import Question
from widgets.virtual_list import VirtualList


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def founds(visit: Visit, name: str, undo: Inverse | None = None, hold: float = 0.0) -> None:
    await visit.begins(
        lambda: visit.session.writes.do(
            endpoints.CREATE_SUBREDDIT,
            object_key=f"r:{name}",
            label=f"found r/{name}",
            body=NewSubreddit(name=name),
            undo=undo,
            hold=hold,
        )
    )


async def posts_nowhere(visit: Visit, body: str) -> None:
    """Write a post that the platform refuses."""
    post = NewThreadPost(subreddit="nowhere", title="Roses", body=body)
    await visit.begins(
        lambda: visit.session.writes.do(
            endpoints.CREATE_POST, object_key="posts:new", label="post Roses", body=post, holds_words=True
        )
    )
    await visit.until(lambda: visit.session.sections.counts.attention == 1)


async def goes_to_outbox(visit: Visit) -> VirtualList[object]:
    await visit.pilot.press("g", "d")
    await visit.until(lambda: isinstance(visit.app.screen, OutboxScreen))
    return visit.app.screen.query_one(VirtualList)


async def test_the_sections_follow_what_happens_row_by_row(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await posts_nowhere(visit, "are **red**")
        await home.shut()
        await founds(visit, "gardens")
        await founds(visit, "held", Inverse(), hold=600.0)
        rows = await goes_to_outbox(visit)
        await visit.sees("Needs attention", "post Roses", "are **red**", "Waiting and on their way", "found r/gardens")
        await visit.sees("Held: U takes them back", "found r/held", "goes out in")
        assert (
            rows.keys.index("heading:ATTENTION") < rows.keys.index("heading:MOVING") < rows.keys.index("heading:HELD")
        )
        await founds(visit, "meadows")
        await visit.sees("found r/meadows")
        await visit.pilot.press("U")
        await visit.hears("Taken back: found r/held")
        await visit.until(lambda: "found r/held" not in visit.text and "Held:" not in visit.text)
        await home.door.open()
        visit.session.outbox.resume()
        await visit.until(lambda: "found r/gardens" not in visit.text and "found r/meadows" not in visit.text)
        await visit.sees("post Roses")


async def test_what_was_refused_can_be_read_edited_and_sent(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await posts_nowhere(visit, "a long story")
        await goes_to_outbox(visit)
        await visit.pilot.press("enter")
        await visit.until(lambda: isinstance(visit.app.screen, OutboxDetails))
        await visit.sees("a long story", "E edits", "d discards", "POST /posts")
        await visit.pilot.press("E")
        await visit.until(lambda: isinstance(visit.app.screen, EditWords))
        visit.app.screen.query_one(Composer).text = "a short story"
        async with home.somebody_else("eve") as eve:
            await eve.threads.found(NewSubreddit(name="nowhere"))
        await visit.pilot.press("ctrl+s")
        await visit.until(lambda: not visit.session.sections.counts.open)
        await visit.sees("Everything you did has reached the platform")
        page = await visit.session.client.threads.page("nowhere")
        assert [post.body for post in page] == ["a short story"]


async def test_discarding_asks_and_copying_gives_the_words(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await posts_nowhere(visit, "words of mine")
        await goes_to_outbox(visit)
        await visit.pilot.press("y")
        await visit.until(lambda: visit.app.clipboard == "words of mine")
        await visit.pilot.press("d")
        await visit.until(lambda: isinstance(visit.app.screen, Question))
        await visit.pilot.press("y")
        await visit.until(lambda: not visit.session.sections.counts.open)


async def test_drafts_are_listed_opened_where_they_belong_and_discarded(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        visit.session.outbox.drafts.keep("post", {"title": "Tulips", "text": "from Amsterdam"})
        rows = await goes_to_outbox(visit)
        await visit.sees("Drafts", "a post", "Tulips from Amsterdam")
        await visit.pilot.press("d")
        await visit.until(lambda: isinstance(visit.app.screen, Question))
        await visit.pilot.press("y")
        await visit.until(lambda: not rows.keys)
        assert not visit.session.outbox.drafts.all()


async def test_the_history_says_what_can_be_taken_back_and_done_again(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await home.shut()
        await founds(visit, "gardens", Inverse())
        await visit.pilot.press("g", "z")
        await visit.until(lambda: isinstance(visit.app.screen, HistoryScreen))
        await visit.sees("found r/gardens", "not sent yet; can be taken back", "U take back the newest")
        await visit.pilot.press("ctrl+z")
        await visit.sees("taken back; Ctrl+Y does it again")
        assert not visit.session.sections.counts.open
        await visit.pilot.press("ctrl+y")
        await visit.hears("Done again: found r/gardens")
        assert visit.session.sections.counts.open == 1
        await visit.pilot.press("U", "U")
        await visit.hears("There is nothing to take back")


async def test_a_short_time_for_taking_back_is_told(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await founds(visit, "gardens", Inverse(), hold=60.0)
        await visit.hears("It goes out in ")
        await visit.sees("1 held")


async def conflict(home: House, visit: Visit) -> None:
    """Change the same field here and elsewhere, from the same version."""
    me = await visit.session.client.accounts.me()
    elsewhere = await visit.session.client.users.change(ProfileChange(bio="theirs", full_name="Ann"))
    assert elsewhere.bio == "theirs"
    change = ProfileChange(bio="mine", base_version=me.version)
    await visit.begins(
        lambda: visit.session.writes.do(
            endpoints.CHANGE_PROFILE,
            object_key=f"users:{me.username}",
            label="change your profile",
            body=change,
            base=Base(me.version, {"bio": me.bio}),
            holds_words=True,
        )
    )
    await visit.until(lambda: visit.session.sections.counts.attention == 1)


@pytest.mark.parametrize(("keys", "bio"), [("m", "mine"), ("t", "theirs")])
async def test_two_changes_of_one_field_are_decided_by_the_user(home: House, keys: str, bio: str) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await conflict(home, visit)
        await visit.hears("Somebody else has changed the same")
        await goes_to_outbox(visit)
        await visit.sees("Enter compares")
        await visit.pilot.press("enter")
        await visit.until(lambda: isinstance(visit.app.screen, ConflictScreen))
        await visit.sees("theirs", "mine", "choose")
        await visit.pilot.press("ctrl+s")
        await visit.hears("Not decided yet: bio")
        await visit.pilot.press(keys, "ctrl+s")
        await visit.until(lambda: not visit.session.sections.counts.open)
        me = await visit.session.client.accounts.me()
        assert (me.bio, me.full_name) == (bio, "Ann")


async def test_a_third_text_may_stand_instead_of_both(home: House) -> None:
    async with home.program(size=(80, 24)) as visit:
        await visit.enters("ann")
        await conflict(home, visit)
        await goes_to_outbox(visit)
        await visit.pilot.press("p")
        await visit.until(lambda: isinstance(visit.app.screen, ConflictScreen))
        await visit.pilot.press("E")
        await visit.until(lambda: isinstance(visit.app.screen, EditWords))
        visit.app.screen.query_one(Composer).text = "both of us"
        await visit.pilot.press("ctrl+s")
        await visit.until(lambda: isinstance(visit.app.screen, ConflictScreen))
        fields: VirtualList[FieldChoice] = visit.app.screen.query_one(VirtualList)
        await visit.until(lambda: fields.items and fields.items[0].chosen == "edited")
        await visit.pilot.press("ctrl+s")
        await visit.until(lambda: not visit.session.sections.counts.open)
        assert (await visit.session.client.accounts.me()).bio == "both of us"


async def test_a_hundred_thousand_open_changes_cost_what_is_on_the_screen(home: House) -> None:
    from tests.tui.test_outbox_sections import receipt

    async with home.program() as visit:
        await visit.enters("ann")
        for number in range(100_000):
            visit.session.sections.take(receipt(number))
        rows = await goes_to_outbox(visit)
        await visit.sees("like 5")
        renderer = rows._body.renderer
        assert isinstance(renderer, OutboxRenderer)
        assert renderer.drawn < 300
        assert len(rows.keys) == MOST + 2
        drawn = renderer.drawn
        visit.session.sections.take(receipt(100_001))
        rows.action_cursor_bottom()
        await visit.sees("99,001 more; Enter lists them")
        assert renderer.drawn - drawn < 100
        await visit.pilot.press("enter")
        await visit.until(lambda: len(rows.keys) == 2 * MOST + 2)


async def test_what_is_only_kept_is_not_called_sent(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await home.shut()
        await visit.until(lambda: visit.session.realtime.state.phase is not Phase.ONLINE)
        await founds(visit, "gardens", Inverse(within=60.0))
        await visit.hears("Kept: it goes out when the platform is back. U takes it back.")
        assert not any("Sent." in sentence for sentence in visit.said)
