"""Renders a demo track in a process of its own: `python -m server.playback.render KEY QUALITY` writes Ogg to stdout."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import server

NICENESS = 19
"""By how much work that nobody waits for steps back."""


class RenderFailed(Exception):
    """The process ended without a track; the message is the end of what it complained about."""


async def render_apart(key: str, quality: int, *, hurry: bool) -> bytes:
    """Return the demo track `key` at `quality` kbit/s as Ogg Vorbis; raises RenderFailed.

    Synthesis keeps a core busy for seconds; in the server's own process every request would feel that. If the caller
    is cancelled the process is ended.
    """
    niceness = "0" if hurry else str(NICENESS)
    root = str(Path(server.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        key,
        str(quality),
        niceness,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )
    try:
        data, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not data:
        raise RenderFailed(complaint.decode("utf-8", "replace")[-500:])
    return data


def main() -> None:
    """Render what the arguments name."""
    from server.demo.music.render import render_track

    key, quality, niceness = sys.argv[1:]
    os.nice(int(niceness))
    sys.stdout.buffer.write(render_track(key, int(quality)))


if __name__ == "__main__":
    main()
