"""A platform in a process of its own, for tests that need many sign-ins.

It differs from `python -m server` in this alone: passwords are cheap to check, limits are out of the way, nobody lives
there yet. With --demo it has the demo world, of which no track is rendered before somebody plays it. With --cap, no
file may grow beyond that many bytes, as if the disk were full.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import signal
from pathlib import Path

from server.serve import serve
from server.settings import HashCost, RateLimits, Settings


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--music", type=Path)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--cap", type=int)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.cap:
        # Without this the process would be ended by the signal instead of being told that the write failed.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (chosen.cap, chosen.cap))
    settings = Settings(
        data_dir=chosen.folder,
        port=chosen.port,
        music_dir=chosen.music,
        demo=chosen.demo,
        tracks_ahead=0,
        hash_cost=HashCost(passes=1, memory_kib=8, lanes=1),
        limits=RateLimits(posts_per_hour=10_000, logins_per_minute=10_000, requests_per_minute=1_000_000),
    )
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
