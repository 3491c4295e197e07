"""The figures that all parts of Parlour agree on, in one place: formulas, orders, and limits on both of their sides."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api_client import PlatformClient
from api_client.backoff import base_delay_ms
from api_client.ids import new_id
from api_client.models.base import WireModel
from api_client.models.music import PlaylistTrack
from api_client.models.posts import NewPhotoPost, NewThreadPost
from api_client.models.records import Transaction
from api_client.models.studio import NewProject, NewStudioTrack
from api_client.models.threads import CommentSort, NewSubreddit
from api_client.models.users import RegisterRequest
from api_client.operations import (
    After,
    Before,
    ListInsert,
    ListRemove,
    Operation,
    Set,
    apply_all,
    apply_operation,
    invert_operation,
)
from api_client.text import utf16_length
from server.accounts.tokens import ACCESS_SECONDS, REFRESH_SECONDS
from server.comments import tree
from server.db import micros
from server.feed.cache import CELEBRITY_FOLLOWERS, FEED_BOUND
from server.idempotency import KEPT
from server.playback.listening import COUNTED_AFTER_MS
from server.playback.quality import quality_for
from server.playback.tickets import RETRY_WINDOW, VALID_FOR
from server.recommendations.blend import blend, diversify
from server.recommendations.taste import HISTORY
from server.serve import running
from server.stories.writing import LIFETIME
from server.threads.ranking import controversy, hot, wilson
from tests.shared_platform import quick_settings
from tui.player.listening import COUNTED_MS
from tui.player.queue import PlayQueue
from tui.state.playlist_edits import Move, apply

EPOCH = datetime.fromtimestamp(1767225600, UTC)


# Playback


@pytest.mark.parametrize(
    ("connection", "free", "premium"),
    [
        ("wifi", 160, 320),
        ("4g", 160, 320),
        ("3g", 160, 160),
        ("2g", 96, 96),
        ("slow-2g", 96, 96),
        ("", 160, 320),
        ("unknown", 160, 320),
        ("5g", 160, 320),
        ("ethernet", 160, 320),
        ("WIFI", 160, 320),
    ],
)
def test_quality_in_kbit_per_second(connection: str, free: int, premium: int) -> None:
    assert quality_for(is_premium=False, connection=connection) == free
    assert quality_for(is_premium=True, connection=connection) == premium


@pytest.mark.parametrize(("position_s", "plays"), [(3.00, "a"), (3.01, "b")])
def test_previous(position_s: float, plays: str) -> None:
    queue: PlayQueue[str] = PlayQueue(str, random.Random(1))
    queue.play_now("ab")
    queue.next(manual=True)
    entry = queue.previous(position_s)
    assert entry is not None
    assert entry.item == plays


@pytest.mark.parametrize(
    ("track", "to", "order"), [("a", 3, "bcad"), ("d", 2, "adbc"), ("a", 1, "abcd"), ("b", 2, "abcd"), ("d", 4, "abcd")]
)
def test_reordering_counts_from_one(track: str, to: int, order: str) -> None:
    tracks = [
        PlaylistTrack.model_construct(id=name, position=place, added_at=EPOCH) for place, name in enumerate("abcd", 1)
    ]
    moved = apply(tracks, Move(track, to))
    assert "".join(one.id for one in moved) == order
    assert [one.position for one in moved] == [1, 2, 3, 4]


# Waiting


def test_waits_before_the_next_try_in_ms() -> None:
    expected = [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]
    assert [base_delay_ms(failures) for failures in range(9)] == expected


# Operations on a record

TARGET = {"table": "projects", "id": "p", "key": "list"}


def insert(value: str, position: Any = "append") -> ListInsert:
    return ListInsert(**TARGET, value=value, position=position)


def remove(value: str) -> ListRemove:
    return ListRemove(**TARGET, value=value)


def project(items: str) -> dict[str, Any]:
    return {"id": "p", "version": 1, "list": list(items)}


LIST_VECTORS: list[tuple[Operation, str]] = [
    (insert("a"), "bca"),
    (insert("x", Before(before="b")), "axbc"),
    (insert("x", After(after="b")), "abxc"),
    (insert("x", Before(before="ZZ")), "abcx"),
    (insert("x", After(after="ZZ")), "xabc"),
    (insert("b", Before(before="b")), "abc"),
]
UNDO_VECTORS: list[tuple[str, Operation]] = [
    ("abc", remove("b")),
    ("abc", remove("a")),
    ("abc", insert("a")),
    ("abc", remove("ZZ")),
    ("aba", remove("a")),
]


@pytest.mark.parametrize(("operation", "result"), LIST_VECTORS)
def test_list_operations_on_abc(operation: Operation, result: str) -> None:
    assert apply_operation(project("abc"), operation, EPOCH)["list"] == list(result)


@pytest.mark.parametrize(("items", "operation"), UNDO_VECTORS)
def test_undo_restores_the_list(items: str, operation: Operation) -> None:
    before = project(items)
    after = apply_operation(before, operation, EPOCH)
    inverse = invert_operation(before, operation)
    assert (apply_operation(after, inverse, EPOCH) if inverse else after)["list"] == list(items)


def test_each_operation_is_one_version() -> None:
    rename = Set(table="projects", id="p", key="name", value="Drums")
    assert apply_operation(project(""), rename, EPOCH)["version"] == 2
    assert apply_all(project(""), [rename, insert("a")], EPOCH)["version"] == 3


class Writer:
    """Somebody with a project and one track, whose transactions go to a running platform."""

    def __init__(self, client: PlatformClient, user_id: str, track_id: str) -> None:
        self.client = client
        self.user_id = user_id
        self.track_id = track_id

    async def write(self, *operations: Operation) -> dict[str, Any]:
        """Carry operations on `list` of `p` out on the plugins of the track, and return the track."""
        onto = {"table": "tracks", "id": self.track_id}
        mine = [op.changed(**onto, key="plugins" if op.key == "list" else op.key) for op in operations]
        sent = Transaction(tx_id=new_id(), author_id=self.user_id, operations=mine, client_timestamp=1)
        return (await self.client.records.write(sent)).record_map["tracks"][self.track_id]


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    """A writer at a platform of its own."""
    async with running(quick_settings(tmp_path)) as platform, PlatformClient(f"{platform.url}/api/v1") as client:
        user = await client.accounts.register("ann", "ann@example.org", "correct horse battery")
        made = await client.studio.create(NewProject(name="Song"))
        track = await client.studio.add_track(made.id, NewStudioTrack(name="Drums", type="audio"))
        yield Writer(client, user.id, track.id)


async def test_the_platform_carries_operations_out_as_agreed(writer: Writer) -> None:
    for operation, result in LIST_VECTORS:
        await writer.write(Set(**TARGET, value=list("abc")))
        assert (await writer.write(operation))["plugins"] == list(result), operation
    for items, operation in UNDO_VECTORS:
        before = await writer.write(Set(**TARGET, value=list(items)))
        await writer.write(operation)
        inverse = invert_operation({"id": "p", "list": before["plugins"]}, operation)
        after = await writer.write(inverse) if inverse else await writer.write(Set(**TARGET, value=list(items)))
        assert after["plugins"] == list(items), operation


async def test_the_platform_counts_versions_as_agreed(writer: Writer) -> None:
    rename = Set(table="tracks", id="t", key="name", value="Bass")
    assert (await writer.write(rename))["version"] == 2
    assert (await writer.write(rename, insert("a")))["version"] == 4


# Rankings


def test_blending_and_variety_of_recommendations() -> None:
    ranked = blend({"A": 10, "B": 5, "C": 1}, {"B": 0.9, "D": 0.45}, weight=0.6)
    assert [one for one, _ in ranked] == ["B", "A", "D", "C"]
    assert [score for _, score in ranked] == pytest.approx([0.7, 0.6, 0.2, 0.06])
    one_artist = dict.fromkeys("ABC", "artist")
    assert [one for one, _ in diversify(ranked, one_artist)] == ["B", "A", "D"]
    assert [one for one, _ in diversify(ranked, one_artist, most_per_artist=3)] == ["B", "A", "D", "C"]


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0, 39271.68), (1, 39271.68), (-1, 39271.68), (10, 39272.68), (100, 39273.68), (1000, 39274.68), (-100, 39269.68)],
)
def test_hot(score: int, expected: float) -> None:
    assert hot(score, EPOCH) == pytest.approx(expected, abs=1e-9)


def test_ten_votes_weigh_as_much_as_45000_seconds() -> None:
    assert hot(10, EPOCH) == pytest.approx(hot(1, EPOCH + timedelta(seconds=45_000)), abs=1e-9)


@pytest.mark.parametrize(
    ("ups", "downs", "expected"),
    [(0, 0, 0), (10, 0, 0), (5, 5, 2.5), (100, 100, 50), (100, 1, 0.990099), (3, 7, 2.1)],
)
def test_controversy(ups: int, downs: int, expected: float) -> None:
    assert controversy(ups, downs) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("ups", "downs", "at_80_percent", "at_95_percent"),
    [
        (1, 0, 0.378448, 0.206543),
        (10, 0, 0.858931, 0.722460),
        (10, 1, 0.739495, 0.622635),
        (100, 20, 0.785296, 0.756546),
        (5, 5, 0.312204, 0.236590),
        (0, 5, 0, 0),
        (0, 0, 0, 0),
    ],
)
def test_wilson(ups: int, downs: int, at_80_percent: float, at_95_percent: float) -> None:
    assert wilson(ups, downs) == wilson(ups, downs, z=1.281551565545) == pytest.approx(at_80_percent, abs=1e-6)
    assert wilson(ups, downs, z=1.96) == pytest.approx(at_95_percent, abs=1e-6)


@pytest.mark.parametrize(("comments", "shown"), [(10, 10), (11, 11), (12, 11)])
def test_eleven_levels_of_comments_are_shown(comments: int, shown: int) -> None:
    chain = [
        tree.Node(f"{depth:02}", f"{depth - 1:02}" if depth else None, 0, 0, 0, micros(EPOCH), is_deleted=False)
        for depth in range(comments)
    ]
    whole = tree.build(chain, CommentSort.BEST)
    placed, _ = tree.page(whole, whole.units, 100)
    assert [place.id for place in placed] == [node.id for node in chain[:shown]]


# Limits


@pytest.mark.parametrize(
    ("text", "units"), [("", 0), ("abc", 3), ("é", 1), ("e\u0301", 2), ("日本", 2), ("🙂", 2), ("👩‍💻", 5), ("🇮🇸", 4)]
)
def test_text_is_counted_in_utf16_units(text: str, units: int) -> None:
    assert utf16_length(text) == units


PHOTO = {"mediaUrls": ["https://a.example/1.png"]}
THREAD = {"subreddit": "python", "title": "t"}
PERSON = {"username": "ann", "email": "ann@example.com", "password": "correct horse"}


@pytest.mark.parametrize(
    ("model", "fits", "exceeds"),
    [
        (NewPhotoPost, {**PHOTO, "caption": "a" * 2200}, {**PHOTO, "caption": "a" * 2201}),
        (NewPhotoPost, {**PHOTO, "caption": "🙂" * 1100}, {**PHOTO, "caption": "🙂" * 1100 + "a"}),
        (NewPhotoPost, {**PHOTO, "location": "a" * 100}, {**PHOTO, "location": "a" * 101}),
        (NewPhotoPost, {"mediaUrls": PHOTO["mediaUrls"] * 10}, {"mediaUrls": PHOTO["mediaUrls"] * 11}),
        (NewPhotoPost, {"mediaUrls": PHOTO["mediaUrls"]}, {"mediaUrls": []}),
        (
            NewPhotoPost,
            {**PHOTO, "location": {"lat": 90, "lng": 180}},
            {**PHOTO, "location": {"lat": 90.0001, "lng": 180}},
        ),
        (
            NewPhotoPost,
            {**PHOTO, "location": {"lat": -90, "lng": -180}},
            {**PHOTO, "location": {"lat": -90.0001, "lng": -180}},
        ),
        (NewThreadPost, {**THREAD, "title": "t" * 300}, {**THREAD, "title": "t" * 301}),
        (NewThreadPost, {**THREAD, "title": "🙂" * 150}, {**THREAD, "title": "🙂" * 150 + "t"}),
        (NewSubreddit, {"name": "a" * 21}, {"name": "a" * 22}),
        (RegisterRequest, {**PERSON, "username": "a" * 30}, {**PERSON, "username": "a" * 31}),
    ],
)
def test_limits_on_both_of_their_sides(model: type[WireModel], fits: dict[str, Any], exceeds: dict[str, Any]) -> None:
    assert model.model_validate(fits)
    with pytest.raises(ValidationError):
        model.model_validate(exceeds)


@pytest.mark.parametrize(
    ("name", "figure", "agreed"),
    [
        ("posts of a feed", FEED_BOUND, 1000),
        ("followers from which posts are not fanned out", CELEBRITY_FOLLOWERS, 1000),
        ("listened ms of a stream, on the platform", COUNTED_AFTER_MS, 30_000),
        ("listened ms of a stream, in the player", COUNTED_MS, 30_000),
        ("life of a stream address", VALID_FOR.total_seconds(), 3600),
        ("life of a repeated stream address", RETRY_WINDOW.total_seconds(), 300),
        ("life of a repeated reply", KEPT.total_seconds(), 300),
        ("life of an access token", ACCESS_SECONDS, 900),
        ("life of a refresh token", REFRESH_SECONDS, 604_800),
        ("life of a story", LIFETIME.total_seconds(), 86_400),
        ("history of recommendations", HISTORY.total_seconds(), 28 * 86_400),
    ],
)
def test_periods_and_bounds(name: str, figure: float, agreed: float) -> None:
    """What happens on either side of each is shown where its feature is tested, on a clock that is moved by hand."""
    assert figure == agreed, name
