"""The play queue: order, walking, modes, editing, undo and keeping."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tui.player.entry import Repeat
from tui.player.queue import PlayQueue


def make(tracks: str = "abcde", start: int = 0, seed: int = 7) -> PlayQueue[str]:
    queue: PlayQueue[str] = PlayQueue(lambda track: track, random.Random(seed))
    queue.play_now(list(tracks), start)
    return queue


def names(entries: Any) -> str:
    return "".join(entry.item for entry in entries)


def walk(queue: PlayQueue[str], steps: int, manual: bool = True) -> str:
    heard = ""
    for _ in range(steps):
        entry = queue.next(manual)
        heard += entry.item if entry else "."
    return heard


def test_playing_a_list_from_a_place_leaves_the_rest_to_come_and_no_history() -> None:
    queue = make("abcde", start=2)
    assert queue.current is not None
    assert (queue.current.item, names(queue.upcoming), names(queue.history)) == ("c", "de", "")


def test_a_start_outside_the_list_is_refused() -> None:
    with pytest.raises(IndexError):
        make("abc", start=3)


def test_next_at_the_end_changes_nothing() -> None:
    queue = make("ab")
    assert walk(queue, 3) == "b.."
    assert queue.current is not None
    assert queue.current.item == "b"


def test_repeat_all_keeps_the_current_track_in_the_cycle() -> None:
    queue = make("abc")
    queue.repeat = Repeat.ALL
    assert walk(queue, 7) == "bcabcab"


def test_repeat_all_of_one_track_plays_it_again() -> None:
    queue = make("a")
    queue.repeat = Repeat.ALL
    assert walk(queue, 3, manual=False) == "aaa"


def test_repeat_all_brings_back_what_stood_before_the_start() -> None:
    queue = make("abcd", start=2)
    queue.repeat = Repeat.ALL
    assert walk(queue, 4) == "dabc"


def test_repeat_one_holds_at_the_natural_end_and_lets_a_manual_next_leave() -> None:
    queue = make("abc")
    queue.repeat = Repeat.ONE
    assert walk(queue, 3, manual=False) == "aaa"
    assert walk(queue, 1, manual=True) == "b"
    assert walk(queue, 1, manual=False) == "b"


def test_repeat_cycles_off_all_one() -> None:
    assert [Repeat.OFF.following(), Repeat.ALL.following(), Repeat.ONE.following()] == ["all", "one", "off"]


@pytest.mark.parametrize(("position", "expected"), [(0.0, "b"), (3.0, "b"), (3.01, "c"), (200.0, "c")])
def test_previous_goes_back_up_to_three_seconds_and_restarts_above(position: float, expected: str) -> None:
    queue = make("abc")
    walk(queue, 2)
    entry = queue.previous(position)
    assert entry is not None
    assert entry.item == expected


def test_previous_puts_the_old_current_track_at_the_head_of_what_comes() -> None:
    queue = make("abc")
    walk(queue, 1)
    queue.previous(1.0)
    assert (names(queue.upcoming), names(queue.history)) == ("bc", "")


def test_previous_without_history_stays() -> None:
    queue = make("abc", start=1)
    entry = queue.previous(0.0)
    assert entry is not None
    assert (entry.item, names(queue.upcoming)) == ("b", "c")


def test_previous_goes_round_under_repeat_all() -> None:
    queue = make("abc")
    queue.repeat = Repeat.ALL
    heard = [entry.item for entry in (queue.previous(0.0) for _ in range(4)) if entry]
    assert heard == ["c", "b", "a", "c"]
    assert walk(queue, 3) == "abc"


def test_play_next_comes_before_the_rest_and_add_after_it() -> None:
    queue = make("abc")
    queue.play_next(["x", "y"])
    queue.add(["z"])
    assert names(queue.upcoming) == "xybcz"
    assert names(queue.listed) == "axybcz"


def test_moving_an_upcoming_track_also_moves_it_in_the_list() -> None:
    queue = make("abcde")
    queue.move(queue.upcoming[3].entry_id, 0)
    assert (names(queue.upcoming), names(queue.listed)) == ("ebcd", "aebcd")


def test_only_upcoming_tracks_can_be_moved() -> None:
    queue = make("abc")
    assert queue.current is not None
    with pytest.raises(KeyError):
        queue.move(queue.current.entry_id, 1)


def test_jumping_forward_sets_aside_what_lies_between() -> None:
    queue = make("abcde")
    assert queue.jump(queue.upcoming[2].entry_id).item == "d"
    assert (names(queue.history), names(queue.upcoming), names(queue.aside)) == ("a", "e", "bc")


def test_jumping_back_plays_the_later_ones_again() -> None:
    queue = make("abcde")
    walk(queue, 3)
    assert queue.jump(queue.history[1].entry_id).item == "b"
    assert (names(queue.history), names(queue.upcoming)) == ("a", "cde")


def test_jumping_to_a_track_that_was_set_aside() -> None:
    queue = make("abcde", start=3)
    assert queue.jump(queue.aside[1].entry_id).item == "b"
    assert (names(queue.history), names(queue.upcoming), names(queue.aside)) == ("d", "ce", "a")


def test_removing_the_current_track_makes_the_next_one_current_and_undo_queues_it() -> None:
    queue = make("abc")
    assert queue.current is not None
    queue.remove(queue.current.entry_id)
    assert (queue.current.item, names(queue.upcoming)) == ("b", "c")
    assert queue.undo() == 1
    assert (names(queue.upcoming), names(queue.listed)) == ("ac", "abc")


def test_clear_leaves_the_current_track_and_undo_brings_everything_back() -> None:
    queue = make("abcdef", start=1)
    walk(queue, 2)
    before = queue.snapshot(lambda item: {"name": item})
    assert queue.clear() == 5
    assert (len(queue), names(queue.listed)) == (1, "d")
    assert queue.undo() == 5
    assert queue.snapshot(lambda item: {"name": item}) == before
    assert queue.undo() == 0


def test_shuffle_plays_each_once_before_anything_comes_again() -> None:
    queue = make("abcdefgh", start=3)
    queue.set_shuffle(True)
    queue.repeat = Repeat.ALL
    first = "d" + walk(queue, 7)
    second = walk(queue, 8)
    assert sorted(first) == sorted(second) == list("abcdefgh")
    assert second[0] != first[-1]


def test_shuffle_off_restores_the_order_and_keeps_the_current_track() -> None:
    queue = make("abcdefgh")
    queue.set_shuffle(True)
    walk(queue, 3)
    playing = queue.current
    queue.set_shuffle(False)
    assert queue.current is playing
    assert playing is not None
    assert names(queue.upcoming) == "abcdefgh".split(playing.item)[1]
    assert names(queue.listed) == "abcdefgh"


def test_the_promised_next_track_is_the_one_that_comes_even_over_a_shuffled_wrap() -> None:
    queue = make("abcdef")
    queue.set_shuffle(True)
    queue.repeat = Repeat.ALL
    for _ in range(30):
        promised = queue.peek_next()
        assert queue.next(manual=False) is promised


def test_the_draw_is_decided_by_the_injected_chance() -> None:
    orders = []
    for seed in (1, 1, 2):
        queue = make("abcdefgh", seed=seed)
        queue.set_shuffle(True)
        orders.append(names(queue.upcoming))
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 9},
        {"current": 99},
        {"upcoming": [2, 2, 3]},
        {"upcoming": [2]},
        {"repeat": "twice"},
        {"entries": None},
        {"entries": [{"id": 1}]},
    ],
)
def test_a_damaged_snapshot_is_refused_and_changes_nothing(damage: dict[str, Any]) -> None:
    kept = make("abc").snapshot(lambda item: {"name": item})
    queue = make("xy")
    with pytest.raises(ValueError, match=r"queue|not a valid"):
        queue.restore(kept | damage, lambda row: row["name"])
    assert names(queue.listed) == "xy"


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.data())
def test_previous_undoes_next(count: int, data: st.DataObject) -> None:
    queue = make("abcdefghijkl"[:count], data.draw(st.integers(0, count - 1)))
    queue.set_shuffle(data.draw(st.booleans()))
    before = queue.snapshot(lambda item: {"name": item})
    if queue.next(manual=True) is not None:
        queue.previous(3.0)
    assert queue.snapshot(lambda item: {"name": item}) == before


class QueueMachine(RuleBasedStateMachine):
    """Whatever is done, in whatever order: nothing is lost, nothing stands twice."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: PlayQueue[str] = PlayQueue(lambda track: track, random.Random(3))
        self.alive: set[int] = set()
        self.gone: list[set[int]] = []

    @rule(count=st.integers(0, 6), data=st.data())
    def play_now(self, count: int, data: st.DataObject) -> None:
        self.queue.play_now(["t"] * count, data.draw(st.integers(0, max(0, count - 1))))
        self.alive = {entry.entry_id for entry in self.queue.listed}
        assert len(self.alive) == count
        self.gone = []

    @rule(count=st.integers(1, 3), soon=st.booleans())
    def more(self, count: int, soon: bool) -> None:
        made = (self.queue.play_next if soon else self.queue.add)(["t"] * count)
        self.alive |= {entry.entry_id for entry in made}

    @rule(manual=st.booleans())
    def go_on(self, manual: bool) -> None:
        promised, here = self.queue.peek_next(manual), self.queue.current
        assert self.queue.next(manual) is promised
        assert self.queue.current is (promised or here)

    @rule(position=st.sampled_from([0.0, 3.0, 3.01]))
    def go_back(self, position: float) -> None:
        self.queue.previous(position)

    @rule(on=st.booleans())
    def shuffle(self, on: bool) -> None:
        here = self.queue.current
        turned_off = self.queue.shuffle and not on
        self.queue.set_shuffle(on)
        assert self.queue.current is here
        if turned_off:
            at = self.queue.listed.index(here) if here else -1
            assert self.queue.upcoming == self.queue.listed[at + 1 :]

    @rule(mode=st.sampled_from(Repeat))
    def repeat(self, mode: Repeat) -> None:
        self.queue.repeat = mode

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        wanted = data.draw(st.sampled_from(sorted(self.alive)))
        assert self.queue.jump(wanted).entry_id == wanted

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        wanted = data.draw(st.sampled_from(sorted(self.alive)))
        self.queue.remove(wanted)
        self.alive.discard(wanted)
        self.gone.append({wanted})

    @precondition(lambda self: self.queue.upcoming)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(list(self.queue.upcoming)))
        to = data.draw(st.integers(0, len(self.queue.upcoming) - 1))
        self.queue.move(entry.entry_id, to)
        assert self.queue.upcoming[to] is entry

    @rule()
    def clear(self) -> None:
        here = self.queue.current
        kept = {here.entry_id} if here else set()
        if self.alive - kept:
            self.gone.append(self.alive - kept)
        self.queue.clear()
        self.alive = kept

    @rule()
    def undo(self) -> None:
        assert self.queue.can_undo == bool(self.gone)
        back = self.gone.pop() if self.gone else set()
        assert self.queue.undo() == len(back)
        self.alive |= back

    @rule()
    def keep_and_bring_back(self) -> None:
        kept = self.queue.snapshot(lambda item: {"name": item})
        other: PlayQueue[str] = PlayQueue(lambda track: track, random.Random(3))
        other.restore(kept, lambda row: row["name"])
        assert other.snapshot(lambda item: {"name": item}) == kept

    @invariant()
    def nothing_is_lost_or_stands_twice(self) -> None:
        queue = self.queue
        current = [queue.current] if queue.current else []
        placed = [entry.entry_id for entry in [*queue.history, *current, *queue.upcoming, *queue.aside]]
        assert sorted(placed) == sorted(self.alive)
        assert sorted(entry.entry_id for entry in queue.listed) == sorted(self.alive)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=40, stateful_step_count=30)
