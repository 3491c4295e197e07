"""In which line of the outbox a write waits, so that it is sent after whatever it builds on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from api_client.endpoints import Endpoint
from api_client.sync.intents import Intent
from api_client.sync.receipts import Receipt


def made_id(intent: Intent) -> str:
    """Return the id of the record that a create makes: its own, and the key of the intent where it has none."""
    return getattr(intent.body, "id", None) or intent.idempotency_key


def lane(
    waiting: Iterable[Receipt],
    default: str,
    record_id: str,
    *,
    makers: Collection[Endpoint] = (),
    changers: Collection[Endpoint] = (),
) -> str:
    """Return the object key for a write on a record.

    As long as its create (one of `makers`), or another write on it (one of `changers`, by the parameter `id`) is
    unsent, it is that one's, so that the order is kept; `default` otherwise.
    """
    for receipt in waiting:
        intent = receipt.intent
        if intent.endpoint in makers and made_id(intent) == record_id:
            return intent.object_key
        if intent.endpoint in changers and intent.params.get("id") == record_id:
            return intent.object_key
    return default
