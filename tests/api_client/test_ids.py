"""Ids that the client makes: their form, and that they sort by time."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from api_client.ids import new_id
from api_client.models.base import ClientId

MOMENTS = st.integers(min_value=0, max_value=4_000_000_000_000_000_000)


@given(MOMENTS, st.binary(min_size=8, max_size=8))
def test_an_id_is_a_uuid_of_version_7_that_the_contract_takes(moment: int, random: bytes) -> None:
    made = new_id(clock=lambda: moment, randomness=lambda _count: random)
    assert TypeAdapter(ClientId).validate_python(made) == made
    read = UUID(made)
    assert (read.version, read.variant) == (7, "specified in RFC 4122")
    assert read.int >> 80 == moment // 1_000_000


@given(MOMENTS, MOMENTS)
def test_ids_sort_as_text_by_the_microsecond_they_were_made_in(one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    first = new_id(clock=lambda: earlier, randomness=lambda _count: b"\xff" * 8)
    second = new_id(clock=lambda: later + 1_000, randomness=lambda _count: b"\x00" * 8)
    assert first < second


def test_two_ids_of_one_moment_differ() -> None:
    assert new_id(clock=lambda: 7) != new_id(clock=lambda: 7)


def test_a_clock_that_stands_before_the_epoch_or_far_beyond_still_gives_an_id() -> None:
    assert UUID(new_id(clock=lambda: -1)).version == 7
    assert UUID(new_id(clock=lambda: 10**30)).version == 7
