"""Whether a scenario speaks only of what it knows: variables, people and sockets, before anything is carried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api_client.inspect.smoke import step_shapes as shapes
from api_client.inspect.smoke.expecting import Events
from api_client.inspect.smoke.scenario import ANYBODY, Scenario, Shared
from api_client.inspect.smoke.source import Document, Path_, suggestion
from api_client.inspect.smoke.step_shapes import Step
from api_client.inspect.smoke.values import names_in

BUILT_IN = frozenset({"run", "uuid", "now", "now_iso", "random", "nth", "reply", "base", "origin", "seed"})
"""Variables that are always there: see `api_client.inspect.smoke.context`."""

SharedSteps = Mapping[tuple[str, str], Shared]


def check_words(scenario: Scenario, document: Document, shared: SharedSteps, known: frozenset[str]) -> None:
    """Raise ScenarioError at the first variable, person or socket that nothing before it makes known."""
    words = {*known, *BUILT_IN, *ANYBODY, *scenario.people, *scenario.variables}
    people = {*scenario.people, *ANYBODY}
    sockets: set[str] = set()
    _check_text(document, ("variables",), words)
    _check_text(document, ("people",), words)
    for name, steps in (("steps", scenario.steps), ("finally", scenario.teardown)):
        for number, step in enumerate(steps):
            path: Path_ = (name, number)
            words |= _own_words(step)
            _check_text(document, path, words)
            sockets |= _opened(step, shared)
            for kind, word in _mentioned(step):
                if "{{" in word or word in (people if kind == "person" else sockets):
                    continue
                near = suggestion(word, people if kind == "person" else sockets)
                said = f"nobody here is called {word}" if kind == "person" else f"no socket {word} was connected before"
                raise document.error(said + near, _place_of(document, path, word))
            words |= set(_made(step, shared))


def _check_text(document: Document, path: Path_, words: set[str]) -> None:
    value = document.value
    for part in path:
        value = value.get(part) if isinstance(value, dict) else value[part]
    for way, text in _texts(value, path):
        try:
            names = list(names_in(text))
        except ValueError as error:
            raise document.error(str(error), way) from error
        for name in names:
            if name not in words:
                raise document.error(f"{{{{{name}}}}} is not known here{suggestion(name, words)}", way)


def _texts(value: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), key
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))


def _own_words(step: Step) -> set[str]:
    """Return what becomes known in the middle of a step: a request's captures are there for its events."""
    return set(step.capture) if isinstance(step, shapes.RequestStep) else set()


def _made(step: Step, shared: SharedSteps) -> Iterator[str]:
    events: Events | None = getattr(step, "events", None)
    yield from getattr(step, "capture", ())
    for rule in events.expect if events else ():
        yield from rule.capture
    if isinstance(step, shapes.SetStep):
        yield from step.set
    if isinstance(step, shapes.UseStep):
        for part in shared[step.file, step.use].steps:
            yield from _made(part, shared)


def _opened(step: Step, shared: SharedSteps) -> set[str]:
    if isinstance(step, shapes.ConnectStep):
        return set(step.connect)
    if isinstance(step, shapes.UseStep):
        opened = {name for part in shared[step.file, step.use].steps for name in _opened(part, shared)}
        given = {f"{{{{{name}}}}}": str(value) for name, value in step.given.items()}
        return {given.get(name, name) for name in opened}
    return set()


def _mentioned(step: Step) -> Iterator[tuple[str, str]]:
    """Yield what a step speaks of: `person` or `socket`, and its name."""
    match step:
        case shapes.RequestStep(person=str(person)):
            yield "person", person
        case shapes.MatrixStep():
            yield from (("person", name) for name in step.people)
        case shapes.ConnectStep():
            yield from (("person", name) for name in step.connect.values())
        case shapes.DisconnectStep():
            yield from (("socket", name) for name in step.disconnect)
        case shapes.SubscribeStep():
            yield from (("socket", name) for name in step.subscribe)
        case shapes.SendStep():
            yield "socket", step.socket
    events: Events | None = getattr(step, "events", None)
    if events:
        yield from (("socket", name) for name in events.sockets())


def _place_of(document: Document, path: Path_, word: str) -> Path_:
    value = document.value[path[0]][path[1]]
    return next((way for way, text in _texts(value, path) if text == word), path)
