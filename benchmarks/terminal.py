"""Programs in pseudo-terminals, measured from outside: CPU time, bytes, wake-ups and memory of whatever is run."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SIZE = (120, 36)
"""Columns and rows."""
LIMIT = 60.0
"""Seconds after which a text that was not written will not come."""
STILL = 0.06
"""Seconds without output after which a frame counts as painted."""
_IN_VAIN = 2.0
"""Seconds to wait for the answer to a key that may have none."""
_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
}
"""What terminals are asked, and what this one says: synchronised output, no reports of its size, a VT220."""
_CONTROL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Z]|[ -/]*[0-OQ-Z\\^-~])")
_TAIL = 1 << 18


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment with a terminal of true colours, and `more`."""
    return {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **more}


def plain(written: bytes) -> bytes:
    """Return what was written without control sequences."""
    return _CONTROL.sub(b"", written)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one key: CPU ms of all threads, bytes written, and ms of wall clock until the first and the last byte."""

    cpu: float
    written: int
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Rest:
    """Of a time in which nobody does anything, per second: CPU ms, wake-ups and bytes."""

    cpu: float
    woken: float
    written: float


class Program:
    """One program in one pseudo-terminal, with whatever it has started itself."""

    def __init__(self, pid: int, master: int) -> None:
        self.pid = pid
        self.master = master
        self._asked = b""
        self.heard: bytearray | None = None
        """Everything that was written, if somebody wants to have it: an empty one is filled."""

    def _processes(self) -> list[int]:
        found, waiting = [], [self.pid]
        while waiting:
            pid = waiting.pop()
            with suppress(OSError):
                children = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
                waiting += [int(child) for path in children for child in path.read_text(encoding="ascii").split()]
                found.append(pid)
        return found

    def cpu_ms(self) -> float:
        """Return the CPU ms of all threads, those that have ended as well."""
        total = 0.0
        for pid in self._processes():
            with suppress(OSError):
                # The clock of another process, in ns: clock_getcpuclockid(3).
                total += time.clock_gettime(~pid << 3 | 2) * 1_000
        return total

    def wakeups(self) -> int:
        """Return how often its threads were woken up."""
        total = 0
        for pid in self._processes():
            with suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    status = (task / "status").read_text(encoding="ascii")
                    total += int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
        return total

    @property
    def memory_kb(self) -> int:
        """Resident memory in KB."""
        total = 0
        for pid in self._processes():
            with suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
                total += int(status.partition("VmRSS:")[2].split()[0])
        return total

    def _read(self, patience: float) -> bytes:
        if not select.select([self.master], [], [], max(0.0, patience))[0]:
            return b""
        try:
            data = os.read(self.master, 1 << 16)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            raise EOFError("the program has ended")
        if self.heard is not None:
            self.heard += data
        # A question may be cut in two by the end of what was read.
        asked = self._asked + data
        answered = 0
        for question, answer in _ANSWERS.items():
            if (at := asked.find(question)) >= 0:
                os.write(self.master, answer)
                answered = max(answered, at + len(question))
        self._asked = asked[max(answered, len(asked) - 12) :]
        return data

    def wait_for(self, text: str, patience: float = LIMIT, still: float = 0.3) -> float:
        """Wait until `text` was written, and then until nothing more comes for `still` seconds.

        Returns the CPU ms so far at the moment at which the text was there. Raises TimeoutError and EOFError.
        """
        seen, wanted, until = b"", text.encode(), time.monotonic() + patience
        while wanted not in seen and wanted not in plain(seen):
            if time.monotonic() > until:
                raise TimeoutError(f"{text!r} was not written; the end of what was: {plain(seen)[-400:]!r}")
            seen = (seen + self._read(0.2))[-_TAIL:]
        spent = self.cpu_ms()
        if still:
            self.settle(still, least=0)
        return spent

    def settle(self, still: float = STILL, least: int = 1) -> tuple[int, float, float]:
        """Wait until nothing was written for `still` seconds; return the bytes, and when the first and last came.

        The silence counts after `least` bytes; a key that changes nothing is waited for in vain, 2 s.
        """
        written, first, last = 0, 0.0, 0.0
        while data := self._read(still if written >= least else _IN_VAIN):
            last = time.perf_counter()
            first = first or last
            written += len(data)
        return written, first, last

    def quiet(self, still: float = 0.15, patience: float = LIMIT) -> None:
        """Read until nothing comes for a moment; nothing at all is fine, too."""
        until = time.monotonic() + patience
        while self._read(still) and time.monotonic() < until:
            pass

    def send(self, keys: str) -> None:
        """Type `keys` without waiting."""
        os.write(self.master, keys.encode())

    def press(self, keys: str, least: int = 1, still: float = STILL) -> Cost:
        """Press `keys` at once and wait for the frame, which has at least so many bytes."""
        cpu, began = self.cpu_ms(), time.perf_counter()
        self.send(keys)
        return self._cost(cpu, began, least, still)

    def press_until(self, keys: str, text: str, *, settled: float = 0.0, patience: float = LIMIT) -> Cost:
        """Press `keys` and wait until `text` is written, then for a silence of `settled` seconds.

        In the cost, `first` is when the text was there and `last` when the last byte came; the CPU time is up to
        the text, or up to the end of the silence if one is waited for.
        """
        cpu, began, until = self.cpu_ms(), time.perf_counter(), time.monotonic() + patience
        seen, written, wanted = b"", 0, text.encode()
        self.send(keys)
        while wanted not in seen and wanted not in plain(seen):
            if time.monotonic() > until:
                raise TimeoutError(f"{text!r} was not written within {patience:g} s after {keys!r}")
            data = self._read(0.2)
            seen, written = (seen + data)[-_TAIL:], written + len(data)
        first = last = time.perf_counter()
        if settled:
            more, _, ended = self.settle(settled, least=0)
            written, last = written + more, ended or last
        return Cost(self.cpu_ms() - cpu, written, (first - began) * 1000, (last - began) * 1000)

    def resize(self, columns: int, rows: int, still: float = STILL) -> Cost:
        """Change the size of the terminal and wait for the frame."""
        cpu, began = self.cpu_ms(), time.perf_counter()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        return self._cost(cpu, began, 1, still)

    def _cost(self, cpu: float, began: float, least: int, still: float) -> Cost:
        written, first, last = self.settle(still, least)
        if not written:
            first = last = began
        return Cost(self.cpu_ms() - cpu, written, (first - began) * 1000, (last - began) * 1000)

    def rest(self, seconds: float) -> Rest:
        """Do nothing for `seconds` and return what the program does meanwhile."""
        return rest_together({"it": self}, seconds)["it"]


@contextmanager
def running(
    command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None, *, heard: bool = False
) -> Iterator[Program]:
    """Run `command` in a pseudo-terminal of 120 x 36; at the end it is killed, and whatever it has started.

    With `heard`, all that it writes is kept.
    """
    pid, master = pty.fork()
    if pid == 0:
        # Nothing of Python may be run between fork and exec but this: the size is there before the program asks.
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
            if cwd is not None:
                os.chdir(cwd)
            os.execvpe(command[0], list(command), dict(env or environment()))  # noqa: S606 - replaces the forked child
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error}")
            os._exit(127)
    program = Program(pid, master)
    program.heard = bytearray() if heard else None
    try:
        yield program
    finally:
        for child in reversed(program._processes()):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)


def rest_together(programs: Mapping[str, Program], seconds: float) -> dict[str, Rest]:
    """Do nothing for `seconds` and return what each of the programs does meanwhile."""
    before = {name: (program.cpu_ms(), program.wakeups()) for name, program in programs.items()}
    written = dict.fromkeys(programs, 0)
    names = {program.master: name for name, program in programs.items()}
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        for master in select.select(list(names), [], [], left)[0]:
            written[names[master]] += len(programs[names[master]]._read(0.0))
    rests = {}
    for name, program in programs.items():
        cpu, woken = before[name]
        spent, wakes = program.cpu_ms() - cpu, program.wakeups() - woken
        rests[name] = Rest(spent / seconds, wakes / seconds, written[name] / seconds)
    return rests


def middle(costs: Sequence[Cost]) -> Cost:
    """Return the medians."""
    return Cost(
        median(cost.cpu for cost in costs),
        round(median(cost.written for cost in costs)),
        median(cost.first for cost in costs),
        median(cost.last for cost in costs),
    )
