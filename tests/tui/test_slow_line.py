"""A terminal that takes what is written slowly gets the newest state, not every state there was."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from PIL import Image
from textual.app import ComposeResult
from textual.driver import Driver
from textual.pilot import Pilot

from tests.widgets.test_frame_painter import SIZE, Item, Wire, World, check, is_right
from tui.chrome import Chrome
from tui.config import Config, ViewSection
from tui.line_speed import Quality
from tui.line_watch import LineWatch
from tui.outlet import Outlet
from tui.screens.pictures import PictureLoader
from tui.shell import Severity
from widgets.picture import DecodedPicture
from widgets.virtual_list import VirtualList


class SlowWire(Wire):
    """A pseudo-terminal that shows what was read from it."""

    def start_application_mode(self) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        outlet = Outlet.to(slave, asyncio.get_running_loop())
        assert outlet is not None
        self.outlet = outlet
        outlet.taken = self._app.line_took  # type: ignore[attr-defined]
        os.set_blocking(self.master, False)
        self.longest = 0
        self.written = 0
        super().start_application_mode()

    def write(self, data: str) -> None:
        self.outlet.write(data)
        self.written += len(data.encode())
        self.longest = max(self.longest, len(self.outlet._left))

    def read(self, most: int = 1 << 16) -> int:
        """Take what has arrived, and show it."""
        try:
            data = os.read(self.master, most)
        except BlockingIOError:
            return 0
        self.raw += data
        self.terminal.feed(data)
        return len(data)


class SlowWorld(World):
    """The lists on that terminal."""

    def get_driver_class(self) -> type[Driver]:
        return SlowWire

    @property
    def slow(self) -> SlowWire:
        assert isinstance(self._driver, SlowWire)
        return self._driver

    @property
    def line_is_busy(self) -> bool:
        return self.slow.outlet.is_busy

    @property
    def line_is_clogged(self) -> bool:
        return self.slow.outlet.is_clogged


@pytest.fixture
def app() -> Iterator[SlowWorld]:
    app = SlowWorld()
    yield app
    app.slow.outlet.lost = True
    app.slow.outlet.close()
    os.close(app.slow.master)


async def test_frames_are_dropped_and_keys_are_answered_while_nobody_reads(app: SlowWorld) -> None:
    async with app.run_test(size=SIZE, headless=False, notifications=True) as pilot:
        main = app.query_one("#main", VirtualList)
        async with asyncio.timeout(60):
            while not app.line_is_busy:
                main.action_page_down()
                main.redraw()
                app.refresh()
                await pilot.pause()
            before = app.slow.written
            for _ in range(100):
                main.action_cursor_down()
                main.action_page_down()
                await pilot.pause()
            assert app.slow.written == before, "nothing is queued behind what the terminal has not taken"
            assert main.highlighted == 199, "what was pressed has been done"
            while not is_right(app):
                app.slow.read(2_000)
                await pilot.pause()
        await check(app, pilot)
        assert app.slow.longest < 20_000, "no more than a frame waits"


async def test_whole_frames_are_dropped_too(app: SlowWorld) -> None:
    app.write_whole_frames()
    async with app.run_test(size=SIZE, headless=False, notifications=True) as pilot:
        main = app.query_one("#main", VirtualList)
        async with asyncio.timeout(60):
            while not app.line_is_clogged:
                main.action_page_down()
                app.refresh()
                await pilot.pause()
            for _ in range(100):
                main.action_page_up()
                await pilot.pause()
            while not is_right(app):
                app.slow.read(2_000)
                await pilot.pause()
        assert app.slow.longest < 120_000, "no more than a few frames wait"


class Watched(LineWatch):
    """A program that minds its line."""

    def __init__(self, quality: Quality) -> None:
        super().__init__()
        self.config_ = Config(view=ViewSection(line=quality))
        self.said: list[str] = []

    @property
    def config(self) -> Config:
        return self.config_

    def say(self, sentence: str, severity: Severity = "information") -> None:
        self.said.append(sentence)

    def compose(self) -> ComposeResult:
        yield VirtualList(Item())


async def fetched(_: str) -> bytes:
    return PNG


def tiny() -> bytes:
    gradient = Image.new("RGB", (40, 20))
    gradient.putdata([(4 * x, 100, 100) for _ in range(20) for x in range(40)])
    buffer = io.BytesIO()
    gradient.save(buffer, "PNG")
    return buffer.getvalue()


PNG = tiny()
LATE_FRAME = (50_000, 1.0)


@asynccontextmanager
async def watched(quality: Quality) -> AsyncIterator[tuple[Watched, Pilot[int]]]:
    """A program with a session behind it, of which only what minds the line is there."""
    app = Watched(quality)
    pictures = PictureLoader(fetched)
    async with app.run_test() as pilot:
        app._backstage = SimpleNamespace(pictures=pictures, chrome=Chrome(lambda: None, "ann"))  # type: ignore[assignment]
        yield app, pilot
        app._backstage = None
    await pictures.close()


async def test_a_slow_line_gets_coarser_pictures_and_the_program_says_so() -> None:
    async with watched(Quality.AUTO) as (app, pilot):
        assert app._backstage is not None
        pictures, chrome = app._backstage.pictures, app._backstage.chrome
        fine = await pictures.get("u", 40, 10)
        app.line_took(*LATE_FRAME)
        await pilot.pause()
        assert (pictures.peek("u", 40, 10), app.said) == (fine, [])
        app.line_took(*LATE_FRAME)
        await pilot.pause()
        coarse = pictures.peek("u", 40, 10)
        assert isinstance(coarse, DecodedPicture)
        assert len(set(coarse.rgb)) < len(set(fine.rgb))
        assert (chrome._status.frames, len(app.said)) == (1, 1)
        assert app._pace.seconds == 1.0


@pytest.mark.parametrize(("quality", "coarse", "rate"), [(Quality.FULL, False, 20), (Quality.LOW, True, 10)])
async def test_what_the_user_has_set_is_done_without_a_word(quality: Quality, coarse: bool, rate: int) -> None:
    async with watched(quality) as (app, pilot):
        assert app._backstage is not None
        for _ in range(3):
            app.line_took(*LATE_FRAME)
            await pilot.pause()
        assert app._backstage.pictures.coarse is coarse
        assert app._backstage.chrome._status.frames is None
        assert app.said == []
        assert round(1 / app._pace.seconds) == rate
