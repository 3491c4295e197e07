"""What was created on this machine and is not confirmed yet: how each of it stands in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api_client.endpoints import Endpoint
from api_client.sync.receipts import Receipt, Status
from tui.state.lanes import made_id
from tui.state.writes import Writes


@dataclass(frozen=True, slots=True)
class Unsent:
    """How something stands that the platform has yet to confirm."""

    reason: str | None
    """Why it waits, or was refused: one sentence. While it is tried again this is what held it up the last time."""
    refused: bool
    """Whether it stays unsent until the user decides."""


@dataclass
class _Waiting:
    receipt: Receipt
    reason: str | None = None


class UnsentCreates:
    """The creates of one kind, by the ids of what they make, the oldest first."""

    def __init__(
        self, writes: Writes, endpoint: Endpoint, on_move: Callable[[Receipt], None], on_drop: Callable[[Receipt], None]
    ) -> None:
        """`on_move` hears when one stands otherwise, `on_drop` when one will not be sent."""
        self._endpoint = endpoint
        self._on_move = on_move
        self._on_drop = on_drop
        self._waiting: dict[str, _Waiting] = {}
        writes.outbox.subscribe(self._moved)

    def add(self, receipt: Receipt) -> str:
        """Take one on, and return the id of what it makes."""
        record_id = made_id(receipt.intent)
        self._waiting[record_id] = _Waiting(receipt, receipt.reason)
        return record_id

    def confirmed(self, record_id: str) -> None:
        """The platform has it."""
        self._waiting.pop(record_id, None)

    def receipts(self) -> list[Receipt]:
        """Return all of them, the oldest first."""
        return [waiting.receipt for waiting in self._waiting.values()]

    def receipt(self, record_id: str) -> Receipt | None:
        """Return the receipt of the create that makes a record, None where there is none."""
        found = self._waiting.get(record_id)
        return None if found is None else found.receipt

    def standing(self, record_id: str) -> Unsent | None:
        """Return how it stands, None for what is not among them."""
        found = self._waiting.get(record_id)
        return None if found is None else Unsent(found.reason, found.receipt.status is Status.ATTENTION)

    def _moved(self, receipt: Receipt) -> None:
        if receipt.intent.endpoint != self._endpoint or receipt.status is Status.DONE:
            return
        found = self._waiting.get(made_id(receipt.intent))
        if found is None:
            return
        found.receipt, found.reason = receipt, receipt.reason or found.reason
        if receipt.status is Status.DISCARDED:
            del self._waiting[made_id(receipt.intent)]
            self._on_drop(receipt)
            return
        self._on_move(receipt)
