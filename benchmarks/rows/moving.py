"""What one step and one page cost in long lists."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.figures import Act, Figure, Findings, in_turn
from benchmarks.keystrokes import OPEN
from benchmarks.keystrokes import running as list_program
from benchmarks.rows.plan import STILL, Plan, measured, opened, pressing, threads_open
from benchmarks.terminal import Program
from benchmarks.world import world

_WARM = 36
"""Steps until a list of single lines scrolls with each of them."""
_SHORT = {"tooi": (31, 8)}
"""Whose list holds 40 items alone: steps until it scrolls, and how many are left then."""
_PAGE_DOWN, _PAGE_UP = "\x1b[6~", "\x1b[5~"
_PAGES = 8
_THREADS = (100, 10_000, 100_000)


def _list(stack: ExitStack, kind: str, count: int) -> Program:
    program = stack.enter_context(list_program(kind, str(count)))
    program.press(OPEN, 2000)
    program.quiet()
    return program


def keys(plan: Plan, findings: Findings) -> None:
    """Measure `j`, and the key of others that goes one item down."""
    sizes = [10_000, 100_000] if plan.large else [10_000]
    with world(sizes) as there, plan.peers(findings) as peers, ExitStack() as stack:
        ours = {f"{count:,}": _list(stack, "thread", count) for count in _THREADS}
        ours["lines"] = _list(stack, "lines", 100_000)
        ours |= {f"the program, {count:,}": shown for count, shown in threads_open(stack, there, findings).items()}
        steps = {name: ("j", program) for name, program in ours.items()}
        lists = {name: peer for name, peer in peers.items() if peer.scroll is not None}
        for name, program in opened(stack, lists, findings).items():
            if name == "toot" and (thread := lists[name].thread) is not None:
                program.press_until(*thread)
            steps[name] = (lists[name].scroll or "", program)
        acts = {}
        for name, (key, program) in steps.items():
            warm, room = _SHORT.get(name, (_WARM, None))
            for _ in range(warm):
                program.press(key)
            acts[name] = pressing(program, key, room)
        taken = in_turn(plan.rounds, acts, warm=0)
        findings.left_out |= taken.left_out
    others = ("toot", "tooi", "posting", "less", "cmus", "ncmpcpp")

    def figure(who: str, what: str, unit: str, measure: str, limit: float | None, against: str = "") -> None:
        beside = (against, *others) if against not in others else others
        if found := taken.of(who, measure):
            findings.figures.append(Figure(what, unit, found, taken.beside(measure, *beside), limit, against))

    figure("10,000", "`j` in a thread of 10,000 comments", "ms CPU", "cpu", 3.0)
    figure("100,000", "`j` in a thread of 100,000 comments", "ms CPU", "cpu", 1.1, "100")
    figure("lines", "`j` among 100,000 lines, which scrolls one row", "ms CPU", "cpu", 3.0)
    for name in ours:
        if name.startswith("the program"):
            what = f"`j` in the program signed in, thread of {name.split()[-1]} from the platform"
            figure(name, what, "ms CPU", "cpu", 0.6, "toot")
            figure(name, what, "ms to the settled paint", "last", 3.0)
            figure(name, what, "bytes", "bytes", None)
    figure("10,000", "`j` in a thread of 10,000 comments", "ms to the settled paint", "last", 3.0)
    figure("lines", "`j` that scrolls one row", "bytes", "bytes", 400.0)


def _paging(program: Program) -> Act:
    """Return what goes one page down; at the end of what was seen before it goes back to the top."""

    def act(number: int) -> dict[str, float]:
        if number % _PAGES == 0:
            for key in (_PAGE_DOWN, _PAGE_UP) if number == 0 else (_PAGE_UP,):
                for _ in range(_PAGES):
                    program.press(key, still=0.3)
                    program.quiet(0.3, 3.0)
        program.quiet(0.2, 3.0)
        return measured(program.press(_PAGE_DOWN, still=STILL))

    return act


def pages(plan: Plan, findings: Findings) -> None:
    """Measure one page down where all pictures have been seen before."""
    with world(photos=True) as there, ExitStack() as stack:
        program = stack.enter_context(there.program())
        acts = {"program": _paging(program), "photos": _paging(_list(stack, "photos", 200))}
        taken = in_turn(plan.rounds, acts, warm=0)
        findings.left_out |= taken.left_out
    names = {
        "program": "page down in the program's feed, photographs seen before",
        "photos": "page down among 200 photographs of gradients, seen before",
    }
    for who, what in names.items():
        for unit, measure, limit in (("ms CPU", "cpu", 12.0), ("bytes", "bytes", 40_000.0)):
            if found := taken.of(who, measure):
                findings.figures.append(Figure(what, unit, found, limit=limit))
