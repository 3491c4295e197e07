"""Two windows on one account: one sends, both show; a draft of the one is offered in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.widgets import TextArea

from api_client import endpoints
from api_client.models.chat import NewConversation
from api_client.models.threads import NewSubreddit
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.places import ConversationPlace
from tui.screens.chat import ChatScreen
from widgets.composer import Composer
from widgets.status_line import StatusLine


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def chats_with_eve(home: House, visit: Visit) -> str:
    async with home.somebody_else("eve") as eve:
        me = await eve.accounts.me()
        chat = await visit.session.client.chat.create(NewConversation(type="direct", member_ids=[me.id]))
    return chat.id


async def opens(visit: Visit, chat_id: str) -> Composer:
    """Go to a chat and into its field."""
    visit.app.open_place(ConversationPlace(chat_id))
    await visit.until(
        lambda: (
            isinstance(visit.app.screen, ChatScreen)
            and isinstance(visit.app.screen.focused, TextArea)
            and visit.app.screen.chat_id == chat_id
        )
    )
    return visit.app.screen.query_one(Composer)


async def test_one_window_sends_both_show_and_the_other_takes_over(home: House) -> None:
    async with home.program() as second:
        async with home.program() as first:
            await first.enters("ann")
            await second.returns("ann")
            assert first.session.outbox.leads
            await second.sees("another Parlour sends")
            await home.shut()
            await first.begins(
                lambda: first.session.writes.do(
                    endpoints.CREATE_SUBREDDIT,
                    object_key="r:gardens",
                    label="found r/gardens",
                    body=NewSubreddit(name="gardens"),
                )
            )
            await second.until(lambda: second.session.sections.counts.open == 1)
            await second.sees("1")
        await second.until(lambda: second.session.outbox.leads)
        await second.until(lambda: second.app.front and second.app.front.query_one(StatusLine).status.leads)
        await home.door.open()
        await second.until(lambda: not second.session.sections.counts.open)
        assert (await second.session.client.threads.subreddit("gardens")).name == "gardens"


async def test_a_draft_is_there_again_after_leaving_the_program_with_its_age(home: House) -> None:
    async with home.program() as first:
        await first.enters("ann")
        chat_id = await chats_with_eve(home, first)
        await opens(first, chat_id)
        await first.pilot.press(*"half")
        await first.pilot.press("ctrl+q")
    async with home.program() as second:
        await second.is_in()
        composer = await opens(second, chat_id)
        assert composer.text == "half"
        await second.sees("draft, less than a minute ago")
        await second.pilot.press("!")
        await second.until(lambda: composer.text == "half!" and "draft" not in composer.mark)


async def test_a_draft_goes_with_the_message_and_does_not_come_back(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        chat_id = await chats_with_eve(home, visit)
        composer = await opens(visit, chat_id)
        await visit.pilot.press(*"whole", "enter")
        await visit.until(lambda: composer.text == "" and not visit.session.sections.counts.open)
        await visit.session.outbox.drafts.flush()
        assert not visit.session.outbox.drafts.all()
    async with home.program() as again:
        await again.is_in()
        assert (await opens(again, chat_id)).text == ""


async def test_the_version_of_another_window_is_offered_and_neither_is_lost(home: House) -> None:
    async with home.program() as first, home.program() as second:
        await first.enters("ann")
        await second.returns("ann")
        chat_id = await chats_with_eve(home, first)
        await opens(first, chat_id)
        await first.pilot.press(*"of the first")
        composer = await opens(second, chat_id)
        await second.pilot.press(*"of the second")
        await first.pilot.press("!")
        await first.session.outbox.drafts.flush()
        await second.pilot.press("escape", "escape")
        await second.until(lambda: composer is not second.app.screen.focused)
        second.app.screen.drafting.close()  # type: ignore[attr-defined]
        second.app.screen.drafting.open(f"message:{chat_id}")  # type: ignore[attr-defined]
        await second.sees("another window's")
        composer.focus()
        await second.pilot.press("ctrl+t")
        await second.until(lambda: composer.text == "of the first!")
        await second.pilot.press("ctrl+t")
        await second.until(lambda: composer.text == "of the second")
