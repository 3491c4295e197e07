"""What was found, for people and for programs."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tui.doctor.findings import Finding, Verdict

SCHEMA = 1
"""Of the JSON; docs/doctor.schema.json describes it."""

_SIGNS = {Verdict.OK: "✓", Verdict.SKIPPED: "–", Verdict.WARNING: "!", Verdict.PROBLEM: "✗"}
_PLAIN_SIGNS = {Verdict.OK: "ok", Verdict.SKIPPED: "--", Verdict.WARNING: "!!", Verdict.PROBLEM: "XX"}
_COLOURS = {Verdict.OK: "32", Verdict.SKIPPED: "2", Verdict.WARNING: "33", Verdict.PROBLEM: "1;31"}
_NARROWEST = 30
"""Characters from which on it is worth to break lines."""
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


def for_people(findings: Sequence[Finding], *, colours: bool, signs: bool, hints: bool, width: int = 0) -> str:
    """Return the report as text; `hints` adds what can be pasted, `signs` says that the encoding has them.

    Lines are broken at `width`, in characters, where it is given; what can be pasted never is.
    """
    lines: list[str] = []
    for group, title in _TITLES.items():
        members = [finding for finding in findings if finding.group == group]
        if members:
            lines += ["", _coloured(title, "1", colours)]
        for finding in members:
            lines += _lines(finding, width, colours=colours, signs=signs, hints=hints)
    return "\n".join([*lines[1:], "", _summary(findings, hints), ""])


def _lines(finding: Finding, width: int, *, colours: bool, signs: bool, hints: bool) -> Iterable[str]:
    sign = (_SIGNS if signs else _PLAIN_SIGNS)[finding.verdict]
    indent = " " * (4 if signs else 5)
    first, *rest = _broken(finding.sentence, width - len(indent))
    yield f"  {_coloured(sign, _COLOURS[finding.verdict], colours)} {first}"
    yield from (indent + line for line in rest)
    arrow = "→ " if signs else "-> "
    for number, line in enumerate(_broken(finding.advice, width - len(indent) - len(arrow)) if finding.advice else ()):
        yield f"{indent}{_coloured((' ' * len(arrow) if number else arrow) + line, '2', colours)}"
    if hints:
        yield from (f"{indent}  {_coloured(command, '36', colours)}" for command in finding.commands)


def _broken(text: str, width: int) -> list[str]:
    """Return the lines of `text`, whole where there is no room worth the name."""
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) if width >= _NARROWEST else []
    return lines or [text]


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
