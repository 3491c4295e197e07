"""Every command says by examples how it is used, and the examples can be read as they stand."""

from __future__ import annotations

import argparse
import re
import shlex
from functools import cache

import pytest

from tui.__main__ import build_parser
from tui.cli.verbs.names import VERBS

_OVER = re.compile(r"\s(?:[|>&])(?:\s|$)|\s{2,}|\)\x22")
"""Where an example ends: at a pipe, a file, a word about it, or the shell around it."""


@cache
def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the commands that are no verbs; those have the same test beside them."""
    (found,) = (each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction))
    return {name: parser for name, parser in found.choices.items() if name not in VERBS}


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_has_examples_that_can_be_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "something")
    lines = (commands()[name].epilog or "").partition("examples:\n")[2].split("\n\n")[0].splitlines()
    examples = [line.strip() for line in lines if f"parlour {name}" in line]
    assert examples
    for example in examples:
        ours = _OVER.split(example[example.index(f"parlour {name}") :])[0]
        words = shlex.split(ours, comments=True)[1:]
        assert build_parser(words).parse_args(words).command == name
