"""Leaving: nothing that hangs keeps the process, and its exit status is the one it was given."""

from __future__ import annotations

import subprocess
import sys
import time

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
