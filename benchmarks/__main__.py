"""`make bench`: measures every row and prints one table.

A row is measured in a process of its own; one that fails is reported as failed, and the others go on. Other programs
are installed when they are needed, into the user's cache folder or, by root, with apt.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Findings
from benchmarks.report import Report, load, place
from benchmarks.rows import PARTS, ROWS, Row

_ROOT = Path(__file__).parents[1]
_ALL = {**ROWS, **PARTS}
_FAREWELL = 20.0
"""Seconds that a row has to end what it has started."""


def measured(name: str, row: Row, options: Sequence[str], rounds: int) -> tuple[Findings, str]:
    """Measure one row; return what was found, and why it came to no end if it did not."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "findings.json"
        command = [sys.executable, "-m", "benchmarks.one_row", name, str(out), "--rounds", str(rounds), *options]
        with subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            reason = ""
            try:
                _, said = process.communicate(timeout=row.seconds)
            except subprocess.TimeoutExpired:
                reason = f"given up after {row.seconds} s"
                process.terminate()
                try:
                    _, said = process.communicate(timeout=_FAREWELL)
                except subprocess.TimeoutExpired:
                    process.kill()
                    _, said = process.communicate()
        if process.returncode and not reason:
            lines = said.strip().splitlines()
            reason = f"failed: {lines[-1] if lines else f'status {process.returncode}'}"
        findings = Findings.from_json(out.read_text(encoding="utf-8")) if out.exists() else Findings()
        return findings, reason


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    rows = "\n".join(f"  {name:14}{row.about}" for name, row in _ALL.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"rows ({', '.join(PARTS)} only when asked for):\n{rows}",
    )
    parser.add_argument("--rows", help="only these, with commas between them; `all` for every one")
    parser.add_argument("--rounds", type=int, help="how often to measure, instead of what each row says")
    parser.add_argument("--skip-peers", action="store_true", help="ours and the floor alone")
    parser.add_argument("--large", action="store_true", help="100,000 comments in the whole program as well")
    parser.add_argument("--minutes", type=float, default=20.0, help="after which what is left is given up (20)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between its marks in this document")
    chosen = parser.parse_args(words)
    names = [*_ALL] if chosen.rows == "all" else chosen.rows.split(",") if chosen.rows else [*ROWS]
    if unknown := [name for name in names if name not in _ALL]:
        parser.error(f"no such row: {', '.join(unknown)}. There are: {', '.join(_ALL)}")
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error("at least one round is needed")
    chosen.names = names
    return chosen


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 if a row came to no end."""
    chosen = _arguments(words)
    options = [*(["--skip-peers"] * chosen.skip_peers), *(["--large"] * chosen.large)]
    report, started = Report(), time.monotonic()
    for name in chosen.names:
        began = time.monotonic()
        left = max(0, int(chosen.minutes * 60 - (began - started)))
        row = replace(_ALL[name], seconds=min(_ALL[name].seconds, left))
        sys.stderr.write(f"{name}: {row.about} …")
        sys.stderr.flush()
        report.rows[name], reason = measured(name, row, options, chosen.rounds or row.rounds)
        if reason:
            report.failed[name] = reason
        sys.stderr.write(f" {time.monotonic() - began:.0f} s{', ' if reason else ''}{reason}\n")
    report.after = load()
    table = report.markdown()
    sys.stdout.write(table)
    if chosen.write is not None:
        place(chosen.write, table)
    return int(bool(report.failed))


if __name__ == "__main__":
    sys.exit(main())
