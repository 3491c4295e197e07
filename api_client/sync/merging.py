"""Two changes of one record, merged field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from api_client.postponed import operations

Fields = Mapping[str, JsonValue]
"""Fields of a record by their names on the wire; one that is missing counts as null."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes fit together."""

    fields: Fields
    """What each field is after both, whoever changed it."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides made something else of the same fields: a person has to decide."""

    names: tuple[str, ...]
    """The fields that both changed, sorted."""
    fields: Fields
    """What each field is after both, the clashing ones left as they were in the base."""


def merge(base: Fields, mine: Fields, theirs: Fields) -> Merged | Clash:
    """Merge what two sides made of `base`; a list or a text is one value, never mixed.

    A field that one side alone changed is as that side made it; what both made the same is no clash. The result does
    not depend on which side is called mine.
    """
    merged: dict[str, JsonValue] = {}
    clashing: list[str] = []
    for name in sorted({*base, *mine, *theirs}):
        was, ours, other = base.get(name), mine.get(name), theirs.get(name)
        if name not in mine or operations.same_value(ours, was):
            merged[name] = other if name in theirs else was
        elif name not in theirs or operations.same_value(other, was) or operations.same_value(other, ours):
            merged[name] = ours
        else:
            merged[name] = was
            clashing.append(name)
    return Clash(tuple(clashing), merged) if clashing else Merged(merged)
