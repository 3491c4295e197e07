"""The ring: what it keeps, what it drops, and whom it tells."""

from __future__ import annotations

import asyncio
from time import perf_counter_ns

from hypothesis import given
from hypothesis import strategies as st

from api_client import endpoints as table
from api_client.auth import Tokens
from api_client.client import PlatformClient
from api_client.inspect.causes import Cause, caused_by, current_cause, sent_later, uncaused
from api_client.inspect.loop_lag import LoopLag
from api_client.inspect.recorder import Recorder
from api_client.inspect.records import CallRecord, FrameRecord, Headers, SocketRecord
from api_client.sync import Intent, Outbox
from tests.api_client.inspect.plain_server import reply, serving
from tests.inspect_canary import CANARY, TOKEN, survivors


def call(recorder: Recorder, size: int = 0) -> CallRecord:
    return CallRecord(recorder.next_id(), "feed.list", "GET", "http://x/feed", 0, request_body=b"q" * size)


def frame(recorder: Recorder, size: int = 0) -> FrameRecord:
    return FrameRecord(recorder.next_id(), 1, "received", 0, "f" * size, size)


STEPS = st.lists(
    st.tuples(st.sampled_from(["call", "end", "frame"]), st.integers(0, 9_000), st.integers(0, 9)), max_size=60
)


@given(st.integers(0, 40_000), st.integers(1, 12), STEPS)
def test_neither_limit_is_ever_passed_and_the_newest_stay(
    limit: int, records: int, steps: list[tuple[str, int, int]]
) -> None:
    recorder = Recorder(limit, limit_records=records)
    calls: list[CallRecord] = []
    frames: list[FrameRecord] = []
    for kind, size, which in steps:
        version = recorder.version
        if kind == "call":
            calls.append(call(recorder, size))
            recorder.started(calls[-1])
        elif kind == "frame":
            frames.append(frame(recorder, size))
            recorder.frame(frames[-1])
        elif calls:
            ended = calls[-1 - which % len(calls)]
            ended.body = b"r" * size
            recorder.ended(ended)
        assert recorder.version > version or (kind == "end" and not calls)
        assert recorder.size <= limit
        assert len(recorder.calls) <= records
        assert len(recorder.frames) <= records
        assert list(recorder.calls) == calls[len(calls) - len(recorder.calls) :]
        assert list(recorder.frames) == frames[len(frames) - len(recorder.frames) :]
        assert recorder.size == sum(record.weight for record in (*recorder.calls, *recorder.frames))
        assert recorder.dropped == len(calls) + len(frames) - len(recorder.calls) - len(recorder.frames)
    recorder.clear()
    assert (recorder.calls, recorder.frames, recorder.size, recorder.dropped) == ((), (), 0, 0)


def test_a_flood_of_frames_leaves_the_calls_half_of_the_room() -> None:
    recorder = Recorder(200_000)
    calls = [call(recorder) for _ in range(20)]
    for record in calls:
        recorder.started(record)
    for _ in range(2_000):
        recorder.frame(frame(recorder, 200))
    assert list(recorder.calls) == calls
    assert recorder.dropped > 1_000


def test_a_call_that_ends_after_it_was_dropped_takes_no_room() -> None:
    recorder = Recorder(limit_records=1)
    first = call(recorder)
    recorder.started(first)
    recorder.started(call(recorder))
    before = recorder.size
    first.body = b"x" * 5_000
    recorder.ended(first)
    assert recorder.size == before


def test_whoever_subscribes_hears_of_changes_until_it_leaves() -> None:
    recorder, heard = Recorder(), []
    leave = recorder.subscribe(lambda: heard.append(recorder.version))
    recorder.started(call(recorder))
    recorder.socket(SocketRecord(1, "ws://x", 0))
    leave()
    leave()
    recorder.clear()
    assert heard == [1, 2]


def test_the_secrets_of_tokens_headers_and_sign_ins_are_learnt() -> None:
    recorder = Recorder()
    recorder.learn_tokens(Tokens(access=TOKEN, refresh="refresh-canary", cookie="session=cookie-canary; b=2"))
    record = call(recorder)
    record.request_body = b'{"email":"ann","password":"passw0rd-canary"}'
    record.response_headers = Headers.of([("Set-Cookie", "sid=set-canary; Path=/")])
    record.body = b"not json"
    recorder.learn_from(record)
    recorder.learn_headers({"Authorization": f"Bearer {CANARY}"})
    shown = recorder.redactor.text(
        f"{TOKEN} {CANARY} refresh-canary cookie-canary passw0rd-canary set-canary ann session"
    )
    assert survivors(shown, TOKEN, CANARY, "refresh-canary", "cookie-canary", "passw0rd-canary", "set-canary") == []
    assert shown.endswith(" ann session")


