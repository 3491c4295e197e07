from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api_client.models.realtime import Subscribe, Unsubscribe
from api_client.realtime.following import ANSWER_SECONDS, BURST, PER_SECOND, PROBE_KEYS, PROBE_SECONDS, Following

HASTE_LIMIT = 120
"""Frames that the platform takes at once, before it refuses; 600 a minute after that."""
KEYS = ("posts:1", "posts:2", "r:python")


def opened(*keys: str, now: float = 0.0) -> Following:
    following = Following()
    for key in keys:
        following.follow(key)
    following.opened(now)
    return following


def asked(following: Following, now: float) -> list[str]:
    return [frame.key for frame in following.due(now) if isinstance(frame, Subscribe)]


def test_a_thousand_keys_are_asked_for_one_by_one_and_never_too_fast() -> None:
    keys = [f"posts:{number}" for number in range(1_000)]
    following = opened(*keys)
    seen: list[str] = []
    room, now = float(HASTE_LIMIT), 0.0
    while len(seen) < 1_000:
        frames = asked(following, now)
        room -= len(frames)
        assert room >= 0
        seen += frames
        following.heard(frames)
        now += 5
        room = min(room + 5 * 10, HASTE_LIMIT)
    assert seen[:1_000] == keys
    assert now <= (1_000 - BURST) / PER_SECOND + 10


def test_what_was_asked_for_long_ago_is_asked_for_again_a_few_at_a_time() -> None:
    keys = [f"posts:{number}" for number in range(50)]
    following = opened(*keys)
    assert asked(following, 0) == keys
    following.heard(keys)
    assert asked(following, PROBE_SECONDS - 1) == []
    assert asked(following, PROBE_SECONDS) == keys[:PROBE_KEYS]
    assert asked(following, PROBE_SECONDS + 5) == []
    assert asked(following, 2 * PROBE_SECONDS) == keys[PROBE_KEYS : 2 * PROBE_KEYS]


def test_a_platform_that_answered_and_does_not_any_more_is_deaf() -> None:
    following = opened("posts:1")
    asked(following, 0)
    following.heard({"posts:1": 1})
    asked(following, PROBE_SECONDS)
    assert not following.is_deaf(PROBE_SECONDS + ANSWER_SECONDS - 1)
    assert following.is_deaf(PROBE_SECONDS + ANSWER_SECONDS)
    following.heard(["posts:2"])
    assert following.is_deaf(PROBE_SECONDS + ANSWER_SECONDS)
    following.heard(["posts:1"])
    assert not following.is_deaf(PROBE_SECONDS + ANSWER_SECONDS)


def test_a_platform_that_never_answers_such_requests_is_not_taken_for_deaf() -> None:
    following = opened("posts:1")
    for second in range(0, 1_000, 5):
        following.due(second)
        assert not following.is_deaf(second)


def test_a_refusal_for_haste_makes_it_pause_and_the_key_has_its_turn_again() -> None:
    following = opened("posts:1")
    assert asked(following, 0) == ["posts:1"]
    following.follow("posts:2")
    following.refused("posts:1")
    assert asked(following, 0) == []
    assert asked(following, 1) == ["posts:2"]
    assert asked(following, PROBE_SECONDS + 1) == ["posts:1", "posts:2"]


def test_a_key_that_no_frame_can_carry_is_not_followed() -> None:
    following = opened("", "p", "posts:" + "x" * 200, "posts:1")
    assert asked(following, 0) == ["posts:1"]
    following.leave("p")
    assert len(following) == 1


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.booleans(), st.booleans()), max_size=60))
def test_the_platform_follows_in_the_end_what_is_followed_here(steps: list[tuple[str, bool, bool]]) -> None:
    following = opened()
    there: set[str] = set()
    counts = dict.fromkeys(KEYS, 0)
    now = 0.0
    for key, more, send in [*steps, (KEYS[0], False, True)]:
        if more:
            following.follow(key)
            counts[key] += 1
        else:
            following.leave(key)
            counts[key] = max(counts[key] - 1, 0)
        now += 10
        for frame in following.due(now) if send else ():
            if isinstance(frame, Unsubscribe):
                there.discard(frame.key)
            else:
                assert isinstance(frame, Subscribe)
                there.add(frame.key)
    assert there == {key for key, count in counts.items() if count}
    assert len(following) == len(there)
