"""Files into scenarios: found, read, checked to the last variable, and complained of with line and column."""

from __future__ import annotations

import csv
import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api_client.inspect.smoke import expecting, scenario, step_shapes
from api_client.inspect.smoke.scenario import Scenario, Shared
from api_client.inspect.smoke.source import Document, Path_, ScenarioError, read_documents, suggestion
from api_client.inspect.smoke.step_shapes import Step, UseStep
from api_client.inspect.smoke.wording import check_words

SUITE = Path(__file__).parent / "suite"
"""The scenarios that come with Parlour."""
COMMON = "_shared.yaml"
"""A file whose shared steps every scenario of the same folder can use by name."""
_SUFFIXES = (".yaml", ".yml")
ROWS_LIMIT = 16 * 1024**2
"""Bytes of a file with rows of variables."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario with all that belongs to it."""

    scenario: Scenario
    shared: dict[tuple[str, str], Shared]
    """File and word of a `use` to the steps that it means."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """One set of variables for each time that it is carried out; empty for once."""

    def steps_of(self, step: UseStep) -> Shared:
        """Return the steps that `step` uses."""
        return self.shared[step.file, step.use]


def find_files(patterns: Sequence[str]) -> list[Path]:
    """Return the files that are meant: by name, by glob, or all in a folder; raises ScenarioError if one means none."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            matches = sorted(each for suffix in _SUFFIXES for each in path.rglob(f"*{suffix}"))
        elif path.is_file():
            matches = [path]
        else:
            matches = sorted(Path(name) for name in glob.glob(pattern, recursive=True))
        if not matches:
            raise ScenarioError(f"{pattern}: there is no such file")
        found.update(dict.fromkeys(matches))
    return list(found)


def load(files: Iterable[Path], known: Iterable[str] = ()) -> list[Loaded]:
    """Return the scenarios of `files`, in order.

    `known` are the names of variables and secrets given from outside. Raises ScenarioError with the place of the first
    thing that is wrong.
    """
    library = _Library(frozenset(known))
    return [loaded for file in files for loaded in library.scenarios(file)]


