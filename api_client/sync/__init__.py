"""The one door through which every write of the program goes."""

from api_client.sync.drafts import Drafts
from api_client.sync.history import Steps
from api_client.sync.intents import Base, Intent, Inverse, sender
from api_client.sync.leadership import FileLeadership
from api_client.sync.outbox import Outbox
from api_client.sync.ports import Draft, Step, StepState, StoreTrouble
from api_client.sync.rebasing import PutRebase, Rebase, TransactionRebase
from api_client.sync.receipts import NotSent, Receipt, Status

__all__ = [
    "Base",
    "Draft",
    "Drafts",
    "FileLeadership",
    "Intent",
    "Inverse",
    "NotSent",
    "Outbox",
    "PutRebase",
    "Rebase",
    "Receipt",
    "Status",
    "Step",
    "StepState",
    "Steps",
    "StoreTrouble",
    "TransactionRebase",
    "sender",
]
