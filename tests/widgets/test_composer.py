"""Writing: keys, counting as the platform counts, and nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste

from widgets.composer import Composer, ComposerArea, ComposerKeys


class ComposerApp(App[None]):
    """One composer, and every message it posted."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.composer = Composer(**{"limit": 20, **options})
        self.told: list[Any] = []
        self.drafts: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.composer

    def on_mount(self) -> None:
        self.composer.focus()

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        self.told.append(("submitted", message.text))

    def on_composer_refused(self, message: Composer.Refused) -> None:
        self.told.append(("refused", message.reason))

    def on_composer_changed(self, message: Composer.Changed) -> None:
        self.drafts.append(message.text)

    def on_composer_cancelled(self) -> None:
        self.told.append(("cancelled", ""))

    @property
    def note(self) -> str:
        return str(self.composer.query_one(".composer--note").render())


async def test_in_a_chat_enter_sends_and_ctrl_j_breaks_the_line() -> None:
    app = ComposerApp(submit_on_enter=True)
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b", "enter")
        assert app.told == [("submitted", "a\nb")]
        assert app.composer.text == "a\nb"
        app.composer.clear()
        assert app.composer.text == ""


async def test_in_a_post_enter_breaks_the_line_and_ctrl_s_sends() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "enter", "b", "ctrl+s")
        assert app.told == [("submitted", "a\nb")]


async def test_the_keys_are_given_from_outside() -> None:
    app = ComposerApp(keys=ComposerKeys(frozenset({"ctrl+d"}), frozenset({"enter"}), frozenset({"ctrl+g"})))
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+g", "ctrl+d")
        assert app.told == [("cancelled", ""), ("submitted", "a")]


async def test_leaving_keeps_the_text() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "escape")
        assert app.told == [("cancelled", "")]
        assert app.composer.text == "a"


async def test_the_counter_counts_utf16_and_warns() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.text = "👍" * 4
        await pilot.pause()
        assert app.note == "8/20"
        assert not app.composer.has_class("-near", "-over")
        app.composer.text = "x" * 18
        await pilot.pause()
        assert app.composer.has_class("-near")
        app.composer.text = "x" * 23
        await pilot.pause()
        assert app.composer.has_class("-over")
        assert app.note == "23/20  3 too many"


@pytest.mark.parametrize(("text", "reason"), [("x" * 21, "Too long by 1"), ("  \n ", "Nothing is written yet.")])
async def test_what_cannot_be_sent_is_refused_with_a_sentence_and_stays(text: str, reason: str) -> None:
    app = ComposerApp(text=text)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        [(what, why)] = app.told
        assert what == "refused"
        assert why.startswith(reason)
        assert app.composer.text == text
        assert reason in app.note
        await pilot.press("y")
        assert reason not in app.note


async def test_pasted_text_is_cleaned() -> None:
    app = ComposerApp(limit=100)
    async with app.run_test() as pilot:
        app.query_one(ComposerArea).post_message(Paste("a\x1b]52;c;eA==\x07b\r\nc\x00\u202e"))
        await pilot.pause()
        assert app.composer.text == "a\ufffdb\nc\ufffd"
        assert "\x1b" not in app.query_one(ComposerArea).text


@pytest.mark.parametrize("whole", ["👨‍👩‍👧", "👍🏽", "🇩🇪", "e\u0301", "❤️"])
async def test_one_key_deletes_one_character_as_the_reader_sees_it(whole: str) -> None:
    app = ComposerApp(text=f"a{whole}b", limit=100)
    async with app.run_test() as pilot:
        await pilot.press("end", "left", "backspace")
        assert app.composer.text == "ab"
        app.composer.text = f"a{whole}b"
        await pilot.press("home", "right", "right", "backspace")
        assert app.composer.text == "ab"
        app.composer.text = f"a{whole}b"
        await pilot.press("home", "right", "delete")
        assert app.composer.text == "ab"


async def test_deleting_at_the_start_of_a_line_joins_the_lines() -> None:
    app = ComposerApp(text="a\nb")
    async with app.run_test() as pilot:
        await pilot.press("down", "home", "backspace")
        assert app.composer.text == "ab"
        await pilot.press("end", "delete")
        assert app.composer.text == "ab"


async def test_a_change_is_told_with_the_text() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("h", "i")
        await pilot.pause()
        assert app.drafts[-1] == "hi"


async def test_the_field_grows_with_its_text_up_to_a_bound() -> None:
    app = ComposerApp(limit=1000)
    async with app.run_test(size=(40, 24)) as pilot:
        await pilot.pause()
        heights = []
        for lines in (1, 3, 30):
            app.composer.text = "\n".join("x" * lines)
            await pilot.pause()
            heights.append(app.query_one(ComposerArea).size.height)
        assert heights == [1, 3, 10]
