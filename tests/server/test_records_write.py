"""Transactions on the studio's records: who may, on which version, all or nothing, and only once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest

from api_client.models.records import OPERATION_LIMIT
from tests.server.conftest import Person, Platform
from tests.server.socket_client import signed_in

_numbers = count()


@dataclass
class Studio:
    """A project of Ann's with one track and one clip; Ben may write into it, Carla may look, Dora knows nothing."""

    ann: Person
    ben: Person
    carla: Person
    dora: Person
    project: str
    track: str
    clip: str

    def id_of(self, table: str) -> str:
        return {"projects": self.project, "tracks": self.track, "clips": self.clip}[table]

    async def record(self, table: str, person: Person | None = None) -> dict[str, Any]:
        pointers = [{"table": table, "id": self.id_of(table)}]
        found = await (person or self.ann).data("POST", "/realtime/getRecords", {"pointers": pointers})
        record: dict[str, Any] = found["recordMap"].get(table, {}).get(self.id_of(table), {})
        return record


@pytest.fixture
async def studio(platform: Platform) -> Studio:
    ann, ben, carla, dora = [await platform.person(name) for name in ("ann", "ben", "carla", "dora")]
    project = (await ann.data("POST", "/projects", {"name": "Song"}))["id"]
    path = f"/projects/{project}"
    track = (await ann.data("POST", f"{path}/tracks", {"name": "Drums", "type": "audio"}))["id"]
    clip = await ann.data(
        "POST", f"{path}/clips", {"trackId": track, "name": "Intro", "startBeat": 0, "durationBeats": 4}
    )
    await ann.data("POST", f"{path}/collaborators", {"username": "ben", "access": "write"})
    await ann.data("POST", f"{path}/collaborators", {"username": "carla", "access": "read"})
    return Studio(ann, ben, carla, dora, project, track, clip["id"])


def transaction(person: Person, *operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "txId": f"tx-{next(_numbers)}",
        "authorId": person.id,
        "operations": list(operations),
        "clientTimestamp": 1_767_614_400_000,
        **more,
    }


def setting(table: str, id_: str, key: str, value: Any) -> dict[str, Any]:
    return {"type": "set", "table": table, "id": id_, "key": key, "value": value}


async def write(person: Person, *operations: dict[str, Any], **more: Any) -> httpx.Response:
    return await person.post("/realtime/write", transaction(person, *operations, **more))


