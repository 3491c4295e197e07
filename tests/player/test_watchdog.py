"""Whatever an engine does not do in its time is seen, on a clock of its own."""

from __future__ import annotations

import pytest

from tests.player.manual_clock import ManualClock
from tui.player.watchdog import SEEK_WITHIN_S, START_WITHIN_S, STILL_FOR_S, Revival, Trouble, Watchdog


class Kennel:
    """A watchdog and what it barked at."""

    def __init__(self, started: bool = True) -> None:
        self.clock = ManualClock()
        self.seen: list[Trouble] = []
        self.received = 0
        self.dog = Watchdog(self.clock, self.seen.append)
        self.is_excused = False
        self.dog.ordered(lambda: self.received, lambda: self.is_excused, held=False)
        if started:
            self.dog.started()

    def play(self, seconds: float, from_s: float = 0.0) -> None:
        for step in range(int(seconds * 10)):
            self.clock.advance(0.1)
            self.dog.moved(from_s + step / 10)


def test_a_track_that_does_not_start_is_seen_after_its_time() -> None:
    kennel = Kennel(started=False)
    kennel.clock.advance(START_WITHIN_S - 0.1)
    assert kennel.seen == []
    kennel.clock.advance(0.2)
    assert kennel.seen == [Trouble.START]
    kennel.clock.advance(100)
    assert kennel.seen == [Trouble.START]


def test_as_long_as_bytes_come_a_start_may_take_long() -> None:
    kennel = Kennel(started=False)
    for _ in range(5):
        kennel.clock.advance(START_WITHIN_S - 1)
        kennel.received += 1
    assert kennel.seen == []
    kennel.clock.advance(2 * START_WITHIN_S)
    assert kennel.seen == [Trouble.START]


def test_a_track_that_the_platform_is_still_making_is_waited_for() -> None:
    kennel = Kennel(started=False)
    kennel.is_excused = True
    kennel.clock.advance(10 * START_WITHIN_S)
    assert kennel.seen == []
    kennel.is_excused = False
    kennel.clock.advance(START_WITHIN_S + 0.1)
    assert kennel.seen == [Trouble.START]


def test_a_program_that_was_held_itself_does_not_blame_the_track() -> None:
    """A suspended terminal: every timer is late, and what the engine has to say comes after them."""

    class Held(ManualClock):
        held_s = 0.0

        def monotonic(self) -> float:
            return self.now + self.held_s

    clock, seen = Held(), list[Trouble]()
    dog = Watchdog(clock, seen.append)
    dog.ordered(lambda: 0, lambda: False, held=False)
    dog.started()
    clock.held_s = 3600.0
    clock.advance(STILL_FOR_S)
    assert seen == []
    clock.advance(STILL_FOR_S + 0.1)
    assert seen == [Trouble.STILL], "it stands still all the same"


def test_a_seek_is_confirmed_by_the_next_position() -> None:
    kennel = Kennel()
    kennel.play(3)
    kennel.dog.sought()
    kennel.clock.advance(SEEK_WITHIN_S - 0.1)
    kennel.dog.moved(40.0)
    kennel.play(10, from_s=40.0)
    assert kennel.seen == []
    kennel.dog.sought()
    kennel.clock.advance(SEEK_WITHIN_S + 0.1)
    assert kennel.seen == [Trouble.SEEK]


def test_each_seek_in_a_row_has_its_own_time() -> None:
    kennel = Kennel()
    for _ in range(5):
        kennel.dog.sought()
        kennel.clock.advance(SEEK_WITHIN_S - 0.5)
    assert kennel.seen == []


def test_a_seek_in_a_track_that_is_held_is_waited_for_too() -> None:
    kennel = Kennel()
    kennel.dog.held(True)
    kennel.dog.sought()
    kennel.clock.advance(SEEK_WITHIN_S + 0.1)
    assert kennel.seen == [Trouble.SEEK]


def test_a_position_that_stands_still_is_seen() -> None:
    kennel = Kennel()
    kennel.play(20)
    for _ in range(int(STILL_FOR_S * 10) + 1):
        kennel.dog.moved(19.9)
        kennel.clock.advance(0.1)
    assert kennel.seen == [Trouble.STILL]


@pytest.mark.parametrize("why", ["held", "buffering"])
def test_a_track_that_is_held_or_waits_for_bytes_may_stand_still(why: str) -> None:
    kennel = Kennel()
    kennel.play(5)
    getattr(kennel.dog, why)(True)
    kennel.clock.advance(1000)
    getattr(kennel.dog, why)(False)
    kennel.clock.advance(STILL_FOR_S - 0.1)
    assert kennel.seen == []
    kennel.clock.advance(0.2)
    assert kennel.seen == [Trouble.STILL]


def test_nothing_is_waited_for_once_nothing_is_ordered() -> None:
    kennel = Kennel()
    kennel.dog.rest()
    kennel.dog.held(True)
    kennel.dog.held(False)
    kennel.clock.advance(1000)
    assert kennel.seen == []


def test_a_lost_device_is_tried_less_and_less_often_and_at_once_again_after_it_was_there() -> None:
    clock = ManualClock()
    tries: list[float] = []
    revival = Revival(clock, lambda: tries.append(clock.now - 1000))
    revival.want(True)
    clock.advance(200)
    assert tries == [2, 6, 14, 30, 62, 122, 182]
    revival.want(False)
    clock.advance(500)
    assert len(tries) == 7
    revival.want(True)
    clock.advance(2)
    assert len(tries) == 8
