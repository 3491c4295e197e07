"""Frames that answer a key come at once, others a few times a second."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from widgets.frame_pace import ANSWER_SECONDS, FRAME_SECONDS, FramePace


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def frames(steps: list[tuple[float, bool]]) -> list[float]:
    """Return when frames are written of which one is always wanted; each step is a wait, and whether a key comes."""
    clock = Clock()
    pace = FramePace(clock)
    written: list[float] = []
    for seconds, key in steps:
        clock.now += seconds
        if key:
            pace.key_came()
        if pace.wait == 0:
            pace.written()
            written.append(clock.now)
    return written


STEPS = st.lists(st.tuples(st.floats(0, 0.2), st.just(False)), max_size=200)
WITH_KEYS = st.lists(st.tuples(st.floats(0, 0.2), st.booleans()), max_size=200)


@given(STEPS)
def test_what_comes_by_itself_is_written_twenty_times_a_second_at_most(steps: list[tuple[float, bool]]) -> None:
    written = frames(steps)
    assert all(later - earlier >= FRAME_SECONDS - 1e-9 for earlier, later in pairwise(written))


@given(WITH_KEYS)
def test_answers_are_a_few_frames_more_for_each_key(steps: list[tuple[float, bool]]) -> None:
    written = frames(steps)
    early = sum(later - earlier < FRAME_SECONDS - 1e-9 for earlier, later in pairwise(written))
    assert early <= 3 * sum(key for _, key in steps)
    assert all(later - earlier >= ANSWER_SECONDS - 1e-9 for earlier, later in pairwise(written))


def test_answers_before_their_time_take_the_place_of_frames_that_answer_nothing() -> None:
    """One key every 0.4 s and a frame that is always wanted: eight frames in that time, answers among them."""
    written = frames([(0.001, step % 400 == 0) for step in range(4_000)])
    assert 70 <= len(written) <= 82


def test_a_key_in_a_flood_is_answered_before_the_next_frame_is_due() -> None:
    clock = Clock()
    pace = FramePace(clock)
    pace.written()
    clock.now += ANSWER_SECONDS
    assert 0 < pace.wait <= FRAME_SECONDS
    pace.key_came()
    assert pace.wait == 0


def test_an_answer_that_takes_long_is_a_frame_like_any_other() -> None:
    clock = Clock()
    pace = FramePace(clock)
    pace.key_came()
    clock.now += 1
    pace.written()
    clock.now += ANSWER_SECONDS
    assert pace.wait > 0


def test_the_first_frame_is_never_held_back() -> None:
    assert FramePace(Clock()).wait == 0


def test_what_moves_gets_thirty_frames_a_second_but_not_on_a_slow_line() -> None:
    now = 0.0
    pace = FramePace(lambda: now)

    def frames() -> int:
        nonlocal now
        written, end = 0, now + 10
        while now < end:
            if not pace.wait:
                pace.written()
                written += 1
            now += 1 / 30
        return written

    assert frames() <= 10 * 20 + 4
    pace.smooth = True
    assert 10 * 30 - 4 <= frames() <= 10 * 30 + 4
    pace.seconds = 1 / 5
    assert pace.interval == 1 / 5
    assert frames() <= 10 * 5 + 4
