"""The picker: what is typed narrows the options down, and the last line makes a new one under that name."""

from __future__ import annotations

from textual.app import App
from textual.widgets import OptionList

from themes.loader import default_tokens
from widgets.picker import Picked, Picker

OPTIONS = [("1", "Morning run"), ("2", "Evening"), ("3", "Running late"), ("4", "[b]hostile[/]")]


class Host(App[None]):
    """Asks once."""

    def __init__(self, new: str = "playlist") -> None:
        super().__init__()
        self.new = new
        self.answers: list[Picked | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(default_tokens())

    def on_mount(self) -> None:
        self.push_screen(Picker("Add to", OPTIONS, self.new), self.answers.append)

    def texts(self) -> list[str]:
        found = self.screen.query_one(OptionList)
        return [str(found.get_option_at_index(number).prompt) for number in range(found.option_count)]


async def test_words_narrow_the_options_and_enter_takes_the_first() -> None:
    host = Host()
    async with host.run_test() as pilot:
        assert host.texts() == ["Morning run", "Evening", "Running late", "[b]hostile[/]", "+ a new playlist"]
        await pilot.press(*"run")
        assert host.texts() == ["Morning run", "Running late", "+ a new playlist “run”"]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert host.answers == [Picked("3", "Running late")]


async def test_a_new_one_gets_the_name_that_was_typed() -> None:
    host = Host()
    async with host.run_test() as pilot:
        await pilot.press(*"xyz", "enter")
        await pilot.pause()
        assert host.answers == [Picked(None, "xyz")]


async def test_without_anything_to_choose_enter_does_nothing_and_esc_leaves() -> None:
    host = Host(new="")
    async with host.run_test() as pilot:
        await pilot.press(*"xyz", "enter")
        await pilot.pause()
        assert host.answers == []
        await pilot.press("escape")
        await pilot.pause()
        assert host.answers == [None]
