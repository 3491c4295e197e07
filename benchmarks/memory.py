"""The memory of the program with pictures in a pseudo-terminal: in the feed, in a long thread, and behind it again.

`python -m benchmarks.memory [--comments 100000]`. RSS is what stands in memory; PSS is that with what is shared with
other programs counted by its part; private is what nobody shares. The smallest Textual app stands beside.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.keystrokes import running as list_program
from benchmarks.rows.plan import open_thread
from benchmarks.terminal import Program
from benchmarks.world import world

COMMENTS = 100_000
_AT_REST = 20.0
"""CPU ms per second below which the program has done what it had to do."""
_PATIENCE = 120
"""Seconds within which that must be."""
_SCREENFULS = 12
"""How far the feed is looked through, so that its pictures are all in memory."""


@dataclass(frozen=True)
class Memory:
    """What a process has in memory, in MB."""

    rss: float
    pss: float
    private: float


def memory_of(program: Program) -> Memory:
    """Return the memory of a program's process, as `/proc` tells it: Linux 4.14 and later."""
    told = {}
    for line in Path(f"/proc/{program.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, _, rest = line.partition(":")
        told[name] = int(rest.split()[0]) / 1024
    return Memory(told["Rss"], told["Pss"], told["Private_Clean"] + told["Private_Dirty"])


def settle(program: Program) -> None:
    """Wait until the program does no more than it does at rest."""
    for _ in range(_PATIENCE):
        if program.rest(1.0).cpu < _AT_REST:
            return
    raise TimeoutError("the program does not come to rest")


def looks(comments: int) -> Iterator[tuple[str, Memory]]:
    """Yield what there is in memory at each point of one visit."""
    with list_program("floor", "0") as floor:
        floor.rest(1.0)
        yield "the smallest Textual app", memory_of(floor)
    with world([comments], photos=True) as there, there.program() as program:
        settle(program)
        yield "the feed of photographs", memory_of(program)
        for _ in range(_SCREENFULS):
            program.send(" ")
            program.quiet(0.3)
        settle(program)
        yield f"the same, {_SCREENFULS} screenfuls further down", memory_of(program)
        open_thread(program, there.threads[comments], comments)
        settle(program)
        yield f"a thread of {comments:,} comments", memory_of(program)
        program.send("1")
        settle(program)
        yield "back in the feed", memory_of(program)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--comments", type=int, default=COMMENTS)
    comments = parser.parse_args().comments
    print(f"{'MB':48} {'RSS':>7} {'PSS':>7} {'private':>8}")
    before: Memory | None = None
    for name, found in looks(comments):
        each = f"{(found.rss - before.rss) * 1024 / comments:8.2f} KB a comment" if before and "thread" in name else ""
        print(f"{name:48} {found.rss:7.1f} {found.pss:7.1f} {found.private:8.1f}{each}", flush=True)
        before = found


if __name__ == "__main__":
    main()
