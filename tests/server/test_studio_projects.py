"""Projects of the studio: making them and what is in them, who sees them, and letting people in and out."""

from __future__ import annotations

from typing import Any

import pytest

from api_client.ids import new_id
from server.tables.studio import AudioFileRow
from tests.server.conftest import Person, Platform
from tests.server.socket_client import signed_in


@pytest.fixture
async def ann(platform: Platform) -> Person:
    return await platform.person("ann")


@pytest.fixture
async def ben(platform: Platform) -> Person:
    return await platform.person("ben")


@pytest.fixture
async def project(ann: Person) -> dict[str, Any]:
    made: dict[str, Any] = await ann.data("POST", "/projects", {"name": "Song"})
    return made


async def test_a_new_project_has_the_defaults_of_the_contract(ann: Person, project: dict[str, Any]) -> None:
    assert project == {
        "id": project["id"],
        "version": 1,
        "createdAt": "2026-01-05T12:00:00.000Z",
        "updatedAt": "2026-01-05T12:00:00.000Z",
        "deleted": None,
        "name": "Song",
        "bpm": 120,
        "timeSignature": "4/4",
        "createdBy": ann.id,
        "collaborators": [],
    }
    assert await ann.all("/projects") == [project]


async def test_tracks_and_clips_have_the_columns_and_defaults_of_the_contract(
    ann: Person, project: dict[str, Any]
) -> None:
    path = f"/projects/{project['id']}"
    track = await ann.data("POST", f"{path}/tracks", {"name": "Drums", "type": "audio"})
    second = await ann.data("POST", f"{path}/tracks", {"name": "Bass", "type": "midi"})
    assert (track["orderIndex"], second["orderIndex"]) == (0, 1)
    kept = ("id", "version", "createdAt", "updatedAt", "deleted")
    assert {name: value for name, value in track.items() if name not in kept} == {
        "projectId": project["id"], "name": "Drums", "type": "audio", "volume": 1.0, "pan": 0.0, "muted": False,
        "solo": False, "orderIndex": 0, "plugins": [],
    }  # fmt: skip
    clip = await ann.data(
        "POST", f"{path}/clips", {"trackId": track["id"], "name": "Intro", "startBeat": 4, "durationBeats": 8.5}
    )
    assert {name: value for name, value in clip.items() if name not in kept} == {
        "trackId": track["id"], "name": "Intro", "startBeat": 4.0, "durationBeats": 8.5, "audioFileId": None,
        "audioStartOffset": 0.0, "audioEndOffset": 0.0, "midiData": None, "gain": 1.0, "fadeIn": 0.0, "fadeOut": 0.0,
    }  # fmt: skip
    whole = await ann.data("GET", path)
    assert whole["access"] == "owner"
    assert whole["recordMap"]["tracks"] == {track["id"]: track, second["id"]: second}
    assert whole["recordMap"]["clips"] == {clip["id"]: clip}
    assert whole["recordMap"]["audio_files"] == {}
    assert whole["recordMap"]["projects"][project["id"]]["version"] == 4


async def test_creates_with_a_client_made_id_are_one_however_often_they_come(
    ann: Person, ben: Person, platform: Platform
) -> None:
    project = {"id": new_id(), "name": "Song"}
    track = {"id": new_id(), "name": "Drums", "type": "audio"}
    clip = {"id": new_id(), "trackId": track["id"], "name": "Intro", "startBeat": 0, "durationBeats": 4}
    path = f"/projects/{project['id']}"
    creates: list[tuple[str, dict[str, Any]]] = [
        ("/projects", project),
        (f"{path}/tracks", track),
        (f"{path}/clips", clip),
    ]
    for where, body in creates * 2:
        made = await ann.post(where, body, key="once")
        assert (made.status_code, made.json()["data"]["id"]) == (201, body["id"])
        platform.clock.advance(120)
    for _, body in creates:
        assert (await ben.post("/projects", {"id": body["id"], "name": "Mine"})).json()["error"]["code"] == "DUPLICATE"
    whole = (await ann.data("GET", path))["recordMap"]
    assert [len(whole[table]) for table in ("projects", "tracks", "clips")] == [1, 1, 1]
    other = await ann.data("POST", "/projects", {"name": "Other"})
    assert (await ann.post(f"/projects/{other['id']}/tracks", track)).json()["error"]["code"] == "DUPLICATE"


