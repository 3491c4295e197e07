"""Ten thousand events a second over the real program: how fast it is the benchmark says, here nothing may be lost."""

from __future__ import annotations

import pytest

from benchmarks.event_storm import GROWTH_LIMIT_MIB, LAG_LIMIT_MS, PAINT_LIMIT_MS, brew
from benchmarks.storm_platform import Edges, frame, key_of

pytestmark = pytest.mark.pty


def test_frames_are_told_apart_wherever_the_stream_is_cut() -> None:
    whole = (
        frame(key_of(1), 7)
        + frame("k" * 200, 1)
        + b"\x89\x00"
        + b"\x81\x7f"
        + (70_000).to_bytes(8, "big")
        + bytes(70_000)
    )
    ends = [len(frame(key_of(1), 7)), len(frame(key_of(1), 7) + frame("k" * 200, 1))]
    ends += [ends[1] + 2, len(whole)]
    for step in (1, 3, 64, 1_000):
        edges, at, between = Edges(), 0, []
        while at < len(whole):
            if edges.pass_by(whole[at : at + step]):
                between.append(min(at + step, len(whole)))
            at += step
        assert [end for end in between if end in ends] == between
        assert between[-1] == len(whole)


def test_no_event_is_lost_in_a_storm() -> None:
    storm = brew(10_000, 1.5, 1_000)
    assert storm.sent > 5_000
    assert storm.is_complete, storm


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_minute_of_storm_keeps_every_limit() -> None:
    storm = brew(10_000, 60.0, 3_000)
    assert storm.is_complete, storm
    assert storm.lag_p99_ms <= LAG_LIMIT_MS, storm
    assert storm.paint_p99_ms <= PAINT_LIMIT_MS, storm
    assert storm.growth_mib <= GROWTH_LIMIT_MIB, storm
