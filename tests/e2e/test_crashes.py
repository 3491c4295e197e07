"""The program itself fails: the terminal is whole, nothing that was typed or done is lost, no secret is told."""

from __future__ import annotations

import sys

import pytest

from tests.e2e.household import Household, pending, status_line
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.pty

SECRET = "a-value-that-nobody-is-to-see"
START = f"""
import asyncio, sys
from textual.app import App
from tui.program_actions import ProgramActions
from tui.sound import Sound
from tui.__main__ import main

def fail(self):
    secret = "".join({list(SECRET)!r})
    raise RuntimeError("a fault for the test")

async def fail_later(self):
    secret = "".join({list(SECRET)!r})
    await asyncio.sleep(0)
    raise RuntimeError("a fault for the test")

async def hang(self):
    await asyncio.Event().wait()

{{fault}}
sys.exit(main())
"""
FAULTS = {
    "in a handler": ("ProgramActions.action_redraw = fail", "ctrl+l"),
    "in a worker": ("ProgramActions.action_redraw = lambda self: self.run_worker(fail_later(self))", "ctrl+l"),
    # The widgets wait for one another, as they may when one of them has failed.
    "that hangs": ("ProgramActions.action_redraw = fail; App._close_all = hang", "ctrl+l"),
    "on the way out": ("Sound.close = fail_later", "ctrl+q"),
}


@pytest.mark.parametrize(("fault", "key"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_program_costs_nothing_that_was_typed_or_done(house: Household, fault: str, key: str) -> None:
    command = [sys.executable, "-c", START.replace("{fault}", fault), "--insecure-storage"]
    with Terminal(command, env=house.machine.env, cwd=house.machine.folder) as terminal:
        terminal.wait_until_in(house.name)
        terminal.wait_for("♡ 0 likes")
        house.wire.cut()
        terminal.wait_for(lambda text: "offline" in status_line(text))
        terminal.press("a")
        terminal.wait_for(pending(1))
        house.shows_photo(terminal)
        terminal.press("c")
        terminal.wait_for("WRITE")
        terminal.type("half a sentence")
        terminal.wait_for("half a sentence")
        terminal.press("escape")
        terminal.wait_for("BROWSE")
        terminal.press(key)
        house.ends(terminal, 1)
        told = " ".join(terminal.text.split())
        (log,) = house.machine.home.rglob("parlour.log")
        assert told.count("parlour: a fault of the program ended it. What happened is in ") == 1
        assert "".join(told.split()).endswith("parlour.log")
        assert len([line for line in terminal.lines if line.strip()]) <= 4, told
        assert SECRET not in terminal.raw.decode()
        assert "a fault for the test" not in terminal.text
    assert "a fault for the test" in log.read_text()
    assert SECRET not in log.read_text()
    assert house.machine.files_with(SECRET) == []
    assert "half a sentence" in house.drafts()
    assert house.open_writes() == 1
    house.wire.mend()
    with house.open() as terminal:
        terminal.wait_until_in(house.name)
        terminal.wait_for(pending(0))
        assert house.friend.ask(house.the_photo).like_count == 1
        house.shows_photo(terminal)
        terminal.press("c")
        terminal.wait_for("half a sentence")
