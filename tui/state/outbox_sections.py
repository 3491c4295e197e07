"""The open intents by what they wait for, kept up with every change instead of being counted anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from api_client.sync.receipts import Receipt, Status
from tui.state.observable import Observable


class Section(Enum):
    """What an intent waits for."""

    ATTENTION = "needs attention"
    """The user's decision."""
    MOVING = "on its way"
    """Its turn, the network, or the platform's answer."""
    HELD = "held"
    """The end of the time in which it can be taken back unseen."""


_SECTIONS = {
    Status.ATTENTION: Section.ATTENTION,
    Status.HELD: Section.HELD,
    Status.QUEUED: Section.MOVING,
    Status.SENDING: Section.MOVING,
    Status.WAITING: Section.MOVING,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One intent has changed: where it stood, and where it stands now; None for nowhere."""

    receipt: Receipt
    before: Section | None
    after: Section | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many intents stand where."""

    moving: int = 0
    held: int = 0
    attention: int = 0

    @property
    def open(self) -> int:
        """All of them."""
        return self.moving + self.held + self.attention


class OutboxSections(Observable[Moved]):
    """The sections of one outbox; every change costs the same, however many intents there are."""

    def __init__(self, receipts: Iterable[Receipt] = ()) -> None:
        super().__init__()
        self._sections: dict[Section, dict[str, Receipt]] = {section: {} for section in Section}
        self._where: dict[str, Section] = {}
        for receipt in receipts:
            self._put(receipt)

    @property
    def counts(self) -> Counts:
        """How many there are."""
        return Counts(*(len(self._sections[section]) for section in (Section.MOVING, Section.HELD, Section.ATTENTION)))

    def of(self, section: Section) -> Iterable[Receipt]:
        """Return the intents of a section, those that came into it first first."""
        return self._sections[section].values()

    def count(self, section: Section) -> int:
        """Return how many intents a section has."""
        return len(self._sections[section])

    def last(self, section: Section, before: str | None = None) -> str | None:
        """Return the key of the intent that came into a section last, `before` not counted."""
        keys = reversed(self._sections[section])
        return next((key for key in keys if key != before), None)

    def receipt(self, receipt_id: str) -> Receipt | None:
        """Return an open intent's receipt."""
        section = self._where.get(receipt_id)
        return None if section is None else self._sections[section].get(receipt_id)

    def take(self, receipt: Receipt) -> None:
        """Take over a change; for the outbox's listeners."""
        before = self._where.get(receipt.id)
        after = _SECTIONS.get(receipt.status)
        if before is not after:
            if before is not None:
                del self._where[receipt.id]
                del self._sections[before][receipt.id]
            self._put(receipt)
        elif after is not None:
            self._sections[after][receipt.id] = receipt
        self.tell(Moved(receipt, before, after))

    def _put(self, receipt: Receipt) -> None:
        if (section := _SECTIONS.get(receipt.status)) is not None:
            self._sections[section][receipt.id] = receipt
            self._where[receipt.id] = section
