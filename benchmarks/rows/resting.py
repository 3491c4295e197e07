"""What is used while nothing happens: CPU time, wake-ups, bytes, and memory."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.figures import Act, Figure, Findings, Taken, in_turn
from benchmarks.keystrokes import running as list_program
from benchmarks.peers.programs import Peer
from benchmarks.rows.plan import FLOOR, Plan, open_thread, opened, settle, threads_open
from benchmarks.terminal import rest_together
from benchmarks.world import World, world

_SECONDS = 10.0
_MANY = 100_000


def idle(plan: Plan, findings: Findings) -> None:
    """Measure all programs at the same time, each at rest."""
    with world([10_000], photos=True, chat=True) as there, plan.peers(findings) as peers, ExitStack() as stack:
        programs = {FLOOR: stack.enter_context(list_program("floor", "0"))}
        programs["feed"], programs["chat"] = (stack.enter_context(there.program()) for _ in range(2))
        programs["chat"].send("3")
        programs["chat"].wait_for("message")
        if shown := threads_open(stack, there, findings):
            programs["thread"] = shown[10_000]
        programs |= opened(stack, peers, findings)
        rest_together(programs, _SECONDS)
        taken = Taken()
        for _ in range(plan.rounds):
            for name, rest in rest_together(programs, _SECONDS).items():
                kept = taken.samples.setdefault(name, {})
                for what, value in (("cpu", rest.cpu), ("woken", rest.woken), ("bytes", rest.written)):
                    kept.setdefault(what, []).append(value)
    units = (("cpu", "ms CPU a second", 1.1), ("woken", "wake-ups a second", 1.1), ("bytes", "bytes a second", 0.0))
    for what, unit, limit in units:
        beside = taken.beside(what, FLOOR, *peers)
        for where in ("feed", "thread", "chat"):
            # One tenth more than the floor: two that do the same differ by as much from one look to the next.
            against = FLOOR if limit else ""
            if found := taken.of(where, what):
                name = f"at rest, the {where} open"
                findings.figures.append(Figure(name, unit, found, beside, limit, against))


def _feed_and_thread(there: World) -> Act:
    def act(_: int) -> dict[str, float]:
        with there.program() as program:
            settle(program)
            feed = program.memory_kb
            open_thread(program, there.threads[_MANY], _MANY)
            settle(program)
            return {"mb": feed / 1024, "each": (program.memory_kb - feed) / _MANY}

    return act


def _resident(peer: Peer) -> Act:
    def act(_: int) -> dict[str, float]:
        with peer.opened() as program:
            program.rest(1.0)
            return {"mb": program.memory_kb / 1024}

    return act


def _floor(_: int) -> dict[str, float]:
    with list_program("floor", "0") as program:
        return {"mb": program.memory_kb / 1024}


def memory(plan: Plan, findings: Findings) -> None:
    """Measure resident memory, of programs that were just started each time."""
    with world([_MANY], photos=True) as there, plan.peers(findings) as peers:
        acts: dict[str, Act] = {"program": _feed_and_thread(there), FLOOR: _floor}
        acts |= {name: _resident(peer) for name, peer in peers.items()}
        taken = in_turn(plan.rounds, acts, warm=0)
    findings.left_out |= taken.left_out
    if found := taken.of("program", "mb"):
        beside = taken.beside("mb", FLOOR, *peers)
        findings.figures.append(Figure("memory, the feed of photographs open", "MB", found, beside, 75.0))
    if found := taken.of("program", "each"):
        what = "memory more after a thread of 100,000 comments from the platform"
        findings.figures.append(Figure(what, "KB a comment", found, limit=1.0))
