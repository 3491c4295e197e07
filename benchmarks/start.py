"""The start of the program in a pseudo-terminal, beside the smallest Textual app there is."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row, in_turn

_FLOOR = """
from textual.app import App
from textual.widgets import Static
class Floor(App):
    def compose(self):
        yield Static("Sign in")
Floor().run()
"""
_LIMIT = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


def _until(command: list[str], wanted: bytes, home: str) -> float:
    """Start `command` in a pty of 120 x 36 and return its CPU ms when `wanted` has been written."""
    pid, master = pty.fork()
    if pid == 0:
        environment = {**os.environ, "TERM": "xterm-256color", "HOME": home, "XDG_RUNTIME_DIR": home}
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        os.execve(command[0], command, environment)  # noqa: S606 - replaces the forked child
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen, end = b"", time.monotonic() + _LIMIT
    try:
        while wanted not in seen and time.monotonic() < end:
            if select.select([master], [], [], 0.2)[0]:
                seen += os.read(master, 65536)
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)


def rows() -> Iterator[Row]:
    """Yield the figures; they need /proc, so Linux."""
    if not Path("/proc/self/stat").exists():
        return
    with tempfile.TemporaryDirectory() as home:
        ours = [sys.executable, "-m", "tui", "--data", home, "--url", "http://127.0.0.1:9"]
        floor = [sys.executable, "-c", _FLOOR]
        started = in_turn(lambda: _until(ours, b"Sign in", home), lambda: _until(floor, b"Sign in", home))
        yield Row("start to the welcome screen | smallest Textual app", *started)
        version = [sys.executable, "-m", "tui", "--version"]
        bare = [sys.executable, "-c", "print('parlour')"]
        told = in_turn(lambda: _until(version, b"parlour", home), lambda: _until(bare, b"parlour", home))
        yield Row("parlour --version | python -c print", *told)
