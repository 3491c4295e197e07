"""A player on another device: what was asked shows at once, and the device is believed in the end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from api_client.models.player import CommandAction, CommandOutcome, PlayerCommand, PlayerOrder, PlayerState, PlayerTrack
from tests.player.manual_clock import ManualClock
from tui.player.entry import Repeat
from tui.player.orders import Orders
from tui.player.queue import PlayQueue
from tui.player.remote import RemotePlayer
from tui.player.shared import lists_of, queue_data
from tui.player.track import PlayableTrack, PlayerSnapshot


def track(number: int) -> PlayerTrack:
    return PlayerTrack(id=f"t{number}", entry_id=number, title=f"Song {number}", duration_ms=100_000)


class Desk:
    """What the other device says."""

    def __init__(self) -> None:
        self.position_s = 20.0
        self.state = PlayerState(
            version=1,
            queue_version=1,
            device_id="desk",
            current_track=track(2),
            queue=[track(3), track(4)],
            history=[track(1)],
            order=[1, 2, 3, 4],
            is_playing=True,
            progress=20.0,
            duration=100.0,
            volume=0.4,
            queue_length=4,
        )

    @property
    def status(self) -> PlayerState:
        return self.state


class Remote:
    def __init__(self) -> None:
        self.desk, self.clock, self.sent = Desk(), ManualClock(), list[PlayerCommand]()
        self.reaches = True
        self.player = RemotePlayer(self.desk, self.send, self.clock)
        self.player.follow()

    def send(self, command: PlayerCommand) -> bool:
        if self.reaches:
            self.sent.append(command)
        return self.reaches

    @property
    def now(self) -> PlayerSnapshot:
        return self.player.snapshot


@pytest.fixture
def remote() -> Remote:
    return Remote()


def test_it_shows_what_plays_there_and_counts_on(remote: Remote) -> None:
    remote.clock.advance(5.0)
    assert remote.now.track is not None
    assert (remote.now.track.title, remote.now.position_s, remote.now.volume) == ("Song 2", 25.0, 40)
    assert [entry.entry_id for entry in remote.player.queue.upcoming] == [3, 4]
    remote.clock.advance(500.0)
    assert remote.now.position_s == 100.0


def test_what_was_asked_stays_shown_until_the_device_has_answered(remote: Remote) -> None:
    remote.player.set_volume(80)
    remote.player.set_volume(90)
    first, second = remote.sent
    # The device tells of the first before it has heard of the second.
    remote.desk.state = remote.desk.state.changed(version=2, volume=0.8)
    remote.player.follow()
    assert remote.now.volume == 90
    remote.player.answered(first.id)
    assert remote.now.volume == 90
    remote.desk.state = remote.desk.state.changed(version=3, volume=0.9)
    remote.player.answered(second.id)
    assert remote.now.volume == 90


def test_what_was_refused_or_lost_is_taken_back(remote: Remote) -> None:
    remote.player.next()
    assert remote.now.entry_id == 3
    remote.player.answered(remote.sent[0].id)
    assert (remote.now.entry_id, remote.now.position_s) == (2, 20.0)
    assert [entry.entry_id for entry in remote.player.queue.upcoming] == [3, 4]


def test_what_cannot_leave_changes_nothing(remote: Remote) -> None:
    before, remote.reaches = remote.now, False
    for act in ("pause", "next", "previous", "stop", "toggle_mute", "cycle_repeat", "clear", "undo"):
        getattr(remote.player, act)()
    remote.player.seek_to(3.0)
    remote.player.play([PlayableTrack("x", "X")])
    remote.player.remove(3)
    assert remote.now == before


def test_an_entry_that_is_not_there_is_not_asked_for(remote: Remote) -> None:
    for act in (remote.player.jump, remote.player.remove):
        with pytest.raises(KeyError):
            act(99)
    with pytest.raises(KeyError):
        remote.player.move(99, 0)
    assert remote.sent == []


def test_a_long_list_is_sent_around_the_track_that_was_chosen(remote: Remote) -> None:
    remote.player.play([PlayableTrack(f"x{number}", "X") for number in range(5_000)], 3_000)
    (sent,) = remote.sent
    assert sent.items is not None
    assert sent.start is not None
    assert (len(sent.items), sent.items[sent.start].track_id) == (1_000, "x3000")


def test_a_queue_that_was_shared_and_taken_over_is_the_same_queue() -> None:
    def key(found: PlayableTrack) -> str:
        return found.id

    queue: PlayQueue[PlayableTrack] = PlayQueue(key, random.Random(4))
    queue.play_now([PlayableTrack(f"t{number}", f"Song {number}") for number in range(9)], 3)
    queue.set_shuffle(True)
    queue.next(manual=True)
    queue.next(manual=True)
    queue.repeat = Repeat.ALL
    lists = lists_of(queue)
    assert queue.current is not None

    def told(items: Any) -> list[PlayerTrack]:
        return [PlayerTrack(id=item.track_id, entry_id=item.entry_id, title="T") for item in items]

    state = PlayerState(
        current_track=PlayerTrack(id=queue.current.track_id, entry_id=queue.current.entry_id, title="T"),
        queue=told(lists.queue),
        history=told(lists.history),
        aside=told(lists.aside),
        order=lists.order,
        shuffle=True,
        repeat="all",
    )
    other: PlayQueue[PlayableTrack] = PlayQueue(key, random.Random(5))
    other.restore(queue_data(state, other.snapshot(PlayableTrack.pack)), PlayableTrack.unpack)

    def shape(found: PlayQueue[PlayableTrack]) -> list[list[int]]:
        parts = (found.upcoming, found.history, found.aside, found.listed)
        return [[entry.entry_id for entry in part] for part in parts]

    assert shape(other) == shape(queue)
    assert (other.shuffle, other.repeat) == (True, Repeat.ALL)


def test_entries_that_stand_twice_are_taken_once() -> None:
    state = PlayerState(current_track=track(1), queue=[track(1), track(2), track(2)], order=[2, 2, 7])
    queue: PlayQueue[PlayableTrack] = PlayQueue(lambda found: found.id, random.Random(1))
    queue.restore(queue_data(state, queue.snapshot(PlayableTrack.pack)), PlayableTrack.unpack)
    assert [entry.entry_id for entry in queue.listed] == [2, 1]


def test_an_order_is_carried_out_once_and_answered_as_often_as_it_comes(remote: Remote) -> None:
    orders = Orders(remote.player)
    asked = PlayerOrder(id="bbbbbbbb-0000-4000-8000-000000000001", action=CommandAction.NEXT, device_id="sofa")
    answers = [orders.carry_out(asked) for _ in range(3)]
    assert [answer.outcome for answer in answers] == [CommandOutcome.APPLIED] * 3
    assert len(remote.sent) == 1
    gone = asked.changed(id=asked.id[:-1] + "2", action=CommandAction.REMOVE, entry_id=77)
    assert orders.carry_out(gone).outcome is CommandOutcome.REFUSED
