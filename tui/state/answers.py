"""Which of two answers about a record is the newer one, in whatever order they arrive."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar


class Versioned(Protocol):
    """A record of the platform, which counts its changes."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> int:
        """Grows with every change."""


R = TypeVar("R", bound=Versioned)


class Answers(Generic[R]):
    """Numbers the questions to the platform, and remembers for each record from which question its state is.

    A higher version is newer; of equal versions the one from the later question is. The reply to a write of one's own
    is newer than every answer to a question from before it, whatever its version: such replies carry none.
    """

    def __init__(self) -> None:
        self._asked = 0
        self._told: dict[str, int] = {}
        self._decided: dict[str, int] = {}
        self._complete = 0
        self.held = False
        """Whether an answer was passed over because of a write of one's own: there may be something newer."""

    def ask(self) -> int:
        """Return the number of a question that is asked now."""
        self._asked += 1
        return self._asked

    def newest(self, known: R | None, given: R, asked: int) -> R:
        """Return the newer one of what is known and what the answer to question `asked` says."""
        if known is not None and asked < self._decided.get(given.id, 0):
            self.held = True
            return known
        told = self._told.get(given.id, 0)
        self._told[given.id] = max(told, asked)
        if known is not None and (given.version, asked) < (known.version, told):
            return known
        return given

    def decide(self, record_id: str) -> None:
        """The platform has replied to a write on this record: what was asked before is older."""
        self._decided[record_id] = self.ask()

    def is_later(self, record_id: str, asked: int) -> bool:
        """Whether something is known of a record from later than question `asked`."""
        return max(self._told.get(record_id, 0), self._decided.get(record_id, 0)) > asked

    def complete(self, asked: int) -> None:
        """The answer to `asked` named everything there is: what was asked before it brings nothing new."""
        self._complete = max(self._complete, asked)

    def is_old(self, asked: int) -> bool:
        """Whether `asked` is from before the last complete answer."""
        return asked < self._complete
