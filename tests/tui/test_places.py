"""Addresses that people type or paste, made into places."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.places import (
    AlbumPlace,
    ArtistPlace,
    Place,
    PlaylistPlace,
    PostPlace,
    ProfilePlace,
    SectionPlace,
    SubredditPlace,
    from_words,
    parse_address,
    to_words,
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("feed", SectionPlace("feed")),
        (" MUSIC ", SectionPlace("music")),
        ("r/python", SubredditPlace("python")),
        ("/r/python/top-year", SubredditPlace("python", "top-year")),
        ("u/ann.lee", ProfilePlace("ann.lee")),
        ("@ann", ProfilePlace("ann")),
        ("p/1a-2b", PostPlace("1a-2b")),
        ("https://parlour.example/p/1a-2b", PostPlace("1a-2b")),
        ("https://parlour.example/r/python?x=1", SubredditPlace("python")),
        ("album/7", AlbumPlace("7")),
        ("artist/7", ArtistPlace("7")),
        ("playlist/7", PlaylistPlace("7")),
    ],
)
def test_an_address_names_a_place(text: str, place: Place) -> None:
    assert parse_address(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "r/",
        "r/a b",
        "u/../etc",
        "p/1/2/3",
        "http://[x/p/1",
        "nonsense",
        "r/\x1b[2J",
        "listening/2026-02-31",
        "listening/0000-00-00",
    ],
)
def test_what_is_no_address_names_none(text: str) -> None:
    assert parse_address(text) is None


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    parse_address(text)


@pytest.mark.parametrize("kind", get_args(Place), ids=lambda kind: kind.__name__)
def test_every_place_can_be_written_down_and_found_again(kind: type[Any]) -> None:
    given = {field.name: "2026-11-22" if field.name == "day" else "7" for field in fields(kind)}
    place = kind("feed") if kind is SectionPlace else kind(**given)
    words = json.loads(json.dumps(to_words(place)))
    assert from_words(words) == place
    assert type(from_words(words)) is kind


@pytest.mark.parametrize(
    "words",
    [
        None,
        {},
        [],
        ["Path", "/etc"],
        ["PostPlace"],
        ["PostPlace", None],
        ["PostPlace", 7],
        ["PostPlace", "1", "2", "3"],
        ["SectionPlace", "nowhere"],
        ["ProfilePlace", "\x1b[2J"],
        ["ProfilePlace", "n" * 301],
        [["QueuePlace"]],
        ["ListeningDayPlace", "2026-13-01"],
    ],
    ids=repr,
)
def test_what_was_not_written_as_a_place_is_none(words: object) -> None:
    assert from_words(words) is None
