"""Moments of the wire: always in UTC, and never at an end of the calendar, where other places have no time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api_client.models.base import Moment

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00+14:00", "0001-06-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"],
)
def test_an_end_of_the_calendar_is_no_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


@given(st.datetimes(timezones=st.timezones()).map(datetime.isoformat) | st.text(max_size=40))
def test_whatever_is_sent_is_a_moment_that_can_be_shown_anywhere_or_is_refused(text: str) -> None:
    try:
        moment = MOMENT.validate_python(text)
    except ValidationError:
        return
    assert moment.tzinfo is UTC
    moment.astimezone()
