"""How soon a thread can be read: comments at hand, and comments that the platform has."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.figures import Act, Figure, Findings, in_turn
from benchmarks.keystrokes import OPEN
from benchmarks.keystrokes import running as list_program
from benchmarks.peers.programs import Peer
from benchmarks.rows.plan import COMMENT, STILL, Plan, go_to_subreddit, threads_open
from benchmarks.terminal import Program
from benchmarks.world import World, world

_IN_HEAD = "valley"
"""A word of the post at the head of the list program's threads; the comments come in the same frame."""
_THREADS = (100, 10_000, 100_000)
_FROM_SERVER = 5_000
_PEER_PATIENCE = 20.0
_SETTLED = 1.0
"""Seconds without output after which everything is there."""


def _reopening(program: Program, key: str, text: str) -> Act:
    def act(_: int) -> dict[str, float]:
        program.press("q", still=STILL)
        program.quiet(0.3, 5.0)
        cost = program.press_until(key, text)
        program.quiet(0.3, 5.0)
        return {"cpu": cost.cpu, "first": cost.last}

    return act


def at_hand(plan: Plan, findings: Findings) -> None:
    """Measure a thread that is opened again and again."""
    sizes = [10_000, 100_000] if plan.large else [10_000]
    with world(sizes) as there, ExitStack() as stack:
        acts: dict[str, Act] = {}
        for count in _THREADS:
            shown = stack.enter_context(list_program("thread", str(count)))
            shown.press_until(OPEN, _IN_HEAD)
            shown.quiet()
            acts[f"{count:,}"] = _reopening(shown, OPEN, _IN_HEAD)
        for count, program in threads_open(stack, there, findings).items():
            acts[f"program {count:,}"] = _reopening(program, "\r", COMMENT)
        taken = in_turn(plan.rounds, acts)
    findings.left_out |= taken.left_out
    for name in ("10,000", "100,000"):
        against, limit = ("", 25.0) if name == "10,000" else ("10,000", 1.3)
        names = ("100",) if name == "10,000" else ("100", "10,000")
        for unit, measure in (("ms until it can be read", "first"), ("ms CPU until then", "cpu")):
            if found := taken.of(name, measure):
                what = f"a thread of {name} comments at hand, opened"
                beside = taken.beside(measure, *names)
                findings.figures.append(Figure(what, unit, found, beside, limit, against))
    for count in sizes:
        for unit, measure in (("ms until it can be read", "first"), ("ms CPU until then", "cpu")):
            if found := taken.of(f"program {count:,}", measure):
                what = f"the program, a thread of {count:,} that was read before, opened"
                findings.figures.append(Figure(what, unit, found, taken.beside(measure, f"{count:,}"), 25.0))


def _fetching(there: World, program: Program) -> Act:
    names = list(there.threads.items())

    def act(number: int) -> dict[str, float]:
        count, name = names[number]
        go_to_subreddit(program, name, count)
        program.quiet(0.5, 5.0)
        cost = program.press_until("\r", COMMENT, settled=_SETTLED)
        return {"readable": cost.first, "still": cost.last, "cpu": cost.cpu}

    return act


def _replies(peer: Peer) -> Act:
    """Return what starts a program anew and opens its thread of 1,000 replies."""

    def act(_: int) -> dict[str, float]:
        with peer.opened() as program:
            assert peer.thread is not None
            cost = program.press_until(*peer.thread, settled=_SETTLED, patience=_PEER_PATIENCE)
            return {"readable": cost.first, "still": cost.last, "cpu": cost.cpu}

    return act


def from_server(plan: Plan, findings: Findings) -> None:
    """Measure threads that nobody has read yet, each round another one."""
    # A little more each time, so that each thread has a subreddit and comments of its own.
    threads = [_FROM_SERVER + number for number in range(plan.rounds + 1)]
    with world(threads) as there, plan.peers(findings, ("toot", "tooi")) as peers, there.program() as program:
        acts = {"program": _fetching(there, program)} | {name: _replies(peer) for name, peer in peers.items()}
        taken = in_turn(plan.rounds, acts)
    findings.left_out |= taken.left_out
    wanted = (
        ("readable", "ms until the first screenful", 80.0),
        ("still", "ms until the last byte is painted", 250.0),
        ("cpu", "ms CPU until then", None),
    )
    for measure, unit, limit in wanted:
        if found := taken.of("program", measure):
            what = "a thread of 5,000 comments from the platform (others: 1,000 replies)"
            findings.figures.append(Figure(what, unit, found, taken.beside(measure, *peers), limit))