class _Library:
    """What has been read, so that shared files are read once."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._files: dict[Path, list[Document]] = {}
        self._shared: dict[tuple[Path, str], tuple[Shared, Document]] = {}

    def scenarios(self, file: Path) -> Iterator[Loaded]:
        titles: set[str] = set()
        for document in self._documents(file):
            if "shared" in document.value:
                self._shared_in(file, document)
                continue
            scenario = _validated(Scenario, document)
            if scenario.slug in titles:
                raise document.error("another scenario of this file has this title", ("scenario",))
            titles.add(scenario.slug)
            scenario.placed(str(file), document.line_of(()))
            _place(document, file, scenario)
            rows = self._rows(scenario, document, file)
            shared: dict[tuple[str, str], Shared] = {}
            self._resolve([*scenario.steps, *scenario.teardown], document, file, shared, ())
            data = {name for row in rows for name in row}
            check_words(scenario, document, shared, self._known | data)
            yield Loaded(scenario, shared, rows)

    def _documents(self, file: Path) -> list[Document]:
        if file not in self._files:
            try:
                documents = read_documents(file)
            except OSError as error:
                raise ScenarioError(f"{file}: {error.strerror}") from error
            for document in documents:
                value = document.value
                if not isinstance(value, dict) or ("scenario" not in value) is ("shared" not in value):
                    raise document.error("a document begins with `scenario: its title` or `shared: its name`")
            self._files[file] = documents
        return self._files[file]

    def _shared_in(self, file: Path, document: Document) -> tuple[Shared, Document]:
        name = str(document.value["shared"])
        if (file, name) not in self._shared:
            shared = _validated(Shared, document)
            _place(document, file, shared)
            self._shared[file, name] = shared, document
        return self._shared[file, name]

    def _find(self, step: UseStep, file: Path) -> tuple[Shared, Document, Path] | None:
        name, places = step.use, [file, file.parent / COMMON]
        if "#" in name:
            elsewhere, _, name = name.partition("#")
            places = [file.parent / elsewhere]
        for place in places:
            if not place.is_file():
                continue
            for document in self._documents(place):
                if document.value.get("shared") == name:
                    return *self._shared_in(place, document), place
        return None

    def _resolve(
        self,
        steps: Iterable[Step],
        document: Document,
        file: Path,
        into: dict[tuple[str, str], Shared],
        chain: tuple[Shared, ...],
    ) -> None:
        """Find what `steps` use; `chain` is by which way they were come to."""
        for step in steps:
            if not isinstance(step, UseStep):
                continue
            way = next((way for way in document.values_at if _is_use(document, way, step)), ())
            found = self._find(step, file)
            if found is None:
                raise document.error(f"there are no shared steps called {step.use}", way)
            shared, its_document, its_file = found
            if any(shared is each for each in chain):
                raise document.error("shared steps use each other without end", way)
            lacking = [name for name in shared.needs if name not in step.given]
            if lacking:
                raise document.error(f"{step.use} needs {', '.join(lacking)}; give it under `with`", way)
            into[step.file, step.use] = shared
            self._resolve([*shared.steps, *shared.teardown], its_document, its_file, into, (*chain, shared))

    def _rows(self, scenario: Scenario, document: Document, file: Path) -> list[dict[str, Any]]:
        if not isinstance(scenario.data, str):
            return list(scenario.data)
        rows_file = file.parent / scenario.data
        if rows_file.exists() and not (rows_file.is_file() and rows_file.stat().st_size <= ROWS_LIMIT):
            limit = f"{ROWS_LIMIT // 1024**2} MiB"
            raise document.error(f"{scenario.data} is no file of at most {limit}", ("data",))
        try:
            with rows_file.open(encoding="utf-8-sig", newline="") as stream:
                rows: list[dict[str, Any]] = [dict(row) for row in csv.DictReader(stream, strict=True)]
        except (OSError, ValueError, csv.Error) as error:
            raise document.error(f"{scenario.data} cannot be read: {error}", ("data",)) from error
        if not rows or any(None in row or None in row.values() for row in rows):
            raise document.error(f"{scenario.data} has no rows, or rows of different length", ("data",))
        return rows


def _is_use(document: Document, way: Path_, step: UseStep) -> bool:
    return way[-1:] == ("use",) and document.line_of(way[:-1]) == step.line


def _validated(kind: type[M], document: Document) -> M:
    try:
        return kind.model_validate(document.value)
    except ValidationError as error:
        raise _complaint(error, document) from error


def _place(document: Document, file: Path, holder: Scenario | Shared) -> None:
    for name, steps in (("steps", holder.steps), ("finally", holder.teardown)):
        for number, step in enumerate(steps):
            step.placed(str(file), document.line_of((name, number)))


def _complaint(error: ValidationError, document: Document) -> ScenarioError:
    """Return the first thing that is wrong, in our words and at its place."""
    found = error.errors(include_url=False, include_context=True)
    first = min(found, key=lambda item: (item["type"] in ("string_type", "list_type", "dict_type"), 0))
    path = _path(first["loc"], document.value)
    is_key = "[key]" in first["loc"]
    match first["type"]:
        case "extra_forbidden":
            key = str(first["loc"][-1])
            known = _known_keys(path[:-1], document.value)
            return document.error(f"{key} is not known here{suggestion(key, known)}", path, key=True)
        case "missing":
            return document.error(f"{first['loc'][-1]} is missing", path)
        case "union_tag_not_found":
            verbs = ", ".join(step_shapes.VERBS)
            return document.error(f"a step has exactly one of: {verbs}", path)
        case "string_pattern_mismatch":
            return document.error("this is to be one word of letters, digits, - and _", path, key=is_key)
        case _:
            return document.error(first["msg"].removeprefix("Value error, "), path, key=is_key)


def _path(loc: Sequence[str | int], value: Any) -> Path_:
    """Return the way in the file that a complaint's place means: pydantic names tags and types on the way as well."""
    way: list[str | int] = []
    after_step = False
    for part in loc:
        if after_step:
            after_step = False
            if part in step_shapes.VERBS:
                continue
        if isinstance(value, dict) and part in value:
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
            after_step = len(way) > 0 and way[-1] in ("steps", "finally")
        else:
            continue
        way.append(part)
    return tuple(way)


_PARTS: dict[str, type[BaseModel]] = {
    "events": expecting.Events,
    "none": expecting.NoEvent,
    "people": scenario.PersonRule,
    "rows": step_shapes.MatrixRow,
    "headers": expecting.HeaderRule,
    "capture": expecting.Capture,
}


def _known_keys(path: Path_, value: Any) -> list[str]:
    """Return the keys that may stand in the mapping at `path`."""
    kind: type[BaseModel] = Shared if isinstance(value, dict) and "shared" in value else Scenario
    for number, part in enumerate(path):
        value = value[part]
        before = path[number - 1] if number else None
        if before in ("steps", "finally") and isinstance(part, int):
            kind = step_shapes.VERBS.get(step_shapes.verb_of(value) or "", Step)
        elif part == "expect":
            kind = expecting.EventRule if before == "events" else expecting.Expect
        else:
            kind = _PARTS.get(str(part), kind)
    return [field.alias or name for name, field in kind.model_fields.items()]
