"""What a scenario knows and holds while it is carried out: people, sockets, variables."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke.coverage import Coverage
from api_client.inspect.smoke.loading import Loaded
from api_client.inspect.smoke.people import ANONYMOUS, People, Person
from api_client.inspect.smoke.scenario import PersonRule
from api_client.inspect.smoke.sockets import LiveSocket
from api_client.inspect.smoke.values import ValueTrouble, filled, filled_text
from api_client.inspect.smoke.wire import SmokeWire


class Words(Mapping[str, Any]):
    """Variables; those that are new at each use are worked out when they are asked for."""

    def __init__(self, values: Mapping[str, Any], living: Mapping[str, Callable[[], Any]]) -> None:
        self.values_ = dict(values)
        self._living = living

    def __getitem__(self, name: str) -> Any:
        if name in self.values_:
            return self.values_[name]
        return self._living[name]()

    def __contains__(self, name: object) -> bool:
        return name in self.values_ or name in self._living

    def __iter__(self) -> Iterator[str]:
        return iter({**self.values_, **self._living})

    def __len__(self) -> int:
        return len({**self.values_, **self._living})

    def with_(self, **more: Any) -> Words:
        """Return the same with more."""
        return Words({**self.values_, **more}, self._living)


@dataclass(frozen=True, slots=True)
class Means:
    """What all scenarios of a run share."""

    wire: SmokeWire
    people: People
    redactor: Redactor
    coverage: Coverage
    variables: Mapping[str, Any]
    max_seconds: float | None = None
    """Every reply must come within these, whatever its step says."""
    patience: float = 1.0
    """By how much the time limits of events are longer than scenarios say."""
    event_grace: float = 2.0
    """Seconds beyond its limit in which an event is awaited, to tell late from never."""


@dataclass(slots=True)
class Context:
    """One carrying out of one scenario."""

    loaded: Loaded
    means: Means
    run: str
    """What makes its names unique."""
    random: random.Random
    words: Words = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)
    sockets: dict[str, LiveSocket] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever a frame comes, or a socket ends."""

    def __post_init__(self) -> None:
        address = self.means.wire.address
        living: dict[str, Callable[[], Any]] = {
            "uuid": lambda: str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "random": lambda: self.random.randrange(1_000_000),
            "now": lambda: int(time.time() * 1000),
            "now_iso": lambda: datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        fixed = {"run": self.run, "base": address.base, "origin": address.origin, "nth": 1}
        self.words = Words({**fixed, **self.means.variables}, living)

    async def gather(self, row: Mapping[str, Any]) -> None:
        """Bring in the people and the variables. Raises NobodyThere and ValueTrouble."""
        scenario = self.loaded.scenario
        self.words.values_.update(row)
        for name, rule in scenario.people.items():
            told = PersonRule.model_construct(**filled(rule.model_dump(), self.words))
            self.welcome(name, await self.means.people.make(name, told, self.run))
        for name, value in scenario.variables.items():
            self.words.values_[name] = filled(value, self.words)

    def welcome(self, name: str, person: Person) -> None:
        """Let somebody take part."""
        self.people[name] = person
        self.words.values_[name] = person.variables()

    async def person(self, name: str | None) -> Person:
        """Return whom a step means; the first of the scenario's people where it names nobody."""
        if name is None:
            return next((self.people[each] for each in self.loaded.scenario.people), ANONYMOUS)
        called = filled_text(name, self.words)
        if called == "anonymous":
            return ANONYMOUS
        if called == "expired" and called not in self.people:
            self.welcome(called, await self.means.people.expired(self.run))
        if called not in self.people:
            raise ValueTrouble(f"nobody here is called {called}")
        return self.people[called]

    def socket(self, name: str) -> LiveSocket:
        """Return a socket that was connected. Raises ValueTrouble."""
        called = filled_text(name, self.words)
        if called not in self.sockets:
            raise ValueTrouble(f"no socket {called} is connected")
        return self.sockets[called]

    def keep(self, name: str, value: Any, *, secret: bool = False) -> None:
        """Keep a captured value."""
        if secret and isinstance(value, str):
            self.means.redactor.add(value, "secret")
        self.words.values_[name] = value

    async def close(self) -> None:
        """Close every socket that is still open."""
        sockets, self.sockets = list(self.sockets.values()), {}
        await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)
