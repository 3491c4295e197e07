"""Changes faster than anybody can look: the first at once, the others together, the last one never missing."""

from __future__ import annotations

import asyncio

from tui.state.pulse import Pulse


async def _at_rest(pulse: Pulse[str]) -> None:
    while pulse._told:
        await asyncio.sleep(0)


async def test_the_first_change_is_told_at_once_and_those_of_a_pause_once_together() -> None:
    told: list[str] = []
    pulse = Pulse(told.append, pause=0.0)
    for _ in range(3):
        for key in ("messages", "chats"):
            pulse.beat(key)
    assert told == ["messages", "chats"]
    await _at_rest(pulse)
    assert told == ["messages", "chats"] * 2
    pulse.beat("chats")
    assert told[-1] == "chats"
    await _at_rest(pulse)
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

    pulse = Pulse(tell, pause=0.0)
    pulse.beat("one")
    await _at_rest(pulse)
    assert told == [0, 1, 2, 3], "the last state is told, too"
