"""Copying inside tmux, which does not pass a program's clipboard on unless it is told to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping


def fill_tmux_buffer(text: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Put `text` into the paste buffer of the tmux around this program; return whether there is one and it took it."""
    if "TMUX" not in environment:
        return False
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=1,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
