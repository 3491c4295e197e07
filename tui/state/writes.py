"""The one door for everything the user changes: stores say what, the outbox sees to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from api_client.calls import Body
from api_client.endpoints import Endpoint
from api_client.errors import PlatformError
from api_client.sync.intents import Intent
from api_client.sync.outbox import Outbox
from api_client.sync.receipts import NotSent


class Writes:
    """Hands intents to the outbox and waits for what becomes of them."""

    def __init__(self, outbox: Outbox, wall_clock: Callable[[], float] = time.time) -> None:
        self.outbox = outbox
        self._wall_clock = wall_clock

    async def do(
        self,
        endpoint: Endpoint,
        *,
        object_key: str,
        label: str,
        params: Mapping[str, str] | None = None,
        body: Body | None = None,
        keep_refused: bool = False,
        idempotency_key: str | None = None,
    ) -> Any:
        """Carry out one write and return the platform's data; without a connection this waits for one.

        Raises PlatformError when the platform refuses. A refused write that holds the user's words (`keep_refused`)
        stays in the outbox for them to decide; of any other the caller takes back what it has shown, and it is gone.
        """
        more = {"idempotency_key": idempotency_key} if idempotency_key else {}
        intent = Intent(endpoint, dict(params or {}), body, object_key, self._wall_clock(), label, **more)
        receipt = self.outbox.submit(intent)
        try:
            return await receipt
        except NotSent:
            raise
        except PlatformError:
            if not keep_refused:
                self.outbox.discard(receipt.id)
            raise
