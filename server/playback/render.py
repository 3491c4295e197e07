"""Renders a demo track in a process of its own: `python -m server.playback.render KEY QUALITY` writes Ogg to stdout."""

from __future__ import annotations

import os
import sys

from server.apart import ApartFailed, run_apart

NICENESS = 19
"""By how much work that nobody waits for steps back."""


class RenderFailed(Exception):
    """The process ended without a track; the message is the end of what it complained about."""


async def render_apart(key: str, quality: int, *, hurry: bool) -> bytes:
    """Return the demo track `key` at `quality` kbit/s as Ogg Vorbis; raises RenderFailed."""
    try:
        return await run_apart(__name__, key, str(quality), "0" if hurry else str(NICENESS))
    except ApartFailed as failure:
        raise RenderFailed(str(failure)) from failure


def main() -> None:
    """Render what the arguments name."""
    from server.demo.music.render import render_track

    key, quality, niceness = sys.argv[1:]
    os.nice(int(niceness))
    sys.stdout.buffer.write(render_track(key, int(quality)))


if __name__ == "__main__":
    main()
