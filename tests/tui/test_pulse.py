"""Changes faster than anybody can look: the first at once, the others together, the last one never missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.state.pulse import Pulse


class Listened(Pulse[str]):
    """Says when it rests for good."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(tell, pause=0.0)
        self._quiet = asyncio.Event()

    def _rested(self) -> None:
        super()._rested()
        if not self._told:
            self._quiet.set()

    async def at_rest(self) -> None:
        """Wait for it."""
        self._quiet.clear()
        await self._quiet.wait()


async def test_the_first_change_is_told_at_once_and_those_of_a_pause_once_together() -> None:
    told: list[str] = []
    pulse = Listened(told.append)
    for _ in range(3):
        for key in ("messages", "chats"):
            pulse.beat(key)
    assert told == ["messages", "chats"]
    await pulse.at_rest()
    assert told == ["messages", "chats"] * 2
    pulse.beat("chats")
    assert told[-1] == "chats"
    await pulse.at_rest()
    assert len(told) == 5


async def test_what_changes_while_it_is_told_is_told_again() -> None:
    told: list[int] = []
    state = 0

    def tell(key: str) -> None:
        nonlocal state
        told.append(state)
        if state < 3:
            state += 1
            pulse.beat(key)

    pulse = Listened(tell)
    pulse.beat("one")
    await pulse.at_rest()
    assert told == [0, 1, 2, 3], "the last state is told, too"
