"""The one door through which every write of the program goes."""

from api_client.sync.intents import Base, Intent, Inverse, sender
from api_client.sync.outbox import Outbox
from api_client.sync.receipts import NotSent, Receipt, Status

__all__ = ["Base", "Intent", "Inverse", "NotSent", "Outbox", "Receipt", "Status", "sender"]
