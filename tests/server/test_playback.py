"""Stream tickets, playback events, counted streams and the history."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from server.playback.quality import quality_for
from server.tables.music import TrackRow
from server.tables.users import UserRow
from tests.server.conftest import PASSWORD
from tests.server.music_seed import seed_catalogue

CONNECTIONS = [
    ("wifi", 160, 320),
    ("4g", 160, 320),
    ("3g", 160, 160),
    ("2g", 96, 96),
    ("slow-2g", 96, 96),
    ("5g", 160, 320),
    ("ethernet", 160, 320),
    ("WIFI", 160, 320),
]
T0 = 1_767_600_000_000


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    platform.state.playback.audio._render = _silence
    return await platform.person("ann")


async def _silence(key: str, quality: int, *, hurry: bool) -> bytes:
    return b"OggS" + bytes(quality)


async def make_premium(platform: Any, person: Any) -> None:
    async with platform.state.database.writing() as db:
        await db.execute(update(UserRow).where(UserRow.id == person.id).values(subscription="premium"))


async def ticket(person: Any, track: str = "t1", connection: str | None = None) -> dict[str, Any]:
    headers = {} if connection is None else {"X-Connection-Type": connection}
    reply = await person.request("GET", f"/playback/stream/{track}", headers=headers)
    assert reply.status_code == 200, reply.text
    return dict(reply.json()["data"])


async def report(person: Any, kind: str, position: int, at: int, track: str = "t1", **more: Any) -> dict[str, Any]:
    body = {"trackId": track, "eventType": kind, "position": position, "timestamp": T0 + at, **more}
    reply = await person.post("/playback/events", body)
    assert reply.status_code == 200, reply.text
    assert reply.json()["deduplicated"] == reply.json()["data"]["deduplicated"]
    return dict(reply.json())


async def streams(platform: Any, track: str = "t1") -> int:
    """How often the track was streamed beyond what it was seeded with."""
    async with platform.state.database.reading() as db:
        return int(await db.scalar(select(TrackRow.stream_count).where(TrackRow.id == track))) - int(track[1:]) * 10


@pytest.mark.parametrize(("connection", "free", "premium"), CONNECTIONS)
def test_quality_vectors(connection: str, free: int, premium: int) -> None:
    assert quality_for(is_premium=False, connection=connection) == free
    assert quality_for(is_premium=True, connection=connection) == premium


async def test_quality_follows_plan_and_header(platform: Any, ann: Any) -> None:
    assert [(await ticket(ann, connection=name))["quality"] for name, _, _ in CONNECTIONS] == [
        free for _, free, _ in CONNECTIONS
    ]
    assert (await ticket(ann))["quality"] == 160
    await make_premium(platform, ann)
    assert [(await ticket(ann, connection=name))["quality"] for name, _, _ in CONNECTIONS] == [
        premium for _, _, premium in CONNECTIONS
    ]
    assert (await ticket(ann))["quality"] == 320


async def test_ticket_is_good_for_an_hour_and_names_its_file(platform: Any, ann: Any) -> None:
    given = await ticket(ann)
    assert given["expiresAt"] == int(platform.clock.now().timestamp() * 1000) + 3_600_000
    assert given["url"].startswith("/api/v1/media/audio/t1_160kbps.ogg?exp=")
    assert given["mimeType"] == "audio/ogg"
    assert ann.token not in given["url"]


async def test_a_retry_within_300_seconds_gets_the_same_address(platform: Any, ann: Any) -> None:
    first = await ticket(ann)
    platform.clock.advance(299)
    assert (await ticket(ann))["url"] == first["url"]
    platform.clock.advance(2)
    assert (await ticket(ann))["url"] != first["url"]


async def test_a_change_of_connection_is_not_answered_from_memory(ann: Any) -> None:
    assert (await ticket(ann, connection="wifi"))["quality"] == 160
    assert (await ticket(ann, connection="2g"))["quality"] == 96
    assert (await ticket(ann, connection="wifi"))["quality"] == 160


async def test_stream_refuses_what_cannot_be_played(platform: Any, ann: Any) -> None:
    missing = await ann.get("/playback/stream/no")
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "Track not found")
    early = await ann.get("/playback/stream/t9")
    assert (early.status_code, early.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert (await ann.data("GET", "/tracks/t9"))["isPlayable"] is False
    platform.clock.advance(27 * 86400 - 12 * 3600)
    ben = await platform.person("ben")
    assert (await ben.get("/playback/stream/t9")).status_code == 200
    client = await platform.client()
    assert (await client.get("playback/stream/t1")).status_code == 401


@pytest.mark.parametrize(("heard", "counted"), [(29_999, 0), (30_000, 1)])
async def test_a_stream_counts_at_30_seconds_listened(platform: Any, ann: Any, heard: int, counted: int) -> None:
    await report(ann, "start", 0, 0)
    await report(ann, "progress", heard, heard)
    assert await streams(platform) == counted


@pytest.mark.parametrize(("heard", "counted"), [(29_999, 0), (30_000, 1)])
async def test_listened_time_of_the_client_is_what_counts(platform: Any, ann: Any, heard: int, counted: int) -> None:
    await report(ann, "start", 0, 0)
    await report(ann, "progress", 100_000, 200_000, listenedMs=heard)
    assert await streams(platform) == counted


@pytest.mark.parametrize(("heard", "counted"), [(29_999, 0), (30_000, 1)])
async def test_progress_without_a_start_counts_by_position(platform: Any, ann: Any, heard: int, counted: int) -> None:
    await report(ann, "progress", heard, 0)
    assert await streams(platform) == counted


async def test_seeking_is_not_listening(platform: Any, ann: Any) -> None:
    await report(ann, "start", 0, 0)
    await report(ann, "seek", 40_000, 1_000)
    await report(ann, "progress", 41_000, 2_000)
    assert await streams(platform) == 0
    await report(ann, "progress", 71_000, 32_000)
    assert await streams(platform) == 1


async def test_a_jump_that_no_seek_reported_is_not_listening(platform: Any, ann: Any) -> None:
    await report(ann, "start", 0, 0)
    await report(ann, "progress", 40_000, 2_000)
    assert await streams(platform) == 0


async def test_one_play_counts_once_and_the_next_one_again(platform: Any, ann: Any) -> None:
    for begin in (0, 300_000):
        await report(ann, "start", 0, begin)
        await report(ann, "progress", 30_000, begin + 30_000)
        await report(ann, "progress", 60_000, begin + 60_000)
        await report(ann, "complete", 200_001, begin + 200_001)
    assert await streams(platform) == 2


async def test_redelivery_is_recognised_and_never_counts_twice(platform: Any, ann: Any) -> None:
    await report(ann, "start", 0, 0)
    assert (await report(ann, "progress", 30_000, 30_000))["deduplicated"] is False
    assert (await report(ann, "progress", 30_000, 30_000))["deduplicated"] is True
    platform.clock.advance(86_401)
    ben = await platform.person("ben")
    assert (await report(ben, "progress", 30_000, 30_000))["deduplicated"] is False, "another user's is another event"
    assert await streams(platform) == 2


@pytest.mark.parametrize("seconds", [299, 301, 86_399, 86_401])
async def test_redelivery_is_recognised_however_late_it_comes(platform: Any, ann: Any, seconds: int) -> None:
    await report(ann, "progress", 30_000, 30_000)
    platform.clock.advance(seconds)
    again = await ann.post("/auth/login", {"email": ann.username, "password": PASSWORD})
    ann.http.headers["Authorization"] = f"Bearer {again.json()['data']['accessToken']}"
    assert (await report(ann, "progress", 30_000, 30_000))["deduplicated"] is True
    assert await streams(platform) == 1


async def test_a_counted_stream_is_announced(platform: Any, ann: Any) -> None:
    announced: list[tuple[str, int]] = []
    platform.state.hub.notify = lambda key, version: announced.append((key, version))
    await report(ann, "progress", 29_999, 0, listenedMs=29_999)
    assert announced == []
    await report(ann, "progress", 30_000, 1, listenedMs=30_000)
    await report(ann, "progress", 31_000, 1_001, listenedMs=31_000)
    assert announced == [("songs:t1", 11)]


async def test_parallel_redelivery_counts_once(platform: Any, ann: Any) -> None:
    replies = await asyncio.gather(*(report(ann, "progress", 30_000, 30_000) for _ in range(5)))
    assert sorted(reply["deduplicated"] for reply in replies) == [False, True, True, True, True]
    assert await streams(platform) == 1


async def test_the_same_key_is_recognised_and_not_taken_for_another_event(platform: Any, ann: Any) -> None:
    body = {"trackId": "t1", "eventType": "progress", "position": 30_000, "timestamp": T0}
    first, second = [await ann.post("/playback/events", body, key="k1") for _ in range(2)]
    assert [first.json()["deduplicated"], second.json()["deduplicated"]] == [False, True]
    other = await ann.post("/playback/events", {**body, "position": 31_000}, key="k1")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "CONFLICT")
    assert await streams(platform) == 1


async def test_two_types_in_one_millisecond_are_two_events(ann: Any) -> None:
    assert (await report(ann, "start", 0, 0))["deduplicated"] is False
    assert (await report(ann, "seek", 0, 0))["deduplicated"] is False


@pytest.mark.parametrize(
    "change", [{"eventType": "pause"}, {"position": -1}, {"timestamp": "soon"}, {"trackId": ""}, {"listenedMs": -1}]
)
async def test_unfit_events_are_refused(ann: Any, change: dict[str, Any]) -> None:
    body = {"trackId": "t1", "eventType": "start", "position": 0, "timestamp": T0, **change}
    assert (await ann.post("/playback/events", body)).status_code == 400


async def test_events_of_unknown_tracks_are_not_found(ann: Any) -> None:
    body = {"trackId": "no", "eventType": "start", "position": 0, "timestamp": T0}
    assert (await ann.post("/playback/events", body)).status_code == 404


async def test_history_says_what_became_of_each_play(ann: Any) -> None:
    await report(ann, "start", 0, 0, "t1", contextType="album", contextId="al1")
    await report(ann, "complete", 200_001, 200_001, "t1")
    await report(ann, "start", 0, 300_000, "t2")
    await report(ann, "skip", 5_000, 305_000, "t2")
    await report(ann, "start", 0, 310_000, "t3")
    plays = await ann.all("/history", limit=2)
    seen = [(play["track"]["id"], play["completed"], play["skipped"], play["listenedMs"]) for play in plays]
    assert seen == [("t3", False, False, 0), ("t2", False, True, 5_000), ("t1", True, False, 200_001)]
    assert (plays[2]["contextType"], plays[2]["contextId"]) == ("album", "al1")


async def test_resuming_goes_on_with_the_same_play(ann: Any) -> None:
    await report(ann, "start", 0, 0)
    await report(ann, "progress", 10_000, 10_000)
    await report(ann, "start", 10_000, 500_000)
    await report(ann, "progress", 30_000, 520_000)
    plays = await ann.all("/history")
    assert [play["listenedMs"] for play in plays] == [30_000]


async def test_late_events_belong_to_the_play_they_happened_in(platform: Any, ann: Any) -> None:
    await report(ann, "start", 0, 0)
    await report(ann, "complete", 200_001, 200_001, listenedMs=20_000)
    await report(ann, "progress", 30_000, 31_000, listenedMs=30_000)
    plays = await ann.all("/history")
    assert [(play["completed"], play["listenedMs"]) for play in plays] == [(True, 30_000)]
    assert await streams(platform) == 1


async def test_history_never_lies_in_the_future_and_is_ones_own(platform: Any, ann: Any) -> None:
    for number in range(3):
        await report(ann, "start", 0, 10**10 + number, f"t{number + 1}")
    plays = await ann.all("/history", limit=1)
    assert len(plays) == 3
    assert all(play["playedAt"] == "2026-01-05T12:00:00.000Z" for play in plays)
    ben = await platform.person("ben")
    assert await ben.all("/history") == []