def test_headers_keep_order_repetition_and_case() -> None:
    headers = Headers.of([("B", "1"), ("a", "ö"), ("b", "2")])
    assert list(headers) == [("B", "1"), ("a", "ö"), ("b", "2")]
    assert (headers.get("b"), headers.all("b"), headers.get("c", "-"), len(headers)) == ("1", ["1", "2"], "-", 3)
    assert list(Headers([(b"x", b"\xff")])) == [("x", "ÿ")]
    assert headers == Headers.of(headers) != Headers()


def test_the_type_of_a_frame_is_read_from_its_beginning() -> None:
    def kind(data: str | bytes, opcode: int = 1) -> str:
        return FrameRecord(1, 1, "sent", 0, data, len(data), opcode).type

    assert kind('{"type":"ping","t":1}') == "ping"
    assert [kind(data) for data in ("", "[1]", "{", '{"type":7}', "[" * 100_000)] == [""] * 5
    assert [kind(b"", opcode) for opcode in (8, 9, 10)] == ["close", "ping", "pong"]


async def test_a_cause_goes_with_the_tasks_that_begin_in_it_unless_they_outlive_it() -> None:
    async def seen() -> str:
        await asyncio.sleep(0)
        cause = current_cause()
        return cause.action if cause else "nobody"

    with caused_by("post.vote_up", "Vote up") as first:
        inside = asyncio.create_task(seen())
        apart = asyncio.create_task(seen(), context=uncaused())
    with caused_by("post.vote_up", "Vote up") as second:
        assert second.number > first.number
    assert current_cause() is None
    assert [await inside, await apart] == ["post.vote_up", "nobody"]


def test_what_is_sent_later_belongs_to_the_press_of_the_key_that_wanted_it() -> None:
    with caused_by("post.vote_up", "Vote up") as pressed:
        pass
    with sent_later(pressed, "outbox", "like the photo") as later:
        assert current_cause() is later
    assert (later.action, later.label, later.number, later.at) == (
        "post.vote_up",
        "like the photo",
        pressed.number,
        pressed.at,
    )
    assert (pressed.origin, later.origin) == ("network", "outbox")
    with sent_later(None, "outbox", "like the photo") as unknown:
        assert (unknown.action, unknown.number > later.number) == ("outbox", True)


async def test_the_outbox_sends_under_the_action_that_wanted_it() -> None:
    seen: list[Cause | None] = []

    async def send(intent: Intent) -> str:
        seen.append(current_cause())
        return "done"

    with caused_by("account.sign_in", "Sign in"):
        outbox = Outbox(send)
    for number in range(2):
        with caused_by("post.vote_up", "Vote up") as pressed:
            receipt = await outbox.submit(
                Intent.of(table.LIKE, params={"id": "1"}, object_key=f"posts:{number}", created_at=0.0, label="like it")
            )
        await receipt
        cause = seen[-1]
        assert cause is not None
        assert (cause.action, cause.label, cause.origin) == ("post.vote_up", "like it", "outbox")
        assert (cause.number, cause.at) == (pressed.number, pressed.at)
    await outbox.close()


async def test_a_busy_loop_is_seen_and_an_idle_one_is_not_looked_at() -> None:
    lag = LoopLag()
    loop = asyncio.get_running_loop()
    since = perf_counter_ns()
    lag.begin()
    until = loop.time() + 0.12
    while loop.time() < until:
        pass
    assert lag.end(since, perf_counter_ns()) >= 80_000_000
    for _ in range(3):
        await asyncio.sleep(0.03)
    assert lag._loop is None


async def test_what_is_not_recorded_any_more_is_no_part_of_the_call_before_it() -> None:
    recorder = Recorder()
    info = reply(b'{"data":{"name":"x","version":"1","limits":{}}}')
    async with serving(lambda line, body: info) as server, PlatformClient(server.url, recorder=recorder) as client:
        await client.platform.info()
        client.recorder = None
        times = recorder.calls[0].times
        assert times is not None
        seen = times.last_read, times.received
        await client.platform.info()
    assert server.connections == 1
    assert (times.last_read, times.received) == seen
