"""Asking for a write without waiting for the platform: it is stored and shown when this returns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from api_client.calls import Body
from api_client.endpoints import Endpoint
from api_client.sync.intents import Intent, Inverse
from tui.state.writes import Writes


async def ask(
    writes: Writes,
    endpoint: Endpoint,
    *,
    object_key: str,
    label: str,
    params: Mapping[str, str] | None = None,
    body: Body | None = None,
    holds_words: bool = False,
    undo: Inverse | None = None,
    hold: float = 0.0,
) -> asyncio.Task[Any]:
    """Take on a write and return what follows it, which need not be waited for. Raises StoreTrouble.

    What comes of it is told as by `Writes.do`; a refusal that nobody waits for stands in the outbox.
    """
    now = time.time()
    intent = Intent.of(
        endpoint,
        params=params,
        body=body,
        object_key=object_key,
        created_at=now,
        label=label,
        not_before=now + hold if hold else None,
        holds_words=holds_words,
    )
    following = writes.follow(await writes.outbox.submit(intent, undo=undo))
    # Its follower shows what it will do before it first waits: whoever asks next builds on that.
    await asyncio.sleep(0)
    return following
