"""What it costs when much of a list changes at once: folded subtrees, another width."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.figures import Act, Figure, Findings, in_turn
from benchmarks.keystrokes import OPEN
from benchmarks.keystrokes import running as list_program
from benchmarks.rows.plan import Plan, measured, pressing, threads_open
from benchmarks.terminal import Program
from benchmarks.world import world

_HOME = "\x1b[H"


def _thread(stack: ExitStack, count: int) -> Program:
    """Open a thread of which nine tenths stand under the first comment, which is highlighted."""
    program = stack.enter_context(list_program("thread", str(count)))
    program.press(OPEN, 2000)
    program.quiet()
    for key in (_HOME, "j"):
        program.press(key)
        program.quiet()
    return program


def fold(plan: Plan, findings: Findings) -> None:
    """Measure a subtree folded and unfolded in turn."""
    # Nine tenths of the comments stand under the first one.
    sizes = {"10,000": 11_111, "90,000": 100_000}
    with ExitStack() as stack:
        acts = {name: pressing(_thread(stack, count), " ") for name, count in sizes.items()}
        taken = in_turn(plan.rounds, acts, warm=2)
    findings.left_out |= taken.left_out
    for name in sizes:
        if found := taken.of(name, "cpu"):
            findings.figures.append(Figure(f"a subtree of {name} folded or unfolded", "ms CPU", found, limit=10.0))
        if found := taken.of(name, "bytes"):
            findings.figures.append(Figure(f"a subtree of {name} folded or unfolded", "bytes", found))


def _resizing(program: Program) -> Act:
    def act(number: int) -> dict[str, float]:
        program.quiet(0.15, 3.0)
        return measured(program.resize(80 + 40 * (number % 2), 36, still=0.2))

    return act


def resize(plan: Plan, findings: Findings) -> None:
    """Measure the way from 120 to 80 columns and back."""
    sizes = [10_000, 100_000] if plan.large else [10_000]
    with world(sizes) as there, ExitStack() as stack:
        acts = {f"{count:,}": _resizing(_thread(stack, count)) for count in (10_000, 100_000)}
        acts |= {
            f"program {count:,}": _resizing(shown) for count, shown in threads_open(stack, there, findings).items()
        }
        floor = stack.enter_context(list_program("floor", "0"))
        acts["smallest Textual app"] = _resizing(floor)
        taken = in_turn(plan.rounds, acts, warm=2)
    findings.left_out |= taken.left_out
    for name in acts:
        where = f"the program, thread of {name.split()[1]}" if name.startswith("program") else f"a thread of {name}"
        for unit, measure in (("ms CPU", "cpu"), ("ms to the settled paint", "last")):
            if name[0] != "s" and (found := taken.of(name, measure)):
                beside = taken.beside(measure, "smallest Textual app")
                findings.figures.append(Figure(f"120 to 80 columns or back, {where}", unit, found, beside, 40.0))
