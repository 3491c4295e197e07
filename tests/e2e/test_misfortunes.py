"""Things that go wrong in the middle: the sign-in ends, a file is damaged, a disk is full, the platform goes away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api_client.models.posts import MediaInput, NewPhotoPost
from tests.e2e.conftest import platform_process
from tests.e2e.hostile import PIXEL
from tests.e2e.machine import Machine
from tests.e2e.music import tone
from tests.e2e.terminal import Terminal
from tests.e2e.witness import PASSWORD, Witness

pytestmark = pytest.mark.pty

CAP = 2 * 1024 * 1024
"""Bytes that a file may have on the full disk; the database stays far below."""


def sign_in(terminal: Terminal, name: str) -> None:
    """Sign in by typing."""
    terminal.wait_for("Try the demo")
    terminal.press("s")
    terminal.wait_for("Username or e-mail")
    terminal.type(f"{name}\t{PASSWORD}\r")
    terminal.wait_until_in(name)


def test_a_sign_in_that_ends_is_asked_for_again_and_the_place_stays(
    machine: Machine, platform: str, new_name: Callable[[], str]
) -> None:
    person = Witness.registered(platform, new_name())
    name = person.me.username
    post = NewPhotoPost(caption="what I was reading", media=[MediaInput(type="image", base64=PIXEL)])
    person.ask(lambda client: client.feed.create(post))
    with machine.open("--url", platform) as terminal:
        sign_in(terminal, name)
        terminal.press(":")
        terminal.type(f"u/{name}\r")
        terminal.wait_for("what I was reading")
        person.ask(lambda client: client.accounts.sign_out_everywhere())
        terminal.press_until("ctrl+r", "Your sign-in has expired")
        assert f"Password of {name}?" in " ".join(terminal.text.split())
        terminal.type("not the password\r")
        terminal.wait_for("password is wrong")
        for _ in "not the password":
            terminal.press("backspace")
        terminal.type(PASSWORD)
        terminal.press("enter")
        terminal.wait_until_gone("Your sign-in has expired")
        terminal.wait_for("what I was reading")
        terminal.wait_until_in(name)
        # It works again: what is done now arrives.
        again = Witness.signed_in(platform, name, PASSWORD)
        again.ask(lambda client: client.feed.create(post.model_copy(update={"caption": "written afterwards"})))
        terminal.press("ctrl+r")
        terminal.wait_for("written afterwards")


def test_a_damaged_file_is_told_in_the_bar_and_the_player_lives_on(machine: Machine, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    whole, damaged = music / "whole.flac", music / "damaged.flac"
    tone(whole, "Whole Piece", 20)
    tone(damaged, "Damaged Piece", 20)
    data = damaged.read_bytes()
    damaged.write_bytes(data[:2048] + np.random.default_rng(2).bytes(len(data) - 2048))
    with platform_process("-m", "tests.e2e.platform_process", str(tmp_path / "p"), "--music", str(music)) as url:
        person = Witness.registered(url, "listener")
        person.wait_for(
            lambda client: client.platform.search("piece"), lambda found: len(found.tracks) == 2, timeout=30
        )
        with machine.open("--url", url, PARLOUR_TOKEN=person.access) as terminal:
            terminal.wait_until_in("listener")
            play(terminal, "Damaged Piece")
            terminal.wait_for(lambda text: told(bar(text)))
            play(terminal, "Whole Piece")
            terminal.wait_for(lambda text: "▶ Whole Piece" in text and "0:02 /" in bar(text))


def play(terminal: Terminal, title: str) -> None:
    """Search for a track and play it."""
    terminal.press("g", "/")
    terminal.wait_for("WRITE")
    terminal.type(f"{title}\r")
    terminal.wait_for(lambda text: "BROWSE" in text and text.count(title) > 1)
    terminal.press_until("j", lambda text: any("▌" in line and title in line for line in text.splitlines()))
    terminal.press("enter")
    terminal.wait_for("Play all")
    terminal.press("enter")


def bar(text: str) -> str:
    """The row of what is playing."""
    return next((line for line in reversed(text.splitlines()) if "vol" in line), "")


def told(line: str) -> bool:
    """Whether a sentence stands in the bar."""
    return "The file of this track" in line or "The file of this tra…" in line


def test_a_full_disk_is_told_in_a_sentence_and_what_was_written_stays(machine: Machine, tmp_path: Path) -> None:
    picture = machine.home / "noise.png"
    Image.fromarray(np.random.default_rng(3).integers(0, 255, (1000, 1000, 3), dtype=np.uint8)).save(picture)
    assert picture.stat().st_size > CAP
    with platform_process("-m", "tests.e2e.platform_process", str(tmp_path / "p"), "--cap", str(CAP)) as url:
        person = Witness.registered(url, "poster")
        with machine.open("--url", url, PARLOUR_TOKEN=person.access) as terminal:
            terminal.wait_until_in("poster")
            terminal.press("c")
            terminal.wait_for("Pictures")
            terminal.type(f"{picture}\r")
            terminal.wait_for("1000")
            terminal.press("ctrl+s")
            terminal.wait_for("no room left")
            assert "it is still on this machine" in terminal.text
        assert person.ask(lambda client: client.users.posts("poster")).items == []


def test_a_platform_that_goes_away_is_waited_for(machine: Machine, tmp_path: Path) -> None:
    with ExitStack() as stack, ExitStack() as running:
        url = running.enter_context(platform_process("-m", "tests.e2e.platform_process", str(tmp_path / "p")))
        person = Witness.registered(url, "waiter")
        terminal = stack.enter_context(machine.open("--url", url, PARLOUR_TOKEN=person.access))
        terminal.wait_until_in("waiter")
        running.close()
        terminal.wait_for(lambda text: "waiter" in text and "● online" not in text)
        terminal.press("2")
        terminal.wait_for("[2 Threads]")
        terminal.press("ctrl+r")
        terminal.wait_for(lambda text: "127.0.0.1" in text)
        terminal.press("ctrl+q")
        assert terminal.exit_status(10) == 0