def refusal(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


async def test_each_operation_moves_the_version_by_one_and_the_reply_holds_the_records(studio: Studio) -> None:
    before = await studio.record("tracks")
    reply = await write(
        studio.ben,
        setting("tracks", studio.track, "volume", 0.5),
        setting("tracks", studio.track, "muted", True),
        setting("clips", studio.clip, "midiData.tempo", 90),
    )
    assert reply.status_code == 200, reply.text
    found = reply.json()["data"]["recordMap"]
    assert reply.json()["recordMap"] == found
    track, clip = found["tracks"][studio.track], found["clips"][studio.clip]
    assert (track["volume"], track["muted"], track["version"]) == (0.5, True, before["version"] + 2)
    assert (clip["midiData"], clip["version"]) == ({"tempo": 90}, 2)
    assert track == await studio.record("tracks")


async def test_set_now_writes_the_moment_of_the_platform_and_null_takes_it_back(
    studio: Studio, platform: Platform
) -> None:
    platform.clock.advance(7)
    deletion = {"type": "set-now", "table": "clips", "id": studio.clip, "key": "deleted"}
    deleted = (await write(studio.ben, deletion)).json()["data"]["recordMap"]["clips"][studio.clip]
    assert deleted["deleted"] == deleted["updatedAt"] == "2026-01-05T12:00:07.000Z"
    assert (await studio.record("clips"))["deleted"] == deleted["deleted"]
    restored = await write(studio.ben, setting("clips", studio.clip, "deleted", None))
    assert restored.json()["data"]["recordMap"]["clips"][studio.clip]["deleted"] is None


async def test_list_operations_insert_move_and_remove(studio: Studio) -> None:
    def at(value: str, position: Any) -> dict[str, Any]:
        where = {"table": "tracks", "id": studio.track, "key": "plugins"}
        return {"type": "listInsert", **where, "value": value, "position": position}

    inserts = [at("b", "append"), at("a", "prepend"), at("c", {"after": "b"}), at("x", {"before": "b"})]
    plugins = (await write(studio.ben, *inserts)).json()["data"]["recordMap"]["tracks"][studio.track]["plugins"]
    assert plugins == ["a", "x", "b", "c"]
    removal = {"type": "listRemove", "table": "tracks", "id": studio.track, "key": "plugins", "value": "x"}
    left = await write(studio.ben, removal, at("a", "append"))
    assert left.json()["data"]["recordMap"]["tracks"][studio.track]["plugins"] == ["b", "c", "a"]


@pytest.mark.parametrize("table", ["projects", "tracks", "clips"])
async def test_who_may_write_read_and_follow(table: str, studio: Studio, platform: Platform) -> None:
    id_ = studio.id_of(table)
    for person, status in ((studio.ann, 200), (studio.ben, 200), (studio.carla, 403), (studio.dora, 403)):
        before = (await studio.record(table))["name"]
        reply = await write(person, setting(table, id_, "name", person.username))
        assert reply.status_code == status, person.username
        assert (await studio.record(table))["name"] == (person.username if status == 200 else before)
        assert bool(await studio.record(table, person)) == (person is not studio.dora)
        async with signed_in(platform.url, person) as socket:
            await socket.send("subscribe", key=f"{table}:{id_}")
            assert (await socket.next())["type"] == ("error" if person is studio.dora else "updates")
    anonymous = Person(await platform.client(), studio.ann.tokens)
    assert (await write(anonymous, setting(table, id_, "name", "A"))).status_code == 401


async def test_one_record_that_may_not_be_written_keeps_the_whole_transaction_from_happening(studio: Studio) -> None:
    own = (await studio.ben.data("POST", "/projects", {"name": "Mine"}))["id"]
    reply = await write(
        studio.carla, setting("tracks", studio.track, "name", "A"), setting("projects", own, "name", "B")
    )
    assert refusal(reply) == (403, "FORBIDDEN")
    mixed = await write(studio.dora, setting("projects", own, "name", "A"))
    assert refusal(mixed) == (403, "FORBIDDEN")


async def test_only_the_owner_changes_the_collaborators_and_deletes_the_project(studio: Studio) -> None:
    where = {"table": "projects", "id": studio.project}
    invitation = {"type": "listInsert", **where, "key": "collaborators", "value": studio.dora.id, "position": "append"}
    deletion = {"type": "set-now", **where, "key": "deleted"}
    for operation in (invitation, deletion):
        assert refusal(await write(studio.ben, operation)) == (403, "FORBIDDEN")
    reply = await write(studio.ann, invitation)
    people = [studio.ben.id, studio.carla.id, studio.dora.id]
    assert reply.json()["data"]["recordMap"]["projects"][studio.project]["collaborators"] == people
    assert (await write(studio.dora, setting("tracks", studio.track, "name", "A"))).status_code == 200
    assert refusal(await write(studio.carla, setting("tracks", studio.track, "name", "A"))) == (403, "FORBIDDEN")
    removal = {"type": "listRemove", **where, "key": "collaborators", "value": studio.dora.id}
    assert (await write(studio.ann, removal)).status_code == 200
    assert refusal(await write(studio.dora, setting("tracks", studio.track, "name", "B"))) == (403, "FORBIDDEN")
    assert (await write(studio.ann, deletion)).status_code == 200
    assert (await studio.ben.get(f"/projects/{studio.project}")).status_code == 404
    assert (await write(studio.ann, setting("projects", studio.project, "deleted", None))).status_code == 200
    assert (await studio.ben.get(f"/projects/{studio.project}")).status_code == 200


async def test_collaborators_are_other_people_that_exist(studio: Studio) -> None:
    for people in (["nobody"], [studio.ann.id], [7], [studio.ben.id] * 2):
        reply = await write(studio.ann, setting("projects", studio.project, "collaborators", people))
        assert refusal(reply) == (400, "VALIDATION_ERROR"), people


async def test_a_transaction_in_the_name_of_somebody_else_is_refused(studio: Studio) -> None:
    reply = await write(studio.ben, setting("tracks", studio.track, "name", "A"), authorId=studio.ann.id)
    assert refusal(reply) == (403, "FORBIDDEN")


async def test_the_same_transaction_is_carried_out_once_for_ever(studio: Studio, platform: Platform) -> None:
    body = transaction(studio.ben, setting("tracks", studio.track, "name", "A"))
    first = await studio.ben.post("/realtime/write", body, key="one")
    within = await studio.ben.post("/realtime/write", body, key="one")
    assert within.headers["X-Idempotency-Replayed"] == "true"
    await write(studio.ann, setting("tracks", studio.track, "name", "B"))
    platform.clock.advance(800)
    again = await studio.ben.post("/realtime/write", body, key="one")
    assert "X-Idempotency-Replayed" not in again.headers
    assert first.json() == within.json() == again.json()
    assert ((await studio.record("tracks"))["name"], (await studio.record("tracks"))["version"]) == ("B", 3)
    other = {**body, "operations": [setting("tracks", studio.track, "name", "C")]}
    assert refusal(await studio.ben.post("/realtime/write", other)) == (409, "DUPLICATE")
    theirs = {**body, "authorId": studio.ann.id}
    found = (await studio.ann.post("/realtime/write", theirs)).json()["recordMap"]
    assert found["tracks"][studio.track]["version"] == 4


async def test_a_transaction_that_was_refused_may_be_sent_again(studio: Studio) -> None:
    body = transaction(studio.carla, setting("tracks", studio.track, "name", "A"))
    assert (await studio.carla.post("/realtime/write", body)).status_code == 403
    invitation = {"username": "carla", "access": "write"}
    await studio.ann.data("POST", f"/projects/{studio.project}/collaborators", invitation)
    assert (await studio.carla.post("/realtime/write", body)).status_code == 200


async def test_a_base_version_that_has_passed_is_refused_with_the_present_record(studio: Studio) -> None:
    base = {f"tracks:{studio.track}": 1}
    rename = setting("tracks", studio.track, "name", "A")
    assert (await write(studio.ann, rename, rename, baseVersions=base)).status_code == 200
    reply = await write(studio.ben, setting("tracks", studio.track, "name", "B"), baseVersions=base)
    error = reply.json()["error"]
    assert refusal(reply) == (409, "VERSION_CONFLICT")
    assert error["message"] == f"Version conflict for tracks:{studio.track}"
    assert error["details"]["current"] == {"tracks": {studio.track: await studio.record("tracks")}}
    assert (await write(studio.ben, rename)).status_code == 200, "without base versions the last write wins"
    stray = await write(studio.ben, rename, baseVersions={f"clips:{studio.clip}": 1})
    assert refusal(stray) == (400, "VALIDATION_ERROR")


async def test_of_writers_on_one_version_exactly_one_succeeds(studio: Studio) -> None:
    base = {f"clips:{studio.clip}": 1}
    replies = await asyncio.gather(
        *[
            write(person, setting("clips", studio.clip, "name", f"{number}"), baseVersions=base)
            for number, person in enumerate([studio.ann, studio.ben] * 4)
        ]
    )
    assert sorted(reply.status_code for reply in replies) == [200] + [409] * 7
    assert (await studio.record("clips"))["version"] == 2


async def test_writers_without_base_versions_lose_no_version(studio: Studio) -> None:
    operation = {"type": "listInsert", "table": "tracks", "id": studio.track, "key": "plugins", "position": "append"}
    await asyncio.gather(
        *[write(person, {**operation, "value": n}) for n, person in enumerate([studio.ann, studio.ben] * 5)]
    )
    track = await studio.record("tracks")
    assert (sorted(track["plugins"]), track["version"]) == (list(range(10)), 11)


async def test_nothing_of_a_transaction_happens_if_its_second_operation_cannot(studio: Studio) -> None:
    before = await studio.record("tracks")
    for broken in (
        setting("tracks", studio.track, "volume", "loud"),
        setting("tracks", studio.track, "version", 9),
        setting("clips", "missing", "name", "A"),
        setting("clips", studio.clip, "audioFileId", "unknown"),
        setting("projects", studio.project, "collaborators", ["nobody"]),
        {"type": "listRemove", "table": "tracks", "id": studio.track, "key": "name", "value": "A"},
    ):
        body = transaction(studio.ann, setting("tracks", studio.track, "pan", 0.5), broken)
        assert (await studio.ann.post("/realtime/write", body)).status_code == 400, broken
        assert await studio.record("tracks") == before
    body["operations"].pop()
    assert (await studio.ann.post("/realtime/write", body)).status_code == 200, "a refused id is free"


async def test_an_unknown_record_is_named_and_an_unknown_table_refused(studio: Studio) -> None:
    reply = await write(studio.ann, setting("tracks", "nothing", "name", "A"))
    assert refusal(reply) == (400, "VALIDATION_ERROR")
    assert reply.json()["error"]["message"] == "Record not found: tracks:nothing"
    for table in ("users", "songs", "sqlite_master"):
        assert refusal(await write(studio.ann, setting(table, studio.ann.id, "name", "A"))) == (400, "VALIDATION_ERROR")


PROTECTED = [
    *[("projects", key) for key in ("id", "version", "createdAt", "createdBy", "created_by", "owner", "__proto__")],
    *[("tracks", key) for key in ("id", "version", "createdAt", "projectId", "name.x", "__proto__.x", "a..b")],
    *[("clips", key) for key in ("id", "version", "trackId", "constructor", "midiData.__proto__", "gain.x")],
]


async def test_what_the_platform_alone_writes_is_refused(studio: Studio) -> None:
    before = [await studio.record(table) for table in ("projects", "tracks", "clips")]
    for table, key in PROTECTED:
        for operation in (setting(table, studio.id_of(table), key, 7), {"type": "set-now", "key": key}):
            full = {"table": table, "id": studio.id_of(table), **operation}
            assert refusal(await write(studio.ann, full)) == (400, "VALIDATION_ERROR"), f"{table} {key}"
    assert [await studio.record(table) for table in ("projects", "tracks", "clips")] == before


MISFITS: list[tuple[str, str, Any]] = [
    ("projects", "bpm", 120.5), ("projects", "bpm", "140"), ("projects", "bpm", True), ("projects", "bpm", None),
    ("projects", "name", ""), ("projects", "name", 7), ("projects", "timeSignature", "4"),
    ("projects", "collaborators", "x"), ("projects", "deleted", 7), ("projects", "deleted", "soon"),
    ("tracks", "muted", 1), ("tracks", "pan", 2), ("tracks", "volume", -1), ("tracks", "plugins", {}),
    ("tracks", "type", "video"), ("tracks", "orderIndex", 1.5), ("tracks", "orderIndex", 10**300),
    ("clips", "durationBeats", 0), ("clips", "midiData", "x"), ("clips", "audioFileId", "unknown"),
    ("clips", "midiData", [10**17]), ("clips", "gain", None),
]  # fmt: skip


async def test_a_value_of_the_wrong_kind_is_refused(studio: Studio) -> None:
    before = [await studio.record(table) for table in ("projects", "tracks", "clips")]
    for table, key, value in MISFITS:
        reply = await write(studio.ann, setting(table, studio.id_of(table), key, value))
        assert refusal(reply) == (400, "VALIDATION_ERROR"), f"{table} {key} {value}"
    assert [await studio.record(table) for table in ("projects", "tracks", "clips")] == before


async def test_numbers_that_are_none_and_bottomless_values_are_refused(studio: Studio) -> None:
    for value in ("NaN", "Infinity", "[" * 40 + "]" * 40):
        body = transaction(studio.ann, setting("clips", studio.clip, "midiData", ["$"]))
        text = json.dumps(body).replace('"$"', value)
        headers = {"Content-Type": "application/json"}
        reply = await studio.ann.request("POST", "/realtime/write", content=text, headers=headers)
        assert reply.status_code == 400, value


async def test_what_is_no_operation_is_refused(studio: Studio) -> None:
    for wrong in (
        {"type": "delete"},
        {"type": "listInsert", "value": 1, "position": {}},
        {"type": "listInsert", "value": 1, "position": {"before": 1, "after": 2}},
        {"type": "listInsert", "value": 1, "position": "middle"},
        {"type": "set"},
        {"type": "listRemove"},
        {},
    ):
        operation = {"table": "tracks", "id": studio.track, "key": "plugins", **wrong}
        assert refusal(await write(studio.ann, operation)) == (400, "VALIDATION_ERROR"), wrong


async def test_a_transaction_has_operations_but_not_too_many(studio: Studio) -> None:
    assert refusal(await write(studio.ann)) == (400, "VALIDATION_ERROR")
    mute = setting("tracks", studio.track, "muted", True)
    assert refusal(await write(studio.ann, *[mute] * (OPERATION_LIMIT + 1))) == (400, "VALIDATION_ERROR")
    assert (await write(studio.ann, *[mute] * OPERATION_LIMIT)).status_code == 200
    assert (await studio.record("tracks"))["version"] == 1 + OPERATION_LIMIT


async def test_those_who_watch_hear_the_highest_version_once(studio: Studio, platform: Platform) -> None:
    key = f"tracks:{studio.track}"
    async with signed_in(platform.url, studio.carla) as socket:
        await socket.send("subscribe", key=key)
        assert (await socket.until("updates"))["updates"] == [{"key": key, "version": 1}]
        mute = setting("tracks", studio.track, "muted", True)
        await write(studio.ann, mute, mute, setting("clips", studio.clip, "gain", 0.5))
        assert (await socket.until("updates"))["updates"] == [{"key": key, "version": 3}]
