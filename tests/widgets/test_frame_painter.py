"""After anything that happens in an app, the terminal shows the frame that the toolkit would compose."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.theme import Theme
from textual.widgets import Input, Static

from tests.e2e.screen import Cell, Screen, unexpected_sequences
from widgets import frame_painter
from widgets.frame_painter import FramePainter, fits_toolkit
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.virtual_list import VirtualList

SIZE = (64, 20)
WORDS = (
    "plain words",
    "中文 mixed",
    "e\u0301 combined",
    "👍 and more",
    "│ guides ▌",
    "",
    "a long line of words " * 4,
    "سلام",
)


class Wire(HeadlessDriver):
    """A terminal that is an emulator."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.terminal = Screen(*SIZE)
        self.raw = bytearray()

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.raw += data.encode()
        self.terminal.feed(data.encode())


class Item(BaseRenderer[int]):
    """Items of one to five lines."""

    def __init__(self) -> None:
        self.tree = False

    def key(self, item: int) -> str:
        return str(item)

    def version(self, item: int) -> int:
        return 0

    def depth(self, item: int) -> int:
        return item % 3

    def render(self, item: int, context: RenderContext) -> list[Strip]:
        style = context.style("bold primary" if item % 4 else "muted")
        return [
            Strip([Segment(f"{item} "), Segment(WORDS[(item + n) % len(WORDS)], style)]) for n in range(1 + item % 5)
        ]


class Dialog(ModalScreen[None]):
    """Something over the list."""

    CSS = "Dialog { align: center middle; } Dialog Static { width: 20; height: 5; background: $panel; }"

    def compose(self) -> ComposeResult:
        yield Static("a question 中 of some length")


class World(FramePainter):
    """Two lists beside each other under a title."""

    CSS = "#side { width: 20; } VirtualList { padding: 0 1; } #title { height: 1; } Input { height: 1; border: none; }"

    def get_driver_class(self) -> type[Driver]:
        return Wire

    def compose(self) -> ComposeResult:
        yield Static("title", id="title")
        with Horizontal():
            yield VirtualList(Item(), id="side")
            yield VirtualList(Item(), id="main")
        yield Input()

    def on_mount(self) -> None:
        self.register_theme(Theme("other", primary="#ff8800", background="#201020"))
        for shown in self.query(VirtualList):
            shown.set_items(range(200))
        self.query_one("#main").focus()

    @property
    def wire(self) -> Wire:
        assert isinstance(self._driver, Wire)
        return self._driver

    def expected(self) -> list[list[Cell]]:
        """The frame that the toolkit composes, on a terminal of its own."""
        terminal = Screen(*self.size)
        for y, strip in enumerate(self.screen._compositor.render_strips()):
            terminal.feed(f"\x1b[?7l\x1b[{y + 1};1H{strip.render(self.console)}".encode())
        return terminal.cells


@asynccontextmanager
async def world() -> AsyncIterator[tuple[World, Pilot[int]]]:
    app = World()
    async with app.run_test(size=SIZE, headless=False, notifications=True) as pilot:
        await settled(app, pilot)
        yield app, pilot


async def settled(app: World, pilot: Pilot[int]) -> None:
    async with asyncio.timeout(30):
        await pilot.pause()
        while any(shown.awaits_paint for shown in app.screen_stack[0].query(VirtualList)):
            await pilot.pause(0.001)
        await pilot.pause()


def is_right(app: World) -> bool:
    """Whether the terminal shows the frame."""
    compositor = app.screen._compositor
    shown, expected = app.wire.terminal.cells, app.expected()
    return compositor.size == app.size and [list(map(_seen, row)) for row in shown] == [
        list(map(_seen, row)) for row in expected
    ]


async def check(app: World, pilot: Pilot[int]) -> None:
    """The terminal shows the frame as soon as everything has come to rest: a new size and a toast take their time."""
    async with asyncio.timeout(30):
        while not is_right(app):
            await pilot.pause(0.01)
    assert unexpected_sequences(bytes(app.wire.raw)) == []


