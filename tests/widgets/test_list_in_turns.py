"""Long lists put together in turns: shown as they were until everything is there, and never a key late."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from widgets import list_content

SIZE = (40, 12)


async def test_until_the_last_turn_the_list_is_as_it_was_and_is_read_on(
    list_app: Any, notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_content, "_TURN", 0.0)
    monkeypatch.setattr(list_content, "SIGN_AFTER", 0.0)
    app = list_app(marks=True)
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([*notes([0]), *notes(range(1, 4), depth=1), *notes(range(4, 2000))])
        app.list.toggle_mark("n1999")
        app.list.fold("n0")
        app.list.highlight("n1000")
        await pilot.pause()
        before = app.screen_lines()
        changed = [*notes(range(5000, 5100)), *app.list.items]
        work = asyncio.create_task(app.list.set_items_in_turns(changed, sign="sorting…"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert app.screen_lines()[0].strip() == "sorting…"
        assert app.screen_lines()[1:] == before[1:]
        app.list.action_cursor_down()
        assert app.list.highlighted_key == "n1001"
        app.list.action_cursor_up()
        row = app.row_of("n1000")
        await work
        assert len(app.list) == 2100
        assert app.row_of("n1000") == row
        assert app.list.is_folded("n0")
        assert app.list.marked == ["n1999"]
        assert "sorting…" not in "".join(app.screen_lines())


async def test_whoever_cancels_leaves_the_list_as_it_was(
    list_app: Any, notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_content, "_TURN", 0.0)
    monkeypatch.setattr(list_content, "SIGN_AFTER", 0.0)
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(notes(range(40)))
        await pilot.pause()
        before = app.screen_lines()
        work = asyncio.create_task(app.list.set_items_in_turns(notes(range(3000, 6000)), sign="sorting…"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert app.screen_lines() == before
        assert len(app.list) == 40


async def test_a_short_list_is_there_at_once_without_a_sign(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        await app.list.set_items_in_turns(iter(notes([1, 2])), sign="sorting…")
        await pilot.pause()
        assert app.list.keys == ["n1", "n2"]

        def broken() -> Iterator[Any]:
            yield from notes([7])
            raise LookupError

        with pytest.raises(LookupError):
            await app.list.set_items_in_turns(broken(), sign="sorting…")
        assert app.list.keys == ["n1", "n2"]


async def test_several_are_folded_in_one_go_beside_what_is_folded_already(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE):
        tree = [note for i in range(0, 40, 2) for note in (*notes([i]), *notes([i + 1], depth=1))]
        app.list.set_items(tree)
        app.list.fold("n4")
        app.list.fold_more(["n0", "n8", "nobody", "n1"])
        assert [key for key in app.list.keys if app.list.is_folded(key)] == ["n0", "n4", "n8"]
