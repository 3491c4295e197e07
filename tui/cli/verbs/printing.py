"""What a verb writes: lines of JSON for programs, aligned lines for people, sentences for who listens to them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from tui.cli.held import without_held
from tui.cli.output import has_colours, json_line, on_terminal, painted, visible
from tui.cli.verbs.cells import fitted, padded, width_of
from tui.cli.verbs.shapes import Field, Shape, shape_for, value_at

if TYPE_CHECKING:
    import argparse

    from tui.cli.filters import Filter

_LEAST_TEXT, _MOST_OTHER = 24, 24
"""Cells: what a long field needs at least, and what another takes at most."""
_GAP = "  "


class Form(Enum):
    """How records are written."""

    JSON = "json"
    LINES = "lines"
    PLAIN = "plain"


def form_of(arguments: argparse.Namespace) -> Form:
    """Return the form that is asked for: else lines for a person, JSON for a program."""
    if arguments.plain:
        return Form.PLAIN
    if arguments.lines:
        return Form.LINES
    return Form.JSON if arguments.json or arguments.jq or not on_terminal(sys.stdout) else Form.LINES


class Printer:
    """Writes the records of one run to stdout."""

    def __init__(self, form: Form, wanted: Filter | None = None, held: Mapping[str, str] | None = None) -> None:
        """`wanted` is what jq makes of each record; `held` are the secrets that must not stand in what is written."""
        self.form = form
        self._filter = wanted
        self._held: Mapping[str, str] = held or {}
        self._widths: list[int] = []
        self._begun = False

    def hide(self, held: Mapping[str, str]) -> None:
        """Let these secrets not stand in what is written from now on."""
        self._held = held

    def page(self, records: Sequence[Mapping[str, Any]], shape: str) -> None:
        """Write records of a list, as soon as they are there."""
        if not records:
            return
        match self.form:
            case Form.JSON:
                self._write(self._as_json(records))
            case Form.PLAIN:
                for record in records:
                    self._paragraph(record, shape_for(shape, record))
            case _:
                self._table(records, shape)
        sys.stdout.flush()

    def one(self, record: Mapping[str, Any], shape: str) -> None:
        """Write a record that stands alone, with all that is known of it."""
        match self.form:
            case Form.JSON:
                self._write(self._as_json([record]))
            case Form.PLAIN:
                self._paragraph(record, shape_for(shape, record))
            case _:
                self._sheet(record, shape_for(shape, record))

    def done(self, record: Mapping[str, Any], sentence: str) -> None:
        """Write what a write came to: its record for programs, one sentence for people."""
        if self.form is Form.JSON:
            self._write(self._as_json([record]))
        else:
            self._write([sentence])
        sys.stdout.flush()

    def _as_json(self, records: Iterable[Mapping[str, Any]]) -> Iterable[str]:
        if self._filter is None:
            colours = has_colours(sys.stdout)
            for record in records:
                line = json_line(record)
                yield painted(line) if colours else line
            return
        for record in records:
            for result in self._filter.results(dict(record)):
                yield result if isinstance(result, str) else json_line(result)

    def _write(self, lines: Iterable[str]) -> None:
        out = sys.stdout
        terminal = on_terminal(out)
        for line in lines:
            said = without_held(line, self._held)
            # Colours are put around what was made harmless already.
            harmless = said if self.form is Form.JSON and has_colours(out) and self._filter is None else visible(said)
            out.write((harmless if terminal else said) + "\n")

    def _paragraph(self, record: Mapping[str, Any], shape: Shape) -> None:
        lines = [f"{label.capitalize()}: {_folded(text)}" for label, text in _said(record, shape)]
        self._write([*([""] if self._begun else []), *lines])
        self._begun = True

    def _sheet(self, record: Mapping[str, Any], shape: Shape) -> None:
        said = [(label, text) for label, text in _said(record, shape)]
        widest = max((width_of(label) for label, _ in said), default=0)
        lines = []
        for label, text in said:
            first, *rest = text.split("\n")
            lines.append(f"{padded(label, widest)}{_GAP}{first}")
            lines += [f"{' ' * widest}{_GAP}{line}" for line in rest]
        self._write([*([""] if self._begun else []), *lines])
        self._begun = True

    def _table(self, records: Sequence[Mapping[str, Any]], name: str) -> None:
        shape = shape_for(name, records[0])
        fields = [field for field in shape if not field.aside and field.label != "id"]
        rows = [[_folded(_value(record, field)) for field in fields] for record in records]
        ids = [_value(record, field) for record in records for field in shape[-1:] if field.label == "id"]
        if not self._begun:
            self._widths = _widths(fields, rows)
        room = _columns() - sum(width + len(_GAP) for width in self._widths)
        widest_id = max(map(width_of, ids), default=0)
        own_line = bool(ids) and room - widest_id < _LEAST_TEXT
        left = room if own_line or not ids else room - widest_id - len(_GAP)
        widths = [left if field.long else width for field, width in zip(fields, self._widths, strict=True)]
        lines = []
        if not self._begun:
            heading = [field.label.upper() for field in fields]
            lines.append(_row(fields, heading, widths, "ID" if ids and not own_line else ""))
        for number, row in enumerate(rows):
            identity = ids[number] if ids else ""
            lines.append(_row(fields, row, widths, "" if own_line else identity))
            if own_line:
                lines.append(f"{_GAP}{identity}")
        self._write(line.rstrip() for line in lines)
        self._begun = True


def _said(record: Mapping[str, Any], shape: Shape) -> Iterable[tuple[str, str]]:
    for field in shape:
        if text := _value(record, field):
            yield field.label, text


def _value(record: Mapping[str, Any], field: Field) -> str:
    from api_client.text import clean

    value = value_at(record, field.paths)
    return "" if value is None else clean(field.say(value)).strip()


def _folded(text: str) -> str:
    return " ".join(text.split())


def _widths(fields: Sequence[Field], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the cells of each column; those of a long one are what is left."""
    found = []
    for number, field in enumerate(fields):
        widest = max(width_of(row[number]) for row in rows)
        found.append(0 if field.long or not widest else min(max(widest, len(field.label)), _MOST_OTHER))
    return found


def _row(fields: Sequence[Field], row: Sequence[str], widths: Sequence[int], identity: str) -> str:
    cells = [
        padded(fitted(text, width), width, right=field.right)
        for field, text, width in zip(fields, row, widths, strict=True)
        if width > 0
    ]
    return _GAP.join([*cells, *([identity] if identity else [])])


def _columns() -> int:
    """Return how wide a line may be: that of the terminal, COLUMNS, or 120 where nobody says."""
    return max(40, shutil.get_terminal_size((120, 24)).columns)
