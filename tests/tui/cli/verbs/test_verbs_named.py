"""Which verbs there are: all that makes sense without a screen, found in the help, each with examples."""

from __future__ import annotations

import argparse
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tui.__main__ import build_parser, main
from tui.actions import BY_ID
from tui.cli.parsers import COMMANDS
from tui.cli.verbs.coverage import NEED_A_SCREEN, VERBS_FOR
from tui.cli.verbs.names import GROUPS, VERBS
from tui.completion import script_for

ROOT = Path(__file__).parents[4]


@cache
def whole() -> argparse.ArgumentParser:
    """Return the parser of everything: making it takes longer than most tests here."""
    return build_parser()


@cache
def parsers() -> dict[str, argparse.ArgumentParser]:
    found: dict[str, Any] = {}
    for action in whole()._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def test_each_action_has_a_verb_or_a_reason_to_need_a_screen() -> None:
    assert set(VERBS_FOR) | set(NEED_A_SCREEN) == set(BY_ID)
    assert not set(VERBS_FOR) & set(NEED_A_SCREEN)
    assert all(reason.strip() for reason in NEED_A_SCREEN.values())


def test_the_verbs_for_actions_exist_and_every_verb_is_for_an_action() -> None:
    named = {verb for verbs in VERBS_FOR.values() for verb in verbs}
    assert named <= set(COMMANDS)
    # Concerts are a place that a link leads to, of which no action is the only way.
    assert set(VERBS) - named == {"concerts"}


def test_each_module_adds_the_verbs_that_are_named_for_it() -> None:
    known = parsers()
    assert set(VERBS) <= set(known)
    assert all(COMMANDS[verb] == module for _, module, names in GROUPS for verb in names.split())
    assert sum(len(names.split()) for _, _, names in GROUPS) == len(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_has_examples_that_can_be_read_as_they_stand(verb: str) -> None:
    parser = parsers()[verb]
    epilog = parser.epilog or ""
    examples = [line.strip() for line in epilog.partition("examples:\n")[2].split("\n\n")[0].splitlines()]
    assert examples
    assert all(f"parlour {verb}" in line for line in examples)
    assert "exit: 0 done" in epilog
    assert max(map(len, epilog.splitlines())) <= 120
    parser.format_help()


def test_the_help_of_the_program_names_verbs_in_a_section_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    section = told.partition("\nverbs:\n")[2].partition("\n\n")[0]
    assert set(VERBS) <= set(section.split())
    commands = told.partition("\ncommands:\n")[2].partition("\nverbs:\n")[0]
    assert not set(VERBS) & {line.split()[0] for line in commands.splitlines() if line.strip()}
    assert max(map(len, section.splitlines())) <= 80


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_completes_verbs(shell: Any) -> None:
    script = script_for(shell, whole())
    assert all(verb in script for verb in VERBS)
    assert "idempotency-key" in script


def test_reading_a_list_loads_neither_a_toolkit_nor_shapes() -> None:
    code = (
        "import sys, tui.cli.account\n"
        "from tui.cli.verbs import doing, fetching, printing, reading, tracks, writing\n"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"textual", "rich", "pydantic", "pydantic_core", "server", "jq", "sqlite3", "keyring"}
