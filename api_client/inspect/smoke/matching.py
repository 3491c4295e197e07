"""Events that came, against the rules for what must come: pure, so that every verdict can be tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.values import Difference, ValueTrouble, ask, brief, subset_difference

SHOWN = 5
"""Events that a failure tells of."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event on a socket."""

    value: Any
    at_ns: int

    @property
    def type(self) -> str:
        """Its type."""
        return str(self.value.get("type")) if isinstance(self.value, dict) else ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule for one socket, its variables filled in."""

    socket: str
    type: str | None
    match: dict[str, Any] | None = None
    where: str | None = None
    times: int = 1
    """0: it must not come."""
    within: float = 2.0
    rising: str | None = None
    gapless: str | None = None
    number: int = 0
    """Its place in the list of rules."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        what = f"{'no ' if self.times == 0 else ''}{self.type or 'event'} on {self.socket}"
        return f"event {what}" if self.times < 2 else f"event {what} ×{self.times}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong about a rule; `code` is None where all is well."""

    wanted: Wanted
    code: Code | None = None
    message: str = ""
    details: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Assigned:
    """Which events of one socket count for which rules."""

    by_rule: dict[int, list[Arrival]] = field(default_factory=dict)
    too_many: dict[int, list[Arrival]] = field(default_factory=dict)
    forbidden: list[tuple[Wanted | None, Arrival]] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    """Numbers of the rules, in the order in which their events came."""


def misfit(wanted: Wanted, arrival: Arrival, variables: Mapping[str, Any]) -> Difference | ValueTrouble | None:
    """Return why an event is not the one that a rule means, None if it is."""
    if wanted.type is not None and arrival.type != wanted.type:
        return Difference(".type", wanted.type, arrival.type)
    if wanted.match is not None and (difference := subset_difference(wanted.match, arrival.value)):
        return difference
    if wanted.where is None:
        return None
    try:
        holds = ask(wanted.where, arrival.value, variables)
    except ValueTrouble as error:
        return error
    return None if holds is True else Difference(wanted.where, True, holds)


def assign(rules: Sequence[Wanted], arrivals: Sequence[Arrival], variables: Mapping[str, Any], others: str) -> Assigned:
    """Count each event of one socket for the first rule that it fits and that still lacks one."""
    found = Assigned({rule.number: [] for rule in rules if rule.times})
    types = {rule.type for rule in rules if rule.times}
    for arrival in arrivals:
        fitting = [rule for rule in rules if misfit(rule, arrival, variables) is None]
        wanted = [rule for rule in fitting if rule.times]
        open_rule = next((rule for rule in wanted if len(found.by_rule[rule.number]) < rule.times), None)
        if open_rule is not None:
            found.by_rule[open_rule.number].append(arrival)
            found.order.append(open_rule.number)
        elif wanted:
            found.too_many.setdefault(wanted[0].number, []).append(arrival)
        elif fitting:
            found.forbidden.append((fitting[0], arrival))
        elif others == "none" or (others == "other-types" and arrival.type in types):
            found.forbidden.append((None, arrival))
    return found


def is_complete(rules: Sequence[Wanted], assigned: Assigned) -> bool:
    """Whether everything has come that should."""
    return all(len(assigned.by_rule[rule.number]) >= rule.times for rule in rules if rule.times)


