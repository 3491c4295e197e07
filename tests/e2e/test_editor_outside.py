"""Half-way through a comment the user goes on in an editor of their own, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tests.e2e.test_nothing_typed_is_lost import begins_to_comment, posted, with_account

pytestmark = [pytest.mark.pty, pytest.mark.xdist_group("e2e")]


def editor(folder: Path) -> str:
    """Return a program that says it is there, waits for a key, and adds a line."""
    path = folder / "ed"
    path.write_text(
        "#!/bin/sh\n"
        "printf 'the editor has the terminal'\n"
        "read -r line\n"
        'printf "%s and %s" "$(cat "$1")" "$line" > "$1"\n'
    )
    path.chmod(0o700)
    return str(path)


def test_a_comment_goes_through_the_editor_and_out(
    machine: Machine, platform: str, new_name: Callable[[], str], tmp_path: Path
) -> None:
    person = with_account(machine, platform, new_name())
    post_id = posted(person)
    with machine.open("--insecure-storage", EDITOR=editor(tmp_path)) as terminal:
        begins_to_comment(terminal, person.me.username, post_id)
        terminal.type("begun here")
        terminal.wait_for("begun here")
        terminal.press("ctrl+g")
        terminal.wait_for("the editor has the terminal")
        assert not terminal.alternate
        terminal.type("finished there\r")
        terminal.wait_for("begun here and finished there")
        assert terminal.alternate
        terminal.press("ctrl+s")
        person.wait_for(
            lambda client: client.comments.page(post_id),
            lambda page: [comment.body for comment in page] == ["begun here and finished there"],
        )


def test_an_editor_that_is_not_there_leaves_everything_as_it_was(
    machine: Machine, platform: str, new_name: Callable[[], str]
) -> None:
    person = with_account(machine, platform, new_name())
    post_id = posted(person)
    with machine.open("--insecure-storage", EDITOR="no-such-editor") as terminal:
        begins_to_comment(terminal, person.me.username, post_id)
        terminal.type("begun here")
        terminal.wait_for("begun here")
        terminal.press("ctrl+g")
        terminal.wait_for(lambda text: "no-such-editor" in text and "begun here" in text)
