"""What one key costs in a real pseudo-terminal of 120 x 36: CPU until the terminal is still again, and bytes.

`python -m benchmarks.keystrokes` prints the table; each figure is the median of the presses.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.list_program import READY
from benchmarks.measure import Row

OPEN = "\x1bOQ"
_LIMIT = 60.0
_STILL = 0.06
"""Seconds without output after which a frame counts as painted."""
_ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one key: CPU ms of all threads, bytes written, and ms of wall clock until the first and the last byte."""

    cpu: float
    written: int
    first: float
    last: float


class Program:
    """One program in one pseudo-terminal."""

    def __init__(self, pid: int, master: int) -> None:
        self.pid = pid
        self._master = master

    def _counter(self, name: str) -> int:
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            if name == "cpu":
                total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
            else:
                status = (task / "status").read_text(encoding="ascii")
                total += int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
        return total

    @property
    def memory_kb(self) -> int:
        """Resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0])

    def _read(self, patience: float) -> bytes:
        if not select.select([self._master], [], [], patience)[0]:
            return b""
        data = os.read(self._master, 1 << 16)
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._master, answer)
        return data

    def wait_for(self, text: str) -> None:
        """Wait until `text` was written, and then until nothing more comes."""
        seen, until = b"", time.monotonic() + _LIMIT
        while text.encode() not in seen:
            if time.monotonic() > until:
                raise TimeoutError(text)
            seen += self._read(0.2)
        self.settle(0.3)

    def settle(self, still: float = _STILL, least: int = 1) -> tuple[int, float, float]:
        """Wait until nothing was written for `still` seconds; return the bytes, and when the first and last came.

        The silence counts after `least` bytes; a key that changes nothing is waited for in vain, 2 s.
        """
        written, first, last = 0, 0.0, 0.0
        while data := self._read(still if written >= least else 2.0):
            last = time.perf_counter()
            first = first or last
            written += len(data)
        return written, first, last

    def quiet(self) -> None:
        """Read until nothing comes for a moment; nothing at all is fine, too."""
        while self._read(0.15):
            pass

    def press(self, keys: str, least: int = 1) -> Cost:
        """Press `keys` at once and wait for the frame, which has at least so many bytes."""
        cpu, began = self._counter("cpu"), time.perf_counter()
        os.write(self._master, keys.encode())
        return self._cost(cpu, began, least)

    def resize(self, columns: int, rows: int) -> Cost:
        """Change the size of the terminal and wait for the frame."""
        cpu, began = self._counter("cpu"), time.perf_counter()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        return self._cost(cpu, began)

    def _cost(self, cpu: int, began: float, least: int = 1) -> Cost:
        written, first, last = self.settle(least=least)
        return Cost((self._counter("cpu") - cpu) / 1e6, written, (first - began) * 1000, (last - began) * 1000)

    def rest(self, seconds: float) -> tuple[float, float, float]:
        """Do nothing; return the CPU ms, the wake-ups and the bytes per second."""
        cpu, woken, until = self._counter("cpu"), self._counter("woken"), time.monotonic() + seconds
        written = 0
        while (left := until - time.monotonic()) > 0:
            written += len(self._read(left))
        spent, wakes = self._counter("cpu") - cpu, self._counter("woken") - woken
        return spent / 1e6 / seconds, wakes / seconds, written / seconds


@contextmanager
def running(*arguments: str) -> Iterator[Program]:
    """Run `benchmarks.list_program` with `arguments`, ready for a key."""
    pid, master = pty.fork()
    if pid == 0:
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        command = [sys.executable, "-m", "benchmarks.list_program", *arguments]
        os.execve(command[0], command, environment)  # noqa: S606 - replaces the forked child
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    program = Program(pid, master)
    try:
        program.wait_for(READY)
        yield program
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)


def middle(costs: Sequence[Cost]) -> Cost:
    """Return the medians."""
    return Cost(
        median(cost.cpu for cost in costs),
        round(median(cost.written for cost in costs)),
        median(cost.first for cost in costs),
        median(cost.last for cost in costs),
    )


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
            cpu, woken, written = at_rest.rest(5)
            sys.stdout.write(f"at rest, {name}: {cpu:.2f} ms/s, {woken:.1f} wake-ups/s, {written:.0f} bytes/s\n")


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
