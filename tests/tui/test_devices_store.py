"""What plays on which device, put together from frames and replies that come late, twice and out of order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.models.player import MOST_SECONDS, Device, PlayerState, PlayerStatus, PlayerTrack
from tui.state.devices import IDLE_S, DevicesPart, DevicesStore

DESK, SOFA = "desk", "sofa"
SEEN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def device(device_id: str, **more: object) -> Device:
    return Device(id=device_id, name=device_id.title(), last_seen=SEEN, is_online=True).changed(**more)


def status(version: int, **more: object) -> PlayerStatus:
    usual = {"device_id": DESK, "is_playing": True, "progress": 10.0, "duration": 200.0, "queue_version": 1}
    return PlayerStatus.model_validate({"version": version, **usual, **more})


def store_of(hands: Hands) -> DevicesStore:
    store = DevicesStore(hands)
    store.introduce(SOFA)
    store.take_devices([device(DESK), device(SOFA)])
    return store


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[PlayerStatus], list[int]]:
    """Return the statuses of a player, version by version, and an order in which frames about them arrive."""
    count = draw(st.integers(1, 12))
    made = [
        status(
            version,
            device_id=draw(st.sampled_from([DESK, SOFA])),
            is_playing=draw(st.booleans()),
            progress=draw(st.floats(0, 200)),
            volume=draw(st.floats(0, 1)),
        )
        for version in range(1, count + 1)
    ]
    arrivals = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=40))
    return made, arrivals


@given(histories(), st.lists(st.floats(0, 5), max_size=40))
def test_whatever_the_order_the_newest_that_came_is_believed(
    history: tuple[list[PlayerStatus], list[int]], pauses: list[float]
) -> None:
    statuses, arrivals = history
    hands = Hands()
    store = store_of(hands)
    told: list[int] = []
    store.subscribe(lambda part: told.append(store.status.version) if part is DevicesPart.STATUS else None)
    for number, index in enumerate(arrivals):
        hands.now += pauses[number] if number < len(pauses) else 0.0
        store.take_status(statuses[index])
    newest = max(statuses[index].version for index in arrivals)
    assert store.status == statuses[newest - 1]
    assert told == sorted(set(told))
    assert 0.0 <= store.position_s <= 200.0


@given(st.floats(0, 150), st.floats(0, 40), st.booleans(), st.booleans())
def test_a_position_runs_on_only_while_the_device_is_there_and_plays(
    progress: float, seconds: float, plays: bool, waits: bool
) -> None:
    hands = Hands()
    store = store_of(hands)
    store.take_status(status(1, progress=progress, is_playing=plays, is_buffering=waits))
    hands.now += seconds
    runs = plays and not waits
    assert store.position_s == pytest.approx(progress + (seconds if runs else 0.0))
    store.take_devices([device(DESK, is_online=False), device(SOFA)])
    held = store.position_s
    hands.now += 60.0
    assert store.position_s == held
    store.take_devices([device(DESK), device(SOFA)])
    hands.now += 3.0
    assert store.position_s == pytest.approx(min(200.0, held + (3.0 if runs else 0.0)))


def test_the_same_status_twice_does_not_move_the_position_back() -> None:
    hands = Hands()
    store = store_of(hands)
    store.take_status(status(4))
    hands.now += 30.0
    assert not store.take_status(status(4))
    assert not store.take_status(status(3, progress=0.0))
    assert store.position_s == pytest.approx(40.0)


def test_lists_are_asked_for_when_they_have_changed_and_not_before() -> None:
    store = store_of(Hands())
    store.take_state(PlayerState.model_validate(status(3).model_dump()), 0)
    assert not store.needs_lists
    store.take_status(status(4))
    assert not store.needs_lists
    store.take_status(status(5, queue_version=5))
    assert store.needs_lists


def test_a_platform_that_has_begun_anew_is_believed_but_an_answer_overtaken_by_news_is_not() -> None:
    store = store_of(Hands())
    store.take_status(status(9))
    asked_on = store.status.version
    store.take_status(status(10, volume=0.5))
    store.take_state(PlayerState.model_validate(status(9).model_dump()), asked_on)
    assert store.status.version == 10
    store.take_state(PlayerState.model_validate(status(1, volume=0.25).model_dump()), 10)
    assert (store.status.version, store.status.volume) == (1, 0.25)


def test_another_device_is_driven_while_it_is_there_and_was_used_lately() -> None:
    store = store_of(Hands())
    assert store.driven is None
    store.take_status(status(1))
    assert store.driven is not None
    assert store.driven.id == DESK
    store.take_devices([device(DESK, is_online=False), device(SOFA)])
    assert store.driven is None
    store.take_devices([device(DESK), device(SOFA)])
    store.take_status(status(2, is_playing=False, idle_seconds=IDLE_S + 1))
    assert store.driven is None
    # Where nothing can be heard, the other one is better than silence.
    store.take_devices([device(DESK), device(SOFA, can_play=False)])
    assert store.driven is not None
    store.take_status(status(3, device_id=SOFA))
    assert (store.driven, store.is_mine) == (None, True)


@pytest.mark.parametrize(
    ("told", "taken"), [("1e999", MOST_SECONDS), ("-1e999", 0.0), ("-3", 0.0), ("1e300", MOST_SECONDS), ("NaN", 0.0)]
)
def test_odd_numbers_of_a_platform_do_not_hide_what_plays(told: str, taken: float) -> None:
    numbers = ", ".join(f'"{name}": {told}' for name in ("progress", "duration", "volume"))
    found = PlayerState.model_validate_json(f'{{"version": 3, "isPlaying": true, {numbers}}}')
    assert (found.version, found.progress, found.duration, found.volume) == (3, taken, taken, min(taken, 1.0))
    store = store_of(Hands())
    store.take_state(found, 0)
    assert 0.0 <= store.position_s <= MOST_SECONDS


def test_a_length_of_hundreds_of_digits_is_one_that_can_be_shown() -> None:
    assert PlayerTrack(id="t", title="A", duration_ms=10**400).duration_ms == MOST_SECONDS * 1000
    assert PlayerTrack(id="t", title="A", duration_ms=-1).duration_ms == 0
