"""Whatever way the frames of a session take, its members end in the same state; and the measured clock."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.models.together import GroupCommand, GroupMember, GroupSession, GroupTrack
from api_client.models.users import UserRef
from server.problems import Problem
from server.together.group import Group, Member, commanded, entries_of
from tui.state.group_merge import merged
from tui.state.server_clock import ServerClock

HOST = Member("h", "hannah")
TRACKS = {name: GroupTrack(id=name, title=name, duration_ms=60_000) for name in "abc"}
T0 = 1_767_600_000_000

ids = st.integers(1, 6)
commands = st.one_of(
    st.builds(GroupCommand, kind=st.sampled_from(["play", "pause", "next", "previous"])),
    st.builds(GroupCommand, kind=st.just("seek"), position_ms=st.integers(0, 90_000)),
    st.builds(GroupCommand, kind=st.sampled_from(["jump", "remove"]), entry_id=ids),
    st.builds(GroupCommand, kind=st.just("add"), track_ids=st.lists(st.sampled_from("abc"), min_size=1, max_size=2)),
)


def history(orders: list[GroupCommand]) -> list[GroupSession]:
    """Return what the platform's session was after each command, whole."""
    group = Group("h", (HOST,), T0, entries_of([TRACKS["a"], TRACKS["b"]], HOST, 1), 1, playing=True, next_id=3)
    states, queue = [_state(group, 1, 1)], 1
    for number, order in enumerate(orders, 1):
        try:
            after = commanded(group, order, HOST, T0 + number * 7_000, TRACKS)
        except Problem:
            continue
        queue += after.entries != group.entries
        group = after
        states.append(_state(group, len(states) + 1, queue))
    return states


def _state(group: Group, version: int, queue: int) -> GroupSession:
    members = [GroupMember(user=UserRef(id="h", username="hannah"))]
    return GroupSession(
        code="BCDFGH", version=version, host_id="h", members=members, queue_version=queue, entries=list(group.entries),
        current_id=group.current_id, position_ms=group.position_ms, at=group.at, playing=group.playing,
        server_time=group.at,
    )  # fmt: skip


@settings(max_examples=50)
@given(st.lists(commands, max_size=12), st.data())
def test_whatever_way_the_frames_take_every_member_ends_in_the_same_state(
    orders: list[GroupCommand], data: Any
) -> None:
    states = history(orders)
    frames = [
        now if before is None or now.queue_version != before.queue_version else now.changed(entries=None)
        for before, now in zip([None, *states], states, strict=False)
    ]
    for _member in range(3):
        known = states[data.draw(st.integers(0, len(states) - 1))]
        # Frames come in any order, some twice, some never; the last one of the socket or the answer to a fetch comes.
        coming = data.draw(st.lists(st.sampled_from(range(len(frames))), max_size=15))
        for number in (*coming, len(frames) - 1):
            seen = merged(known, frames[number])
            assert seen is None or seen.version >= known.version
            # The answer to a question is as new as the platform is when it answers.
            answer = states[data.draw(st.integers(max(number, known.version - 1), len(states) - 1))]
            known = seen if seen is not None else merged(known, answer) or known
        if known.version < states[-1].version:
            known = merged(known, states[-1]) or known
        assert known == states[-1]


def test_the_quickest_answer_tells_the_time_best() -> None:
    now = [100.0]
    clock = ServerClock(lambda: now[0])
    assert not clock.is_known
    clock.take(100.0, T0 + 400, 100.4)  # the answer was slow on its way back: the truth is T0 at 100.0
    assert round(clock.error_ms) == 200
    clock.take(100.5, T0 + 510, 100.52)
    assert abs(clock.now_ms() - T0) <= 10
    now[0] = 100.0 + 3600
    assert clock.error_ms > 100, "an old measurement is worth less"
    clock.take(3700.0, T0 + 3_600_100, 3700.1)
    assert abs(clock.now_ms() - (T0 + 3_600_050)) < 100


@given(st.integers(-(10**9), 10**9), st.floats(0, 0.4), st.floats(0, 0.4))
def test_the_time_is_wrong_by_half_of_the_round_trip_at_most(offset: int, there: float, back: float) -> None:
    now = [5_000.0]
    clock = ServerClock(lambda: now[0])
    sent = now[0]
    said = (sent + there) * 1000 + offset
    now[0] = sent + there + back
    clock.take(sent, said, now[0])
    assert abs(clock.now_ms() - (now[0] * 1000 + offset)) <= (there + back) * 500 + 1
