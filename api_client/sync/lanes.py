"""Everything in the outbox, by key and by object, and which of it may be sent next: memory and nothing else."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import count

from api_client.sync.intents import Intent
from api_client.sync.receipts import Receipt, Status

Listener = Callable[[Receipt], None]


class Lanes:
    """Keeps the order of each object; what stands first in its lane, and has nothing to wait for, may be sent.

    Many thousands cost memory alone: nothing here is a task, and every change is O(log n) at most. Each of them has one
    object here for the garbage collector to look at, its receipt: the lanes are links between receipts, and the lines
    hold their ids.
    """

    def __init__(self) -> None:
        self._receipts: dict[str, Receipt] = {}
        self._renamed: dict[str, Receipt] = {}
        self._youngest: dict[str, Receipt] = {}
        """By the key of the object: the end of its lane."""
        self._ready: list[tuple[int, int, int, str]] = []
        """Failures, seq, place and id: a heap, in which a receipt is where its `filed` is the place."""
        self._timed: list[tuple[float, int, int, str]] = []
        """When by the clock's `monotonic`, seq, place and id: another heap like it."""
        self._places = count(1)
        self._attention: dict[str, Receipt] = {}
        self._attention_list: list[Receipt] | None = []
        self._listeners: list[Listener] = []
        self.last_seq = 0
        """The highest seq seen."""

    def __len__(self) -> int:
        return len(self._receipts)

    def __iter__(self) -> Iterator[Receipt]:
        return iter(self._receipts.values())

    @property
    def attention(self) -> list[Receipt]:
        """Those that need the user's decision, oldest first; the same list until one comes or goes."""
        if self._attention_list is None:
            self._attention_list = sorted(self._attention.values(), key=lambda receipt: receipt.seq)
        return self._attention_list

    @property
    def attention_count(self) -> int:
        """How many need the user's decision."""
        return len(self._attention)

    def get(self, key: str) -> Receipt | None:
        """Return the open receipt whose id, or whose intent's present or earlier key, is `key`."""
        return self._receipts.get(key) or self._renamed.get(key)

    def by_seq(self, seq: int) -> Receipt | None:
        """Return the open receipt with this seq; O(n) where the seq is not a new one."""
        if seq > self.last_seq:
            return None
        return next((receipt for receipt in self._receipts.values() if receipt.seq == seq), None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every receipt that changes; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def add(self, receipt: Receipt) -> None:
        """Take a receipt on, at its place by `seq` among those on the same object."""
        self._receipts[receipt.id] = receipt
        if receipt.seq > self.last_seq:
            self.last_seq = receipt.seq
        self._link(receipt)
        if receipt.status is Status.ATTENTION:
            self._count(receipt)
        self._file(receipt)
        self.tell(receipt)

    def remove(self, receipt: Receipt, status: Status) -> None:
        """Let a receipt go, done or discarded; what stood behind it moves up."""
        del self._receipts[receipt.id]
        if self._renamed:
            self._renamed = {key: other for key, other in self._renamed.items() if other is not receipt}
        key, older, younger = receipt.intent.object_key, receipt.before, receipt.behind
        if older is not None:
            older.behind = younger
        if younger is not None:
            younger.before = older
        elif older is not None:
            self._youngest[key] = older
        else:
            del self._youngest[key]
        receipt.before = receipt.behind = None
        receipt.filed = 0
        receipt.move(status)
        self._count(receipt)
        if older is None and younger is not None:
            self._file(younger)
        self.tell(receipt)

    def move(self, receipt: Receipt, status: Status, reason: str | None = None, retry_at: float | None = None) -> None:
        """Put a receipt into another state, which may make it ready to be sent, or no longer so."""
        receipt.move(status, reason, retry_at)
        self._count(receipt)
        self._file(receipt)
        self.tell(receipt)

    def refile(self, receipt: Receipt) -> None:
        """Look again where a receipt belongs, after it was out of the line."""
        self._file(receipt)

    def rename(self, receipt: Receipt, intent: Intent) -> None:
        """Give a receipt another intent, on the same object; both keys lead to it."""
        receipt.intent = intent
        if intent.idempotency_key != receipt.id:
            self._renamed[intent.idempotency_key] = receipt

    def ripen(self, now: float) -> None:
        """Let go on whatever has waited until `now`."""
        while self._timed and self._timed[0][0] <= now:
            _, _, place, key = heapq.heappop(self._timed)
            if (receipt := self._at(place, key)) is not None:
                reason = None if receipt.status is Status.HELD else receipt.reason
                self.move(receipt, Status.QUEUED, reason)

    def hurry(self) -> None:
        """Let go on whatever waits after a failure."""
        for _, _, place, key in tuple(self._timed):
            receipt = self._at(place, key)
            if receipt is not None and receipt.status is Status.WAITING:
                self.move(receipt, Status.QUEUED, receipt.reason)

    def peek(self) -> Receipt | None:
        """Return what is to be sent next: those that have failed least first, of these the oldest."""
        while self._ready:
            _, _, place, key = self._ready[0]
            if (receipt := self._at(place, key)) is not None:
                return receipt
            heapq.heappop(self._ready)
        return None

    def take(self, receipt: Receipt) -> None:
        """Take out of the line what `peek` has returned."""
        receipt.filed = 0

    def due(self) -> float | None:
        """Return when the next one has waited long enough, by the clock's `monotonic`; None where none waits."""
        while self._timed:
            at, _, place, key = self._timed[0]
            if self._at(place, key) is not None:
                return at
            heapq.heappop(self._timed)
        return None

    def heads(self) -> Iterator[Receipt]:
        """Go through the oldest one of every object."""
        return (receipt for receipt in self._receipts.values() if receipt.before is None)

    def tell(self, receipt: Receipt) -> None:
        """Call the listeners with a receipt that stands otherwise for a reason that is not its own."""
        for listener in tuple(self._listeners):
            listener(receipt)

    def _link(self, receipt: Receipt) -> None:
        key = receipt.intent.object_key
        older, younger = self._youngest.get(key), None
        while older is not None and older.seq > receipt.seq:
            older, younger = older.before, older
        receipt.before, receipt.behind = older, younger
        if older is not None:
            older.behind = receipt
        if younger is None:
            self._youngest[key] = receipt
            return
        younger.before = receipt
        if older is None and younger.status is not Status.HELD:
            younger.filed = 0

    def _at(self, place: int, key: str) -> Receipt | None:
        """Return the receipt that still stands at a place of one of the lines, None if it has left it."""
        receipt = self._receipts.get(key)
        return receipt if receipt is not None and receipt.filed == place else None

    def _file(self, receipt: Receipt) -> None:
        """Put a receipt into the one line where it belongs, and out of the others."""
        place = receipt.filed = next(self._places)
        if receipt.retry_at is not None:
            # What is held is timed wherever it stands, because it is shown as held until then.
            if receipt.before is None or receipt.status is Status.HELD:
                heapq.heappush(self._timed, (receipt.retry_at, receipt.seq, place, receipt.id))
        elif receipt.before is None and receipt.status in (Status.QUEUED, Status.WAITING):
            heapq.heappush(self._ready, (receipt.failures, receipt.seq, place, receipt.id))

    def _count(self, receipt: Receipt) -> None:
        if receipt.status is Status.ATTENTION:
            self._attention[receipt.id] = receipt
        elif self._attention.pop(receipt.id, None) is None:
            return
        self._attention_list = None