def _seen(cell: Cell) -> Cell:
    if cell.text in (" ", ""):
        return Cell(" ", frozenset(part for part in cell.pen if part[0] in {"background", "4", "7", "9"}))
    return cell


async def _act(app: World, pilot: Pilot[int], action: str, rng: random.Random) -> None:
    lists = app.screen_stack[0].query(VirtualList)
    shown = lists[rng.randrange(2)]
    key = shown.keys[rng.randrange(len(shown))]
    match action:
        case "down" | "up" | "top" | "bottom":
            getattr(shown, f"action_cursor_{action}")()
        case "page":
            rng.choice((shown.action_page_down, shown.action_page_up, shown.action_half_page_down))()
        case "scroll":
            shown.scroll_lines(rng.randint(-4, 4))
        case "fold":
            shown.toggle_fold(key)
        case "change":
            shown.remove_item(key)
            shown.append([rng.randrange(500)])
            shown.prepend([rng.randrange(500, 900)])
        case "dialog":
            if len(app.screen_stack) > 1:
                app.pop_screen()
            else:
                app.push_screen(Dialog())
        case "toast":
            # Not for a moment: a toast whose time is over while it is taken away makes the toolkit wait for itself.
            app.notify("something happened", timeout=60)
        case "untoast":
            app.clear_notifications()
        case "theme":
            app.theme = "other" if app.theme != "other" else "textual-dark"
        case "title":
            app.screen_stack[0].query_one("#title", Static).update(rng.choice(WORDS))
        case "focus":
            app.screen_stack[0].set_focus(rng.choice([*lists, app.screen_stack[0].query_one(Input)]))
        case "hide":
            lists[0].display = not lists[0].display
        case "redraw":
            app.refresh(layout=True)
        case "resize":
            size = (rng.randint(30, 70), rng.randint(8, 24))
            app.wire.terminal.resize(*size)
            app.post_message(events.Resize(Size(*size), Size(*size)))
        case "batch":
            with app.batch_update():
                shown.action_cursor_down()
                shown.scroll_lines(3)


_OFTEN = (
    "down down down down down up up page scroll scroll fold change dialog toast untoast theme title focus hide redraw "
    "resize batch top bottom"
)
ACTIONS = _OFTEN.split()


@pytest.mark.parametrize("seed", range(5))
async def test_after_anything_the_terminal_shows_the_frame(seed: int) -> None:
    rng = random.Random(seed)
    async with world() as (app, pilot):
        await check(app, pilot)
        for _ in range(12):
            for _ in range(rng.choice((1, 1, 1, 3))):
                await _act(app, pilot, rng.choice(ACTIONS), rng)
            await settled(app, pilot)
            await check(app, pilot)


async def test_a_step_in_a_list_is_painted_without_composing_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    async with world() as (app, pilot):
        shown = app.query_one("#main", VirtualList)
        displayed: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *arguments: displayed.append(arguments))
        app.wire.raw.clear()
        shown.scroll_lines(1)
        await settled(app, pilot)
        assert displayed == []
        assert b"\x1b[1M" not in app.wire.raw, "half of the screen does not move: it is not scrolled"
        await check(app, pilot)


async def test_a_list_across_the_screen_is_scrolled_by_the_terminal() -> None:
    async with world() as (app, pilot):
        app.query_one("#side").display = False
        await settled(app, pilot)
        app.wire.raw.clear()
        app.query_one("#main", VirtualList).scroll_lines(1)
        await settled(app, pilot)
        assert b"\x1b[1M" in app.wire.raw
        assert len(app.wire.raw) < 400
        await check(app, pilot)


async def test_whole_frames_are_written_when_the_user_wants_them() -> None:
    app = World()
    app.write_whole_frames()
    async with app.run_test(size=SIZE, headless=False, notifications=True) as pilot:
        app.query_one("#main", VirtualList).action_page_down()
        await settled(app, pilot)
        await check(app, pilot)
        assert app.differ is None


def test_the_toolkit_is_as_expected() -> None:
    assert fits_toolkit()


def test_another_toolkit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_painter.ChopsUpdate, "__init__", lambda self, chops, spans: None)
    assert not fits_toolkit()
    assert World().differ is None
