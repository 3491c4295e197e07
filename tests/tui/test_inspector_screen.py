"""The inspector over the running program, with a real platform: opened, filtered, read, sent again, kept in a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from api_client import endpoints
from api_client.inspect.records import CallRecord
from tests.inspect_canary import forms
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.config import Config, DeveloperSection
from tui.places import SectionPlace
from tui.screens.inspector import InspectorScreen
from tui.screens.inspector_verbs import _write_private
from tui.screens.outbox_details import EditWords
from tui.state.inspector_rows import View
from widgets.composer import Composer
from widgets.menu import Menu, Question
from widgets.prompt import Prompt
from widgets.search_field import SearchField


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def opens(visit: Visit, *keys: str) -> InspectorScreen:
    """Open the inspector with `keys`."""
    await visit.pilot.press(*(keys or ("f12",)))
    await visit.until(lambda: isinstance(visit.app.screen, InspectorScreen) and visit.app.screen.has_frame)
    screen = visit.app.screen
    assert isinstance(screen, InspectorScreen)
    return screen


def calls(visit: Visit) -> list[CallRecord]:
    """Return the answered calls that were recorded."""
    return [call for call in visit.app.inspection.store.recorder.calls if call.ended is not None]


async def asks(visit: Visit) -> CallRecord:
    """Have one call made and recorded: who is signed in."""
    before = len(calls(visit))
    await visit.session.client.accounts.me()
    await visit.until(lambda: len(calls(visit)) > before)
    return next(call for call in reversed(calls(visit)) if call.name == endpoints.ME.name)


async def types(visit: Visit, screen: InspectorScreen, text: str) -> None:
    """Write a filter and wait until it is the one in force."""
    await visit.pilot.press("i")
    await visit.until(lambda: isinstance(screen.focused, SearchField))
    screen.query_one(SearchField).value = text
    await visit.until(lambda: screen.store.filter_text == text)
    await visit.pilot.press("enter")
    await visit.until(lambda: screen.focused is screen.rows)


async def saves(visit: Visit, screen: InspectorScreen, key: str, target: Path) -> None:
    """Press the key of something that is written to a file, and say to which."""
    await visit.pilot.press(key)
    await visit.until(lambda: screen.query_one(Prompt).has_class("-shown"))
    screen.query_one(Prompt).query_one(Input).value = str(target)
    await visit.pilot.press("enter")


async def test_one_key_opens_it_over_everything_and_closes_it_where_one_was(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        assert visit.session.client.recorder is None
        screen = await opens(visit)
        assert visit.session.client.recorder is visit.app.inspection.store.recorder
        await asks(visit)
        await visit.sees("/auth/me", "200", "json", "following")
        await visit.pilot.press("i", "f12")
        await visit.until(lambda: visit.app.screen is not screen)
        assert visit.app.front is not None
        assert visit.app.front.place == SectionPlace("feed")
        again = await opens(visit, "g", "i")
        await visit.sees("/auth/me")
        await types(visit, again, "~m POST")
        await visit.until(lambda: "/auth/me" not in visit.text)
        again.query_one(SearchField).value = "~m POST & ("
        await visit.sees("(column ")
        assert again.store.filter_text == "~m POST"
        await visit.pilot.press("escape")
        await visit.until(lambda: visit.app.screen is not again)


async def test_nothing_secret_is_shown_copied_or_written(home: House, tmp_path: Path) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        tokens = await visit.session.client.auth.current()
        assert tokens is not None
        canary = tokens.access
        assert canary
        screen = await opens(visit)
        await types(visit, screen, "/auth/me")
        call = await asks(visit)
        await visit.until(lambda: screen.rows.highlighted_key == f"call:{call.id}")
        await visit.pilot.press("enter")
        await visit.until(lambda: screen.focused is screen.details)
        await visit.until(lambda: any(line.key.startswith("response-body/") for line in screen.details.items))
        await visit.sees("Timing", "Request headers")
        seen = [visit.text, "\n".join(f"{line.name}: {line.value}" for line in screen.details.items)]
        await visit.pilot.press("escape")
        await visit.until(lambda: screen.focused is screen.rows)
        await visit.pilot.press("y")
        await visit.until(lambda: isinstance(visit.app.screen, Menu))
        await visit.pilot.press("enter")
        await visit.until(lambda: "curl" in visit.app.clipboard)
        seen.append(visit.app.clipboard)
        target = tmp_path / "calls.har"
        await saves(visit, screen, "s", target)
        await visit.hears("without secrets in")
        seen.append(target.read_text(encoding="utf-8"))
        assert '"entries"' in seen[-1]
        assert target.stat().st_mode & 0o777 == 0o600
        await visit.pilot.press("p")
        await visit.hears("GET /api/v1/auth/me: 200.")
        await saves(visit, screen, "c", tmp_path / "again.yaml")
        await visit.hears("parlour smoke carries it out")
        seen.append((tmp_path / "again.yaml").read_text(encoding="utf-8"))
        assert "scenario:" in seen[-1]
        for form in forms(canary):
            assert not [text for text in seen if form in text]
        await visit.pilot.press("T", "s")
        await visit.sees("SECRETS SHOWN")


def test_what_is_written_takes_no_other_file_with_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    other, target = tmp_path / "it.har.part", tmp_path / "it.har"
    other.write_text("mine")
    _write_private(target, "{}")
    assert (other.read_text(), target.read_text(), target.stat().st_mode & 0o777) == ("mine", "{}", 0o600)
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        _write_private(tmp_path / "folder", "{}")
    assert {each.name for each in tmp_path.iterdir()} == {"it.har", "it.har.part", "folder"}


async def test_a_call_is_sent_again_and_stands_under_the_key_that_did_it(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        screen = await opens(visit)
        await types(visit, screen, "/auth/me")
        first = await asks(visit)
        await visit.until(lambda: screen.rows.highlighted_key == f"call:{first.id}")
        await visit.pilot.press("p")
        await visit.hears("GET /api/v1/auth/me: 200.")
        again = calls(visit)[-1]
        assert again.cause is not None
        await visit.pilot.press("E")
        await visit.until(lambda: isinstance(visit.app.screen, EditWords))
        visit.app.screen.query_one(Composer).text = "GET https://elsewhere.example/auth/me"
        await visit.pilot.press("ctrl+s")
        await visit.hears("this platform only")
        await visit.until(lambda: isinstance(visit.app.screen, EditWords))
        visit.app.screen.query_one(Composer).text = "GET /api/v1/auth/me/nowhere\nX-Extra: 1\n"
        await visit.pilot.press("ctrl+s")
        await visit.hears("GET /api/v1/auth/me/nowhere: 404.")
        assert calls(visit)[-1].request_headers.get("x-extra") == "1"
        await visit.pilot.press("T", "a")
        await visit.until(lambda: screen.store.view is View.ACTIONS)
        await visit.sees("send again GET", "to the paint")
        await visit.pilot.press("T", "a")
        await visit.until(lambda: screen.store.view is View.FLAT)
        await visit.pilot.press("x", "k", "k", "x", "equals_sign")
        await visit.sees("Compared", "What differs in the bodies")
        await visit.pilot.press("f12")
        await visit.until(lambda: visit.app.screen is not screen)
        await only_what_an_action_leads_to_is_put_down_to_it(visit)


async def only_what_an_action_leads_to_is_put_down_to_it(visit: Visit) -> None:
    """Go to the threads, and have their screen ask for something later that nobody asked for."""
    await visit.pilot.press("2")
    await visit.until(lambda: any(call.name == endpoints.THREADS.name for call in calls(visit)))
    opened = next(call.cause for call in calls(visit) if call.name == endpoints.THREADS.name)
    assert opened is not None
    assert opened.action == "global.go_threads"
    screen = visit.app.front
    assert screen is not None
    later = visit.app.backstage.client.raw("GET", "/feed", name="later")
    screen.call_later(lambda: screen.work_on(later, "later"))
    await visit.until(lambda: any(call.name == "later" for call in calls(visit)))
    assert next(call for call in calls(visit) if call.name == "later").cause is None


async def test_on_a_small_screen_the_details_take_the_place_of_the_table(home: House) -> None:
    config = replace(home.launch).config.model_copy(update={"developer": DeveloperSection(record="off")})
    assert isinstance(config, Config)
    async with home.program(size=(80, 24), config=config) as visit:
        await visit.enters("ann")
        screen = await opens(visit)
        await visit.sees("not recording")
        assert visit.session.client.recorder is None
        await visit.pilot.press("T", "e")
        await visit.until(lambda: visit.session.client.recorder is not None)
        call = await asks(visit)
        await visit.until(lambda: screen.rows.highlighted_key == f"call:{call.id}")
        assert not screen.details.display
        await visit.pilot.press("enter")
        await visit.sees("waiting")
        await visit.until(lambda: screen.focused is screen.details)
        await asks(visit)
        await visit.until(lambda: screen.store.last_key != f"call:{call.id}")
        # What is read stays in sight, whatever comes meanwhile.
        assert screen.rows.highlighted_key == f"call:{call.id}"
        await visit.pilot.press("h")
        await visit.sees("/auth/me")
        await visit.pilot.press("d")
        await visit.until(lambda: isinstance(visit.app.screen, Question))
        await visit.pilot.press("y")
        await visit.until(lambda: not screen.store.seen)
