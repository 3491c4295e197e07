"""Verbs that write."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui.cli.verbs import opinions, texts
from tui.cli.verbs.doing import Writing, add_writings, run_writing

if TYPE_CHECKING:
    from tui.cli.parsers import Commands

WRITINGS: dict[str, Writing] = {writing.usage.name: writing for writing in (*texts.WRITINGS, *opinions.WRITINGS)}
"""Every verb here by its name."""


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the verbs that write."""
    add_writings(commands, common, WRITINGS)


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of them."""
    return run_writing(arguments, WRITINGS[arguments.command])
