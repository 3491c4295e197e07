"""Asking for a write without waiting for the platform: it is stored and shown when this returns."""

from __future__ import annotations

import asyncio
from typing import Any, Unpack

from api_client.endpoints import Endpoint
from tui.state.writes import How, Writes


async def ask(writes: Writes, endpoint: Endpoint, **how: Unpack[How]) -> asyncio.Task[Any]:
    """Take on a write and return what follows it, which need not be waited for. Raises StoreTrouble.

    A refusal that nobody waits for stands in the outbox, if the write holds the user's words.
    """
    following = writes.follow(await writes.begin(endpoint, **how))
    # Its follower shows what it will do before it first waits: whoever asks next builds on that.
    await asyncio.sleep(0)
    return following
