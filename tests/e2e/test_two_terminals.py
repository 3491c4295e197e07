"""Two programs of one user on two machines: one drives the other, and the music moves between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import platform_process
from tests.e2e.household import command
from tests.e2e.machine import Machine
from tests.e2e.music import tone
from tests.e2e.terminal import Terminal
from tests.e2e.test_misfortunes import bar, play
from tests.e2e.witness import Witness

pytestmark = pytest.mark.pty


def machine_called(name: str, folder: Path) -> Machine:
    folder.mkdir()
    made = Machine(folder)
    made.configure("config.toml", f'[player]\noutput = "null"\ndevice_name = "{name}"\n')
    return made


def shows(terminal: Terminal, *words: str) -> None:
    """Wait until the bar says all of `words`."""
    terminal.wait_for(lambda text: all(word in bar(text) for word in words))


def test_one_terminal_drives_the_other_and_takes_the_music_over(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for title in ("First", "Second"):
        tone(music / f"{title}.flac", f"{title} Piece", 120)
    with platform_process("-m", "tests.e2e.platform_process", str(tmp_path / "p"), "--music", str(music)) as url:
        person = Witness.registered(url, "listener")
        person.wait_for(
            lambda client: client.platform.search("piece"), lambda found: len(found.tracks) == 2, timeout=30
        )
        signed_in = {"PARLOUR_TOKEN": person.access}
        desk_machine, sofa_machine = (machine_called(name, tmp_path / name) for name in ("desk", "sofa"))
        with desk_machine.open("--url", url, **signed_in) as desk, sofa_machine.open("--url", url, **signed_in) as sofa:
            desk.wait_until_in("listener")
            sofa.wait_until_in("listener")
            play(desk, "First Piece")
            shows(sofa, "on desk: First Piece", "▶")
            sofa.press(",", ",")
            for terminal in (desk, sofa):
                shows(terminal, "⏸", "First Piece")
            command(sofa, "seek 0:45.5")
            command(sofa, "volume 25")
            shows(desk, "0:45 /", "vol 25")
            play(sofa, "Second Piece")
            shows(desk, "▶ Second Piece")
            shows(sofa, "▶ on desk: Second Piece")
            sofa.press(",", "c")
            sofa.wait_for(lambda text: "this terminal" in text and "desk" in text)
            sofa.press_until("j", lambda text: any("▌" in line and "sofa" in line for line in text.splitlines()))
            sofa.press("enter")
            shows(sofa, "▶ Second Piece")
            shows(desk, "on sofa: Second Piece")
            desk.press(",", ",")
            shows(sofa, "⏸ Second Piece")
            for terminal in (sofa, desk):
                terminal.press("Q")
                assert terminal.exit_status() == 0
