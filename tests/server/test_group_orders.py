"""What commands make of a session, tried in every order: pure, without a platform."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.errors import ErrorCode
from api_client.models.together import GROUP_MEMBERS, GROUP_TRACKS, GroupCommand, GroupTrack, read_code, sounding
from server.problems import Problem
from server.together.group import KEPT_BEHIND, Group, Member, commanded, entries_of, joined, settled, without

HOST, GUEST = Member("h", "hannah"), Member("g", "gus")
TRACKS = {name: GroupTrack(id=name, title=name, duration_ms=length) for name, length in
          (("a", 1_000), ("b", 60_000), ("c", 0), ("d", 200_001))}  # fmt: skip
T0 = 1_767_600_000_000


def session(*names: str, playing: bool = True, **more: Any) -> Group:
    entries = entries_of([TRACKS[name] for name in names], HOST, 1)
    first = entries[0].id if entries else None
    return Group(
        "h", (HOST, GUEST), T0, entries, first, playing=playing and bool(entries), next_id=len(names) + 1, **more
    )


ids = st.integers(1, 8)
commands = st.one_of(
    st.builds(GroupCommand, kind=st.sampled_from(["play", "pause"])),
    st.builds(GroupCommand, kind=st.sampled_from(["next", "previous"]), entry_id=st.none() | ids),
    st.builds(GroupCommand, kind=st.just("seek"), position_ms=st.integers(0, 300_000)),
    st.builds(GroupCommand, kind=st.sampled_from(["jump", "remove"]), entry_id=ids),
    st.builds(GroupCommand, kind=st.just("move"), entry_id=ids, to=st.integers(0, 9)),
    st.builds(
        GroupCommand,
        kind=st.sampled_from(["add", "add_next"]),
        track_ids=st.lists(st.sampled_from([*TRACKS, "unknown"]), min_size=1, max_size=3),
    ),
)


steps_of = st.tuples(commands, st.sampled_from([HOST, GUEST]), st.integers(0, 90_000))


@settings(max_examples=50)
@given(st.lists(steps_of, max_size=25), st.booleans())
def test_whatever_is_commanded_a_session_stays_one(steps: list[Any], control: bool) -> None:
    group, now = session("a", "b", "d", guests_control=control), T0
    for command, by, later in steps:
        now += later
        try:
            group = commanded(group, command, by, now, TRACKS)
        except Problem:
            continue
        found = [entry.id for entry in group.entries]
        assert len(set(found)) == len(found)
        assert all(entry_id < group.next_id for entry_id in found)
        assert group.current_id is None or group.current_id in found
        assert not (group.playing and group.current_id is None)
        assert group.at == now
        assert group.position_ms >= 0


@settings(max_examples=50)
@given(st.lists(st.integers(0, 150_000), max_size=8), st.integers(0, 300_000), st.booleans())
def test_looking_often_or_once_is_the_same(looks: list[int], position: int, playing: bool) -> None:
    group = replace(session("a", "b", "c", "d", playing=playing), position_ms=position)
    now, often = T0, group
    for later in looks:
        now += later
        often = settled(often, now)
    assert settled(often, now + 1) == settled(group, now + 1)


def test_a_track_is_over_at_its_last_millisecond_and_the_next_one_begins() -> None:
    lengths = [(1, 1_000), (2, 60_000)]
    assert sounding(lengths, 1, 0, T0, True, T0 + 999).entry_id == 1
    after = sounding(lengths, 1, 0, T0, True, T0 + 1_000)
    assert (after.entry_id, after.position_ms, after.playing) == (2, 0, True)
    assert sounding(lengths, 1, 0, T0, False, T0 + 9_999).position_ms == 0
    # A clock that is behind does not go back before the command.
    assert sounding(lengths, 2, 500, T0, True, T0 - 5_000).position_ms == 500
    over = sounding(lengths, 1, 0, T0, True, T0 + 61_000)
    assert (over.entry_id, over.playing) == (None, False)


def test_what_is_added_to_a_session_in_silence_is_heard() -> None:
    for group in (session(), replace(session("a"), at=T0 - 9_000)):
        after = commanded(group, GroupCommand(kind="add", track_ids=["b"]), GUEST, T0, TRACKS)
        current = next(entry for entry in after.entries if entry.id == after.current_id)
        assert (current.track.id, current.added_by, after.playing, after.position_ms) == ("b", "g", True, 0)


def test_previous_goes_back_up_to_three_seconds_into_a_track() -> None:
    group = replace(session("b", "d"), current_id=2, position_ms=3_000, playing=False)
    back = GroupCommand(kind="previous")
    assert commanded(group, back, HOST, T0, TRACKS).current_id == 1
    later = commanded(replace(group, position_ms=3_001), back, HOST, T0, TRACKS)
    assert (later.current_id, later.position_ms) == (2, 0)


def test_what_is_to_come_is_moved_among_itself_and_what_plays_can_be_taken_out() -> None:
    group = session("a", "b", "d", "a", playing=False)
    moved = commanded(group, GroupCommand(kind="move", entry_id=4, to=0), HOST, T0, TRACKS)
    assert [entry.id for entry in moved.entries] == [1, 4, 2, 3]
    gone = commanded(moved, GroupCommand(kind="remove", entry_id=1), HOST, T0, TRACKS)
    assert (gone.current_id, gone.playing, gone.position_ms) == (4, False, 0)
    with pytest.raises(Problem):
        commanded(replace(moved, current_id=2), GroupCommand(kind="move", entry_id=1, to=0), HOST, T0, TRACKS)


def test_a_queue_has_an_end_ahead_and_behind() -> None:
    many = GroupCommand(kind="add", track_ids=["d"] * GROUP_TRACKS)
    full = commanded(session(), many, HOST, T0, TRACKS)
    with pytest.raises(Problem) as refused:
        commanded(full, GroupCommand(kind="add", track_ids=["d"]), HOST, T0, TRACKS)
    assert refused.value.code == ErrorCode.CONFLICT
    later = commanded(full, GroupCommand(kind="jump", entry_id=150), HOST, T0, TRACKS)
    assert later.place_of(150) == KEPT_BEHIND


def test_a_session_has_room_for_so_many_and_ends_with_the_last() -> None:
    group = Group("h", (HOST,), T0)
    for number in range(GROUP_MEMBERS - 1):
        group = joined(group, Member(str(number), f"guest{number}"))
    assert joined(group, HOST) == group
    with pytest.raises(Problem) as refused:
        joined(group, GUEST)
    assert refused.value.code == ErrorCode.CONFLICT
    assert without(group, "h", "hannah").host_id == "0"
    assert without(Group("h", (HOST,), T0), "h", "hannah").ended == "The session is over: hannah was the last in it."


def test_codes_are_read_as_people_write_them() -> None:
    assert read_code(" bcd-fgh ") == "BCDFGH"
    assert read_code("bcd fgh") == "BCDFGH"
    assert [read_code(text) for text in ("", "BCDFG", "BCDFGHJ", "BCDFG0", "ABCDEF")] == [None] * 5


def test_a_queue_that_was_heard_to_its_end_takes_new_tracks() -> None:
    full = replace(
        session(), entries=entries_of([TRACKS["a"]] * GROUP_TRACKS, HOST, 1), current_id=1, playing=True,
        next_id=GROUP_TRACKS + 1,
    )  # fmt: skip
    over = T0 + (GROUP_TRACKS + 1) * 1_000
    assert settled(full, over).current_id is None
    after = commanded(full, GroupCommand(kind="add", track_ids=["b"]), GUEST, over, TRACKS)
    assert (after.current_id, after.playing) == (GROUP_TRACKS + 1, True)
    assert len(after.entries) == KEPT_BEHIND + 1


def test_a_command_that_waited_for_its_turn_does_not_move_the_sound() -> None:
    now = settled(session("b"), T0 + 10_000)
    late = commanded(now, GroupCommand(kind="pause"), HOST, T0 + 4_000, TRACKS)
    assert (late.position_ms, late.at) == (10_000, T0 + 10_000)
    late = commanded(now, GroupCommand(kind="add", track_ids=["d"]), HOST, T0 + 4_000, TRACKS)
    assert settled(late, T0 + 12_000).position_ms == 12_000
