"""What was found, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tui.doctor.findings import Finding, Verdict

SCHEMA = 1
"""Of the JSON; docs/doctor.schema.json describes it."""

_SIGNS = {Verdict.OK: "✓", Verdict.SKIPPED: "–", Verdict.WARNING: "!", Verdict.PROBLEM: "✗"}
_PLAIN_SIGNS = {Verdict.OK: "ok", Verdict.SKIPPED: "--", Verdict.WARNING: "!!", Verdict.PROBLEM: "XX"}
_COLOURS = {Verdict.OK: "32", Verdict.SKIPPED: "2", Verdict.WARNING: "33", Verdict.PROBLEM: "1;31"}
_TITLES = {
    "platform": "Platform",
    "secrets": "Sign-ins",
    "disk": "Disk",
    "sound": "Sound",
    "desktop": "Desktop",
    "terminal": "Terminal",
    "files": "Your files",
    "versions": "Versions",
}


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict over all."""
    return max((finding.verdict for finding in findings), key=lambda verdict: verdict.weight, default=Verdict.OK)


def for_programs(findings: Sequence[Finding], version: str, seconds: float) -> dict[str, Any]:
    """Return the report as what JSON holds."""
    counts = Counter(finding.verdict for finding in findings)
    return {
        "schema": SCHEMA,
        "parlour": version,
        "verdict": worst(findings).value,
        "seconds": round(seconds, 2),
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
        "findings": [
            {
                "id": finding.id,
                "verdict": finding.verdict.value,
                "sentence": finding.sentence,
                "advice": finding.advice,
                "commands": list(finding.commands),
                "facts": dict(finding.facts),
            }
            for finding in findings
        ],
    }


def for_people(findings: Sequence[Finding], *, colours: bool, signs: bool, hints: bool) -> str:
    """Return the report as text; `hints` adds what can be pasted, `signs` says that the encoding has them."""
    lines: list[str] = []
    for group, title in _TITLES.items():
        members = [finding for finding in findings if finding.group == group]
        if members:
            lines += ["", _coloured(title, "1", colours)]
        for finding in members:
            lines += _lines(finding, colours=colours, signs=signs, hints=hints)
    return "\n".join([*lines[1:], "", _summary(findings, hints), ""])


def _lines(finding: Finding, *, colours: bool, signs: bool, hints: bool) -> Iterable[str]:
    sign = (_SIGNS if signs else _PLAIN_SIGNS)[finding.verdict]
    yield f"  {_coloured(sign, _COLOURS[finding.verdict], colours)} {finding.sentence}"
    indent = " " * (4 if signs else 5)
    arrow = "→" if signs else "->"
    if finding.advice:
        yield f"{indent}{_coloured(f'{arrow} {finding.advice}', '2', colours)}"
    if hints:
        yield from (f"{indent}  {_coloured(command, '36', colours)}" for command in finding.commands)


def _summary(findings: Sequence[Finding], hints: bool) -> str:
    counts = Counter(finding.verdict for finding in findings)
    if not counts[Verdict.PROBLEM] and not counts[Verdict.WARNING]:
        return f"All is well: {counts[Verdict.OK]} checks."
    parts = [
        f"{counts[verdict]} {word}{'' if counts[verdict] == 1 else 's'}"
        for verdict, word in ((Verdict.PROBLEM, "problem"), (Verdict.WARNING, "warning"))
        if counts[verdict]
    ]
    more = any(finding.commands for finding in findings) and not hints
    return f"{', '.join(parts)}.{' `parlour doctor --fix-hints` adds what can be pasted.' if more else ''}"


def _coloured(text: str, style: str, colours: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colours else text
