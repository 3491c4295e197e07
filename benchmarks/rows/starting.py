"""What it takes until the first frame is there."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks import start as starts
from benchmarks.figures import Act, Figure, Findings, in_turn
from benchmarks.peers.programs import Peer
from benchmarks.rows.plan import FLOOR, Plan
from benchmarks.terminal import running

_OURS = {
    starts.KEPT: "CPU until the first frame: the feed as it was left",
    starts.DRAWN: "CPU until the same frame is drawn by the program itself, which answers keys",
    starts.NO_FRAME: "CPU until the first frame where none was kept",
    starts.ANSWERED: "CPU until a key is answered that was pressed before there was anything",
}
_LIMIT = 1.3


def _starting(peer: Peer) -> Act:
    def act(_: int) -> dict[str, float]:
        with running(peer.command, peer.env, peer.cwd) as program:
            return {"cpu": program.wait_for(peer.ready, still=0)}

    return act


def start(plan: Plan, findings: Findings) -> None:
    """Measure the ways to start, others in the same rounds."""
    with ExitStack() as stack:
        ways = stack.enter_context(starts.ways())
        peers = stack.enter_context(plan.peers(findings))
        acts: dict[str, Act] = {
            name: lambda _, way=way: {"cpu": way()}  # type: ignore[misc]
            for name, way in ways.items()
            if name in _OURS or name == starts.FLOOR
        }
        acts[FLOOR] = acts.pop(starts.FLOOR)
        acts |= {name: _starting(peer) for name, peer in peers.items()}
        taken = in_turn(plan.rounds, acts)
        findings.left_out |= taken.left_out
        beside = taken.beside("cpu", FLOOR, *peers)
        for name, what in _OURS.items():
            if found := taken.of(name, "cpu"):
                findings.figures.append(Figure(what, "ms CPU", found, beside, _LIMIT, FLOOR))
