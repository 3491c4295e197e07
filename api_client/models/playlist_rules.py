"""The rules by which a smart playlist fills itself: what can be asked of a track, how, and within which bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag, ValidationError, model_validator

from api_client.models.base import BaseVersion, WireModel

DEEPEST = 3
"""Levels of groups, the outermost counted."""
MOST_RULES = 50
"""In all groups together."""
MOST_TRACKS = 1_000
"""What a smart playlist holds at most."""
LONGEST_TEXT = 100
MOST_DAYS = 36_500
LARGEST = 1_000_000

FieldName = Literal[
    "title", "artist", "album", "genre", "year", "plays", "lastPlayed", "added", "loved", "isLoved", "duration",
    "explicit", "tempo", "energy", "danceability", "acousticness", "valence",
]  # fmt: skip
Operator = Literal[
    "is", "isNot", "contains", "containsNot", "beginsWith", "atLeast", "atMost", "between", "within", "notWithin"
]
SortName = Literal[
    "newest", "oldest", "title", "artist", "album", "mostPlayed", "leastPlayed", "lastPlayed", "longestAgo",
    "recentlyAdded", "shortest", "longest", "slowest", "fastest",
]  # fmt: skip


class Kind(StrEnum):
    """What the value of a field is."""

    TEXT = "text"
    NUMBER = "number"
    DAYS = "days"
    """A moment, asked for as days before now."""
    FLAG = "flag"


KINDS: Mapping[str, Kind] = {
    "title": Kind.TEXT,
    "artist": Kind.TEXT,
    "album": Kind.TEXT,
    "genre": Kind.TEXT,
    "year": Kind.NUMBER,
    "plays": Kind.NUMBER,
    "lastPlayed": Kind.DAYS,
    "added": Kind.DAYS,
    "loved": Kind.DAYS,
    "isLoved": Kind.FLAG,
    "duration": Kind.NUMBER,
    "explicit": Kind.FLAG,
    "tempo": Kind.NUMBER,
    "energy": Kind.NUMBER,
    "danceability": Kind.NUMBER,
    "acousticness": Kind.NUMBER,
    "valence": Kind.NUMBER,
}
"""By field. `plays`, `lastPlayed`, `loved` and `isLoved` are about the playlist's owner; `duration` is in seconds,
`tempo` in beats a minute, what a track sounds like from 0 to 1; `added` is when the catalogue got it."""

OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: ("is", "isNot", "contains", "containsNot", "beginsWith"),
    Kind.NUMBER: ("is", "isNot", "atLeast", "atMost", "between"),
    Kind.DAYS: ("within", "notWithin"),
    Kind.FLAG: ("is",),
}

RuleText = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


class Rule(WireModel):
    """One question about a track; `value` is text, a number, two numbers for `between`, days, or yes or no."""

    field: FieldName
    op: Operator
    value: bool | int | float | RuleText | Annotated[list[int | float], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        kind = KINDS[self.field]
        if self.op not in OPERATORS[kind]:
            raise ValueError(f"{self.field} cannot be asked with {self.op}; try {', '.join(OPERATORS[kind])}")
        trouble = _trouble(kind, self.op, self.value)
        if trouble:
            raise ValueError(f"{self.field} {trouble}")
        return self

    @property
    def numbers(self) -> tuple[float, float]:
        """The bounds of `between`, the lower first."""
        low, high = self.value if isinstance(self.value, list) else (0, 0)
        return (low, high) if low <= high else (high, low)


def _trouble(kind: Kind, op: str, value: Any) -> str:
    """Return what is wrong with the value of a field of this kind, empty if nothing is."""
    if kind is Kind.TEXT:
        return "" if isinstance(value, str) and value.strip() else "needs some text"
    if kind is Kind.FLAG:
        return "" if isinstance(value, bool) else "is either true or false"
    if op == "between":
        return "" if isinstance(value, list) and all(_is_number(one) for one in value) else "needs two numbers"
    if not _is_number(value):
        return "needs a number"
    if kind is Kind.DAYS and not (isinstance(value, int) and 1 <= value <= MOST_DAYS):
        return f"needs a whole number of days from 1 to {MOST_DAYS}"
    return ""


def _is_number(value: Any) -> bool:
    # Compared as it is: a whole number of hundreds of digits has no counterpart among the floats.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _shape(raw: Any) -> str:
    """Tell a group from a rule: what is neither must not pass for a group without rules, which holds of everything."""
    is_group = bool({"rules", "match"} & raw.keys()) if isinstance(raw, dict) else isinstance(raw, RuleGroup)
    return "group" if is_group else "rule"


class RuleGroup(WireModel):
    """Rules of which all hold, or any one; without any it holds of everything."""

    match: Literal["all", "any"] = "all"
    rules: Annotated[
        list[Annotated[Annotated[Rule, Tag("rule")] | Annotated[RuleGroup, Tag("group")], Discriminator(_shape)]],
        Field(max_length=MOST_RULES),
    ] = []


class TrackLimit(WireModel):
    """How much is taken of what fits, in the order asked for: so many tracks, or what fills so many minutes."""

    by: Literal["tracks", "minutes"] = "tracks"
    most: Annotated[int, Field(ge=1, le=10_000)] = 50


class Rules(WireModel):
    """What a smart playlist holds; `limit` None: as many tracks as a playlist of this kind can hold."""

    where: RuleGroup = RuleGroup()
    sort: SortName = "newest"
    limit: TrackLimit | None = None

    @model_validator(mode="after")
    def _within_bounds(self) -> Rules:
        if _depth(self.where) > DEEPEST:
            raise ValueError(f"groups stand in one another {DEEPEST} deep at most")
        if sum(1 for _ in flat(self.where)) > MOST_RULES:
            raise ValueError(f"there are {MOST_RULES} rules at most")
        return self


class RulesChange(WireModel):
    """Rules for a playlist; None makes an ordinary playlist of it that keeps what it holds now."""

    base_version: BaseVersion | None = None
    rules: Rules | None


def flat(group: RuleGroup) -> Iterator[Rule]:
    """Yield the rules of a group and of those in it, as they stand."""
    for one in group.rules:
        if isinstance(one, Rule):
            yield one
        else:
            yield from flat(one)


def _depth(group: RuleGroup) -> int:
    return 1 + max((_depth(one) for one in group.rules if isinstance(one, RuleGroup)), default=0)


def read_rules(raw: Mapping[str, Any] | None) -> Rules | None:
    """Return the rules that a platform sent with a playlist; None for none, and for those of a newer platform."""
    if raw is None:
        return None
    try:
        return Rules.model_validate(raw)
    except (ValidationError, RecursionError):
        return None


RuleGroup.model_rebuild()