async def test_a_project_in_the_trash_is_gone_for_everybody_and_can_be_deleted_twice(
    ann: Person, ben: Person, project: dict[str, Any]
) -> None:
    path = f"/projects/{project['id']}"
    await ann.data("POST", f"{path}/collaborators", {"username": "ben"})
    assert (await ben.delete(path)).status_code == 403
    assert await ann.data("DELETE", path) == {"success": True}
    assert await ann.data("DELETE", path) == {"success": True}
    for person in (ann, ben):
        assert (await person.get(path)).status_code == 404
        assert await person.all("/projects") == []
        assert (await person.post(f"{path}/tracks", {"name": "A", "type": "bus"})).status_code == 404


async def test_what_hangs_on_a_track_in_the_trash_is_hidden_with_it(ann: Person, project: dict[str, Any]) -> None:
    path = f"/projects/{project['id']}"
    track = await ann.data("POST", f"{path}/tracks", {"name": "A", "type": "audio"})
    clip = {"trackId": track["id"], "name": "Intro", "startBeat": 0, "durationBeats": 4}
    await ann.data("POST", f"{path}/clips", clip)
    operation = {"type": "set-now", "table": "tracks", "id": track["id"], "key": "deleted"}
    body = {"txId": "t", "authorId": ann.id, "operations": [operation], "clientTimestamp": 1}
    await ann.data("POST", "/realtime/write", body)
    whole = (await ann.data("GET", path))["recordMap"]
    assert (whole["tracks"], whole["clips"]) == ({}, {})
    assert (await ann.post(f"{path}/clips", clip)).status_code == 404


async def test_people_see_the_projects_they_were_let_into_and_readers_change_nothing(
    ann: Person, ben: Person, platform: Platform, project: dict[str, Any]
) -> None:
    path = f"/projects/{project['id']}"
    track = {"name": "A", "type": "audio"}
    assert (await ben.get(path)).status_code == 404
    assert (await ben.post(f"{path}/tracks", track)).status_code == 404
    assert (await ben.get(f"{path}/collaborators")).status_code == 404
    invited = await ann.data("POST", f"{path}/collaborators", {"username": "BEN", "access": "read"})
    assert (invited["user"]["id"], invited["access"]) == (ben.id, "read")
    assert (await ben.data("GET", path))["access"] == "read"
    assert [item["id"] for item in await ben.all("/projects")] == [project["id"]]
    assert (await ben.post(f"{path}/tracks", track)).status_code == 403
    assert (await ben.post(f"{path}/collaborators", {"username": "ben", "access": "write"})).status_code == 403
    await ann.data("POST", f"{path}/collaborators", {"username": "ben", "access": "write"})
    assert (await ben.post(f"{path}/tracks", track)).status_code == 201
    assert await ann.all(f"{path}/collaborators") == [{"user": invited["user"], "access": "write"}]
    carla = await platform.person("carla")
    assert (await carla.delete(f"{path}/collaborators/{ben.id}")).status_code == 404
    await ben.data("DELETE", f"{path}/collaborators/{ben.id}")
    assert (await ben.get(path)).status_code == 404


async def test_letting_the_owner_or_nobody_in_is_refused(ann: Person, project: dict[str, Any]) -> None:
    path = f"/projects/{project['id']}/collaborators"
    assert (await ann.post(path, {"username": "ann"})).json()["error"]["code"] == "CONFLICT"
    assert (await ann.post(path, {"username": "nobody"})).status_code == 404
    assert (await ann.post(path, {"username": "ann", "access": "owner"})).status_code == 400
    assert await ann.data("DELETE", f"{path}/nobody") == {"success": True}


