"""A flood of messages into the open chat."""

from __future__ import annotations

from benchmarks.chat_flood import LIMITS, RATE, SECONDS, brew
from benchmarks.figures import Figure, Findings
from benchmarks.rows.plan import Plan

_UNITS = ("ms", "per second")


def flood(plan: Plan, findings: Findings) -> None:
    """Let a flood come, once per round."""
    told = [brew(RATE, SECONDS) for _ in range(plan.rounds)]
    for name in told[0]:
        unit = next((unit for unit in _UNITS if name.endswith(unit)), "count")
        what = name.removesuffix(unit).rstrip(", ")
        figures = [one[name] for one in told]
        findings.figures.append(
            Figure(f"{RATE:,} messages/s for {SECONDS:g} s: {what}", unit, figures, limit=LIMITS.get(name))
        )
