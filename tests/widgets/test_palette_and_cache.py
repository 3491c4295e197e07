"""Colours by token, and drawings kept within bounds."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from textual.color import Color
from textual.strip import Strip

from widgets.palette import TOKENS, Palette
from widgets.strip_cache import StripCache

VARIABLES = {
    "foreground": "#FFFFFF",
    "foreground-muted": "#FFFFFF80",
    "text-accent": "#FF8800",
    "text-muted": "auto 60%",
}


def test_tokens_resolve_to_solid_colours_with_attributes() -> None:
    palette = Palette(VARIABLES, Color(0, 0, 0))
    assert palette.style("bold accent").color == RichColor.from_rgb(255, 136, 0)
    assert palette.style("bold accent").bold
    assert palette.style("accent").bgcolor is None
    assert palette.style("muted").color == RichColor.from_rgb(128, 128, 128)
    assert palette.style("text on accent").bgcolor == RichColor.from_rgb(255, 136, 0)
    on_black = palette.style("text-muted").color
    assert on_black is not None
    assert on_black.triplet is not None
    assert 140 <= on_black.triplet.red <= 160
    with pytest.raises(KeyError):
        palette.style("no-such-token")


async def test_every_token_is_in_textuals_own_themes() -> None:
    from textual.app import App

    app: App[None] = App()
    async with app.run_test():
        palette = Palette(app.theme_variables, Color(0, 0, 0))
        assert all(palette.style(token).color for token in TOKENS)


def test_the_cache_is_bounded_by_items_and_by_lines_and_drops_the_oldest() -> None:
    cache = StripCache(items=3, lines=10)
    blank = Strip.blank(1)
    for key in "abcd":
        cache.put(key, 1, [blank])
    assert cache.get("a", 1) is None
    assert cache.get("b", 1) is not None
    cache.put("e", 1, [blank])
    assert cache.get("c", 1) is None
    assert cache.get("b", 1) is not None
    cache.put("tall", 1, [blank] * 50)
    assert len(cache) == 1
    assert cache.get("tall", 2) is None
    cache.drop("tall")
    assert len(cache) == 0
