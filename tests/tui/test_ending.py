"""Leaving: nothing that hangs keeps the process, and its exit status is the one it was given."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from tui.ending import run_to_its_end

HANGS = """
import asyncio, threading
from tui.ending import QuickThreads, leave_what_hangs

async def work():
    asyncio.get_running_loop().set_default_executor(QuickThreads())
    begun = threading.Event()
    asyncio.get_running_loop().run_in_executor(None, lambda: (begun.set(), threading.Event().wait(60)))
    begun.wait()

asyncio.run(work())
leave_what_hangs(7)
"""


def test_a_thread_that_hangs_does_not_keep_the_program_from_leaving() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 7, done.stderr
    assert time.monotonic() - began < 20


def test_where_nothing_hangs_the_program_ends_by_itself() -> None:
    quick = HANGS.replace("wait(60)", "wait(0.01)") + "print('went on')"
    done = subprocess.run([sys.executable, "-c", quick], capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr


STUCK = """
import asyncio, queue, signal
from tui.ending import Watchdog

async def work():
    watchdog = Watchdog(asyncio.get_running_loop(), lambda: print("last act", flush=True))
    signal.signal(signal.SIGTERM, lambda number, _: watchdog.alarm(128 + number))
    full = queue.Queue(1)
    full.put("")
    print("stuck", flush=True)
    full.put("")  # as the toolkit does when the terminal takes nothing any more

asyncio.run(work())
"""


def test_a_loop_that_hangs_does_not_keep_the_program_from_ending_on_a_signal() -> None:
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stuck\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
        assert process.stdout.read() == "last act\n"


ALIVE = "import tui.ending; tui.ending.ENDED_WITHIN = 0.3" + STUCK.replace(
    'full.put("")  # as', "await asyncio.Event().wait()  # not as"
)


def test_a_program_that_lives_and_does_not_end_is_ended_all_the_same() -> None:
    with subprocess.Popen([sys.executable, "-c", ALIVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stuck\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 128 + signal.SIGTERM


async def test_what_is_told_to_end_and_does_not_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.ending.TAKEN_APART_WITHIN", 0.01)
    told, going = asyncio.Event(), asyncio.Event()

    async def hangs() -> None:
        told.set()
        await going.wait()

    assert not await run_to_its_end(hangs(), told)
    going.set()


async def test_what_ends_by_itself_is_waited_for_and_its_fault_is_heard() -> None:
    async def ends(fault: Exception | None = None) -> None:
        await asyncio.sleep(0)
        if fault is not None:
            raise fault

    assert await run_to_its_end(ends(), asyncio.Event())
    with pytest.raises(ZeroDivisionError):
        await run_to_its_end(ends(ZeroDivisionError()), asyncio.Event())


SLOW = """
import asyncio
from tui.ending import STUCK_AFTER, Watchdog

async def work():
    Watchdog(asyncio.get_running_loop(), lambda: None).alarm(7)
    await asyncio.sleep(STUCK_AFTER + 0.5)

asyncio.run(work())
print("went on")
"""


def test_a_loop_that_is_still_at_work_is_let_alone() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
