"""The table of all figures as Markdown, with the machine and the versions, and its place in a document."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, Findings, p95

BEGIN = "<!-- figures: begin, written by `make bench` -->"
END = "<!-- figures: end -->"
_HEAD = "| figure | unit | median | p95 | n | beside it, in the same rounds: median (p95) | wanted | reached |"
_RULE = "|---|---|---:|---:|---:|---|---:|---|"


def load() -> str:
    """Return the load of the machine over 1, 5 and 15 minutes."""
    return " ".join(f"{part:.1f}" for part in os.getloadavg())


def processor() -> str:
    """Return the name of the processor, as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@dataclass(slots=True)
class Report:
    """What all rows have found, and how the machine was."""

    before: str = field(default_factory=load)
    after: str = ""
    began: float = field(default_factory=time.time)
    rows: dict[str, Findings] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """Of each row that came to no end, why."""

    def markdown(self) -> str:
        """Return the table, with what was measured on, and who was left out."""
        lines = [*self._surroundings(), "", _HEAD, _RULE]
        for name, findings in self.rows.items():
            lines += [_line(figure) for figure in findings.figures]
            if name in self.failed:
                lines.append(f"| *{name}: {_cell(self.failed[name])}* | | | | | | | |")
        for name in self.failed.keys() - self.rows.keys():
            lines.append(f"| *{name}: {_cell(self.failed[name])}* | | | | | | | |")
        left = {
            f"{who} ({name})": reason
            for name, findings in self.rows.items()
            for who, reason in findings.left_out.items()
        }
        if left:
            lines += ["", "Left out:", "", *(f"- {who}: {_cell(reason)}" for who, reason in left.items())]
        return "\n".join(lines) + "\n"

    def _surroundings(self) -> list[str]:
        versions = {"Python": platform.python_version(), "Parlour": version("parlour"), "Textual": version("textual")}
        for findings in self.rows.values():
            versions |= findings.versions
        said = ", ".join(f"{name} {number}" for name, number in versions.items())
        day = time.strftime("%Y-%m-%d", time.gmtime(self.began))
        return [
            f"Measured on {day}: {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()};",
            f"load {self.before} before and {self.after or load()} after (1, 5, 15 minutes).",
            f"Pseudo-terminals of 120 x 36, true colours. {said}.",
        ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def number(value: float) -> str:
    """Return a figure with as many digits as mean something."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _beside(others: Mapping[str, list[float]]) -> str:
    return " · ".join(
        f"{name} {number(median(found))}" + (f" ({number(p95(found))})" if len(found) > 1 else "")
        for name, found in others.items()
        if found
    )


def _line(figure: Figure) -> str:
    wanted = ""
    if figure.limit is not None:
        wanted = f"≤ {figure.limit:g} x {figure.against}" if figure.against else f"≤ {number(figure.limit)}"
    reached = {None: "", True: "yes", False: "**no**"}[figure.is_reached]
    other = figure.beside.get(figure.against)
    if other and median(other):
        reached += f", {figure.median / median(other):.2f} x"
    cells = [
        _cell(figure.what), figure.unit, number(figure.median), number(figure.p95), str(len(figure.ours)),
        _cell(_beside(figure.beside)), wanted, reached,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def place(document: Path, table: str) -> None:
    """Put the table between its two marks in the document; raises ValueError where they are not."""
    text = document.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for the figures: {BEGIN} … {END}")
    document.write_text(f"{head}{BEGIN}\n\n{table}\n{END}{tail}", encoding="utf-8")
