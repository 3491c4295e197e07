"""The title of the window in a terminal that others wrote: tmux shows it, and draws nothing of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tui.driver import TerminalDriver

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


def written_by(*titles: str) -> str:
    """Return what the driver writes for `titles`, one after the other."""
    written: list[str] = []
    driver = SimpleNamespace(_title="", write=written.append)
    for title in titles:
        TerminalDriver.set_title(driver, title)  # type: ignore[arg-type]
    return "".join(written)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)  # tmux tells nobody when it has read something


def test_tmux_takes_the_title_and_draws_nothing_of_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    tmux = ["tmux", "-u", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}

    def ask(*words: str) -> str:
        done = subprocess.run([*tmux, *words], capture_output=True, check=True, timeout=20, env=environment)
        return done.stdout.decode().strip()

    ask("new-session", "-d", "-x", "40", "-y", "4", f"exec cat {pipe}")
    # When the pipe is closed its reader ends, and with it the server.
    with pipe.open("wb", buffering=0) as screen:
        screen.write(written_by("▶ First", "▶ 二番目 · Somebody").encode() + b"shown")
        until(lambda: ask("display-message", "-p", "#{pane_title}") == "▶ 二番目 · Somebody")
        until(lambda: ask("capture-pane", "-p") == "shown")
