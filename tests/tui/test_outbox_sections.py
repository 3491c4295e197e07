"""The open intents by what they wait for: always what counting them anew would give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api_client import endpoints
from api_client.sync.intents import Intent
from api_client.sync.receipts import Receipt, Status
from tui.state.outbox_sections import Counts, Moved, OutboxSections, Section

WANTED = {
    Section.ATTENTION: {Status.ATTENTION},
    Section.HELD: {Status.HELD},
    Section.MOVING: {Status.QUEUED, Status.SENDING, Status.WAITING},
}


def receipt(number: int, status: Status = Status.QUEUED) -> Receipt:
    intent = Intent.of(
        endpoints.LIKE,
        params={"id": str(number)},
        object_key=f"posts:{number}",
        created_at=0.0,
        label=f"like {number}",
        idempotency_key=f"k{number}",
    )
    return Receipt(intent, number, status)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Status)), max_size=40))
def test_after_any_changes_every_intent_stands_where_its_state_says(changes: list[tuple[int, Status]]) -> None:
    receipts = [receipt(number) for number in range(6)]
    sections = OutboxSections(receipts[:3])
    told: list[Moved] = []
    sections.subscribe(told.append)
    known = set(receipts[:3])
    for number, status in changes:
        receipts[number].move(status)
        known.add(receipts[number])
        sections.take(receipts[number])
    for section, statuses in WANTED.items():
        assert set(sections.of(section)) == {found for found in known if found.status in statuses}
    open_ones = {found for found in known if found.is_open}
    assert sections.counts.open == len(open_ones)
    assert all((sections.receipt(found.id) is found) == (found in open_ones) for found in known)
    assert len(told) == len(changes)


def test_a_change_tells_from_where_to_where() -> None:
    first, second = receipt(1), receipt(2, Status.HELD)
    sections = OutboxSections([first, second])
    told: list[Moved] = []
    sections.subscribe(told.append)
    first.move(Status.SENDING)
    sections.take(first)
    first.move(Status.DONE)
    sections.take(first)
    second.move(Status.ATTENTION)
    sections.take(second)
    assert [(moved.before, moved.after) for moved in told] == [
        (Section.MOVING, Section.MOVING),
        (Section.MOVING, None),
        (Section.HELD, Section.ATTENTION),
    ]
    assert sections.counts == Counts(attention=1)
    assert sections.last(Section.ATTENTION) == second.id
    assert sections.last(Section.ATTENTION, before=second.id) is None
