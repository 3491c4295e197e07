"""Keys that come before what they are for: they reach it when it is there, and are verbs for nobody in between."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Input, Static

from tui.typed_ahead import TypedAhead


class Desk(App[int]):
    """A field that opens some time after its key, and verbs on every other key."""

    def __init__(self) -> None:
        super().__init__()
        self.typed_ahead = TypedAhead(self, self.on_event)
        self.verbs: list[str] = []
        self.opened = asyncio.Event()
        """Set it for the field to open."""
        self.done = False

    def compose(self) -> ComposeResult:
        yield Static("")

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self.typed_ahead.take(event):
                return
            if isinstance(self.screen.focused, Input):
                await super().on_event(event)
            elif event.key == "c":
                self.run_worker(self.open())
                self.typed_ahead.until_field(lambda: self.done)
            else:
                self.verbs.append(event.key)
            return
        await super().on_event(event)

    async def open(self) -> None:
        await self.opened.wait()
        await self.push_screen(Form())
        self.done = True


class Form(Screen[None]):
    """One field."""

    def compose(self) -> ComposeResult:
        yield Input()


async def test_letters_wait_for_the_field_however_late_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.typed_ahead.FIELD_WITHIN", 60.0)
    desk = Desk()
    async with desk.run_test() as pilot:
        # All at once: the pilot takes longer from key to key than anybody waits for a field.
        for key in ("c", *"hello"):
            desk.post_message(events.Key(key, key))
        desk.opened.set()
        async with asyncio.timeout(20):
            while not (isinstance(desk.screen, Form) and desk.screen.query_one(Input).value == "hello"):
                await pilot.pause()
    assert desk.verbs == []


async def test_where_no_field_opens_the_letters_are_dropped_and_the_next_key_is_heard() -> None:
    desk = Desk()
    async with desk.run_test() as pilot:
        desk.done = True
        for key in "cvote":
            desk.post_message(events.Key(key, key))
        async with asyncio.timeout(20):
            while "d" not in desk.verbs:
                await pilot.press("d")
    assert set(desk.verbs) == {"d"}


async def test_an_action_that_waits_for_ever_does_not_hold_the_keys_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.typed_ahead.FIELD_WITHIN", 0.05)
    desk = Desk()
    async with desk.run_test() as pilot:
        await pilot.press("c")
        async with asyncio.timeout(20):
            while "d" not in desk.verbs:
                await pilot.press("d")
