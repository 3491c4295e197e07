"""The one door for everything the user changes: stores say what and how it looks, the outbox sees to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from api_client.calls import Body
from api_client.endpoints import Endpoint
from api_client.errors import PlatformError
from api_client.sync.intents import Base, Intent, Inverse
from api_client.sync.outbox import Outbox
from api_client.sync.receipts import NotSent, Receipt

Follower = Callable[[Receipt], Awaitable[Any]]
"""Shows at once what a write will do, awaits its receipt, shows what became of it, and returns what `do` returns.

It has nothing but the receipt: it is called in the same way for a write of this moment, for one that was found in the
outbox after a restart, and for one that another process on the account has taken on.
"""


class Writes:
    """Hands intents to the outbox, and to the stores that show them."""

    def __init__(self, outbox: Outbox, wall_clock: Callable[[], float] = time.time) -> None:
        self.outbox = outbox
        self._wall_clock = wall_clock
        self._followers: dict[str, list[Follower]] = {}
        self._following: dict[str, asyncio.Task[Any]] = {}

    def show(self, *endpoints: Endpoint, by: Follower) -> None:
        """Let `by` follow every write to these endpoints; several stores may follow the same one."""
        for endpoint in endpoints:
            self._followers.setdefault(endpoint.name, []).append(by)

    async def do(
        self,
        endpoint: Endpoint,
        *,
        object_key: str,
        label: str,
        params: Mapping[str, str] | None = None,
        body: Body | None = None,
        holds_words: bool = False,
        idempotency_key: str | None = None,
        draft: str | None = None,
        undo: Inverse | None = None,
        hold: float = 0.0,
        base: Base | None = None,
        attachments: tuple[str, ...] = (),
    ) -> Any:
        """Carry out one write and return what its follower makes of it; without a connection this waits for one.

        It is durable before it is shown; the draft with the key `draft` goes with that. `undo` is what takes it back,
        `hold` for how many seconds nobody else sees it. A caller that is cancelled takes nothing back.

        Raises StoreTrouble if it could not be stored, and PlatformError when the platform refuses. A refused write
        that holds the user's words (`holds_words`) stays in the outbox for them to decide; any other is gone.
        """
        now = self._wall_clock()
        intent = Intent.of(
            endpoint,
            params=params,
            body=body,
            object_key=object_key,
            created_at=now,
            label=label,
            idempotency_key=idempotency_key,
            not_before=now + hold if hold else None,
            base=base,
            holds_words=holds_words,
            attachments=attachments,
        )
        receipt = await self.outbox.submit(intent, draft=draft, undo=undo)
        return await asyncio.shield(self.follow(receipt))

    def follow(self, receipt: Receipt) -> asyncio.Task[Any]:
        """Show a write until it is decided; what is followed already is followed once."""
        known = self._following.get(receipt.id)
        if known is not None:
            return known
        task = asyncio.create_task(self._followed(receipt), name=f"follow {receipt.intent.label}")
        self._following[receipt.id] = task
        task.add_done_callback(lambda done: self._ended(receipt.id, done))
        return task

    async def _followed(self, receipt: Receipt) -> Any:
        followers = self._followers.get(receipt.intent.endpoint.name, [])
        try:
            return await _together([follower(receipt) for follower in followers] or [receipt])
        except NotSent:
            raise
        except PlatformError:
            if not receipt.intent.holds_words:
                await self.outbox.discard(receipt.id)
            raise

    def _ended(self, receipt_id: str, task: asyncio.Task[Any]) -> None:
        self._following.pop(receipt_id, None)
        if not task.cancelled():
            # Whoever waits gets the error; when nobody does any more, it stands in the outbox.
            task.exception()


async def _together(following: Sequence[Awaitable[Any]]) -> Any:
    """Return the first result that is not None, once all have ended; raises what the first that failed raised."""
    if len(following) == 1:
        return await following[0]
    results = await asyncio.gather(*following, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return next((result for result in results if result is not None), None)
