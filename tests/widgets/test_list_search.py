"""What is sought in a list is found by what the items say, and stands out where it is drawn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.widgets.conftest import ListApp, Note
from widgets.list_search import Sought, with_hits

HIT = Style(bgcolor="#ffff00")


def _hits(strip: Strip) -> list[str]:
    return [segment.text for segment in strip if segment.style is not None and segment.style.bgcolor == HIT.bgcolor]


def test_all_words_are_wanted_in_any_order_and_case() -> None:
    sought = Sought.of("  Ban  LÄR ban ")
    assert sought.words == ("ban", "lär")
    assert sought.are_in("Lärm der Bande")
    assert not sought.are_in("Bande")
    assert not Sought.of("   ")


def test_each_place_stands_out_and_nothing_moves() -> None:
    strip = Strip([Segment("中文 ban"), Segment("ana BAN", Style(bold=True)), Segment(" x")])
    shown = with_hits(strip, Sought.of("ban"), HIT)
    assert shown.text == strip.text
    assert _hits(shown) == ["ban", "BAN"]
    assert next(s.style for s in shown if s.text == "BAN") == Style(bold=True) + HIT


def test_what_a_pattern_would_mean_is_sought_as_it_is() -> None:
    assert _hits(with_hits(Strip([Segment("a.b axb (")]), Sought.of("a.b ("), HIT)) == ["a.b", "("]


@given(st.text("abAB 中é\u0301👍", max_size=12), st.text("abAB 中é👍", max_size=3))
def test_the_text_stays_as_it_is(text: str, sought: str) -> None:
    strip = Strip([Segment(text[:5]), Segment(text[5:], Style(bold=True))])
    shown = with_hits(strip, Sought.of(sought), HIT)
    assert shown.text == strip.text
    assert shown.cell_length == strip.cell_length


async def test_a_list_shows_hits_until_nothing_is_sought() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 8)) as pilot:
        app.list.set_items([Note("n1", "one needle"), Note("n2", "two")])
        await pilot.pause()
        before = [app.list.render_line(y) for y in range(6)]
        app.list.sought = Sought.of("needle")
        hit = app.list.get_component_rich_style("virtual-list--hit", partial=True)
        styles = {s.text: s.style for y in range(6) for s in app.list.render_line(y)}
        found = styles["needle"]
        assert found is not None
        assert found.bgcolor == hit.bgcolor
        app.list.sought = Sought.of("")
        assert [app.list.render_line(y) for y in range(6)] == before


async def test_words_of_an_item_are_what_is_drawn_unless_the_renderer_knows_better() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 8)) as pilot:
        app.list.set_items([Note("n1", "one needle"), Note("broken", "broken")])
        await pilot.pause()
        assert "one needle" in app.list.words_of("n1")
        assert "can't be shown" in app.list.words_of("broken")
        assert app.list.words_of("nobody") == ""
