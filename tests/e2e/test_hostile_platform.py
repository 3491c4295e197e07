"""A platform that attacks: whatever it sends, nothing of it is obeyed by the terminal, and the program goes on."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import platform_process
from tests.e2e.hostile import BIDI, CANARY, poison
from tests.e2e.machine import Machine
from tests.e2e.music import tone
from tests.e2e.screen import control_sequences, unexpected_sequences
from tests.e2e.terminal import Terminal
from tests.e2e.witness import Witness

pytestmark = pytest.mark.pty

WITHOUT_CLEANING = "import api_client.text as t; t.clean = t.clean_line = t.clean_tree = lambda text: text"
WITHOUT_BACKSTOP = "import widgets.backstop as b; b.install = lambda: None"


@dataclass(frozen=True)
class Hostile:
    """A platform full of attacks."""

    url: str
    author: Witness
    reader: Witness


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """Return the platform with its author and its reader."""
    folder, music = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("music")
    tone(music / "good.flac", "Whole", 30)
    with platform_process("-m", "tests.e2e.platform_process", str(folder), "--music", str(music)) as url:
        author, reader = Witness.registered(url, "author"), Witness.registered(url, "reader")
        reader.wait_for(lambda client: client.music.home(), lambda home: "Whole" in str(home))
        poison(url, folder, author, reader)
        yield Hostile(url, author, reader)


TITLE = re.compile(r"\x1b\]2;[^\x00-\x1f\x7f-\x9f]{0,200}\x1b\\")
"""A window's title: a stranger's words may stand in it, but nothing that a terminal obeys."""


def walk(terminal: Terminal, author: str) -> None:
    """Go through every screen on which somebody else's words stand."""
    terminal.press("1")
    terminal.wait_for("seen-caption")
    terminal.press("enter")
    terminal.wait_for("seen-comment")
    terminal.press("m")
    terminal.wait_for(lambda text: "BROWSE" not in text)
    terminal.press("q")
    terminal.wait_for("BROWSE")
    terminal.press(".")
    terminal.wait_for("Esc leaves")
    terminal.press("q")
    terminal.wait_until_gone("Esc leaves")
    terminal.press("q")
    terminal.wait_for("[1 Feed]")
    command(terminal, f"u/{author}", "seen-bio")
    command(terminal, "r/poison", "seen-about")
    terminal.press("2")
    terminal.wait_for(lambda text: "Front page" in text and "▌△" in text)
    for _ in range(2):
        terminal.press("enter")
        terminal.wait_until_gone("Front page")
        terminal.press_until("G", "seen-comment")
        terminal.press("q")
        terminal.wait_for("Front page")
        terminal.press("j")
    terminal.press("3")
    terminal.wait_for("seen-message")
    for _ in range(2):
        terminal.press("enter")
        terminal.wait_for(lambda text: "WRITE" in text and text.count("seen-message") > 1)
        terminal.press("escape")
        terminal.wait_for("BROWSE")
        terminal.press("shift+tab", "j")
    terminal.press("4")
    terminal.wait_for("seen-playlist")
    terminal.press("S")
    terminal.wait_for("Esc leaves")
    terminal.press("q")
    terminal.wait_until_gone("Esc leaves")
    terminal.press_until("j", lambda text: any("▌" in line and "seen-track" in line for line in text.splitlines()))
    terminal.press("enter")
    terminal.wait_for("▶ seen-track")


def command(terminal: Terminal, line: str, seen: str) -> None:
    """Go somewhere by its address, and back."""
    terminal.press(":")
    terminal.type(line + "\r")
    terminal.wait_for(seen)
    terminal.press("q")
    terminal.wait_until_gone(seen)


@pytest.mark.parametrize(
    "weakened",
    [
        # Where one layer is enough, two are: that is for the long form.
        pytest.param("", id="both layers", marks=pytest.mark.soak),
        pytest.param(WITHOUT_CLEANING, id="backstop alone"),
        pytest.param(WITHOUT_BACKSTOP, id="cleaning alone"),
    ],
)
def test_no_word_of_a_stranger_is_obeyed_by_the_terminal(machine: Machine, hostile: Hostile, weakened: str) -> None:
    start = f"import sys; {weakened or 'pass'}; from tui.__main__ import main; sys.exit(main())"
    env = {**machine.env, "PARLOUR_TOKEN": hostile.reader.access}
    with Terminal([sys.executable, "-c", start, "--url", hostile.url], env=env, cwd=machine.folder) as terminal:
        terminal.wait_until_in("reader")
        walk(terminal, hostile.author.me.username)
        assert terminal.alternate
        assert b"\x1b[?1049l" not in terminal.raw
        # It still listens to the person at the keyboard, and only to them.
        terminal.press("1")
        terminal.wait_for("[1 Feed]")
        terminal.press("ctrl+q")
        assert terminal.exit_status() == 0
        raw = terminal.raw
        assert unexpected_sequences(raw) == []
        titles = [sequence for sequence in control_sequences(raw) if TITLE.fullmatch(sequence)]
        assert any("seen-track" in title for title in titles), "the window is named after what plays"
        others = [sequence for sequence in control_sequences(raw) if not TITLE.fullmatch(sequence)]
        assert [sequence for sequence in others if CANARY in sequence] == []
        assert not set(BIDI) & set(raw.decode())
