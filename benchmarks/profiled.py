"""The program under a profiler: `python -m benchmarks.profiled cpu|heap OUT [arguments of parlour]`.

SIGUSR1 begins anew, so that only what comes after it counts; SIGUSR2 writes the report to OUT and leaves the file
OUT.done beside it.
"""

from __future__ import annotations

import signal
import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_FRAMES = 6
"""Depth of the stacks that are kept of each allocation."""
_LINES, _STACKS = 40, 6
_ROOT = Path(__file__).parents[1]


class Profile(Protocol):
    """Something that looks at the program while it runs."""

    def begin(self) -> None:
        """Forget what was seen."""

    def report(self) -> str:
        """Return what was seen since."""


class CpuProfile:
    """Samples of the main thread's stack, as a tree with the seconds in each frame."""

    def __init__(self) -> None:
        from pyinstrument import Profiler

        self._new: Callable[[], Profiler] = lambda: Profiler(interval=0.0005, async_mode="disabled")
        self._profiler = self._new()
        self._profiler.start()

    def begin(self) -> None:
        """Sample from now on."""
        self._profiler.stop()
        self._profiler = self._new()
        self._profiler.start()

    def report(self) -> str:
        """Return the tree; frames of libraries are folded away where they hold nothing of ours."""
        self._profiler.stop()
        text: str = self._profiler.output_text(unicode=True, color=False, show_all=False)
        return text


class HeapProfile:
    """Memory that was taken by Python and not given back, by package, line and stack."""

    def __init__(self) -> None:
        tracemalloc.start(_FRAMES)
        self._before: tracemalloc.Snapshot | None = None

    def begin(self) -> None:
        """Count what is taken from now on."""
        self._before = tracemalloc.take_snapshot()

    def report(self) -> str:
        """Return the tables, in KB."""
        now = tracemalloc.take_snapshot()
        lines, stacks = self._taken(now, "lineno"), self._taken(now, "traceback")
        packages: dict[str, int] = defaultdict(int)
        for size, trace in lines:
            packages[_package(trace[0].filename)] += size
        text = [f"{sum(packages.values()) / 1024:,.0f} KB more\n", "by package, KB"]
        text += [f"{size / 1024:10,.1f}  {name}" for name, size in sorted(packages.items(), key=lambda kept: -kept[1])]
        text.append("\nby line, KB")
        text += [f"{size / 1024:10,.1f}  {_place(trace[0])}" for size, trace in lines[:_LINES]]
        for size, trace in stacks[:_STACKS]:
            text += [f"\n{size / 1024:,.1f} KB by", *(f"    {_place(frame)}" for frame in trace)]
        return "\n".join(text)

    def _taken(self, now: tracemalloc.Snapshot, by: str) -> list[tuple[int, tracemalloc.Traceback]]:
        if self._before is None:
            return [(found.size, found.traceback) for found in now.statistics(by)]
        found = [(one.size_diff, one.traceback) for one in now.compare_to(self._before, by)]
        return sorted((one for one in found if one[0]), key=lambda one: -one[0])


def _place(frame: tracemalloc.Frame) -> str:
    path = frame.filename.partition("site-packages/")[2] or frame.filename.removeprefix(f"{_ROOT}/")
    return f"{path}:{frame.lineno}"


def _package(filename: str) -> str:
    """Return the package of a file: ours by their folder, those of others by their name."""
    inside = filename.partition("site-packages/")[2]
    if not inside and filename.startswith(f"{_ROOT}/"):
        inside = filename.removeprefix(f"{_ROOT}/")
    return inside.split("/")[0] if inside else "Python"


def main(kind: str, out: str, *arguments: str) -> int:
    """Run the program until it ends."""
    profile: Profile = CpuProfile() if kind == "cpu" else HeapProfile()

    def write() -> None:
        path = Path(out)
        path.write_text(profile.report(), encoding="utf-8")
        path.with_name(f"{path.name}.done").touch()

    signal.signal(signal.SIGUSR1, lambda *_: profile.begin())
    signal.signal(signal.SIGUSR2, lambda *_: write())
    from tui.__main__ import main as parlour

    return parlour(list(arguments))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
