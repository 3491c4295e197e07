"""The faults of the matrix: each has a name, and what it may do to the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.proxy import Entry, Fault, Then, Weather

HEAD = 20
"""An offset inside of the head of a request or a reply."""
MIDDLE = 300
"""An offset that every request reaches: the tokens alone are longer."""
TRICKLE = 60.0
"""Bytes per second: no reply is there within the deadline of a case."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fault."""

    name: str
    weather: Callable[[int], Weather] | None
    """Made for a reply of so many bytes; None: nobody listens at all."""
    falsifies_request: bool = False
    """Whether another request than the client's may reach the platform: what happens then is not the client's doing."""
    falsifies_reply: bool = False
    """Whether the client may read another reply than the platform's."""
    harmless: bool = False
    """Whether the call has to succeed in spite of it."""


def _at(then: Then, after: int) -> Callable[[int], Weather]:
    return lambda size: Weather(down=Fault(then, after if after >= 0 else max(size + after, 1)))


def _up(then: Then, after: int) -> Callable[[int], Weather]:
    return lambda size: Weather(up=Fault(then, after))


def _fixed(weather: Weather) -> Callable[[int], Weather]:
    return lambda size: weather


CASES = (
    Case("refused", None),
    Case("black hole", _fixed(Weather(entry=Entry.BLACK_HOLE))),
    Case("reset at the door", _fixed(Weather(entry=Entry.RESET))),
    Case("late", _fixed(Weather(Fault(latency=0.01, jitter=0.01), Fault(latency=0.01, jitter=0.01))), harmless=True),
    Case("slow request", _fixed(Weather(up=Fault(rate=50_000))), harmless=True),
    Case("request trickles", _fixed(Weather(up=Fault(rate=TRICKLE)))),
    Case("request reset at once", _up(Then.RESET, 0)),
    Case("request reset", _up(Then.RESET, MIDDLE)),
    Case("request ends at once", _up(Then.FIN, 0)),
    Case("request ends early", _up(Then.FIN, MIDDLE)),
    Case("request freezes at once", _up(Then.FREEZE, 0)),
    Case("request freezes", _up(Then.FREEZE, MIDDLE)),
    Case("request becomes noise", _up(Then.GARBAGE, MIDDLE), falsifies_request=True),
    Case("bit of the request's head", _up(Then.FLIP, 4), falsifies_request=True),
    Case("bit of the request", _up(Then.FLIP, MIDDLE), falsifies_request=True),
    Case("reply trickles", _fixed(Weather(down=Fault(rate=TRICKLE)))),
    Case("reply reset at once", _at(Then.RESET, 0)),
    Case("reply reset in its head", _at(Then.RESET, HEAD)),
    Case("reply reset at its end", _at(Then.RESET, -5)),
    Case("no reply", _at(Then.FIN, 0)),
    Case("reply ends in its head", _at(Then.FIN, HEAD)),
    Case("reply ends early", _at(Then.FIN, -5)),
    Case("reply freezes at once", _at(Then.FREEZE, 0)),
    Case("reply freezes in its head", _at(Then.FREEZE, HEAD)),
    Case("reply freezes at its end", _at(Then.FREEZE, -5)),
    Case("reply is noise", _at(Then.GARBAGE, 0), falsifies_reply=True),
    Case("reply becomes noise", _at(Then.GARBAGE, -5), falsifies_reply=True),
    Case("bit of the status", _at(Then.FLIP, 9), falsifies_reply=True),
    Case("bit of the reply", _at(Then.FLIP, -5), falsifies_reply=True),
)
