"""The words of MPRIS for a state of the player: pure functions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desktop.conftest import track
from tui.desktop.addresses import NOT_OURS, Addresses
from tui.desktop.jumps import Jumps
from tui.desktop.mpris_values import (
    MOST_US,
    NO_TRACK,
    entry_of,
    microseconds,
    percent,
    playback_status,
    text,
    track_path,
)
from tui.player.track import PlayerSnapshot


@given(st.integers(0, 10**17))
def test_a_path_leads_back_to_its_entry(entry_id: int) -> None:
    assert entry_of(track_path(entry_id)) == entry_id


@given(st.text(max_size=20))
def test_no_other_path_leads_anywhere(path: str) -> None:
    assert entry_of(path) is None
    assert entry_of(NO_TRACK) is None
    assert entry_of(track_path(3) + "0x") is None


@given(st.floats())
def test_times_and_loudnesses_stay_in_their_range(number: float) -> None:
    assert 0 <= microseconds(number) <= MOST_US
    level = percent(number)
    assert (level is None) == math.isnan(number)
    assert level is None or 0 <= level <= 100


@given(st.text())
def test_any_text_fits_the_bus(words: str) -> None:
    said = text(words)
    assert "\x00" not in said
    assert said.encode("utf-8").decode() == said


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({}, "Stopped"),
        ({"track": track(1)}, "Stopped"),
        ({"track": track(1), "position_s": 40.0}, "Paused"),
        ({"track": track(1), "started_in_ms": 9}, "Paused"),
        ({"track": track(1), "playing": True}, "Playing"),
        ({"track": track(1), "playing": True, "buffering": True}, "Playing"),
    ],
)
def test_the_status_of_each_state(state: dict[str, object], status: str) -> None:
    assert playback_status(PlayerSnapshot(**state)) == status  # type: ignore[arg-type]


def at(position_s: float, entry_id: int = 1, **more: object) -> PlayerSnapshot:
    return PlayerSnapshot(
        **{  # type: ignore[arg-type]
            "track": track(entry_id),
            "entry_id": entry_id,
            "position_s": position_s,
            "playing": True,
            "started_in_ms": 5,
            **more,
        }
    )


def test_who_counts_along_is_told_only_where_he_would_be_wrong() -> None:
    jumps = Jumps()
    steps = [
        (0.0, at(0.0), False),
        (0.25, at(0.25), False),
        (0.5, at(60.0), True),  # forwards
        (0.75, at(60.25), False),
        (1.0, at(2.0), True),  # back
        (9.0, at(2.2, buffering=True), True),  # it stood still meanwhile
        (12.0, at(2.2, buffering=True), False),
        (12.5, at(2.2, playing=False), False),
        (99.0, at(2.2), False),
        (100.0, at(0.0, 2), False),  # another track, from its beginning
        (103.0, at(3.0, 2), False),
        (103.2, at(0.0, 2), True),  # the same again
        (103.4, at(50.0, 3), True),  # another, from the middle
    ]
    for now, snapshot, jumped in steps:
        assert jumps.jumped(snapshot, now) is jumped, now


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "http://127.0.0.1/api", "parlour:", "parlour:album/", "parlour:album/../secrets",
        "parlour:album/a b", "parlour:shell/rm", "PARLOUR:track/1", "parlour:track/1\n", " parlour:track/1",
        "parlour:track/" + "x" * 300, "edl://x", "smb://x", "", "parlour:track/夜",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_its_own_are_refused(address: str) -> None:
    # Neither platform nor player is asked: there is none.
    assert await Addresses(None, None).play(address) == NOT_OURS  # type: ignore[arg-type]
