"""Everything that an intent, a step or a draft can hold comes back as it was, or is refused with a sentence."""

import asyncio
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from api_client.endpoints import ENDPOINTS, LIKE, Endpoint
from api_client.sync import Base, Intent, Status
from api_client.sync.ports import Draft, Step, StepState, Stored, StoreTrouble
from api_client.sync.sqlite import SqliteOutboxStore

HALF = "half \ud83d of a character"

text = st.text(max_size=30)
broken_text = st.text(st.characters(exclude_categories=()), max_size=30)
times = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | times | broken_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(broken_text, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(broken_text, json_values, max_size=4)
intents = st.builds(
    Intent,
    st.sampled_from(ENDPOINTS),
    st.dictionaries(broken_text, broken_text, max_size=3),
    st.none() | text,
    text,
    times,
    text,
    st.text(min_size=1, max_size=40),
    st.none() | times,
    st.none() | st.builds(Base, st.integers(), objects),
    st.booleans(),
    st.lists(broken_text, max_size=3).map(tuple),
)
undoable = st.none() | intents
step = st.builds(Step, text, text, times, undoable, undoable, st.sampled_from(StepState), st.none() | times)
steps = st.lists(step, max_size=4, unique_by=lambda step: step.id)
drafts = st.builds(Draft, text, st.dictionaries(broken_text, broken_text, max_size=4), times, text)


@settings(max_examples=40)
@given(
    intents,
    st.sampled_from(Status),
    st.none() | text,
    st.integers(0, 2**62),
    st.none() | times,
    st.none() | objects,
    steps,
    drafts,
)
def test_every_field_comes_back(
    intent: Intent,
    status: Status,
    reason: str | None,
    attempts: int,
    first_sent_at: float | None,
    conflict: dict[str, object] | None,
    history: list[Step],
    draft: Draft,
) -> None:
    async def there_and_back(path: Path) -> None:
        store = SqliteOutboxStore(path)
        await store.open()
        seq = await store.append(intent, steps=history)
        stored = Stored(seq, intent, status, reason, attempts, first_sent_at, conflict)
        assert await store.mark(stored)
        await store.keep_draft(draft)
        await store.close()
        contents = await store.open()
        assert list(contents.intents) == [stored]
        assert list(contents.steps) == history
        assert await store.drafts() == [draft]
        assert list(contents.complaints) == []
        await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(there_and_back(Path(folder) / "outbox.db"))


@pytest.mark.parametrize("field", ["idempotency_key", "payload", "object_key"])
async def test_half_a_character_in_what_must_stay_as_it_is_is_refused(tmp_path: Path, field: str) -> None:
    store = SqliteOutboxStore(tmp_path / "outbox.db")
    await store.open()
    fields = {"params": {}, "payload": None, "object_key": "x", "created_at": 1.0, "label": "x", field: HALF}
    with pytest.raises(StoreTrouble, match="half of a character"):
        await store.append(Intent(LIKE, **fields))  # type: ignore[arg-type]
    assert list((await store.open()).intents) == []
    await store.close()


async def test_half_a_character_in_what_is_only_shown_is_replaced(tmp_path: Path) -> None:
    store = SqliteOutboxStore(tmp_path / "outbox.db")
    await store.open()
    intent = Intent(LIKE, {"id": HALF}, None, "x", 1.0, HALF)
    seq = await store.append(intent)
    await store.mark(Stored(seq, intent, Status.WAITING, HALF))
    (stored,) = (await store.open()).intents
    assert (stored.intent.label, stored.reason) == ("half ? of a character",) * 2
    assert stored.intent.params == {"id": HALF}
    await store.close()


@pytest.mark.parametrize(
    "intent",
    [
        Intent(LIKE, {}, None, "x", float("nan"), "x"),
        Intent(LIKE, {}, None, "x", float("inf"), "x"),
        Intent(LIKE, {}, None, "x", 1.0, "x", not_before=float("nan")),
        Intent(LIKE, {}, None, "x", 1.0, "x", base=Base(1, {"a": {1, 2}})),  # type: ignore[dict-item]
        Intent(Endpoint("posts.unheard_of", "PUT", "/x", None), {}, None, "x", 1.0, "x"),
    ],
)
async def test_what_cannot_be_stored_is_refused_and_takes_nobody_with_it(tmp_path: Path, intent: Intent) -> None:
    store = SqliteOutboxStore(tmp_path / "outbox.db")
    await store.open()
    good = Intent(LIKE, {}, None, "x", 1.0, "x")
    results = await asyncio.gather(
        store.append(good), store.append(intent), store.keep_steps([Step("s", "s", 1.0, intent, None)]),
        store.keep_draft(Draft("post", {}, 1.0, "me")), return_exceptions=True
    )  # fmt: skip
    assert [type(result) for result in results] == [int, StoreTrouble, StoreTrouble, type(None)]
    contents = await store.open()
    assert [stored.intent for stored in contents.intents] == [good]
    assert list(contents.steps) == []
    await store.close()
