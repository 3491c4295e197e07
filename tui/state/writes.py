"""The one door for everything the user changes: stores say what and how it looks, the outbox sees to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Required, TypedDict, Unpack

from api_client.calls import Body
from api_client.endpoints import Endpoint
from api_client.errors import PlatformError
from api_client.latch import Latch
from api_client.sync.intents import Base, Intent, Inverse
from api_client.sync.outbox import Outbox
from api_client.sync.receipts import NotSent, Receipt, Status

Follower = Callable[[Receipt], Awaitable[Any]]
"""Shows at once what a write will do, awaits its receipt, shows what became of it, and returns what `do` returns.

It has nothing but the receipt: it is called in the same way for a write of this moment, for one that was found in the
outbox after a restart, and for one that another process on the account has taken on.
"""


class How(TypedDict, total=False):
    """What is said of a write, beside where it goes."""

    object_key: Required[str]
    """What it changes, such as `posts:{id}`; writes on the same object are sent in order."""
    label: Required[str]
    """What it is in words, to stand in a list."""
    params: Mapping[str, str] | None
    body: Body | None
    holds_words: bool
    """Whether it carries what the user wrote."""
    idempotency_key: str | None
    draft: str | None
    """The draft that it was written in, which goes when the write is stored."""
    undo: Inverse | None
    """What takes it back."""
    hold: float
    """Seconds for which nobody else sees it."""
    base: Base | None
    attachments: tuple[str, ...]


class Writes:
    """Hands intents to the outbox, and to the stores that show them."""

    def __init__(self, outbox: Outbox, wall_clock: Callable[[], float] = time.time) -> None:
        self.outbox = outbox
        self._wall_clock = wall_clock
        self._followers: dict[str, list[Follower]] = {}
        self._following: dict[str, asyncio.Task[Any]] = {}
        self.latch = Latch()
        """What new writes wait for: what was written before is to be shown first."""
        self._left: set[str] = set()
        """What was refused and stays open: whoever followed it has been told, and has gone."""
        outbox.subscribe(self._moved)

    def show(self, *endpoints: Endpoint, by: Follower) -> None:
        """Let `by` follow every write to these endpoints; several stores may follow the same one."""
        for endpoint in endpoints:
            self._followers.setdefault(endpoint.name, []).append(by)

    async def do(self, endpoint: Endpoint, **how: Unpack[How]) -> Any:
        """Carry out one write and return what its follower makes of it; without a connection this waits for one.

        It is durable before it is shown. A caller that is cancelled takes nothing back.

        Raises StoreTrouble if it could not be stored, and PlatformError when the platform refuses. A refused write
        that holds the user's words (`holds_words`) stays in the outbox for them to decide; any other is gone.
        """
        return await asyncio.shield(self.follow(await self._submit(endpoint, how)))

    async def begin(self, endpoint: Endpoint, **how: Unpack[How]) -> Receipt:
        """Take one write on and come back as soon as it is durable and about to be shown, whatever becomes of it.

        Raises StoreTrouble if it could not be stored.
        """
        receipt = await self._submit(endpoint, how)
        self.follow(receipt)
        return receipt

    async def _submit(self, endpoint: Endpoint, how: How) -> Receipt:
        now, hold = self._wall_clock(), how.get("hold", 0.0)
        intent = Intent.of(
            endpoint,
            params=how.get("params"),
            body=how.get("body"),
            object_key=how["object_key"],
            created_at=now,
            label=how["label"],
            idempotency_key=how.get("idempotency_key"),
            not_before=now + hold if hold else None,
            base=how.get("base"),
            holds_words=how.get("holds_words", False),
            attachments=how.get("attachments", ()),
        )
        await self.latch.passed()
        return await self.outbox.submit(intent, draft=how.get("draft"), undo=how.get("undo"))

    def follow(self, receipt: Receipt) -> asyncio.Task[Any]:
        """Show a write until it is decided; what is followed already is followed once."""
        known = self._following.get(receipt.id)
        if known is not None:
            return known
        task = asyncio.create_task(self._followed(receipt), name=f"follow {receipt.intent.label}")
        self._following[receipt.id] = task
        task.add_done_callback(lambda done: self._ended(receipt, done))
        return task

    async def _followed(self, receipt: Receipt) -> Any:
        followers = self._followers.get(receipt.intent.endpoint.name, [])
        try:
            return await _together([follower(receipt) for follower in followers] or [receipt])
        except NotSent:
            raise
        except PlatformError:
            if not receipt.intent.holds_words and receipt.conflict is None:
                await self.outbox.discard(receipt.id)
            raise

    def _moved(self, receipt: Receipt) -> None:
        if receipt.id in self._left and (receipt.status is Status.QUEUED or not receipt.is_open):
            self._left.discard(receipt.id)
            if receipt.is_open:
                self.follow(receipt)

    def _ended(self, receipt: Receipt, task: asyncio.Task[Any]) -> None:
        self._following.pop(receipt.id, None)
        # Whoever waits gets the error; when nobody does any more, it stands in the outbox.
        error = None if task.cancelled() else task.exception()
        if not receipt.is_open:
            return
        refused = isinstance(error, PlatformError) and not isinstance(error, NotSent)
        if refused and receipt.status is not Status.ATTENTION:
            # It was sent again before the one who followed it was told that it had been refused.
            self.follow(receipt)
        else:
            self._left.add(receipt.id)


async def _together(following: Sequence[Awaitable[Any]]) -> Any:
    """Return the first result that is not None, once all have ended; raises what the first that failed raised."""
    if len(following) == 1:
        return await following[0]
    results = await asyncio.gather(*following, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return next((result for result in results if result is not None), None)
