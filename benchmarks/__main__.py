"""`make bench`: runs every benchmark and prints a table."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version

from benchmarks import cache, event_storm, keystrokes, lists, outbox, outbox_store, start, text


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, textual {version('textual')}, {platform.machine()}, medians of CPU ms")
    print(f"{'figure':58} {'ours':>9} {'beside it':>10} {'ratio':>7}")
    for benchmark in (text, lists, keystrokes, cache, outbox, outbox_store, start, event_storm):
        for row in benchmark.rows():
            beside = f"{row.beside:10.2f}" if row.beside is not None else " " * 10
            ratio = f"{row.ours / row.beside:7.2f}" if row.beside and row.beside >= 0.01 else " " * 7
            print(f"{row.name:58} {row.ours:9.2f} {beside} {ratio}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
