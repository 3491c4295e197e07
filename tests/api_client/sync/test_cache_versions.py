"""Which state of a record stands, beside a model too simple to be wrong, in memory and in the file."""

from __future__ import annotations

import itertools
import sqlite3

from hypothesis import example, given, settings
from hypothesis import strategies as st

from api_client.models.posts import PhotoPost
from api_client.sync.cache.entries import Batch
from api_client.sync.cache.file import create
from api_client.sync.cache.pending import Pending
from api_client.sync.cache.rows import put_in
from api_client.sync.cache.versions import Entry, Stamp, newer, outlasts
from tests.api_client.sync.cache_models import photo

VERSIONS = st.one_of(st.none(), st.integers(0, 4))
STAMPS = st.builds(Stamp, VERSIONS, st.booleans())
WRITES = st.lists(st.tuples(STAMPS, st.integers(0, 1_000)), max_size=12)


def naive(writes: list[tuple[Stamp, int]]) -> tuple[Stamp, int] | None:
    """Return what stands after `writes` to one record, in order: each is numbered."""
    standing: tuple[Stamp, int] | None = None
    for arriving, number in writes:
        if standing is None or standing[0].version is None:
            stays = False
        elif arriving.version is None:
            stays = True
        elif standing[0].gone and not arriving.gone:
            stays = arriving.version <= standing[0].version
        else:
            stays = arriving.version < standing[0].version
        standing = standing if stays else (arriving, number)
    return standing


def entry(arriving: Stamp, number: int) -> Entry:
    return Entry(arriving.version, None if arriving.gone else photo("p", arriving.version or 0, str(number)))


@given(VERSIONS, VERSIONS)
def test_of_two_versions_at_most_one_is_newer(one: int | None, other: int | None) -> None:
    assert not (newer(one, other) and newer(other, one))
    assert (newer(one, other) or newer(other, one)) == (one != other)


@given(WRITES)
def test_what_waits_in_memory_is_what_should_stand(writes: list[tuple[Stamp, int]]) -> None:
    batch = Batch()
    for arriving, number in writes:
        batch.put("posts:p", entry(arriving, number))
    expected = naive(writes)
    assert batch.records.get("posts:p") == (None if expected is None else entry(*expected))


@given(WRITES, st.integers(0, 12))
def test_two_batches_one_after_the_other_are_as_good_as_one(writes: list[tuple[Stamp, int]], cut: int) -> None:
    first, second = Batch(), Batch()
    for batch, part in ((first, writes[:cut]), (second, writes[cut:])):
        for arriving, number in part:
            batch.put("posts:p", entry(arriving, number))
    first.add(second)
    expected = naive(writes)
    assert first.records.get("posts:p") == (None if expected is None else entry(*expected))


@given(STAMPS, STAMPS)
def test_no_state_goes_back(stored: Stamp, arriving: Stamp) -> None:
    if newer(arriving.version, stored.version):
        assert outlasts(stored, arriving)
    if newer(stored.version, arriving.version):
        assert not outlasts(stored, arriving)


@settings(max_examples=150)
@given(WRITES, st.lists(st.integers(0, 12), max_size=4))
@example([(Stamp(1, True), 0), (Stamp(1, False), 1)], [1])
@example([(Stamp(1, False), 0), (Stamp(1, True), 1)], [1])
@example([(Stamp(1, False), 0), (Stamp(1, False), 1)], [1])
def test_the_file_follows_the_same_rule_however_the_writes_are_bundled(
    writes: list[tuple[Stamp, int]], cuts: list[int]
) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    create(connection)
    borders = [0, *sorted(cuts), len(writes)]
    for begin, end in itertools.pairwise(borders):
        batch = Batch()
        for arriving, number in writes[begin:end]:
            batch.put("posts:p", entry(arriving, number))
        put_in(connection, batch, 1, 0.0)
    rows = connection.execute("SELECT version, payload FROM records").fetchall()
    connection.close()
    expected = naive(writes)
    if expected is None:
        assert rows == []
        return
    stands, number = expected
    assert rows[0][0] == stands.version
    assert (rows[0][1] is None) == stands.gone
    if not stands.gone:
        assert PhotoPost.model_validate_json(rows[0][1]).caption == str(number)


def test_what_is_being_written_is_read_until_it_is_in_the_file() -> None:
    pending = Pending()
    pending.keep({"posts:p": photo("p", 1)})
    pending.take()
    pending.keep({"posts:q": photo("q", 1)})
    assert [set(layer.records) for layer in pending.layers()] == [{"posts:p"}, {"posts:q"}]
    pending.written()
    assert [set(layer.records) for layer in pending.layers()] == [{"posts:q"}]


def test_what_could_not_be_written_waits_beneath_what_came_since() -> None:
    pending = Pending()
    pending.keep({"posts:p": photo("p", 3), "posts:q": photo("q", 1)})
    pending.take()
    pending.keep({"posts:p": photo("p", 2), "posts:q": photo("q", 2)})
    pending.put_back()
    (layer,) = pending.layers()
    assert {key: entry.version for key, entry in layer.records.items()} == {"posts:p": 3, "posts:q": 2}
