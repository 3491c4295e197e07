"""Single modules, each as it measures itself: medians of its own rounds."""

from __future__ import annotations

import importlib

from benchmarks.figures import Figure, Findings
from benchmarks.rows.plan import Plan


def _measured(name: str, findings: Findings) -> None:
    for row in importlib.import_module(f"benchmarks.{name}").rows():
        what, _, other = row.name.partition(" | ")
        beside = {} if row.beside is None else {other or "beside it": [row.beside]}
        findings.figures.append(Figure(what, "ms", [row.ours], beside))


def text(_: Plan, findings: Findings) -> None:
    """Cleaning and Markdown."""
    _measured("text", findings)


def lists(_: Plan, findings: Findings) -> None:
    """The list in a headless app."""
    _measured("lists", findings)


def cache(_: Plan, findings: Findings) -> None:
    """What is read from the cache."""
    _measured("cache", findings)


def outbox(_: Plan, findings: Findings) -> None:
    """Writes taken on."""
    _measured("outbox", findings)


def outbox_store(_: Plan, findings: Findings) -> None:
    """The outbox of many writes."""
    _measured("outbox_store", findings)


def event_storm(_: Plan, findings: Findings) -> None:
    """Notices by the thousand."""
    _measured("event_storm", findings)
