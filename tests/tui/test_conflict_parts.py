"""The fields of a conflict: what one side alone changed is chosen already, the rest is asked."""

from __future__ import annotations

import time

import pytest
from rich.style import Style

from tui.screens.conflict_parts import WIDE, FieldChoice, FieldRenderer, field_choices, shown
from widgets.item_renderer import RenderContext

CONFLICT = {
    "base": {"caption": "sea", "location": None, "title": "a", "body": "b"},
    "theirs": {"caption": "the sea", "location": None, "title": "t", "body": "same"},
    "mine": {"caption": "a sea", "location": "Rome", "title": "a", "body": "same"},
    "version": 4,
}


def test_only_what_both_changed_differently_is_left_to_decide_and_stands_first() -> None:
    found = field_choices(CONFLICT)
    assert found[0].name == "caption"
    assert {field.name: field.chosen for field in found} == {
        "caption": None,
        "location": "mine",
        "title": "theirs",
        "body": "mine",
    }
    assert {field.name: field.value for field in found[1:]} == {"location": "Rome", "title": "t", "body": "same"}


@pytest.mark.parametrize(("width", "beside"), [(WIDE, True), (60, False)])
def test_the_versions_stand_side_by_side_where_there_is_room_and_never_over_the_edge(width: int, beside: bool) -> None:
    field = FieldChoice("caption", "it was so", "they made this of it", "mine is that\x1b[31m")
    context = RenderContext(width, lambda _: Style(), False, 0, time.time())
    lines = [strip.text for strip in FieldRenderer().render(field, context)]
    assert all(len(line) <= width for line in lines)
    together = [line for line in lines if "they made this" in line]
    assert len(together) == 1
    assert ("mine is that" in together[0]) is beside
    assert "\x1b" not in "".join(lines)


def test_values_that_are_no_text_are_shown_as_json() -> None:
    assert shown(None) == shown("") == "(nothing)"
    assert shown({"latitude": 1}) == '{"latitude": 1}'


def test_a_field_is_called_by_words() -> None:
    assert [FieldChoice(name, "", "", "").title for name in ("fullName", "is_public", "bio")] == [
        "full name",
        "is public",
        "bio",
    ]
