"""The inspector's lines: whatever is recorded, dropped, filtered and ordered, the list shows what the recorder has."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.inspect.causes import Cause
from api_client.inspect.filtering import FilterError
from api_client.inspect.recorder import Recorder
from api_client.inspect.records import CallRecord, FrameRecord, SocketRecord
from tui.state.inspector import InspectorStore
from tui.state.inspector_changes import MANY, Change
from tui.state.inspector_rows import ActionGroup, Order, View

MS = 1_000_000
CAUSES = [None, *(Cause(f"item.{name}", name, number, number * MS) for number, name in enumerate(("vote", "open"), 1))]


class Wire:
    """Puts records into a recorder, at moments that rise by themselves."""

    def __init__(self, *, limit: int = 1000) -> None:
        self.recorder = Recorder(limit_records=limit)
        self.store = InspectorStore(self.recorder, clock=lambda: next(self.now))
        self.now = itertools.count(10 * MS, MS)
        self.open: list[CallRecord] = []
        self.keys: list[str] = []
        """What a list shows that does what the store tells it."""

    def call(self, path: str = "/feed", cause: Cause | None = None) -> CallRecord:
        url = f"http://127.0.0.1:3000/api/v1{path}"
        call = CallRecord(self.recorder.next_id(), "feed.page", "GET", url, next(self.now), cause=cause)
        self.recorder.started(call)
        self.open.append(call)
        return call

    def answer(self, call: CallRecord, status: int = 200, *, size: int = 10) -> None:
        self.open.remove(call)
        call.ended, call.status, call.body_size = next(self.now), status, size
        call.parsed_ns = MS // 2
        self.recorder.ended(call)

    def socket(self) -> SocketRecord:
        socket = SocketRecord(self.recorder.next_id(), "ws://127.0.0.1:3000/ws", next(self.now))
        self.recorder.socket(socket)
        return socket

    def frame(self, socket: int, cause: Cause | None = None) -> FrameRecord:
        data = json.dumps({"type": "version"})
        frame = FrameRecord(self.recorder.next_id(), socket, "received", next(self.now), data, len(data), cause=cause)
        self.recorder.frame(frame)
        return frame

    def pull(self) -> Change:
        """Pull, and do with the list what the change says."""
        change = self.store.pull()
        if change.whole:
            self.keys = [row.key for row in self.store.rows]
            return change
        for key in change.gone:
            self.keys.remove(key)
        for before, row in change.added:
            self.keys.insert(self.keys.index(before) + 1 if before is not None else 0, row.key)
        for row in change.changed:
            assert row.key in self.keys
        return change

    async def look(
        self, *, filter_text: str | None = None, order: Order | None = None, view: View | None = None
    ) -> None:
        await self.store.show(filter_text=filter_text, order=order, view=view)
        self.keys = [row.key for row in self.store.rows]

    async def anew(self) -> list[str]:
        """Return the keys of a store that sees all this for the first time."""
        fresh = InspectorStore(self.recorder, clock=lambda: next(self.now))
        await fresh.show(filter_text=self.store.filter_text, order=self.store.order, view=self.store.view)
        return [row.key for row in fresh.rows]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["call", "call", "answer", "fail", "socket", "frame", "frame", "pull", "filter", "look", "clear"]
        ),
        st.integers(0, 7),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_after_every_pull_the_list_is_what_a_fresh_look_would_show(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_follow(steps))


async def _follow(steps: list[tuple[str, int]]) -> None:
    wire = Wire(limit=6)
    sockets = [wire.socket().id]
    for what, number in steps:
        cause = CAUSES[number % len(CAUSES)]
        if what == "call":
            wire.call(f"/{'abcdefgh'[number]}", cause)
        elif what in ("answer", "fail") and wire.open:
            wire.answer(wire.open[number % len(wire.open)], 500 if what == "fail" else 200, size=number)
        elif what == "socket":
            sockets.append(wire.socket().id)
        elif what == "frame":
            wire.frame(sockets[number % len(sockets)], cause)
        elif what == "pull":
            wire.pull()
        elif what == "filter":
            await wire.look(filter_text=["", "~c 500", "~u /a", "~ws"][number % 4])
        elif what == "look":
            await wire.look(order=list(Order)[number % len(Order)], view=list(View)[max(0, number - 5)])
        elif what == "clear":
            wire.store.clear()
            wire.open.clear()
    wire.pull()
    assert wire.keys == [row.key for row in wire.store.rows] == await wire.anew()


async def test_a_call_comes_in_at_its_place_when_its_answer_fits_the_filter() -> None:
    wire = Wire()
    await wire.look(filter_text="~c 500")
    first, second = wire.call(), wire.call()
    wire.answer(second, 500)
    wire.pull()
    assert wire.keys == [f"call:{second.id}"]
    wire.answer(first, 500)
    wire.pull()
    assert wire.keys == [f"call:{first.id}", f"call:{second.id}"]


async def test_a_filter_that_cannot_be_understood_says_where_and_changes_nothing() -> None:
    wire = Wire()
    call = wire.call()
    await wire.look()
    wrong = wire.store.check_filter("~c 500 & (")
    assert wrong is not None
    assert wrong.column >= 8
    with pytest.raises(FilterError):
        await wire.store.show(filter_text="~c 500 & (")
    wire.pull()
    assert [row.key for row in wire.store.rows] == [f"call:{call.id}"]
    assert wire.store.filter_text == ""


async def test_what_an_action_caused_stands_under_it_with_its_time_to_the_paint() -> None:
    wire = Wire()
    cause = CAUSES[1]
    assert cause is not None
    await wire.look(view=View.ACTIONS)
    call = wire.call("/posts", cause)
    wire.frame(1, cause)
    wire.call("/other")
    wire.pull()
    group = wire.store.group(cause.number)
    assert isinstance(group, ActionGroup)
    assert (group.calls, group.frames, group.waiting, group.felt) == (1, 1, 1, None)
    wire.answer(call, 500)
    wire.pull()
    assert (group.waiting, group.failed) == (0, 1)
    assert group.painted is None
    wire.store.paints.note()
    change = wire.pull()
    assert [row.key for row in change.changed] == ["action:1"]
    assert group.felt == (group.painted or 0) - cause.at
    assert wire.keys.index("action:0") < wire.keys.index("action:1")


async def test_what_the_recorder_drops_goes_with_its_heading() -> None:
    wire = Wire(limit=2)
    await wire.look(view=View.ACTIONS)
    for cause in (CAUSES[1], CAUSES[2], CAUSES[2]):
        wire.call(cause=cause)
        wire.pull()
    assert "action:1" not in wire.keys
    assert wire.keys[0] == "action:2"
    assert wire.store.group(1) is None


async def test_a_call_that_took_long_moves_to_its_place_when_it_ends() -> None:
    wire = Wire()
    await wire.look(order=Order.DURATION)
    slow, quick = wire.call(), wire.call()
    wire.answer(quick)
    wire.pull()
    assert wire.keys == [f"call:{quick.id}", f"call:{slow.id}"]
    wire.answer(slow)
    wire.pull()
    assert wire.keys == [f"call:{slow.id}", f"call:{quick.id}"]


async def test_a_table_that_is_held_stands_still_and_then_catches_up() -> None:
    wire = Wire()
    await wire.look()
    wire.store.held = True
    wire.call()
    assert not wire.pull()
    wire.store.held = False
    assert len(wire.pull().added) == 1


async def test_many_thousand_lines_are_taken_in_and_one_more_is_one_change() -> None:
    wire = Wire(limit=10_000)
    wire.recorder.limit_bytes = 1 << 40
    for _ in range(5_000):
        wire.call()
    await wire.look()
    assert wire.store.shown == 5_000
    last = wire.store.last_key
    wire.call()
    change = wire.pull()
    assert not change.whole
    assert [before for before, _ in change.added] == [last]


def test_many_changes_at_once_are_shown_anew() -> None:
    change = Change(gone=[str(number) for number in range(MANY + 1)])
    assert change.whole
