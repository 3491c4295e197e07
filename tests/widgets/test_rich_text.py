"""User text as lines: exact widths, nothing interpreted that should not be, nothing slow."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from widgets.rich_text import MAX_LINES, UNFORMATTED, Drawing, markdown, plain_text


@cache
def style(spec: str) -> Style:
    """Return a style that can be told from others by its link, which nothing else uses; made once, as by a palette."""
    return Style(meta={"spec": spec})


def lines(drawing: Drawing) -> list[str]:
    return [strip.text.rstrip() for strip in drawing.strips]


def specs(drawing: Drawing) -> dict[str, str]:
    return {
        segment.text: segment.style.meta["spec"] for strip in drawing.strips for segment in strip if segment.style.meta
    }


HOSTILE = {
    "table 20x20": "\n".join(["|" + "a|" * 20, "|" + "-|" * 20, *["|" + "x|" * 20] * 20]),
    "table 200x200": "\n".join(["|" + "a|" * 200, "|" + "-|" * 200, *["|" + "x|" * 200] * 200]),
    "200 headings": "# h\n" * 200,
    "200 list items": "- a\n" * 200,
    "2000 list items": "- a\n" * 2000,
    "100k newlines": "\n" * 100_000,
    "1 MB line": "x" * 1_000_000,
    "1 MB of words": "word " * 200_000,
    "unclosed tags": "[b]" * 34_000,
    "brackets": "[" * 600,
    "emphasis": "*a " * 300,
    "emphasis opened twice": "**a *b" * 100,
    "nested quotes": ">" * 600 + "a",
    "nested lists": "".join(" " * (2 * i) + "- a\n" for i in range(99)),
    "code": "```python\n" + "(" * 1900 + "\n```",
    "long code": "```python\n" + "(" * 9000 + "\n```",
    "wide characters": "日本語" * 5400,
    "families": "👨‍👩‍👧" * 900,
    "marks on one letter": "a" + "\u0301" * 16_000,
    "mentions": "@a " * 5000,
    "brackets in a link": "https://x.y/" + "(" * 8000 + ")" * 8000,
    "spoilers": ">!x!<" * 100,
    "references": "[a]: http://x\n" * 300,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_drawn_quickly_and_in_bounds(name: str) -> None:
    text = HOSTILE[name]
    markdown("*warm* `up`\n```python\nx\n```", 80, style)
    for draw in (markdown, plain_text):
        best = 1.0
        for _ in range(3):
            start = time.thread_time()
            drawing = draw(text, 80, style)
            best = min(best, time.thread_time() - start)
        assert best < 0.05
        assert len(drawing.strips) <= MAX_LINES + 2
        assert all(strip.cell_length == 80 == sum(seg.cell_length for seg in strip) for strip in drawing.strips)


def test_too_much_markdown_is_shown_as_plain_text_with_a_sentence() -> None:
    for text in ("- a\n" * 101, "x" * 17_000, "a\n" * 401, ">" * 50 + "a"):
        drawing = markdown(text, 60, style)
        assert drawing.note is not None
        assert drawing.note.startswith(UNFORMATTED)
        assert UNFORMATTED in " ".join(lines(drawing))
    assert "- a" in lines(markdown("- a\n" * 101, 60, style))


def test_blocks_have_their_marks() -> None:
    text = "# Title\npara\n\n> quote\n\n- one\n- two\n\n3. three\n\n---\n\n```py\nx = 1\n```"
    assert lines(markdown(text, 30, style)) == [
        "Title",
        "",
        "para",
        "",
        "│ quote",
        "",
        "• one",
        "• two",
        "",
        "3. three",
        "",
        "─" * 30,
        "",
        "▏py",
        "▏x = 1",
    ]


def test_links_are_found_named_and_only_those_of_the_web() -> None:
    drawing = markdown(
        "[docs](https://d.example/x) https://p.example/a(b). [bad](javascript:alert(1)) ![cat](http://i.example/c.png) "
        "[file](file:///etc/passwd) https://d.example/x",
        200,
        style,
    )
    assert drawing.links == ["https://d.example/x", "https://p.example/a(b)", "http://i.example/c.png"]
    assert "docs (d.example)" in lines(drawing)[0]
    assert "[picture: cat] (i.example)" in lines(drawing)[0]


def test_a_link_that_pretends_to_lead_elsewhere_shows_where_it_leads() -> None:
    drawing = markdown("[https://bank.example](https://evil.example/bank)", 200, style)
    assert "(evil.example)" in lines(drawing)[0]
    disguised = markdown("[pay](https://bank.example@evil.example/)", 200, style)
    assert "(evil.example)" in lines(disguised)[0]
    assert "(xn--80ak6aa92e.com)" in lines(markdown("[pay](https://аррӏе.com/)", 200, style))[0]


def test_people_tags_and_places_stand_out_and_addresses_do_not() -> None:
    found = specs(plain_text("hi @ada.l, see #engines in r/history or me@mail.example #", 80, style))
    assert found["@ada.l"] == "accent"
    assert found["#engines"] == "secondary"
    assert found["r/history"] == "primary"
    assert "@mail.example" not in found


def test_markup_and_html_are_shown_as_they_were_written() -> None:
    for draw in (plain_text, markdown):
        text = "[@click=app.quit]x[/] <b>y</b> [$accent] [/]"
        drawing = draw(text, 80, style)
        assert lines(drawing) == [text]
        assert all("@click" not in (segment.style.meta or {}) for strip in drawing.strips for segment in strip)


def test_spoilers_are_covered_in_their_own_size_until_they_are_revealed() -> None:
    text = ">!the butler 日本!< did it"
    covered, revealed = markdown(text, 40, style), markdown(text, 40, style, reveal=True)
    assert lines(covered) == ["░░░ ░░░░░░ ░░░░ did it"]
    assert lines(revealed) == ["the butler 日本 did it"]
    assert lines(markdown("a >! b", 40, style)) == ["a >! b"]
    assert lines(markdown("`>!x!<`", 40, style)) == [">!x!<"]


def test_no_link_is_given_to_the_terminal() -> None:
    drawing = markdown("https://a.example [x](https://b.example)", 80, style)
    assert all(segment.style.link is None for strip in drawing.strips for segment in strip)


WORDS = st.text(st.sampled_from("ab *_`[]()>#!-1.\n\n 日本é👍🏽‍👨👩🇩🇪\u0301@/:"), max_size=200)


@settings(deadline=None)
@given(WORDS, st.integers(1, 50))
def test_every_line_has_exactly_the_asked_width(text: str, width: int) -> None:
    for drawing in (markdown(text, width, style), plain_text(text, width, style)):
        for strip in drawing.strips:
            assert sum(segment.cell_length for segment in strip) == width


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \n日本é@/"), max_size=200), st.integers(8, 50))
def test_plain_text_loses_nothing_but_blanks(text: str, width: int) -> None:
    drawn = "".join(strip.text for strip in plain_text(text, width, style).strips)
    assert "".join(drawn.split()) == "".join(text.split())
