"""Durations, variables, jq and comparisons."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.inspect.smoke.values import (
    ValueTrouble,
    ask,
    brief,
    filled,
    filled_jq,
    filled_path,
    hide,
    names_in,
    seconds_of,
    subset_difference,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("written", "seconds"), [("500ms", 0.5), ("2s", 2.0), ("1.5m", 90.0), ("0ms", 0.0)])
def test_a_duration_has_its_unit(written: str, seconds: float) -> None:
    assert seconds_of(written) == seconds


@pytest.mark.parametrize("written", ["5", 5, True, None, "s", "-1s", "1 h", "1e3s"])
def test_anything_else_is_no_duration(written: object) -> None:
    with pytest.raises(ValueError, match="needs its unit"):
        seconds_of(written)


def test_a_variable_alone_keeps_its_type_and_inside_of_text_becomes_text() -> None:
    known = {"n": 3, "yes": True, "who": {"id": "u1", "tags": ["a", "b"]}, "nothing": None}
    assert filled("{{n}}", known) == 3
    assert filled("{{ who.tags[1] }}", known) == "b"
    assert filled({"a": ["{{yes}}", "x{{n}}-{{yes}}{{nothing}}"], "{{who.id}}": 1}, known) == {
        "a": [True, "x3-true"],
        "u1": 1,
    }
    assert list(names_in("{{n}}/{{who.tags[0]}}")) == ["n", "who"]


@pytest.mark.parametrize("text", ["{{no}}", "{{who.no}}", "{{who.tags[7]}}", "{{n.x}}"])
def test_what_is_not_there_is_said_by_name(text: str) -> None:
    with pytest.raises(ValueTrouble, match="no"):
        filled(text, {"n": 3, "who": {"tags": []}})


def test_values_in_a_path_are_quoted_and_an_address_stays_one() -> None:
    known = {"x": "a/b?c#d ü", "url": "http://h/p?sig=1%2F"}
    assert filled_path("/posts/{{x}}/like", known) == "/posts/a%2Fb%3Fc%23d%20%C3%BC/like"
    assert filled_path("{{url}}", known) == known["url"]


@settings(max_examples=25)
@given(st.text(), JSON)
def test_no_value_becomes_a_part_of_an_expression(text: str, other: Any) -> None:
    known = {"x": text, "other": other}
    assert ask(filled_jq('. == "{{x}}"', known), text, known) is True
    assert ask("$other", None, known) == other


def test_jq_is_asked_once_and_fails_in_a_sentence() -> None:
    assert ask(".a[]", {"a": [1, 2]}, {}) == 1
    assert ask("empty", {}, {}) is None
    assert ask(". as $y | $y + $x", 1, {"x": 2}) == 3
    for expression, value in ((".a.b", {"a": 3}), ("$nobody", {})):
        with pytest.raises(ValueTrouble):
            ask(expression, value, {})


@settings(max_examples=25)
@given(JSON)
def test_everything_has_all_of_itself(value: Any) -> None:
    assert subset_difference(value, value) is None


@settings(max_examples=25)
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=3), st.dictionaries(st.text(max_size=4), JSON, max_size=3))
def test_more_keys_are_no_difference_and_fewer_are(small: dict[str, Any], more: dict[str, Any]) -> None:
    whole = {**more, **small}
    assert subset_difference(small, whole) is None
    for key in small:
        less = {name: value for name, value in whole.items() if name != key}
        assert str(subset_difference(small, less)).endswith("is missing")


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ".a[1].b: expected 2, got 3"),
        ({"a": 1}, {"a": True}, ".a: expected 1, got true"),
        ([1], [1, 2], ".: expected [1], got [1, 2]"),
        ({"a": {}}, {"a": 1}, ".a: expected {}, got 1"),
        ({"a b": 1}, {"a b": 2}, '.["a b"]: expected 1, got 2'),
    ],
)
def test_a_difference_says_where(expected: Any, actual: Any, said: str) -> None:
    assert str(subset_difference(expected, actual)) == said


@pytest.mark.parametrize("before", [0, 40, 16_350, 16_400, 100_000])
def test_a_secret_is_taken_out_before_a_text_is_cut_wherever_it_stands(before: int) -> None:
    known = hide.set(lambda text: text.replace("s" * 300, "#"))
    try:
        for shown in (brief(["." * before, "s" * 300 + "!"], 50), brief(["s" * 300 + "!"] * 200 + ["." * before], 50)):
            assert "s" not in shown
            assert len(shown) <= 50
        assert brief({"token": "s" * 300}, 50) == '{"token": "#"}'
        assert brief("." * before, 50).strip('"').rstrip("…") == "." * min(before, 48)
    finally:
        hide.reset(known)


@pytest.mark.parametrize("value", ["s" * 300, ["s" * 300], {"a": "s" * 300}, "(s" + "s" * 300])
def test_no_half_of_a_secret_is_told_by_jq(value: Any) -> None:
    with pytest.raises(ValueTrouble) as caught:
        ask(". + 1", value, {})
    assert "ss" not in str(caught.value)
    assert "cannot" in str(caught.value) or "(…)" in str(caught.value)
