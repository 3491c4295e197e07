import asyncio

from hypothesis import given
from hypothesis import strategies as st

from api_client.backoff import base_delay_ms, jittered
from api_client.models.chat import Message, PresenceStatus
from api_client.models.realtime import (
    MessageRead,
    NewMessageEvent,
    PresenceEvent,
    ServerFrame,
    Updates,
    UserTyping,
)
from api_client.realtime.buffer import EventBuffer


def message(name: str) -> NewMessageEvent:
    return NewMessageEvent(
        message=Message.model_validate(
            {"id": name, "chatId": "c", "senderId": "u", "content": name, "createdAt": "2026-01-01T00:00:00Z"}
        )
    )


def drained(buffer: EventBuffer) -> tuple[bool, list[ServerFrame]]:
    return asyncio.run(asyncio.wait_for(buffer.drain(), 1))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50))))
def test_of_each_record_only_the_newest_version_is_told(notices: list[tuple[str, int]]) -> None:
    buffer = EventBuffer()
    newest: dict[str, int] = {}
    for key, version in notices:
        buffer.put_versions({key: version})
        newest[key] = max(version, newest.get(key, version))
    buffer.put(message("m"))
    _, events = drained(buffer)
    told = {n.key: n.version for event in events if isinstance(event, Updates) for n in event.updates}
    assert told == newest
    assert sum(isinstance(event, Updates) for event in events) == bool(notices)


@given(st.lists(st.sampled_from(["message", "typing", "presence", "read"]), max_size=60))
def test_messages_and_readings_keep_their_order_and_number(kinds: list[str]) -> None:
    buffer = EventBuffer()
    kept: list[str] = []
    for number, kind in enumerate(kinds):
        if kind == "message":
            buffer.put(message(str(number)))
        elif kind == "typing":
            buffer.put(UserTyping(chat_id="c", user_id="u"))
        elif kind == "presence":
            buffer.put(PresenceEvent(user_id="u", status=PresenceStatus.ONLINE, last_seen=number))
        else:
            buffer.put(MessageRead(chat_id="c", message_id=str(number), user_id="u"))
        if kind in ("message", "read"):
            kept.append(str(number))
    buffer.mark_gap()
    gap, events = drained(buffer)
    assert gap
    told = [e.message.id if isinstance(e, NewMessageEvent) else e.message_id for e in events
            if isinstance(e, (NewMessageEvent, MessageRead))]  # fmt: skip
    assert told == kept
    for kind, event in (("typing", UserTyping), ("presence", PresenceEvent)):
        assert sum(isinstance(e, event) for e in events) == (kind in kinds)
    last = [e.last_seen for e in events if isinstance(e, PresenceEvent)]
    assert last == [n for n, kind in enumerate(kinds) if kind == "presence"][-1:]


def test_a_flood_lets_go_of_everything_but_messages_and_says_so() -> None:
    buffer = EventBuffer(count_limit=100)
    for number in range(50):
        buffer.put(message(str(number)))
    for number in range(100_000):
        buffer.put_versions({f"posts:{number}": 1})
        assert len(buffer) <= 100
    gap, events = drained(buffer)
    assert gap
    assert sum(isinstance(event, NewMessageEvent) for event in events) == 50


def test_messages_alone_cannot_fill_the_memory() -> None:
    buffer = EventBuffer(count_limit=10_000, weight_limit=1_000_000)
    for number in range(300):
        buffer.put(message(str(number)), weight=10_000)
    gap, events = drained(buffer)
    assert gap
    assert len(events) <= 100


def test_nothing_is_drained_twice() -> None:
    async def scene() -> None:
        buffer = EventBuffer()
        buffer.put(message("a"))
        assert len((await buffer.drain())[1]) == 1
        waiting = asyncio.create_task(buffer.drain())
        await asyncio.sleep(0)
        assert not waiting.done()
        buffer.put(message("b"))
        assert len((await waiting)[1]) == 1

    asyncio.run(scene())


def test_waits_double_from_one_second_to_thirty() -> None:
    assert [base_delay_ms(n) for n in range(9)] == [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]
    assert base_delay_ms(10_000) == 30_000


@given(st.integers(0, 50), st.floats(0, 1, exclude_max=True))
def test_jitter_stays_below_the_base(failures: int, number: float) -> None:
    assert 0 <= jittered(failures, lambda: number) <= base_delay_ms(failures) / 1_000
