"""Draws the pictures of the README: the real program, on the demo platform, at 120 x 36."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from tui.app import ParlourApp
from tui.config import Config, PlayerSection, ViewSection
from tui.launch import Launch
from tui.paths import Paths
from tui.screens.base import ParlourScreen
from tui.terminal import Terminal
from widgets.virtual_list import VirtualList

SIZE = (120, 36)
PATIENCE = 180.0
"""Seconds for the platform to start and for everything on a screen to arrive."""

SHOTS: dict[str, tuple[str, ...]] = {
    "feed": ("1", *"jjjjjj"),
    "threads": ("2",),
    "thread": ("enter",),
    "chat": ("3", "enter"),
    "music": ("4",),
}
"""Name of the picture, and the keys that lead there from the one before."""


async def main(folder: Path, theme: str) -> None:
    """Write one SVG for each of `SHOTS` into `folder`."""
    with tempfile.TemporaryDirectory() as home:
        paths = Paths.find(home)
        paths.ensure()
        config = Config(view=ViewSection(theme=theme), player=PlayerSection(output="null"))
        app = ParlourApp(Launch(paths, Terminal(remote=False, colours=1 << 24), config, demo=True))
        async with app.run_test(size=SIZE) as pilot:
            await _until(pilot, lambda: isinstance(app.screen, ParlourScreen))
            for name, keys in SHOTS.items():
                for key in keys:
                    await pilot.press(key)
                await _settle(pilot, app)
                path = folder / f"{name}.svg"
                await asyncio.to_thread(path.write_text, without_web_fonts(app.export_screenshot()))
        await app.leave_nothing()


def without_web_fonts(svg: str) -> str:
    """Return `svg` without the fonts it would fetch: a picture in a README should ask nobody for anything."""
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


async def _settle(pilot: Pilot[int], app: ParlourApp) -> None:
    """Wait until the lists have items, their pictures are there and no sentence is in the corner."""
    await _until(pilot, lambda: any(len(found) for found in app.screen.query(VirtualList)))
    await _until(pilot, lambda: not app.pictures.busy)
    app.clear_notifications()
    await pilot.pause(0.5)


async def _until(pilot: Pilot[int], done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():
            await pilot.pause(0.2)


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "parlour-dark"))
