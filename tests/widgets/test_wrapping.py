"""Lines of cells: where they break, and what is never split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.wrapping import cells, ellipsis, graphemes, last_grapheme, wrap

FAMILY = "👨‍👩‍👧"
TEXTS = st.text(st.sampled_from("abc  \n日本、。é👍🏽👨‍👩‍👧🇩🇪\u0301️"), max_size=120)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 5, [""]),
        ("a b", 5, ["a b"]),
        ("one two", 5, ["one", "two"]),
        ("longerword", 4, ["long", "erwo", "rd"]),
        ("a longerword b", 4, ["a", "long", "erwo", "rd b"]),
        ("  indented", 10, ["  indented"]),
        ("x\n\ny", 5, ["x", "", "y"]),
        ("日本語テキスト", 6, ["日本語", "テキス", "ト"]),
        ("これは、本。", 6, ["これ", "は、", "本。"]),
        ("trailing   ", 20, ["trailing"]),
        (" four", 4, ["four"]),
        ("      sixteen", 4, ["sixt", "een"]),
    ],
)
def test_lines_break_where_readers_expect(text: str, width: int, expected: list[str]) -> None:
    assert wrap(text, width) == expected


@given(TEXTS, st.integers(2, 40))
def test_no_line_is_too_wide_and_no_character_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize("whole", [FAMILY, "👍🏽", "🇩🇪", "e\u0301", "❤️", "日"])
def test_what_is_one_character_to_the_reader_is_one(whole: str) -> None:
    assert [part for part, _ in graphemes(f"a{whole}b")] == ["a", whole, "b"]
    assert last_grapheme(f"ab{whole}") == whole
    assert all(whole in line or not set(whole) & set(line) for line in wrap(f"xx{whole}xx", 3))


@given(TEXTS, st.integers(0, 40))
def test_an_ellipsis_never_takes_more_than_its_cells(text: str, width: int) -> None:
    text = text.replace("\n", " ")
    short = ellipsis(text, width)
    assert cells(short) <= width
    assert short == text or width == 0 or short.endswith("…")
