"""Runs slow work in a process of its own: `python -m MODULE ARGUMENTS`, whose standard output is what it made."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import server


class ApartFailed(Exception):
    """The process ended without a result; the message is the end of what it complained about."""

    def __init__(self, complaint: str, status: int | None = None) -> None:
        """`status` is what the process ended with; None where it did not end by itself."""
        super().__init__(complaint)
        self.status = status


async def run_apart(module: str, *arguments: str) -> bytes:
    """Return what `module` writes to its standard output when it is run with `arguments`; raises ApartFailed.

    What keeps a core busy for seconds would be felt by every request in the server's own process. If the caller is
    cancelled the process is ended.
    """
    root = str(Path(server.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )
    try:
        made, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not made:
        raise ApartFailed(complaint.decode("utf-8", "replace")[-500:], process.returncode)
    return made
