"""A message of a list wakes up only those who hear it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual import on
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.message_pump import MessagePump

from tests.widgets.test_frame_painter import Item
from widgets.list_messages import Highlighted
from widgets.virtual_list import VirtualList


class Hearing(Vertical):
    """Between the list and the program."""

    heard = 0

    @on(Highlighted)
    def _hear(self) -> None:
        self.heard += 1


class World(App[None]):
    """A list within two boxes, one of which hears."""

    heard = 0

    def compose(self) -> ComposeResult:
        with Hearing(), Vertical():
            yield VirtualList(Item())

    def on_virtual_list_highlighted(self) -> None:
        self.heard += 1


@contextmanager
def seen(monkeypatch: Any) -> Iterator[list[tuple[str, str]]]:
    """Yield who was given which message of lists."""
    given: list[tuple[str, str]] = []
    dispatch = MessagePump._dispatch_message

    async def note(self: MessagePump, message: Message) -> None:
        if isinstance(message, Highlighted):
            given.append((type(self).__name__, type(message).__name__))
        await dispatch(self, message)

    with monkeypatch.context() as patched:
        patched.setattr(MessagePump, "_dispatch_message", note)
        yield given


async def test_whoever_hears_is_told_and_nobody_else(monkeypatch: Any) -> None:
    app = World()
    async with app.run_test() as pilot:
        shown = app.query_one(VirtualList)
        shown.set_items(range(5))
        await pilot.pause()
        before = app.heard, app.query_one(Hearing).heard
        with seen(monkeypatch) as given:
            shown.action_cursor_down()
            await pilot.pause()
        assert given == [("Hearing", "Highlighted"), ("World", "Highlighted")]
        assert (app.heard, app.query_one(Hearing).heard) == (before[0] + 1, before[1] + 1)


async def test_a_handler_may_stop_it() -> None:
    class Stopping(World):
        def compose(self) -> ComposeResult:
            with Stop():
                yield VirtualList(Item())

    class Stop(Vertical):
        def on_virtual_list_highlighted(self, event: Highlighted) -> None:
            event.stop()

    app = Stopping()
    async with app.run_test() as pilot:
        app.query_one(VirtualList).set_items(range(5))
        await pilot.pause()
        assert app.heard == 0