def judge(
    rules: Sequence[Wanted],
    arrivals: Sequence[Arrival],
    variables: Mapping[str, Any],
    *,
    start_ns: int,
    others: str,
    listed: bool,
) -> list[Verdict]:
    """Return a verdict for each rule of one socket, and one for each event that no rule allows.

    `start_ns` is when the action began that should cause the events.
    """
    found = assign(rules, arrivals, variables, others)
    verdicts = [_judge_rule(rule, found, arrivals, variables, start_ns) for rule in rules]
    if listed and found.order != sorted(found.order):
        names = {rule.number: str(rule.type) for rule in rules}
        came = ", ".join(names[number] for number in found.order)
        late = next(b for a, b in pairwise(found.order) if b < a)
        rule = next(rule for rule in rules if rule.number == late)
        place = rules.index(rule)
        if verdicts[place].code is None:
            verdicts[place] = Verdict(rule, Code.OUT_OF_ORDER, f"the events on {rule.socket} came as {came}")
    for cause, arrival in found.forbidden:
        if cause is None:
            stray = Wanted(rules[0].socket, arrival.type, times=0, number=len(verdicts))
            said = f"nothing here expects this {arrival.type} on {stray.socket}"
            near = [f"not for rule {r.number + 1}: {misfit(r, arrival, variables)}" for r in rules if r.times][:SHOWN]
            verdicts.append(Verdict(stray, Code.UNEXPECTED, said, [_told(arrival, start_ns), *near]))
    return verdicts


def _judge_rule(
    rule: Wanted, found: Assigned, arrivals: Sequence[Arrival], variables: Mapping[str, Any], start_ns: int
) -> Verdict:
    if rule.times == 0:
        came = [arrival for cause, arrival in found.forbidden if cause is rule]
        details = [_told(arrival, start_ns) for arrival in came[:SHOWN]]
        return Verdict(rule, Code.UNEXPECTED, f"{len(came)} came on {rule.socket}", details) if came else Verdict(rule)
    mine = found.by_rule[rule.number]
    if len(mine) < rule.times:
        return _not_seen(rule, mine, arrivals, variables, start_ns)
    if extra := found.too_many.get(rule.number):
        count = len(mine) + len(extra)
        details = [_told(arrival, start_ns) for arrival in [*mine, *extra][:SHOWN]]
        return Verdict(rule, Code.DUPLICATE, f"{count} came on {rule.socket} where {rule.times} should", details)
    slowest = max(arrival.at_ns for arrival in mine) - start_ns
    if slowest > rule.within * 1e9:
        said = f"it came on {rule.socket} after {slowest / 1e6:.0f} ms; allowed are {rule.within * 1000:.0f} ms"
        return Verdict(rule, Code.LATE, said)
    return _sequence(rule, mine, variables)


def _not_seen(
    rule: Wanted, mine: list[Arrival], arrivals: Sequence[Arrival], variables: Mapping[str, Any], start_ns: int
) -> Verdict:
    near = [a for a in arrivals if a.type == rule.type and a not in mine]
    details = [f"near: {misfit(rule, a, variables)}; {_told(a, start_ns)}" for a in near[:SHOWN]]
    if not near:
        seen = sorted({arrival.type for arrival in arrivals})
        details = [f"seen on {rule.socket}: {', '.join(seen) if seen else 'nothing'}"]
    count = f"{len(mine)} of {rule.times} came" if rule.times > 1 else "it did not come"
    return Verdict(rule, Code.NOT_SEEN, f"{count} on {rule.socket}", details)


def _sequence(rule: Wanted, mine: list[Arrival], variables: Mapping[str, Any]) -> Verdict:
    for expression, code in ((rule.rising, Code.OUT_OF_ORDER), (rule.gapless, Code.GAP)):
        if expression is None:
            continue
        try:
            values = [ask(expression, arrival.value, variables) for arrival in mine]
            pairs = list(pairwise(values))
            wrong = next(((a, b) for a, b in pairs if (b <= a if code is Code.OUT_OF_ORDER else b != a + 1)), None)
        except (ValueTrouble, TypeError) as error:
            return Verdict(rule, code, f"{expression} cannot be compared: {error}")
        if wrong is not None:
            first, second = wrong
            said = f"{expression} went from {brief(first, 60)} to {brief(second, 60)}"
            return Verdict(rule, Code.GAP if second > first else Code.OUT_OF_ORDER, said)
    return Verdict(rule)


def _told(arrival: Arrival, start_ns: int) -> str:
    return f"{(arrival.at_ns - start_ns) / 1e6:+.0f} ms {brief(arrival.value, 400)}"
