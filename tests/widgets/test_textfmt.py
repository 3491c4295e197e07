"""Times, counts and sizes in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from widgets.textfmt import ago, ago_compact, byte_size, clock, count, count_compact, plural

NOW = datetime(2025, 6, 15, 12, 0, 0, tzinfo=UTC)


# The figures of the documentation of date-fns, formatDistance, each at both of its ends.
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "less than a minute"),
        (29, "less than a minute"),
        (30, "1 minute"),
        (89, "1 minute"),
        (90, "2 minutes"),
        (180, "3 minutes"),
        (44 * 60 + 29, "44 minutes"),
        (44 * 60 + 30, "about 1 hour"),
        (89 * 60 + 29, "about 1 hour"),
        (89 * 60 + 30, "about 2 hours"),
        (86400 - 31, "about 24 hours"),
        (86400 - 30, "1 day"),
        (42 * 3600 - 31, "1 day"),
        (42 * 3600 - 30, "2 days"),
        (30 * 86400 - 31, "30 days"),
        (30 * 86400 - 30, "about 1 month"),
        (45 * 86400 - 31, "about 1 month"),
        (45 * 86400, "about 2 months"),
        (60 * 86400, "2 months"),
        (300 * 86400, "10 months"),
    ],
)
def test_distances_are_worded_as_date_fns_words_them(seconds: int, expected: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW.timestamp()) == f"{expected} ago"


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (datetime(2024, 6, 15, 12, tzinfo=UTC), "about 1 year"),
        (datetime(2024, 3, 16, 12, tzinfo=UTC), "about 1 year"),
        (datetime(2024, 3, 15, 12, tzinfo=UTC), "over 1 year"),
        (datetime(2023, 9, 15, 12, tzinfo=UTC), "almost 2 years"),
        (datetime(2020, 6, 15, 12, tzinfo=UTC), "about 5 years"),
    ],
)
def test_years_are_about_over_or_almost(then: datetime, expected: str) -> None:
    assert ago(then, NOW.timestamp()) == f"{expected} ago"


def test_a_time_to_come_is_in_and_a_time_without_zone_is_utc() -> None:
    assert ago(NOW + timedelta(minutes=3), NOW.timestamp()) == "in 3 minutes"
    assert ago(NOW.replace(tzinfo=None) - timedelta(minutes=3), NOW.timestamp()) == "3 minutes ago"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "now"),
        (59, "now"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (86400, "1d"),
        (7 * 86400, "1w"),
        (800 * 86400, "2y"),
    ],
)
def test_compact_times_count_whole_units(seconds: int, expected: str) -> None:
    assert ago_compact(NOW - timedelta(seconds=seconds), NOW.timestamp()) == expected
    assert ago_compact(NOW + timedelta(seconds=9), NOW.timestamp()) == "now"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (1234, "1.2k"),
        (12_345, "12.3k"),
        (123_456, "123k"),
        (999_999, "999k"),
        (1_000_000, "1M"),
        (2_500_000_000, "2.5B"),
        (-1500, "-1.5k"),
    ],
)
def test_compact_counts_never_round_up(number: int, expected: str) -> None:
    assert count_compact(number) == expected


def test_counts_durations_sizes_and_plurals() -> None:
    assert count(1234) == "1,234"
    assert [clock(value) for value in (0, 187.9, 3723, -1, float("nan"), float("inf"))] == [
        "0:00",
        "3:07",
        "1:02:03",
        "-:--",
        "-:--",
        "-:--",
    ]
    assert [byte_size(value) for value in (512, 1500, 12_000_000, 999_900)] == ["512 B", "1.5 kB", "12 MB", "1.0 MB"]
    assert [plural(1, "reply"), plural(2, "reply"), plural(1234, "like"), plural(0, "day")] == [
        "1 reply",
        "2 replies",
        "1,234 likes",
        "0 days",
    ]
