"""A disk that is full, or cannot be written at all: the program opens, says so, and the words stay on the screen."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.household import Household, pending, signs_in, status_line
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.pty

SIZE = 2 * 1024 * 1024
"""Bytes of the small disk."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Put a disk of its own under `folder`; the test is skipped where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = f"size={SIZE},mode=700,uid={os.getuid()}"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("a file system can be mounted by the administrator alone")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def on_a_small_disk(house: Household) -> Iterator[Household]:
    """The household, with what must not be lost on a small disk."""
    (folder,) = (path.parent for path in house.machine.home.rglob("accounts.json"))
    with small_disk(folder):
        signs_in(house.machine, house.wire.url, house.name)
        yield house


def fill(folder: Path) -> Path:
    """Leave not a byte of the disk free."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        size = 65536
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2
    return filler


def sends(terminal: Terminal, words: str) -> None:
    terminal.type(words)
    terminal.wait_for(words)
    terminal.press("enter")


def test_a_full_disk_keeps_the_words_on_the_screen_until_there_is_room(on_a_small_disk: Household) -> None:
    house = on_a_small_disk
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        house.shows_chat(terminal)
        terminal.wait_for("hello from the lake")
        filler = fill(house.outbox.parents[2])
        sends(terminal, "words that find no room")
        terminal.wait_for("disk is full")
        terminal.wait_for("words that find no room")
        assert "▌ words that" not in terminal.text
        assert house.friend.ask(house.messages) == ["hello from the lake"]
        filler.unlink()
        terminal.press("enter")
        house.friend.wait_for(house.messages, lambda there: there[-1] == "words that find no room")
        terminal.wait_for(pending(0))
    assert len(house.friend.ask(house.messages)) == 2


def test_a_disk_that_is_full_from_the_start_is_told(on_a_small_disk: Household) -> None:
    house = on_a_small_disk
    (folder,) = (path.parent for path in house.machine.home.rglob("accounts.json"))
    fill(folder)
    works_in_memory(house, lambda text: "lost when you leave" in " ".join(text.split()))


def test_a_folder_that_cannot_be_written_is_told(on_a_small_disk: Household) -> None:
    house = on_a_small_disk
    (folder,) = (path.parent for path in house.machine.home.rglob("accounts.json"))
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    works_in_memory(house, lambda text: "lost when you leave" in " ".join(text.split()))


def works_in_memory(house: Household, told: Callable[[str], bool]) -> None:
    """The program opens, says that nothing can be kept, and works all the same; leaving asks where words would go."""
    with house.open() as terminal:
        terminal.wait_for(told)
        terminal.wait_for(lambda text: "not stored" in status_line(text) and "● online" in status_line(text))
        terminal.press("a")
        terminal.wait_for("♥ 1 like")
        house.friend.wait_for(house.the_photo, lambda photo: photo.like_count == 1)
        house.shows_chat(terminal)
        terminal.wait_for("hello from the lake")
        house.wire.cut()
        terminal.wait_for(lambda text: "offline" in status_line(text))
        sends(terminal, "kept on the screen")
        terminal.wait_for(lambda text: "▌ kept on the screen" in text and pending(1)(text))
        terminal.press("ctrl+q")
        terminal.wait_for("would be lost")
        terminal.press("escape")
        terminal.wait_for("▌ kept on the screen")
        house.wire.mend()
        house.friend.wait_for(house.messages, lambda there: there[-1] == "kept on the screen")
        terminal.wait_for(pending(0))
        terminal.press("ctrl+q")
        house.ends(terminal)