async def test_somebody_taken_out_of_a_project_hears_of_it_and_then_nothing_more(
    ann: Person, ben: Person, platform: Platform, project: dict[str, Any]
) -> None:
    path, key = f"/projects/{project['id']}", f"projects:{project['id']}"
    await ann.data("POST", f"{path}/collaborators", {"username": "ben"})
    track = await ann.data("POST", f"{path}/tracks", {"name": "A", "type": "audio"})
    async with signed_in(platform.url, ben) as socket:
        for followed in (key, f"tracks:{track['id']}", f"users:{ann.id}"):
            await socket.send("subscribe", key=followed)
            await socket.until("updates")
        await ann.data("DELETE", f"{path}/collaborators/{ben.id}")
        assert (await socket.until("updates"))["updates"] == [{"key": key, "version": 4}]
        await ann.data("POST", f"{path}/tracks", {"name": "B", "type": "audio"})
        await ann.data("PUT", "/users/me", {"bio": "Hello"})
        assert [notice["key"] for notice in (await socket.until("updates"))["updates"]] == [f"users:{ann.id}"]
        await socket.send("subscribe", key=key)
        assert (await socket.until("error"))["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/projects", {"name": "  "}),
        ("/projects", {"name": "x" * 201}),
        ("/projects", {"name": "A", "bpm": 0}),
        ("/projects", {"name": "A", "timeSignature": "4/3"}),
        ("tracks", {"name": "A", "type": "video"}),
        ("tracks", {"name": "A", "type": "audio", "orderIndex": 10**9}),
        ("clips", {"name": "A", "startBeat": -1, "durationBeats": 1}),
        ("clips", {"name": "A", "startBeat": 0, "durationBeats": 0}),
        ("clips", {"name": "A", "startBeat": 0, "durationBeats": 1, "audioFileId": "x", "midiData": []}),
        ("clips", {"name": "A", "startBeat": 0, "durationBeats": 1, "audioFileId": "x"}),
    ],
)
async def test_what_cannot_be_is_refused(path: str, body: dict[str, Any], ann: Person, project: dict[str, Any]) -> None:
    if path == "clips":
        track = await ann.data("POST", f"/projects/{project['id']}/tracks", {"name": "A", "type": "audio"})
        body = {"trackId": track["id"], **body}
    where = path if path.startswith("/") else f"/projects/{project['id']}/{path}"
    refused = await ann.post(where, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_clip_takes_an_audio_file_of_its_own_project_alone(
    ann: Person, platform: Platform, project: dict[str, Any]
) -> None:
    other = await ann.data("POST", "/projects", {"name": "Other"})
    async with platform.state.database.writing() as db:
        for name, project_id in (("mine", project["id"]), ("theirs", other["id"])):
            db.add(audio_file(name, project_id, ann.id, platform))
    track = await ann.data("POST", f"/projects/{project['id']}/tracks", {"name": "A", "type": "audio"})
    clip = {"trackId": track["id"], "name": "A", "startBeat": 0, "durationBeats": 1}
    path = f"/projects/{project['id']}/clips"
    assert (await ann.data("POST", path, {**clip, "audioFileId": "mine"}))["audioFileId"] == "mine"
    assert (await ann.post(path, {**clip, "audioFileId": "theirs"})).status_code == 400


async def test_projects_come_in_pages_the_last_changed_first(ann: Person, platform: Platform) -> None:
    made = []
    for number in range(5):
        platform.clock.advance(1)
        made.append((await ann.data("POST", "/projects", {"name": str(number)}))["id"])
    assert [item["id"] for item in await ann.all("/projects", limit=2)] == made[::-1]


def audio_file(file_id: str, project_id: str, user_id: str, platform: Platform) -> AudioFileRow:
    now = platform.clock.now()
    return AudioFileRow(
        id=file_id,
        version=1,
        project_id=project_id,
        uploaded_by=user_id,
        filename="a.wav",
        mime_type="audio/wav",
        size_bytes=4,
        storage_key="k",
        duration_seconds=1.0,
        sample_rate=48000,
        channels=1,
        created_at=now,
        updated_at=now,
    )
