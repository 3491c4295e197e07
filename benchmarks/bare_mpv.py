"""python-mpv as it comes, warm and idle: `python -m benchmarks.bare_mpv` plays each address that it reads in a line."""

from __future__ import annotations

import sys

import mpv


def main() -> None:
    """Play what is named until the input ends."""
    player = mpv.MPV(ao="pulse", video=False, ytdl=False)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        player.loadfile(line.strip())
    player.terminate()


if __name__ == "__main__":
    main()
