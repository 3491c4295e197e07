"""A storm of events on the socket of the real program in a real pseudo-terminal: nothing lost, nothing late.

`python -m benchmarks.event_storm [--rate 10000] [--seconds 60] [--keys 3000]` says whether every limit is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api_client.models.posts import MediaInput, NewPhotoPost
from benchmarks.measure import Row
from benchmarks.storm_platform import END_KEY, READY
from tests.e2e.hostile import PIXEL
from tests.e2e.machine import ROOT, Machine
from tests.e2e.terminal import Terminal
from tests.e2e.witness import Witness

RATE, SECONDS, KEYS = 10_000, 60.0, 3_000
LAG_LIMIT_MS, PAINT_LIMIT_MS, GROWTH_LIMIT_MIB = 50.0, 100.0, 20.0
_KEY_EVERY = 0.15
_MARK = " ▌"
_START_PATIENCE, _SETTLE_SECONDS = 120.0, 3.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Storm:
    """What came of it."""

    sent: int
    seconds: float
    wrong: int
    """Keys of which the program has not the last version."""
    older: int
    """Notices that told an older version after a newer one."""
    gaps: int
    losses: int
    """How often the connection was lost."""
    lag_p99_ms: float
    lag_worst_ms: float
    paint_p99_ms: float
    growth_mib: float
    cpu_share: float
    """Of one core."""

    @property
    def is_complete(self) -> bool:
        """Whether everything arrived and nothing broke."""
        return not (self.wrong or self.older or self.gaps or self.losses)


def brew(rate: float, seconds: float, keys: int) -> Storm:
    """Let a storm come over a program that was just started, and return what came of it."""
    with tempfile.TemporaryDirectory() as folder, _platform(Path(folder) / "platform") as (url, platform):
        machine = Machine(Path(folder) / "machine")
        machine.configure("config.toml", '[player]\noutput = "null"\n')
        reader = _reader(url)
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "benchmarks.storm_program", str(report), "--url", url]
        environment = {**machine.env, "PARLOUR_TOKEN": reader.access}
        with Terminal(command, env=environment, cwd=machine.folder) as terminal:
            terminal.wait_for("● online", _START_PATIENCE)
            terminal.wait_for("post 11", _START_PATIENCE)
            time.sleep(_SETTLE_SECONDS)
            return _through(terminal, platform, report, (rate, seconds, keys))


def _through(
    terminal: Terminal, platform: subprocess.Popen[str], report: Path, size: tuple[float, float, int]
) -> Storm:
    assert platform.stdin is not None
    assert platform.stdout is not None
    pid = terminal.process.pid
    memory, cpu, began = _resident_mib(pid), _cpu_seconds(pid), time.monotonic()
    platform.stdin.write("{} {} {}\n".format(*size))
    platform.stdin.flush()
    paints, peak = _press_keys(terminal, began + size[1])
    answer = json.loads(platform.stdout.readline())
    until = time.monotonic() + 30
    while not report.exists() and time.monotonic() < until:
        time.sleep(0.05)
    took = time.monotonic() - began
    used = _cpu_seconds(pid) - cpu
    told = json.loads(report.read_text(encoding="utf-8"))
    lags = sorted(told["lags"])
    told["versions"].pop(END_KEY, None)
    return Storm(
        sent=answer["sent"],
        seconds=answer["seconds"],
        wrong=sum(told["versions"].get(key) != version for key, version in answer["versions"].items() if version > 1),
        older=told["older"],
        gaps=told["gaps"],
        losses=told["losses"],
        lag_p99_ms=_percentile(lags, 0.99) * 1_000,
        lag_worst_ms=lags[-1] * 1_000,
        paint_p99_ms=_percentile(sorted(paints), 0.99) * 1_000,
        growth_mib=max(peak, _resident_mib(pid)) - memory,
        cpu_share=used / took,
    )


def _press_keys(terminal: Terminal, until: float) -> tuple[list[float], float]:
    """Go up and down until then; return the seconds from each key to what it painted, and the most memory seen."""
    paints: list[float] = []
    peak = 0.0
    while time.monotonic() < until:
        before = _cursor(terminal.text)
        pressed = time.monotonic()
        terminal.press("j" if len(paints) % 2 == 0 else "k")
        terminal.wait_for(lambda text, before=before: _cursor(text) != before)  # type: ignore[misc]
        paints.append(time.monotonic() - pressed)
        peak = max(peak, _resident_mib(terminal.process.pid))
        time.sleep(max(0.0, pressed + _KEY_EVERY - time.monotonic()))
    return paints, peak


def _cursor(text: str) -> list[int]:
    """Return the rows that are marked; nothing but a key moves the mark."""
    return [row for row, line in enumerate(text.split("\n")) if line.startswith(_MARK)]


def _reader(url: str) -> Witness:
    """Return somebody whose feed has a dozen posts."""
    author, reader = Witness.registered(url, "author"), Witness.registered(url, "reader")
    reader.ask(lambda client: client.users.follow("author"))
    for number in range(12):
        post = NewPhotoPost(caption=f"post {number}", media=[MediaInput(type="image", base64=PIXEL)])
        author.ask(lambda client, post=post: client.feed.create(post))  # type: ignore[misc]
    return reader


@contextmanager
def _platform(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.storm_platform", str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    overdue = threading.Timer(60, process.kill)
    overdue.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        overdue.cancel()
        assert line.startswith(READY), f"the platform did not start: {line!r}"
        yield line.removeprefix(READY).strip(), process
    finally:
        overdue.cancel()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rows() -> Iterator[Row]:
    """Yield the figures of a short storm; they need /proc, so Linux."""
    if not Path("/proc/self/stat").exists():
        return
    storm = brew(RATE, 10.0, KEYS)
    said = "all there" if storm.is_complete else "NOT ALL THERE"
    yield Row(f"storm: {RATE} events/s, {said}: loop lag p99 | limit", storm.lag_p99_ms, LAG_LIMIT_MS)
    yield Row("storm: from key to paint p99 | limit", storm.paint_p99_ms, PAINT_LIMIT_MS)


def main() -> int:
    """Let a storm come, print what came of it, and return 1 if a limit was not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--keys", type=int, default=KEYS)
    chosen = parser.parse_args()
    storm = brew(chosen.rate, chosen.seconds, chosen.keys)
    print(f"{storm.sent} events in {storm.seconds:.1f} s, load of the machine {os.getloadavg()[0]:.1f}")
    limits = [
        ("keys with a wrong version", storm.wrong, 0), ("older after newer", storm.older, 0), ("gaps", storm.gaps, 0),
        ("losses of the connection", storm.losses, 0), ("loop lag p99, ms", storm.lag_p99_ms, LAG_LIMIT_MS),
        ("from key to paint p99, ms", storm.paint_p99_ms, PAINT_LIMIT_MS),
        ("growth of memory, MiB", storm.growth_mib, GROWTH_LIMIT_MIB),
    ]  # fmt: skip
    for name, figure, limit in limits:
        print(f"{name:30} {figure:9.1f}   limit {limit:g} {'' if figure <= limit else 'NOT KEPT'}")
    print(f"{'loop lag at worst, ms':30} {storm.lag_worst_ms:9.1f}\n{'CPU of one core':30} {storm.cpu_share:9.0%}")
    return int(any(figure > limit for _, figure, limit in limits))


if __name__ == "__main__":
    sys.exit(main())
