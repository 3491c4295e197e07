"""Editing the rules of a smart playlist: their lines in a form, what is at each, and what is typed as a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api_client.models.playlist_rules import KINDS, Kind, Rule, RuleGroup
from tui.state.rule_words import rule_words

Path = tuple[int, ...]
"""The way from the outermost group to a rule or group: the place in each group on the way."""

_YES, _NO = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0"})


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A line of the form: a rule, or the head of a group."""

    path: Path
    what: Rule | RuleGroup

    @property
    def text(self) -> str:
        """What the line says, set in as deep as it stands."""
        indent = "  " * len(self.path)
        if isinstance(self.what, Rule):
            words = rule_words(self.what)
            return f"{indent}{words[:1].upper()}{words[1:]}"
        return f"{indent}{'All' if self.what.match == 'all' else 'Any'} of these:"


def lines(group: RuleGroup, path: Path = ()) -> Iterator[RuleLine]:
    """Yield a group and what stands in it, from the top down."""
    yield RuleLine(path, group)
    for place, one in enumerate(group.rules):
        if isinstance(one, Rule):
            yield RuleLine((*path, place), one)
        else:
            yield from lines(one, (*path, place))


def at(group: RuleGroup, path: Path) -> Rule | RuleGroup:
    """Return what stands at `path`. Raises IndexError where there is nothing."""
    if not path:
        return group
    found = group.rules[path[0]]
    if isinstance(found, RuleGroup):
        return at(found, path[1:])
    if len(path) > 1:
        raise IndexError("a rule has nothing in it")
    return found


def replaced(group: RuleGroup, path: Path, new: Rule | RuleGroup | None) -> RuleGroup:
    """Return the group with `new` at `path`, or without what is there for None; the outermost stays a group."""
    if not path:
        return new if isinstance(new, RuleGroup) else RuleGroup(match=group.match, rules=[])
    place, rest = path[0], path[1:]
    inside = list(group.rules)
    if rest:
        within = inside[place]
        if isinstance(within, RuleGroup):
            inside[place] = replaced(within, rest, new)
    elif new is None:
        del inside[place]
    else:
        inside[place] = new
    return RuleGroup(match=group.match, rules=inside)


def added(group: RuleGroup, path: Path, new: Rule | RuleGroup) -> tuple[RuleGroup, Path]:
    """Return the group with `new` at the end of the group at `path`, or behind the rule there, and where it stands."""
    there = at(group, path)
    if isinstance(there, RuleGroup):
        grown = RuleGroup(match=there.match, rules=[*there.rules, new])
        return replaced(group, path, grown), (*path, len(there.rules))
    above = at(group, path[:-1])
    if not isinstance(above, RuleGroup):
        raise IndexError("a rule stands in a group")
    place = path[-1] + 1
    grown = RuleGroup(match=above.match, rules=[*above.rules[:place], new, *above.rules[place:]])
    return replaced(group, path[:-1], grown), (*path[:-1], place)


def turned(group: RuleGroup, path: Path) -> RuleGroup:
    """Return the group with all and any changed for each other in the group at `path`, or the one of the rule there."""
    there = at(group, path)
    if isinstance(there, Rule):
        path = path[:-1]
        there = at(group, path)
    if not isinstance(there, RuleGroup):
        return group
    return replaced(group, path, RuleGroup(match="any" if there.match == "all" else "all", rules=there.rules))


def read_rule(field: str, op: str, typed: str) -> Rule:
    """Return the rule with the value that was typed; raises ValueError that says what is wrong with it."""
    try:
        return Rule.model_validate({"field": field, "op": op, "value": _value(KINDS[field], op, typed.strip())})
    except ValidationError as error:
        trouble = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise ValueError(trouble.removeprefix("Value error, ")) from None


def _value(kind: Kind, op: str, typed: str) -> Any:
    if kind is Kind.TEXT:
        return typed
    if kind is Kind.FLAG:
        if typed.casefold() in _YES | _NO:
            return typed.casefold() in _YES
        raise ValueError("yes or no")
    if op == "between":
        parts = typed.replace(" and ", " ").replace("-", " ").replace(",", " ").split()
        if len(parts) != 2:
            raise ValueError("it needs two numbers")
        return [_number(part) for part in parts]
    if kind is Kind.DAYS:
        typed = typed.removesuffix("days").removesuffix("day").strip()
    return _number(typed)


def _number(typed: str) -> int | float:
    minutes, colon, seconds = typed.partition(":")
    try:
        if colon:  # a length may be typed as 3:30
            return int(minutes) * 60 + int(seconds)
        return int(typed) if typed.lstrip("+-").isdecimal() else float(typed)
    except ValueError:
        raise ValueError(f"{typed or 'nothing'} is not a number") from None


def typed_value(rule: Rule) -> str:
    """Return the value of a rule as it can be typed."""
    if isinstance(rule.value, bool):
        return "yes" if rule.value else "no"
    if isinstance(rule.value, list):
        return " ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in rule.value)
    return str(rule.value)
