"""`parlour doctor`: looks at everything that Parlour needs, and says what to do."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.exits import Exit

if TYPE_CHECKING:
    from tui.cli.parsers import Commands
    from tui.doctor.findings import Check, Finding, Patient

_EPILOG = """\
examples:
  parlour doctor                              look at everything, in some seconds
  parlour doctor --fix-hints                  with commands that can be pasted
  parlour doctor --url https://parlour.example
  parlour doctor --json | jq '.findings[] | select(.verdict == "problem")'
  parlour doctor --json > report.json         for a report of a fault; no secret is in it

status: 0 nothing is a problem, 1 something is; warnings are none
"""


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `doctor`."""
    doctor = commands.add_parser(
        "doctor",
        parents=[common],
        help="look at everything that Parlour needs, and say what to do",
        description="Look at platform, sign-in, disk, sound, desktop, terminal and settings, and say what to do.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--json", action="store_true", help="write JSON, as docs/doctor.schema.json describes it")
    doctor.add_argument(
        "--patience", metavar="TIMES", type=_times, default=1.0, help="wait so many times longer, over a slow line"
    )
    doctor.add_argument("--fix-hints", action="store_true", help="add commands and settings that can be pasted")


def _times(text: str) -> float:
    """Return what `--patience` asks for; raises what argparse shows before it leaves."""
    try:
        times = float(text)
    except ValueError:
        times = 0.0
    if not 1 <= times <= 100:
        raise argparse.ArgumentTypeError(f"{text}: a number from 1 to 100 is needed")
    return times


def run(arguments: argparse.Namespace) -> int:
    """Look, report on stdout, and return whether anything is a problem."""
    import asyncio

    from tui.cli.output import has_colours, write_json
    from tui.doctor.findings import Patient, Verdict
    from tui.doctor.report import for_people, for_programs, worst
    from tui.paths import Paths

    patient = Patient(arguments, Paths.find(arguments.data))
    begun = time.perf_counter()
    findings = asyncio.run(_looked(patient))
    seconds = time.perf_counter() - begun
    out = sys.stdout
    if arguments.json:
        write_json(patient.redactor.json(for_programs(findings, _version(), seconds)))
    else:
        signs = "utf" in (out.encoding or "").lower()
        width = shutil.get_terminal_size().columns if out.isatty() else 0
        plain = [_harmless(finding, patient) for finding in findings]
        text = for_people(plain, colours=has_colours(out), signs=signs, hints=arguments.fix_hints, width=width)
        out.write(text if signs else text.encode(out.encoding or "ascii", "replace").decode(out.encoding or "ascii"))
    return Exit.FAILED if worst(findings) is Verdict.PROBLEM else Exit.OK


def _harmless(finding: Finding, patient: Patient) -> Finding:
    """Return `finding` without secrets, and without anything that a terminal would obey."""
    from dataclasses import replace

    from tui.cli.output import visible

    def clean(text: str) -> str:
        return visible(patient.redactor.text(text)).replace("\n", " ")

    return replace(
        finding,
        sentence=clean(finding.sentence),
        advice=clean(finding.advice),
        commands=tuple(map(clean, finding.commands)),
    )


async def _looked(patient: Patient) -> list[Finding]:
    import asyncio

    from tui.doctor.checks import CHECKS, FIRST
    from tui.doctor.examination import examine
    from tui.ending import QuickThreads

    # A name that is looked up, or a file on a disk that is away, may hang on a thread of the loop's own.
    asyncio.get_running_loop().set_default_executor(QuickThreads())
    progress = _Progress(len(FIRST) + len(CHECKS))
    try:
        first = await examine(FIRST, patient, progress.told)
        return first + await examine(CHECKS, patient, progress.told)
    finally:
        progress.clear()


class _Progress:
    """One line on stderr, while somebody looks at it."""

    def __init__(self, total: int) -> None:
        self._done, self._total = 0, total
        self._shows = sys.stderr.isatty()

    def told(self, check: Check, _findings: Sequence[Finding]) -> None:
        """A check has ended."""
        self._done += 1
        if self._shows:
            sys.stderr.write(f"\r\x1b[Klooking: {self._done} of {self._total}, {check.title}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave the line empty."""
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("parlour")
    except metadata.PackageNotFoundError:
        return "unknown"
