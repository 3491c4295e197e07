"""YAML with the place of everything in it, so that what is wrong can be pointed at."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from api_client.text import clean, clean_line

FILE_LIMIT = 1024 * 1024
"""Bytes of one file of scenarios."""
VALUES_LIMIT = 50_000
"""Values in one file, counted as often as aliases repeat them."""
_SHOWN_COLUMNS = 160
_TOO_DEEP = re.compile(r"(?:[\[{]\s*){100}")

Path_ = tuple[str | int, ...]
"""The way to a value: keys and positions."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; both counts begin at 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ScenarioError(Exception):
    """A file of scenarios is wrong; the message says what, `place` where."""

    def __init__(self, message: str, place: Place | None = None, source: str = "") -> None:
        super().__init__(message)
        self.message = clean_line(message)
        self.place = place
        self.source = source
        """The line of the file at `place`."""

    def shown(self) -> str:
        """Return `file:line:column: message`, the line, and a caret below the place."""
        if self.place is None:
            return self.message
        head = f"{self.place}: {self.message}"
        text = self.source.rstrip().replace("\t", " ")
        if not text:
            return head
        start = max(0, self.place.column - _SHOWN_COLUMNS // 2)
        number = str(self.place.line)
        caret = " " * (self.place.column - 1 - start) + "^"
        line = clean(text)[start : start + _SHOWN_COLUMNS]
        return f"{head}\n {number} | {line}\n {' ' * len(number)} | {caret}"


class _Loader(yaml.SafeLoader):
    """Safe YAML with the scalars of version 1.2: `on` and `no` are words, `12:30` is text, a date as well."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)$", "-+0123456789."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^(?:<<)$", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(slots=True)
class Document:
    """One YAML document: plain values, and where each stands."""

    file: str
    value: Any
    values_at: dict[Path_, Place] = field(default_factory=dict)
    keys_at: dict[Path_, Place] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def error(self, message: str, path: Iterable[str | int] = (), *, key: bool = False) -> ScenarioError:
        """Return an error at `path`, or at the nearest value around it; at its key if `key` is set."""
        way = tuple(path)
        if key and way in self.keys_at:
            return self._error(message, self.keys_at[way])
        while way and way not in self.values_at:
            way = way[:-1]
        return self._error(message, self.values_at.get(way) or Place(self.file, 1, 1))

    def line_of(self, path: Iterable[str | int]) -> int:
        """Return the line on which the value at `path` begins."""
        found = self.values_at.get(tuple(path))
        return found.line if found else 1

    def _error(self, message: str, place: Place) -> ScenarioError:
        source = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        return ScenarioError(message, place, source)


def read_documents(file: Path, name: str | None = None) -> list[Document]:
    """Return the documents of a YAML file that are not empty; `name` is what it is called in complaints.

    Raises ScenarioError for what is no YAML, is too large, or has the same key twice; OSError if it cannot be read.
    """
    with file.open("rb") as stream:
        data = stream.read(FILE_LIMIT + 1)
    return parse_documents(data, name or str(file))


def parse_documents(data: bytes, name: str) -> list[Document]:
    """Do what `read_documents` does for the bytes of a file."""
    if len(data) > FILE_LIMIT:
        raise ScenarioError(f"{name}: a file of scenarios has at most {FILE_LIMIT // 1024} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScenarioError("this is not UTF-8", Place(name, line, 1)) from error
    lines = text.splitlines()
    if deep := _TOO_DEEP.search(text):
        # The time that PyYAML takes for it grows with the cube of the depth.
        line = text.count("\n", 0, deep.start()) + 1
        raise ScenarioError("this is nested too deeply", Place(name, line, 1))
    try:
        nodes = list(yaml.compose_all(text, Loader=_Loader))
        return [_Reading(name, lines).document(node) for node in nodes if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
        source = lines[place.line - 1] if place.line <= len(lines) else ""
        raise ScenarioError(_yaml_sentence(error), place, source) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ScenarioError("this character is not allowed in YAML", Place(name, line, 1)) from error
    except RecursionError as error:
        raise ScenarioError("this is nested too deeply", Place(name, 1, 1)) from error


def _yaml_sentence(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is not YAML"
    return f"{problem} ({error.context})" if error.context else problem


class _Reading:
    """Makes plain values of nodes and notes their places."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self._found = Document(name, None, lines=lines)
        self._loader = _Loader("")
        self._count = 0

    def document(self, node: yaml.Node) -> Document:
        self._found.value = self._value(node, ())
        return self._found

    def _value(self, node: yaml.Node, path: Path_) -> Any:
        self._count += 1
        if self._count > VALUES_LIMIT:
            raise self._found.error("this holds too much, or its aliases repeat too much")
        place = self._found.values_at[path] = self._place(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, place_)) for place_, item in enumerate(node.value)]
        try:
            return self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self._found._error("this value cannot be read", place) from error

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: list[tuple[yaml.Node, Path_]] = []
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if key_node.tag == "tag:yaml.org,2002:merge":
                merged.append((value_node, path))
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._found._error("a key is a word", place)
            key = str(key_node.value)
            if key in made:
                raise self._found._error(f"{key} stands here twice", place)
            self._found.keys_at[*path, key] = place
            made[key] = self._value(value_node, (*path, key))
        for value_node, way in merged:
            for key, value in self._merged(value_node, way):
                made.setdefault(key, value)
        return made

    def _merged(self, node: yaml.Node, path: Path_) -> Iterator[tuple[str, Any]]:
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(part, yaml.MappingNode):
                raise self._found._error("only a mapping can be merged in", self._place(part))
            place = self._found.values_at[path]
            yield from self._mapping(part, path).items()
            self._found.values_at[path] = place

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._found.file, node.start_mark.line + 1, node.start_mark.column + 1)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean "x"?` for the nearest of `known`, nothing if none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
