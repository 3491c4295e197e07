"""Messages that come faster than they can be looked at one by one: together, in order, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from api_client.models.chat import Message
from tui.screens.chat_parts import MessageItems
from tui.state.chat import ChatStore
from tui.state.gathered import MOST, Gathered
from tui.state.messages import Transcript

START = datetime(2026, 1, 5, 23, 50, tzinfo=UTC)


async def test_what_comes_in_one_round_of_the_loop_is_taken_in_at_once_in_the_next() -> None:
    rounds: list[list[int]] = []
    gathered: Gathered[int] = Gathered(lambda things: rounds.append(list(things)))
    for number in range(5):
        gathered.add(number)
    assert rounds == []
    await asyncio.sleep(0)
    assert rounds == [[0, 1, 2, 3, 4]]
    gathered.add(5)
    await asyncio.sleep(0)
    assert rounds == [[0, 1, 2, 3, 4], [5]]


async def test_whoever_asks_finds_everything_taken_in_and_nothing_is_taken_in_twice() -> None:
    taken: list[int] = []
    gathered: Gathered[int] = Gathered(taken.extend)
    gathered.add(1)
    gathered.now()
    assert taken == [1]
    gathered.add(2)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert taken == [1, 2]


async def test_of_a_flood_not_too_much_is_taken_in_at_one_go() -> None:
    sizes: list[int] = []
    order: list[int] = []

    def take_in(things: Sequence[int]) -> None:
        sizes.append(len(things))
        order.extend(things)

    gathered = Gathered(take_in)
    for number in range(5 * MOST + 3):
        gathered.add(number)
    await asyncio.sleep(0)
    assert order == list(range(5 * MOST + 3))
    assert max(sizes) == MOST


def message(number: int, sender: str) -> Message:
    at = START + timedelta(minutes=4 * number)
    return Message(id=f"m{number:03}", chat_id="c", sender_id=sender, content=f"words {number}", created_at=at)


_STORE = cast(ChatStore, SimpleNamespace(me=SimpleNamespace(id="me"), name_of=lambda _, user_id: user_id.title()))
_STEPS = st.one_of(
    st.tuples(st.just("arrive"), st.integers(0, 8), st.sampled_from(["me", "bob", "cy"])),
    st.tuples(st.just("forget"), st.integers(0, 8)),
    st.tuples(st.just("read"), st.integers(0, 8), st.sampled_from(["me", "bob"])),
    st.tuples(st.just("unread"), st.integers(0, 8)),
    st.tuples(st.just("hole"), st.integers(0, 8)),
)


@given(st.lists(_STEPS, max_size=25))
def test_items_that_are_kept_from_before_are_those_that_would_be_made_anew(steps: list[tuple[Any, ...]]) -> None:
    transcript, kept, zone = Transcript("me"), MessageItems(_STORE), timezone(timedelta(hours=1))
    unread, holes = "", set[str]()
    for kind, number, *rest in steps:
        match kind:
            case "arrive":
                transcript.arrive(message(number, *rest), heard=True)
            case "forget":
                transcript.forget(f"m{number:03}")
            case "read":
                transcript.read_up_to(f"m{number:03}", *rest)
            case "unread":
                unread = f"m{number:03}"
            case _:
                holes ^= {f"m{number:03}"}
        how: dict[str, Any] = {"unread_from": unread, "holes": set(holes)}
        before = {item.key: item for item in kept.made(None, transcript.entries, zone, **how)}
        anew = MessageItems(_STORE).made(None, transcript.entries, zone, **how)
        again = kept.made(None, transcript.entries, zone, **how)
        assert again == anew
        assert all(item is before[item.key] for item in again), "nothing has changed in between"
