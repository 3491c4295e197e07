"""Waiting for events on sockets, and judging what came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from api_client.inspect.smoke.asking import capture
from api_client.inspect.smoke.checks import Checks
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.context import Context, Words
from api_client.inspect.smoke.expecting import Events
from api_client.inspect.smoke.matching import Arrival, Verdict, Wanted, assign, is_complete, judge
from api_client.inspect.smoke.results import Failure
from api_client.inspect.smoke.sockets import LiveSocket
from api_client.inspect.smoke.values import filled, filled_jq, filled_text

PONG_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Moment:
    """When an action began, and what every socket had received by then."""

    at_ns: int
    marks: Mapping[str, int]


def now(context: Context) -> Moment:
    """Return this moment."""
    marks = {name: len(socket.arrivals) for name, socket in context.sockets.items()}
    return Moment(time.perf_counter_ns(), marks)


def since_last_look(context: Context) -> Moment:
    """Return the moment up to which events have been looked at; times are counted from now."""
    marks = {name: socket.cursor for name, socket in context.sockets.items()}
    return Moment(time.perf_counter_ns(), marks)


def wanted_by(context: Context, events: Events, words: Words) -> dict[str, list[Wanted]]:
    """Return the rules by socket, with everything filled in. Raises ValueTrouble."""
    rules: dict[str, list[Wanted]] = {}
    for number, rule in enumerate(events.expect):
        for name in rule.on:
            wanted = Wanted(
                context.socket(filled_text(name, words)).name,
                rule.type,
                filled(rule.match, words),
                filled_jq(rule.where, words) if rule.where else None,
                times=rule.times,
                within=(events.within if rule.within is None else rule.within) * context.means.patience,
                rising=rule.rising,
                gapless=rule.gapless,
                number=number,
            )
            rules.setdefault(wanted.socket, []).append(wanted)
    for number, absent in enumerate(events.none, len(events.expect)):
        for name in absent.on:
            socket = context.socket(filled_text(name, words)).name
            where = filled_jq(absent.where, words) if absent.where else None
            unwanted = Wanted(socket, absent.type, filled(absent.match, words), where, times=0, number=number)
            rules.setdefault(socket, []).append(unwanted)
    return rules


async def watch(context: Context, events: Events, moment: Moment, words: Words, checks: Checks) -> None:
    """Wait until everything has come, or its time is over, listen a little longer, and judge. Raises ValueTrouble."""
    rules = wanted_by(context, events, words)

    def came(name: str) -> list[Arrival]:
        return context.sockets[name].fresh(moment.marks.get(name, 0))

    def all_there() -> bool:
        return all(
            context.sockets[name].closed is not None
            or is_complete(mine, assign(mine, came(name), words, events.others))
            for name, mine in rules.items()
        )

    limit = max((rule.within for mine in rules.values() for rule in mine if rule.times), default=0.0)
    deadline = moment.at_ns + int((limit + context.means.event_grace) * 1e9)
    if await until(context, all_there, deadline):
        await asyncio.sleep(events.quiet)
        await _settle(context.sockets[name] for name in rules)
    for name, mine in rules.items():
        socket, arrivals = context.sockets[name], came(name)
        verdicts = judge(
            mine, arrivals, words, start_ns=moment.at_ns, others=events.others, listed=events.order == "listed"
        )
        _note(checks, verdicts, socket)
        _measure(checks, mine, arrivals, words, moment, events)
        socket.cursor = len(socket.arrivals)
    for number, rule in enumerate(events.expect):
        first = rules[filled_text(rule.on[0], words)]
        found = assign(first, came(first[0].socket), words, events.others).by_rule.get(number)
        if found:
            capture(context, rule.capture, found[0].value, words, checks)


async def until(context: Context, holds: Callable[[], bool], deadline_ns: int) -> bool:
    """Wait until `holds`, asked again at every frame; False if that is not so at the deadline."""
    while not holds():
        left = (deadline_ns - time.perf_counter_ns()) / 1e9
        if left <= 0:
            return False
        context.changed.clear()
        if holds():
            return True
        try:
            async with asyncio.timeout(left):
                await context.changed.wait()
        except TimeoutError:
            return holds()
    return True


async def _settle(sockets: Iterable[LiveSocket]) -> None:
    await asyncio.gather(*(socket.settled(PONG_SECONDS) for socket in sockets if socket.closed is None))


def _note(checks: Checks, verdicts: list[Verdict], socket: LiveSocket) -> None:
    names: dict[str, int] = {}
    for verdict in verdicts:
        name = verdict.wanted.name
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            name = f"{name} ({names[name]})"
        if verdict.code is None:
            checks.passed(name)
            continue
        if verdict.code is Code.NOT_SEEN and socket.closed is not None:
            checks.fail(name, Failure(Code.CLOSED, f"{socket.name} was closed: {socket.closed}"))
            continue
        times = {0: "never", 1: "once"}.get(verdict.wanted.times, f"{verdict.wanted.times} times")
        expected = f"{verdict.wanted.type or 'an event'}, {times}"
        checks.fail(name, Failure(verdict.code, verdict.message, expected, details=verdict.details))


def _measure(
    checks: Checks, rules: list[Wanted], arrivals: list[Arrival], words: Words, moment: Moment, events: Events
) -> None:
    """Note how long each event took to each socket."""
    found = assign(rules, arrivals, words, events.others)
    for rule in rules:
        for arrival in found.by_rule.get(rule.number, ()):
            milliseconds = (arrival.at_ns - moment.at_ns) / 1e6
            checks.notes.append(f"{rule.type} on {rule.socket} after {milliseconds:.1f} ms")


def note_frames(context: Context, checks: Checks) -> None:
    """Note what was wrong with frames by themselves since this was done last."""
    for socket in context.sockets.values():
        found = socket.take_failures()
        if found:
            checks.fail(f"frames on {socket.name}", found[0])
            for failure in found[1:]:
                found[0].details.append(f"{failure.code.value} {failure.message}")
