"""The one door through which every write of the program goes."""

from api_client.sync.intents import Intent, sender
from api_client.sync.outbox import Outbox
from api_client.sync.receipts import NotSent, Receipt, Status

__all__ = ["Intent", "NotSent", "Outbox", "Receipt", "Status", "sender"]
