"""Where the time of a call went, and of everything that one action of the user caused: as bars over one axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api_client.inspect.records import CallRecord
from tui.state.inspector_rows import ActionGroup


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in nanoseconds of `perf_counter_ns`."""

    name: str
    start: int
    end: int
    spec: str
    """Words for its style."""

    @property
    def length(self) -> int:
        """Nanoseconds."""
        return self.end - self.start


PARTS = (
    ("blocked", "queued", "muted"),
    ("dns", "name lookup", "secondary"),
    ("connect", "connect", "warning"),
    ("tls", "TLS", "secondary"),
    ("send", "sending", "accent"),
    ("wait", "waiting", "success"),
    ("receive", "receiving", "primary"),
)
"""The phases of a call in their order: the name of the field, what it is called, words for its style."""


def spans_of(call: CallRecord) -> list[Span]:
    """Return where the time of `call` went; what nobody could attribute is the client's own, before it was over."""
    at, found = call.started, []
    for name, title, spec in PARTS:
        length = getattr(call.phases, name)
        if length is not None:
            found.append(Span(title, at, at + length, spec))
            at += length
    if call.ended is not None and call.ended > at:
        found.append(Span("client" if found else "in all", at, call.ended, "muted"))
        at = call.ended
    if call.parsed_ns:
        found.append(Span("reading it", at, at + call.parsed_ns, "error"))
    return found


@dataclass(frozen=True, slots=True)
class Felt:
    """Where the time between a key and the frame that shows its outcome went, in nanoseconds."""

    before: int
    """From the key until the first request left."""
    wait: int
    """With at least one request waiting for the platform."""
    parse: int
    paint: int | None
    """From the last reply to the frame; None where there was none."""
    other: int
    """The rest: connections, sending, receiving, and the client between its calls."""
    lag: int
    """By how much the program was late meanwhile, at most; it is part of the others."""
    total: int


def felt(group: ActionGroup, calls: Sequence[CallRecord]) -> Felt | None:
    """Return where the time of an action went; None as long as nothing of it is over."""
    if group.cause is None or group.ended is None or not calls:
        return None
    start = group.cause.at
    end = group.painted or group.ended
    waits = [(span.start, span.end) for call in calls for span in spans_of(call) if span.name == PARTS[5][1]]
    before = max(min(call.started for call in calls) - start, 0)
    wait = _covered(waits)
    parse = sum(call.parsed_ns or 0 for call in calls)
    paint = group.painted - group.ended if group.painted is not None else None
    total = max(end - start, 0)
    other = max(total - before - wait - parse - (paint or 0), 0)
    return Felt(before, wait, parse, paint, other, max(call.loop_lag for call in calls), total)


def _covered(stretches: Iterable[tuple[int, int]]) -> int:
    """Return how much time lies in at least one of `stretches`."""
    covered, reach = 0, None
    for start, end in sorted(stretches):
        begin = start if reach is None else max(start, reach)
        if end > begin:
            covered += end - begin
            reach = end
    return covered


def bars(spans: Iterable[Span], start: int, end: int) -> tuple[tuple[float, float, str], ...]:
    """Return `spans` as shares of the time from `start` to `end`."""
    length = max(end - start, 1)
    return tuple(
        (max(span.start - start, 0) / length, min(max(span.end - start, 0) / length, 1.0), span.spec) for span in spans
    )


def duration_text(nanoseconds: int | None) -> str:
    """Return a length of time as people read it: "0.42 ms", "17 ms", "1.3 s"; nothing for None."""
    if nanoseconds is None:
        return ""
    ms = nanoseconds / 1e6
    if ms < 10:
        return f"{ms:.2f} ms" if ms < 1 else f"{ms:.1f} ms"
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s" if ms < 100_000 else f"{ms / 1000:.0f} s"
