"""Menus under people who type faster than a screen goes away."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.events import Key

from themes.loader import default_tokens
from widgets.fault_badge import FaultBadge
from widgets.menu import Menu, Question


class Host(App[None]):
    """Shows one dialog and remembers what it came to."""

    def __init__(self, dialog: Menu | Question) -> None:
        super().__init__()
        self.dialog = dialog
        self.came: list[str | bool | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(default_tokens())

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.came.append)  # type: ignore[arg-type]


@pytest.mark.parametrize(("keys", "picked"), [("ab", "a"), ("ba", "b"), ("bbbb", "b")])
async def test_keys_behind_the_one_that_picked_pick_nothing_more(keys: str, picked: str) -> None:
    app = Host(Menu("Which?", [("a", "apple"), ("b", "beech")]))
    async with app.run_test() as pilot:
        await pilot.pause()
        # All at once, as a slow line delivers them.
        for key in keys:
            app.dialog.post_message(Key(key, key))
        await pilot.pause()
        assert app.came == [picked]
        assert len(app.screen_stack) == 1


async def test_a_question_that_was_answered_twice_has_one_answer() -> None:
    app = Host(Question("Really?", "leave"))
    async with app.run_test() as pilot:
        await pilot.pause()
        dialog = app.dialog
        assert isinstance(dialog, Question)
        dialog.action_answer(True)
        dialog.action_answer(False)
        await pilot.pause()
        assert app.came == [True]


async def test_the_badge_is_one_line_at_the_right_end_of_any_dialog_and_stays_there() -> None:
    app = Host(Menu("Which?", [("a", "apple")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        badge = FaultBadge()
        await app.dialog.mount(badge)
        await pilot.pause()
        assert (badge.region.y, badge.region.height, badge.region.right) == (0, 1, 80)
        await pilot.resize_terminal(100, 30)
        badge.place()
        await pilot.pause()
        assert badge.region.right == 100
