"""Half-way through a comment the user goes on in an editor of their own, and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.household import Household
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.pty


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


def begins_a_comment(house: Household, terminal: Terminal) -> None:
    terminal.wait_until_in(house.name)
    house.shows_photo(terminal)
    terminal.press("c")
    terminal.wait_for("to the photo of")
    terminal.type("begun here")
    terminal.wait_for("begun here")


def test_a_comment_goes_through_the_editor_and_out(
    house: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(house.machine.env, "EDITOR", editor(tmp_path))
    with house.open() as terminal:
        begins_a_comment(house, terminal)
        terminal.press("ctrl+g")
        terminal.wait_for("the editor has the terminal")
        assert not terminal.alternate
        terminal.type("finished there\r")
        terminal.wait_for("begun here and finished there")
        assert terminal.alternate
        terminal.press("ctrl+s")
        house.me.wait_for(house.comments, lambda found: found == ["begun here and finished there"])
