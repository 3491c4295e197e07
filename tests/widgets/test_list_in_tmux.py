"""A list that is scrolled, marked and folded, on a terminal that others wrote: what tmux shows is the list."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from tests.widgets.test_frame_in_tmux import DOUBTFUL, HEIGHT, SURE, WIDTH, Tmux
from widgets.frame_differ import FrameDiffer, Piece, Shift
from widgets.virtual_list import VirtualList

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

ZALGO = "z\u0300\u0301\u0302a\u0303\u0304\u0305l\u0306g\u0307o\u0308"


def shown_lines(found: VirtualList[Any]) -> list[Strip]:
    return [found.render_line(y).adjust_cell_length(WIDTH, Style.null()) for y in range(HEIGHT)]


def letters(line: str) -> str:
    return "".join(character for character in line if "a" <= character <= "z" or character in "◆◈↑▌")


@pytest.mark.parametrize(("texts", "seen"), [(SURE, str.rstrip), ((*DOUBTFUL, ZALGO), letters)])
async def test_tmux_shows_the_list_after_every_step(
    list_app: Any, notes: Any, gap: Any, tmp_path: Path, texts: tuple[str, ...], seen: Callable[[str], str]
) -> None:
    rng = random.Random(8)
    kind = type(notes([0])[0])
    items = [
        kind(f"h{i // 9}", "heading") if i % 9 == 0 else kind(f"n{i}", rng.choice(texts) or "x", 1) for i in range(60)
    ]
    app = list_app(marks=True)
    terminal = Tmux(tmp_path)
    differ = FrameDiffer(ColorSystem.TRUECOLOR, erases=True)
    differ.reset(WIDTH, HEIGHT)
    try:
        async with app.run_test(size=(WIDTH, HEIGHT)):
            found = app.list
            found.set_items([*items[:20], gap("more"), *items[20:]])
            steps: list[tuple[Callable[[], object], int]] = [
                (lambda: None, 0),
                *[(lambda: found.scroll_lines(1), 1)] * 4,
                (lambda: found.highlight("n12"), 0),
                (found.toggle_mark, 0),
                (lambda: found.scroll_lines(-2), -2),
                (lambda: found.load_gap("more"), 0),
                (lambda: found.set_items(items), 0),
                (lambda: found.mark_up_to("n17"), 0),
                (lambda: found.fold("h1"), 0),
                (lambda: found.unfold("h1"), 0),
                (found.action_page_down, HEIGHT - 1),
                (lambda: found.scroll_lines(-1), -1),
            ]
            for do, moved in steps:
                do()
                lines = shown_lines(found)
                pieces = [Piece(y, 0, differ.cells.line(strip)) for y, strip in enumerate(lines)]
                terminal.write(differ.draw(pieces, Shift(0, HEIGHT, moved) if moved else None))
                expected = [seen(strip.text) for strip in lines]
                shown = terminal.wait_for(lambda now, expected=expected: [seen(line) for line in now] == expected)
                assert [seen(line) for line in shown] == expected
    finally:
        terminal.close()
