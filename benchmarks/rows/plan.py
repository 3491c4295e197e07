"""What every row is given: how often to measure, who is measured beside, and common ways to press and to wait."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import UNABLE, Act, Findings, shortened
from benchmarks.peers.programs import NAMES, Peer, guests
from benchmarks.terminal import Cost, Program
from benchmarks.world import World

STILL = 0.1
"""Seconds without output after which a frame counts as painted, for programs that paint one in several pieces."""
FLOOR = "smallest Textual app"
_AT_REST = 20.0
"""CPU ms per second below which a program has done what it had to do."""
_PATIENCE = 150
"""Seconds within which that must be."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one row is to be measured."""

    rounds: int
    with_peers: bool
    large: bool
    """Whether the whole program shows 100,000 comments as well, not only the list."""
    folder: Path
    """For what others need; it is empty, and goes when the row is done."""

    @contextmanager
    def peers(self, findings: Findings, names: Collection[str] = NAMES) -> Iterator[dict[str, Peer]]:
        """Yield the other programs that are here; why the others are not goes to the findings."""
        if not self.with_peers:
            yield {}
            return
        with guests(self.folder, names) as found:
            findings.left_out |= found.absent
            findings.versions |= {name: peer.version for name, peer in found.here.items()}
            yield found.here


def opened(stack: ExitStack, peers: dict[str, Peer], findings: Findings) -> dict[str, Program]:
    """Start the other programs; who does not come up is left out."""
    running = {}
    for name, peer in peers.items():
        try:
            running[name] = stack.enter_context(peer.opened())
        except UNABLE as error:
            findings.left_out[name] = shortened(error)
    return running


def threads_open(stack: ExitStack, there: World, findings: Findings) -> dict[int, Program]:
    """Start the program for each thread of the world and open it there; one that does not open is left out."""
    running = {}
    for count, name in there.threads.items():
        try:
            program = stack.enter_context(there.program())
            open_thread(program, name, count)
            running[count] = program
        except UNABLE as error:
            findings.left_out[f"the program, thread of {count:,}"] = shortened(error)
    return running


def measured(cost: Cost) -> dict[str, float]:
    """Return a cost by what was measured; a key without an answer is an error."""
    if not cost.written:
        raise ValueError("a key was not answered")
    return {"cpu": cost.cpu, "bytes": cost.written, "first": cost.first, "last": cost.last}


def pressing(program: Program, keys: str, room: int | None = None) -> Act:
    """Return what presses `keys` once a round, `room` times at most."""

    def act(number: int) -> dict[str, float]:
        if room is not None and number >= room:
            return {}
        program.quiet(0.03, 2.0)
        return measured(program.press(keys, still=STILL))

    return act


def go_to_subreddit(program: Program, name: str, count: int) -> None:
    """Lead the program to a subreddit by its command line, until its thread of `count` comments is there."""
    for keys in (":", f"r {name}"):
        program.send(keys)
        program.quiet(0.3, 5.0)
    program.send("\r")
    program.wait_for(f"{count:,}")


def settle(program: Program) -> None:
    """Wait until the program does no more than it does at rest; raises TimeoutError."""
    for _ in range(_PATIENCE):
        if program.rest(1.0).cpu < _AT_REST:
            return
    raise TimeoutError("the program does not come to rest")


def open_thread(program: Program, name: str, count: int) -> None:
    """Lead the program to the one thread of a subreddit of the benchmarks' world, until all of it is there."""
    go_to_subreddit(program, name, count)
    program.press_until("\r", COMMENT)
    settle(program)


COMMENT = "nobody"
"""A word that is in the comments of that world, and nowhere else."""
