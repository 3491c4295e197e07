"""What a check finds, and what a check is."""

from __future__ import annotations

import argparse
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from api_client.inspect.redaction import Redactor
from tui.accounts import AccountBook

if TYPE_CHECKING:
    from tui.config import LoadedConfig
    from tui.paths import Paths

Fact: TypeAlias = "str | int | float | bool | Sequence[Fact] | Mapping[str, Fact] | None"
Facts: TypeAlias = "dict[str, Fact]"


class Verdict(StrEnum):
    """How something is, from the best to the worst; `SKIPPED` is not judged."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    PROBLEM = "problem"

    @property
    def weight(self) -> int:
        """The higher, the worse."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    id: str
    """`group.name`, the same at every run."""
    verdict: Verdict
    sentence: str
    """What is so."""
    advice: str = ""
    """What to do about it, or what it means; empty where there is nothing to do."""
    commands: tuple[str, ...] = ()
    """What can be pasted into a shell, or lines of a file, to mend it."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """What was measured, for programs."""

    @property
    def group(self) -> str:
        """What it belongs to, such as `terminal`."""
        return self.id.partition(".")[0]


def ok(name: str, sentence: str, **facts: Fact) -> Finding:
    """Return that something is as it should be."""
    return Finding(name, Verdict.OK, sentence, facts=facts)


def skipped(name: str, sentence: str, advice: str = "", **facts: Fact) -> Finding:
    """Return that something was not looked at, and why."""
    return Finding(name, Verdict.SKIPPED, sentence, advice, facts=facts)


def warning(name: str, sentence: str, advice: str, *commands: str, **facts: Fact) -> Finding:
    """Return that something works, and could work better."""
    return Finding(name, Verdict.WARNING, sentence, advice, commands, facts)


def problem(name: str, sentence: str, advice: str, *commands: str, **facts: Fact) -> Finding:
    """Return that something does not work."""
    return Finding(name, Verdict.PROBLEM, sentence, advice, commands, facts)


@dataclass
class Patient:
    """What is looked at: the user's files, account and environment."""

    arguments: argparse.Namespace
    """With `url`, `data`, `insecure_storage`, and perhaps `account` and `patience`."""
    paths: Paths
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    redactor: Redactor = field(default_factory=Redactor)
    """Knows every secret that was met; what is told goes through it."""

    @cached_property
    def loaded(self) -> LoadedConfig:
        """The settings, and what is wrong with the file."""
        from tui.config import load_config

        return load_config(self.paths.config_file)

    @cached_property
    def book(self) -> AccountBook:
        """The accounts of this machine."""
        return AccountBook(self.paths.accounts_file)

    @cached_property
    def patience(self) -> float:
        """How many times longer than usual is waited for everything: as asked for, and more on a busy machine."""
        busy = os.getloadavg()[0] / (os.cpu_count() or 1)
        return max(float(getattr(self.arguments, "patience", 1.0)), min(busy, MOST_PATIENCE))

    @property
    def url(self) -> str:
        """The platform that would be opened."""
        wanted = getattr(self.arguments, "account", None)
        accounts = [each for each in self.book.accounts if wanted in (None, each.username, each.key)]
        last = accounts[0] if accounts else None
        return str(self.arguments.url or (last.url if last else self.loaded.config.platform.url))


MOST_PATIENCE = 8.0
"""How many times longer is waited at most because the machine is busy."""

Look: TypeAlias = Callable[[Patient], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Check:
    """One look at a part of the patient; it runs beside the others."""

    group: str
    """The first part of the ids of what it finds."""
    title: str
    """What it looks at, for people."""
    look: Look
    seconds: float = 3.0
    """After which it is given up."""
    if_stuck: str = ""
    """What to do if it does not come back."""
