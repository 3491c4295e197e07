"""What one key costs in a real pseudo-terminal of 120 x 36: CPU until the terminal is still again, and bytes.

`python -m benchmarks.keystrokes` prints the table; each figure is the median of the presses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.list_program import READY
from benchmarks.measure import Row
from benchmarks.terminal import Cost, Program, middle
from benchmarks.terminal import running as in_terminal

OPEN = "\x1bOQ"


@contextmanager
def running(*arguments: str) -> Iterator[Program]:
    """Run `benchmarks.list_program` with `arguments`, ready for a key."""
    with in_terminal([sys.executable, "-m", "benchmarks.list_program", *arguments]) as program:
        program.wait_for(READY)
        yield program


def _in_turn(programs: Mapping[str, Program], rounds: int, act: Callable[[Program, int], Cost]) -> dict[str, Cost]:
    """Return what `act` costs each of the programs, measured in turn, so that a slow moment hits all alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    for n in range(rounds):
        for name, program in programs.items():
            costs[name].append(act(program, n))
    return {name: middle(found) for name, found in costs.items()}


def _fold(program: Program, _: int) -> Cost:
    return program.press(" ")


def _reopen(program: Program, _: int) -> Cost:
    program.press("q")
    program.quiet()
    cost = program.press(OPEN, 2000)
    program.quiet()
    return cost


def _resize(program: Program, n: int) -> Cost:
    cost = program.resize(80 + 40 * (n % 2), 36)
    program.quiet()
    return cost


def tables() -> Iterator[tuple[str, dict[str, Cost]]]:
    """Yield what is done, and what it costs in lists of several kinds and sizes."""
    wanted = {
        "thread of 100": ("thread", "100"),
        "thread of 10,000": ("thread", "10000"),
        "thread of 100,000": ("thread", "100000"),
        "thread of 10,000, whole frames": ("thread", "10000", "plain"),
        "lines, 100,000": ("lines", "100000"),
        "lines, 100,000, whole frames": ("lines", "100000", "plain"),
        "photos, 200": ("photos", "200"),
        "photos, 200, whole frames": ("photos", "200", "plain"),
    }
    with ExitStack() as stack:
        programs = {name: stack.enter_context(running(*arguments)) for name, arguments in wanted.items()}
        for program in programs.values():
            program.press(OPEN, 2000)
            program.quiet()
        threads = {name: program for name, program in programs.items() if name.startswith("thread")}
        yield "the list opened", _in_turn(programs, 5, _reopen)
        for _ in range(12):
            _in_turn(programs, 1, lambda program, _: program.press("j"))
        yield "j", _in_turn(programs, 30, lambda program, _: program.press("j"))
        yield "k and j", _in_turn(programs, 10, lambda program, n: program.press("j" if n % 2 else "k"))
        yield "page down, first seen", _in_turn(programs, 8, lambda program, _: program.press("\x1b[6~"))
        for _ in range(8):
            _in_turn(programs, 1, lambda program, _: program.press("\x1b[5~"))
        yield "page down, seen before", _in_turn(programs, 7, lambda program, _: program.press("\x1b[6~"))
        _in_turn(threads, 1, lambda program, _: program.press("\x1b[H"))
        _in_turn(threads, 1, lambda program, _: program.press("j"))
        yield "nine tenths of all comments folded or unfolded", _in_turn(threads, 10, _fold)
        yield "resized, 120 or 80 columns", _in_turn(programs, 6, _resize)


def rows() -> Iterator[Row]:
    """Yield the figures in ms of CPU; they need /proc, so Linux."""
    if not Path("/proc/self/schedstat").exists():
        return
    for what, costs in tables():
        for name, cost in costs.items():
            beside = costs.get(f"{name}, whole frames")
            note = " | whole frames" if beside is not None else ""
            yield Row(f"{name}: {what}, {cost.written:,} bytes{note}", cost.cpu, None if beside is None else beside.cpu)


def _rest() -> None:
    """Print what the list and the smallest Textual app do while nothing happens."""
    with running("floor", "0") as floor, running("thread", "10000") as program:
        program.press(OPEN, 2000)
        program.quiet()
        for name, at_rest in (("smallest Textual app", floor), ("thread of 10,000", program)):
            rest = at_rest.rest(5)
            told = f"{rest.cpu:.2f} ms/s, {rest.woken:.1f} wake-ups/s, {rest.written:.0f} bytes/s"
            sys.stdout.write(f"at rest, {name}: {told}\n")


def _memory() -> None:
    """Print how much memory a list takes on top of its items."""
    with running("thread", "100000") as program:
        before = program.memory_kb
        program.press(OPEN, 2000)
        program.quiet()
        taken = (program.memory_kb - before) / 100_000
        sys.stdout.write(f"memory of a list of 100,000, its items not counted: {taken:.2f} KB an item\n")


def main() -> None:
    """Measure and print."""
    sys.stdout.write(f"{'':32} {'CPU ms':>8} {'bytes':>8} {'first ms':>9} {'last ms':>8}\n")
    for what, costs in tables():
        sys.stdout.write(f"{what}\n")
        for name, cost in costs.items():
            sys.stdout.write(f"  {name:30} {cost.cpu:8.2f} {cost.written:8,} {cost.first:9.1f} {cost.last:8.1f}\n")
            sys.stdout.flush()
    _rest()
    _memory()


if __name__ == "__main__":
    main()
