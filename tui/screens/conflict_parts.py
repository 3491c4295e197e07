"""How two changes of one record are read: each field as it was, as it stands there, and as the user wants it."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue
from rich.segment import Segment
from textual.strip import Strip

from api_client.operations import same_value
from api_client.text import clean
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.text_layout import Piece, lay_out

WIDE = 96
"""Cells of the list from which the versions stand side by side."""

Choice = Literal["theirs", "mine", "edited"]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field of the record, and which version of it is to stand."""

    name: str
    base: JsonValue
    theirs: JsonValue
    mine: JsonValue
    chosen: Choice | None = None
    edited: str = ""
    """What the user wrote instead of both."""

    @property
    def title(self) -> str:
        """What it is called: `fullName` on the wire is the full name."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", self.name).lower()

    @property
    def clashes(self) -> bool:
        """Whether both sides made something else of it."""
        return not (
            same_value(self.base, self.theirs) or same_value(self.base, self.mine) or same_value(self.theirs, self.mine)
        )

    @property
    def value(self) -> JsonValue:
        """What is to stand."""
        return {"theirs": self.theirs, "mine": self.mine, "edited": self.edited}[self.chosen or "mine"]

    @property
    def is_text(self) -> bool:
        """Whether it can be edited as text."""
        return all(value is None or isinstance(value, str) for value in (self.base, self.theirs, self.mine))


def field_choices(conflict: Mapping[str, Any]) -> list[FieldChoice]:
    """Return the fields of a conflict, those to be decided first; what one side alone changed is chosen already."""
    base, mine, theirs = conflict["base"], conflict["mine"], conflict["theirs"]
    fields = [FieldChoice(name, base.get(name), theirs.get(name), value) for name, value in mine.items()]
    decided = [
        found if found.clashes else FieldChoice(found.name, found.base, found.theirs, found.mine, _unasked(found))
        for found in fields
    ]
    return sorted(decided, key=lambda found: not found.clashes)


def _unasked(found: FieldChoice) -> Choice:
    return "theirs" if same_value(found.base, found.mine) else "mine"


def shown(value: JsonValue) -> str:
    """Return a value as text."""
    if value is None or value == "":
        return "(nothing)"
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


class FieldRenderer(BaseRenderer[FieldChoice]):
    """Draws a field with its versions: side by side where there is room, else below each other."""

    def key(self, item: FieldChoice) -> str:
        return item.name

    def version(self, item: FieldChoice) -> Hashable:
        return (item.name, item.chosen, item.edited, shown(item.theirs), shown(item.mine))

    def estimate(self, item: FieldChoice, width: int) -> int:
        return 5 if width >= WIDE else 9

    def render(self, item: FieldChoice, context: RenderContext) -> list[Strip]:
        style = context.style
        state = {
            None: ("choose: t theirs, m mine, E edit", "bold warning"),
            "theirs": ("theirs is taken", "success"),
            "mine": ("mine is taken", "success"),
            "edited": ("your new text is taken", "success"),
        }[item.chosen]
        strips = [
            Strip([]),
            Strip(
                [
                    Segment(item.title, style("bold primary")),
                    Segment("  "),
                    Segment(state[0], style(state[1])),
                ]
            ),
        ]
        versions = [
            ("as it was", shown(item.base), "muted", False),
            ("theirs", shown(item.theirs), "text", item.chosen == "theirs"),
            ("mine", shown(item.mine), "text", item.chosen == "mine"),
        ]
        if item.chosen == "edited":
            versions.append(("new", shown(item.edited), "text", True))
        if context.width >= WIDE:
            return [*strips, *_beside(versions, context)]
        for title, text, look, taken in versions:
            strips += _column(title, text, look, taken, context.width, context)
        return strips


def _column(title: str, text: str, look: str, taken: bool, width: int, context: RenderContext) -> list[Strip]:
    """Return one version under its title, exactly `width` cells wide."""
    style = context.style
    mark = Piece("▌ " if taken else "│ ", "success" if taken else "muted")
    head = lay_out(
        [Piece(f"{title}{' ✓' if taken else ''}", "bold success" if taken else "bold muted")],
        width,
        style,
        (mark,),
        (mark,),
    )
    return [*head, *lay_out([Piece(text, look)], width, style, (mark,), (mark,))]


def _beside(versions: list[tuple[str, str, str, bool]], context: RenderContext) -> list[Strip]:
    width = (context.width - 2 * (len(versions) - 1)) // len(versions)
    columns = [_column(*version, width, context) for version in versions]
    gap, blank = [Segment("  ")], [Segment(" " * width)]
    lines = []
    for row in range(max(map(len, columns))):
        segments: list[Segment] = []
        for number, column in enumerate(columns):
            segments += gap if number else []
            segments += list(column[row]) if row < len(column) else blank
        lines.append(Strip(segments))
    return lines
