"""Fields as they are typed become the JSON and the query that was meant, or a sentence."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.cli.calls.fields import as_query, read_fields, typed_value
from tui.cli.exits import CannotGoOn, Exit


@pytest.mark.parametrize(
    ("texts", "made"),
    [
        (["a=1", "b=x=y"], {"a": "1", "b": "x=y"}),
        (["a="], {"a": ""}),
        (["a[b]=1", "a[c][d]=2"], {"a": {"b": "1", "c": {"d": "2"}}}),
        (["a[]=x", "a[]=y"], {"a": ["x", "y"]}),
        (["a[]"], {"a": []}),
        (["a[]="], {"a": [""]}),
        (["p[][name]=x", "p[][age]=3", "p[][name]=y"], {"p": [{"name": "x", "age": "3"}, {"name": "y"}]}),
        (["p[][tags][]=x", "p[][tags][]=y"], {"p": [{"tags": ["x", "y"]}]}),
        (["a[b][]=x"], {"a": {"b": ["x"]}}),
    ],
)
def test_fields_nest_as_their_brackets_say(texts: list[str], made: dict[str, Any]) -> None:
    assert read_fields(texts, []) == made


@pytest.mark.parametrize(
    "texts",
    [
        ["a"],
        ["=x"],
        ["a[b=x"],
        ["a]b=x"],
        ["a=1", "a=2"],
        ["a=1", "a[b]=2"],
        ["a=1", "a[]=2"],
        ["a[b]=1", "a[]=2"],
        ["a[]=1", "a[b]=2"],
        ["a[b]"],
        ["[a]=1"],
    ],
)
def test_fields_that_contradict_each_other_are_a_sentence(texts: list[str]) -> None:
    with pytest.raises(CannotGoOn) as caught:
        read_fields(texts, [])
    assert caught.value.exit is Exit.USAGE
    assert repr(texts[-1]) in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("-12", -12),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        ("007", "007"),
        ("+1", "+1"),
        ("1_000", "1_000"),
        ("True", "True"),
        ("", ""),
        ("９", "９"),
        ("1" * 5_000, "1" * 5_000),
    ],
)
def test_what_looks_like_json_has_its_type_and_all_else_is_text(text: str, value: Any) -> None:
    found = typed_value(text)
    assert found == value
    assert isinstance(found, str) == isinstance(value, str)


def test_a_typed_field_can_be_the_text_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "title.txt"
    file.write_text("grüße\n", encoding="utf-8")
    assert typed_value(f"@{file}") == "grüße\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"from afar")))
    assert typed_value("@-") == "from afar"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    for name in ("nothing.txt", "picture"):
        with pytest.raises(CannotGoOn, match=name):
            typed_value(f"@{tmp_path / name}")


_WORD = st.text(st.characters(blacklist_characters="[]=", blacklist_categories=["Cs"]), min_size=1, max_size=6)
_SHAPE: st.SearchStrategy[Any] = st.recursive(
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=8),
    lambda inner: st.dictionaries(_WORD, inner, min_size=1, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40)
@given(st.dictionaries(_WORD, st.one_of(_SHAPE, st.lists(st.text(max_size=4), max_size=3)), max_size=4))
def test_every_shape_of_objects_and_lists_can_be_typed(shape: dict[str, Any]) -> None:
    typed: list[str] = []

    def type_out(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                type_out(f"{name}[{key}]", inner)
        elif isinstance(value, list):
            typed.extend([f"{name}[]={item}" for item in value] or [f"{name}[]"])
        else:
            typed.append(f"{name}={value}")

    for key, inner in shape.items():
        type_out(key, inner)
    assert read_fields(typed, []) == shape


@given(st.lists(st.text(alphabet="ab[]=1@", max_size=8), max_size=5))
def test_whatever_is_typed_is_read_or_refused_with_a_sentence(fields: list[str]) -> None:
    try:
        made = read_fields(fields, [])
    except CannotGoOn:
        return
    json.dumps(made)
    assert all(isinstance(value, str) for _, value in as_query(made))


@given(st.dictionaries(_WORD, st.text(st.characters(blacklist_categories=["Cs"]), max_size=6), max_size=4))
def test_fields_in_an_address_are_what_was_typed(fields: dict[str, str]) -> None:
    query = urlencode(as_query(fields))
    assert dict(parse_qsl(query, keep_blank_values=True)) == fields
