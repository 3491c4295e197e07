"""Rules in words and in a form: what is said is what is asked, and editing keeps everything else as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.models.playlist_rules import KINDS, OPERATORS, Rule, RuleGroup, Rules, TrackLimit
from tui.state import rule_tree
from tui.state.rule_words import FIELD_WORDS, rule_words, sentence

JAZZ = Rule(field="genre", op="is", value="jazz")
RESTED = Rule(field="lastPlayed", op="notWithin", value=30)
NINETIES = Rule(field="year", op="between", value=[1999, 1990])


def group(*rules: Rule | RuleGroup, match: str = "all") -> RuleGroup:
    return RuleGroup.model_validate({"match": match, "rules": list(rules)})


def test_the_sentence_says_all_of_it() -> None:
    rules = Rules(where=group(JAZZ, RESTED), sort="newest", limit=TrackLimit(by="tracks", most=50))
    assert sentence(rules) == "Genre is jazz, and not played for 30 days; 50 tracks, newest first"
    nested = Rules(where=group(group(JAZZ, NINETIES, match="any"), RESTED), sort="longestAgo")
    assert sentence(nested) == (
        "(genre is jazz, or year is between 1990 and 1999), and not played for 30 days; longest unplayed first"
    )
    assert sentence(Rules(limit=TrackLimit(by="minutes", most=1))) == "Everything; 1 minute, newest first"


def test_every_field_and_question_has_words() -> None:
    assert set(FIELD_WORDS) == set(KINDS)
    typed = {"text": "x", "number": "3", "days": "3", "flag": "no"}
    for field, kind in KINDS.items():
        for op in OPERATORS[kind]:
            words = rule_words(rule_tree.read_rule(field, op, "3 4" if op == "between" else typed[kind.value]))
            assert words == words.strip() != ""
            assert not any(name in words for name in ("isNot", "containsNot", "atLeast", "atMost", "notWithin"))


@pytest.mark.parametrize(
    ("field", "op", "typed", "value"),
    [
        ("duration", "atMost", "3:30", 210),
        ("energy", "atLeast", "0.5", 0.5),
        ("year", "between", "1990 - 1999", [1990, 1999]),
        ("year", "between", "1990 and 1999", [1990, 1999]),
        ("lastPlayed", "within", "30 days", 30),
        ("explicit", "is", "Yes", True),
        ("title", "contains", " 30 ", "30"),
    ],
)
def test_values_are_read_as_people_type_them(field: str, op: str, typed: str, value: object) -> None:
    assert rule_tree.read_rule(field, op, typed).value == value


@pytest.mark.parametrize(
    ("field", "op", "typed", "words"),
    [
        ("year", "is", "soon", "soon is not a number"),
        ("year", "between", "1990", "it needs two numbers"),
        ("explicit", "is", "maybe", "yes or no"),
        ("lastPlayed", "within", "0", "whole number of days"),
        ("title", "is", " ", "needs some text"),
        ("duration", "is", "3:x", "3:x is not a number"),
    ],
)
def test_what_is_wrong_with_a_value_is_said(field: str, op: str, typed: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rule_tree.read_rule(field, op, typed)


RULE = st.sampled_from([JAZZ, RESTED, NINETIES])
INNER = st.builds(RuleGroup, match=st.sampled_from(["all", "any"]), rules=st.lists(RULE, max_size=3))
OUTER = st.builds(RuleGroup, match=st.sampled_from(["all", "any"]), rules=st.lists(RULE | INNER, max_size=4))


@given(where=OUTER, data=st.data())
def test_lines_lead_to_what_they_show(where: RuleGroup, data: st.DataObject) -> None:
    found = list(rule_tree.lines(where))
    for line in found:
        assert rule_tree.at(where, line.path) == line.what
    line = data.draw(st.sampled_from(found))
    new = Rule(field="plays", op="atLeast", value=7)
    grown, path = rule_tree.added(where, line.path, new)
    assert rule_tree.at(grown, path) == new
    assert len(list(rule_tree.lines(grown))) == len(found) + 1
    assert rule_tree.replaced(grown, path, None) == where, "taking it out again leaves what there was"
    assert rule_tree.turned(rule_tree.turned(where, line.path), line.path) == where


@given(rule=RULE)
def test_a_value_can_be_typed_again_as_it_stands(rule: Rule) -> None:
    assert rule_tree.read_rule(rule.field, rule.op, rule_tree.typed_value(rule)) == rule
