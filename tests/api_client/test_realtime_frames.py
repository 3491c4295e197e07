from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.models.realtime import MessageExpired, NewMessageEvent, Pong, ServerFrame, Updates, read_server_frame
from api_client.realtime.buffer import EventBuffer
from api_client.realtime.frames import read_frame
from api_client.replies import BadReply, read_json

NOTICES = st.lists(
    st.fixed_dictionaries(
        {"key": st.text(max_size=8) | st.none(), "version": st.integers() | st.booleans() | st.floats() | st.none()},
        optional={"more": st.integers()},
    )
    | st.integers(),
    max_size=5,
)


def long_way(text: str) -> Any:
    try:
        frame = read_server_frame(read_json(text.encode("utf-8", "surrogatepass"), "x"))
    except BadReply:
        return None
    if not isinstance(frame, Updates):
        return frame
    versions: dict[str, int] = {}
    for notice in frame.updates:
        versions[notice.key] = max(notice.version, versions.get(notice.key, notice.version))
    return versions


@given(NOTICES, st.booleans())
def test_the_short_way_reads_what_the_long_way_reads(notices: list[Any], ascii_only: bool) -> None:
    text = json.dumps({"type": "updates", "updates": notices}, separators=(",", ":"), ensure_ascii=ascii_only)
    assert read_frame(text) == long_way(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"updates"',
        '{"type":"updates"}',
        '{"type":"updates","updates":{}}',
        '{"type":"updates","updates":[[]]}',
        '{"type":"updates","updates":[{"key":"a"}]}',
        '{"type":"updates","updates":[],"type":"pong"}',
        '{"type":"updates","updates":[{"key":"\\ud800","version":1}]}',
        '{"type":"updates","updates":[{"key":"a","version":NaN}]}',
        '{"type":"updates","updates":[{"key":"a","version":' + "9" * 5_000 + "}]}",
        '{"type":"updates","updates":' + "[" * 100_000,
    ],
)
def test_what_is_no_notice_goes_the_long_way(text: str) -> None:
    assert read_frame(text) == long_way(text)


def test_keys_are_cleaned_and_other_frames_are_read() -> None:
    assert read_frame('{"type":"updates","updates":[{"key":"posts:\\u001b[2Jx","version":3}]}') == {"posts:\ufffdx": 3}
    assert read_frame('{"type":"updates","updates":[{"key":"a","version":2},{"key":"a","version":1}]}') == {"a": 2}
    assert read_frame(b'{"type": "pong", "t": 1}') == Pong(t=1)
    assert read_frame('{"type": "from-the-future"}') is None


def message(name: str) -> NewMessageEvent:
    frame = read_server_frame(
        {"type": "new-message", "message": {"id": name, "chatId": "c", "senderId": "u", "content": name,
                                            "createdAt": "2026-01-01T00:00:00Z"}}
    )  # fmt: skip
    assert isinstance(frame, NewMessageEvent)
    return frame


def drained(buffer: EventBuffer) -> list[ServerFrame]:
    """Return what there is; nothing has to be waited for, so that no loop is needed."""
    try:
        buffer.drain().send(None)
    except StopIteration as done:
        events: list[ServerFrame] = done.value[1]
        return events
    raise AssertionError("there was nothing")


def test_a_message_that_comes_twice_keeps_its_place_and_stays_gone() -> None:
    gone = MessageExpired(chat_id="c", message_id="1")
    buffer = EventBuffer()
    for event in (message("1"), message("2"), gone, message("1"), message("2")):
        buffer.put(event, 100)
    assert drained(buffer) == [message("1"), message("2"), gone]


def _versions_after(order: list[tuple[str, int]], *, drains: random.Random) -> dict[str, int]:
    buffer, told = EventBuffer(), {}
    for key, version in order:
        buffer.put_versions({key: version})
        if drains.random() < 0.3:
            told |= _told(buffer, told)
    return told | _told(buffer, told)


def _told(buffer: EventBuffer, before: dict[str, int]) -> dict[str, int]:
    """Return what a consumer believes afterwards that takes no older version for a newer one."""
    if not len(buffer):
        return {}
    notices = [notice for event in drained(buffer) if isinstance(event, Updates) for notice in event.updates]
    return {notice.key: max(notice.version, before.get(notice.key, -1)) for notice in notices}


def test_notices_in_any_order_and_any_number_end_in_the_same_state() -> None:
    events = [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("c", 9)]
    for order in itertools.permutations(events):
        assert _versions_after(list(order), drains=random.Random(1)) == {"a": 3, "b": 2, "c": 9}
    chance = random.Random(7)
    many = [(f"k{chance.randrange(300)}", chance.randrange(1_000)) for _ in range(10_000)]
    highest: dict[str, int] = {}
    for key, version in many:
        highest[key] = max(version, highest.get(key, version))
    doubled = many + chance.sample(many, 3_000)
    chance.shuffle(doubled)
    assert _versions_after(doubled, drains=random.Random(0)) == highest
