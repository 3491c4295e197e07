"""The whole program on a desktop: a person at playerctl, beside the one at the terminal."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import platform_process
from tests.e2e.machine import Machine
from tests.e2e.music import tone
from tests.e2e.session_bus import session_bus
from tests.e2e.terminal import PATIENCE, Terminal
from tests.e2e.witness import Witness

pytestmark = pytest.mark.pty


def playerctl(machine: Machine, *words: str) -> str:
    """Return what playerctl says on the bus of `machine`; it has to succeed."""
    done = subprocess.run(
        ["playerctl", "--player=parlour", *words],
        env=machine.env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.rstrip("\n")


def there(machine: Machine) -> None:
    """Wait until the player is on the bus, as somebody would who looks again and again."""
    until = time.monotonic() + PATIENCE
    while "parlour" not in playerctl(machine, "--list-all").split():
        assert time.monotonic() < until, "the player is not on the bus"


def bar(text: str) -> str:
    """The row of what is playing."""
    return next((line for line in reversed(text.splitlines()) if "vol" in line), "")


def shows(terminal: Terminal, *words: str) -> None:
    """Wait until the bar of the terminal says all of `words`."""
    wanted: Callable[[str], bool] = lambda text: all(word in bar(text) for word in words)  # noqa: E731
    terminal.wait_for(wanted)


def test_playerctl_drives_the_program_in_a_terminal(machine: Machine, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    tone(music / "1.flac", "Première Pièce", 60)
    tone(music / "2.flac", "Zweites Stück", 60)
    with platform_process("-m", "tests.e2e.platform_process", str(tmp_path / "p"), "--music", str(music)) as url:
        person = Witness.registered(url, "listener")
        found = person.wait_for(
            lambda client: client.platform.search("st"), lambda found: len(found.tracks) >= 1, timeout=30
        )
        tracks = {track.title: track.id for track in found.tracks}
        with session_bus(machine), machine.open("--url", url, PARLOUR_TOKEN=person.access) as terminal:
            terminal.wait_until_in("listener")
            there(machine)
            terminal.press(":")
            terminal.type("desktop\r")
            terminal.wait_for("org.mpris.MediaPlayer2.parlour")
            playerctl(machine, "open", f"parlour:track/{tracks['Zweites Stück']}")
            shows(terminal, "Zweites Stück", "▶")
            assert playerctl(machine, "metadata", "--format", "{{title}} {{artist}}") == "Zweites Stück Somebody"
            playerctl(machine, "play-pause")
            assert playerctl(machine, "status") == "Paused"
            terminal.wait_for(lambda text: "▶" not in bar(text))
            playerctl(machine, "position", "30")
            shows(terminal, "0:30 /")
            playerctl(machine, "volume", "0.25")
            shows(terminal, "25")
            terminal.press("Q")
            assert terminal.exit_status() == 0
