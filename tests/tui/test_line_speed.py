"""A slow line is noticed, a hiccup is not, and what is drawn does not change back and forth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.line_speed import CALM, LATE, MOST_CALM, RATES, TELLING, LineSpeed, Quality

BIG = 4 * TELLING


class Clock:
    """Seconds that pass when they are told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def judged(frames: list[tuple[float, int, float]], quality: Quality = Quality.AUTO) -> list[tuple[float, int | None]]:
    """Return when the judgement changed, and to what; each frame comes after a pause, with bytes and seconds."""
    clock = Clock()
    line = LineSpeed(quality, clock)
    changes: list[tuple[float, int | None]] = []
    for pause, size, seconds in frames:
        clock.now += pause + seconds
        if line.took(size, seconds):
            changes.append((clock.now, line.frames_per_second))
    return changes


FRAMES = st.lists(st.tuples(st.floats(0, 8), st.integers(1, BIG), st.floats(0, 3)), max_size=300)


@given(FRAMES)
def test_it_never_flaps(frames: list[tuple[float, int, float]]) -> None:
    changes = judged(frames)
    slow_since = 0.0
    for (before, was), (at, rate) in zip([(0.0, None), *changes], changes, strict=False):
        if rate is None:
            assert at - max(before, slow_since) >= CALM
        elif was is None:
            slow_since = at
        else:
            assert rate < was, "within one slow time there are only ever fewer frames"


@given(st.lists(st.tuples(st.floats(0, 60), st.integers(1, BIG), st.floats(0, LATE, exclude_max=True)), max_size=100))
def test_a_line_on_which_no_frame_is_late_is_never_slow(frames: list[tuple[float, int, float]]) -> None:
    assert judged(frames) == []


@given(FRAMES, st.sampled_from([Quality.FULL, Quality.LOW]))
def test_what_the_user_has_set_stays(frames: list[tuple[float, int, float]], quality: Quality) -> None:
    assert judged(frames, quality) == []
    assert (LineSpeed(quality).frames_per_second is None) == (quality is Quality.FULL)


@given(st.floats(LATE, 5), st.integers(2, 30))
def test_a_line_that_is_always_late_is_slow_from_the_second_frame_on(seconds: float, count: int) -> None:
    changes = judged([(0.1, BIG, seconds)] * count)
    assert len(changes) == 1
    rate = changes[0][1]
    assert rate is not None
    assert rate * seconds <= 0.5 or rate == RATES[-1]


def test_a_hiccup_changes_nothing() -> None:
    assert judged([(0.1, BIG, 4.0), (20, BIG, 0.0), (20, BIG, 4.0), (1, BIG, 0.0)]) == []


def test_it_is_fast_again_after_a_calm_time_with_frames_that_tell_something() -> None:
    slow = [(0.1, BIG, 0.5)] * 2
    assert [rate for _, rate in judged([*slow, *[(1.0, 100, 0.0)] * 100])] == [1], "small ones tell nothing"
    assert [rate for _, rate in judged([*slow, *[(1.0, BIG, 0.0)] * 100])] == [1, None]


def test_it_waits_longer_each_time_that_it_was_wrong() -> None:
    slow, calm = [(0.1, BIG, 0.5)] * 2, [(1.0, BIG, 0.0)] * 200
    changes = judged([*slow, *calm[:12], *slow, *calm[:25], *slow, *calm])
    ends = [at - changes[n][0] for n, (at, rate) in enumerate(changes[1:]) if rate is None]
    assert len(ends) == 3
    assert ends == sorted(ends)
    assert ends[-1] > 3 * ends[0]
    assert ends[-1] <= MOST_CALM
