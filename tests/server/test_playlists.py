"""Playlists: who may do what, the order of tracks, collaborators, versions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api_client.errors import ErrorCode
from server.clock import SystemClock
from server.db import Database
from server.playlists import order
from server.playlists.access import Standing
from server.problems import Problem
from server.tables.music import PlaylistRow, PlaylistTrackRow
from server.tables.users import UploadRow, UserRow
from tests.server.music_seed import TRACKS, seed_catalogue


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann", fullName="Ann Berg")


async def make(owner: Any, *tracks: str, **fields: Any) -> str:
    playlist = await owner.data("POST", "/playlists", {"name": "Mix", **fields})
    for track in tracks:
        await owner.data("POST", f"/playlists/{playlist['id']}/tracks", {"trackId": track})
    return str(playlist["id"])


async def order_of(person: Any, playlist_id: str) -> list[str]:
    tracks = (await person.data("GET", f"/playlists/{playlist_id}"))["tracks"]
    assert [track["position"] for track in tracks] == list(range(1, len(tracks) + 1))
    return [track["id"] for track in tracks]


async def test_new_playlist_is_public_empty_and_ones_own(ann: Any) -> None:
    reply = await ann.post("/playlists", {"name": "  Mix  "})
    assert reply.status_code == 201
    playlist = reply.json()["data"]
    assert playlist["name"] == "Mix"
    assert (playlist["isPublic"], playlist["isCollaborative"], playlist["canEdit"]) == (True, False, True)
    assert (playlist["ownerId"], playlist["ownerName"]) == (ann.id, "Ann Berg")
    assert (playlist["tracks"], playlist["trackCount"], playlist["version"]) == ([], 0, 1)


async def test_tracks_are_added_at_the_end_counted_from_one(ann: Any) -> None:
    playlist_id = await make(ann)
    for position, track in enumerate(("t3", "t1"), start=1):
        reply = (await ann.post(f"/playlists/{playlist_id}/tracks", {"trackId": track})).json()
        assert (reply["data"]["added"], reply["track"]["position"], reply["track"]["addedBy"]) == (
            True,
            position,
            ann.id,
        )
    playlist = await ann.data("GET", f"/playlists/{playlist_id}")
    assert [track["id"] for track in playlist["tracks"]] == ["t3", "t1"]
    assert (playlist["trackCount"], playlist["version"]) == (2, 3)
    assert playlist["coverUrl"] == "/api/v1/media/files/covers/one.jpg", "the cover of the first track stands in"


async def test_a_track_stands_at_most_once_and_a_retry_gets_the_same_entry(ann: Any) -> None:
    playlist_id = await make(ann, "t1", "t2")
    path = f"/playlists/{playlist_id}/tracks"
    first = await ann.post(path, {"trackId": "t3"}, key="one")
    again = await ann.post(path, {"trackId": "t3"}, key="one")
    assert again.json() == first.json()
    other = (await ann.post(path, {"trackId": "t3"}, key="two")).json()["data"]
    assert (other["success"], other["added"]) == (False, False)
    assert other["track"] == first.json()["data"]["track"]
    assert await order_of(ann, playlist_id) == ["t1", "t2", "t3"]


async def test_adding_the_same_track_at_once_adds_it_once(ann: Any) -> None:
    playlist_id = await make(ann)
    path = f"/playlists/{playlist_id}/tracks"
    replies = await asyncio.gather(*(ann.data("POST", path, {"trackId": "t1"}) for _ in range(6)))
    assert sorted(reply["added"] for reply in replies) == [False] * 5 + [True]
    assert {reply["track"]["position"] for reply in replies} == {1}


async def test_adding_different_tracks_at_once_leaves_no_gap(ann: Any) -> None:
    playlist_id = await make(ann)
    path = f"/playlists/{playlist_id}/tracks"
    await asyncio.gather(*(ann.data("POST", path, {"trackId": track}) for track in TRACKS))
    assert sorted(await order_of(ann, playlist_id)) == TRACKS


async def test_an_idempotency_key_belongs_to_one_user(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    theirs, mine = await make(ben), await make(ann)
    await ann.post(f"/playlists/{mine}/tracks", {"trackId": "t1"}, key="same")
    reply = await ben.post(f"/playlists/{theirs}/tracks", {"trackId": "t2"}, key="same")
    assert reply.json()["track"]["id"] == "t2"


async def test_unknown_track_is_not_added(ann: Any) -> None:
    reply = await ann.post(f"/playlists/{await make(ann)}/tracks", {"trackId": "no"})
    assert (reply.status_code, reply.json()["error"]["message"]) == (404, "Track not found")


@pytest.mark.parametrize(
    ("track", "start", "end", "expected"),
    [
        ("t1", 1, 3, ["t2", "t3", "t1", "t4"]),
        ("t4", 4, 2, ["t1", "t4", "t2", "t3"]),
        ("t2", 2, 2, ["t1", "t2", "t3", "t4"]),
    ],
)
async def test_reorder_vectors(ann: Any, track: str, start: int, end: int, expected: list[str]) -> None:
    playlist_id = await make(ann, "t1", "t2", "t3", "t4")
    body = {"trackId": track, "fromPosition": start, "toPosition": end}
    assert await ann.data("PUT", f"/playlists/{playlist_id}/tracks/reorder", body) == {"success": True}
    assert await order_of(ann, playlist_id) == expected


@pytest.mark.parametrize(
    ("track", "start", "end", "status", "code"),
    [
        ("t1", 0, 2, 400, "VALIDATION_ERROR"),
        ("t1", 1, 0, 400, "VALIDATION_ERROR"),
        ("t1", 1, 5, 400, "VALIDATION_ERROR"),
        ("t1", 2, 3, 409, "CONFLICT"),
        ("t9", 1, 3, 409, "CONFLICT"),
    ],
)
async def test_reorder_refuses_what_does_not_fit(
    ann: Any, track: str, start: int, end: int, status: int, code: str
) -> None:
    playlist_id = await make(ann, "t1", "t2", "t3", "t4")
    body = {"trackId": track, "fromPosition": start, "toPosition": end}
    reply = await ann.put(f"/playlists/{playlist_id}/tracks/reorder", body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert await order_of(ann, playlist_id) == ["t1", "t2", "t3", "t4"]


async def test_a_move_whose_answer_was_lost_is_carried_out_once(ann: Any) -> None:
    playlist_id = await make(ann, "t1", "t2", "t3", "t4")
    body = {"trackId": "t1", "fromPosition": 1, "toPosition": 3}
    for _ in range(3):
        assert await ann.data("PUT", f"/playlists/{playlist_id}/tracks/reorder", body) == {"success": True}
    assert await order_of(ann, playlist_id) == ["t2", "t3", "t1", "t4"]
    assert (await ann.data("GET", f"/playlists/{playlist_id}"))["version"] == 6, "repeats change nothing"


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (1, ["t4", "t1", "t2", "t3"]),
        (2, ["t1", "t4", "t2", "t3"]),
        (4, ["t1", "t2", "t3", "t4"]),
        (99, ["t1", "t2", "t3", "t4"]),
    ],
)
async def test_a_track_is_added_where_it_is_wanted(ann: Any, position: int, expected: list[str]) -> None:
    playlist_id = await make(ann, "t1", "t2", "t3")
    path, body = f"/playlists/{playlist_id}/tracks", {"trackId": "t4", "position": position}
    for added in (True, False):
        reply = await ann.data("POST", path, body)
        assert (reply["added"], reply["track"]["position"]) == (added, expected.index("t4") + 1)
    assert await order_of(ann, playlist_id) == expected


async def test_no_track_is_added_before_the_first(ann: Any) -> None:
    playlist_id = await make(ann, "t1")
    reply = await ann.post(f"/playlists/{playlist_id}/tracks", {"trackId": "t2", "position": 0})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_removing_closes_the_gap_and_may_be_repeated(ann: Any) -> None:
    playlist_id = await make(ann, "t1", "t2", "t3")
    for _ in range(2):
        assert await ann.data("DELETE", f"/playlists/{playlist_id}/tracks/t2") == {"success": True}
    assert await order_of(ann, playlist_id) == ["t1", "t3"]


async def test_change_keeps_what_is_not_named(ann: Any) -> None:
    playlist_id = await make(ann, description="Old words")
    changed = await ann.data("PUT", f"/playlists/{playlist_id}", {"name": "New"})
    assert (changed["name"], changed["description"], changed["version"]) == ("New", "Old words", 2)
    cleared = await ann.data("PUT", f"/playlists/{playlist_id}", {"description": ""})
    assert cleared["description"] is None
    closed = await ann.data("PUT", f"/playlists/{playlist_id}", {"isPublic": False, "isCollaborative": True})
    assert (closed["isPublic"], closed["isCollaborative"], closed["name"]) == (False, True, "New")
    assert (await ann.put(f"/playlists/{playlist_id}", {"name": "x" * 101})).status_code == 400


async def test_private_playlist_does_not_exist_for_others(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    playlist_id = await make(ann, "t1", isPublic=False)
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"name": "Taken"}),
        ("DELETE", "", None),
        ("POST", "/tracks", {"trackId": "t2"}),
        ("DELETE", "/tracks/t1", None),
        ("PUT", "/tracks/reorder", {"trackId": "t1", "fromPosition": 1, "toPosition": 1}),
        ("GET", "/collaborators", None),
        ("POST", "/collaborators", {"username": "ben"}),
    ):
        reply = await ben.request(method, f"/playlists/{playlist_id}{path}", json=body)
        assert (reply.status_code, reply.json()["error"]["message"]) == (404, "Playlist not found"), (method, path)
    assert (await ben.put(f"/library/playlists/{playlist_id}")).status_code == 404


async def test_public_playlist_is_read_by_all_and_changed_by_its_owner(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    playlist_id = await make(ann, "t1")
    assert (await ben.data("GET", f"/playlists/{playlist_id}"))["canEdit"] is False
    for method, path, body in (
        ("PUT", "", {"name": "Taken"}),
        ("DELETE", "", None),
        ("POST", "/tracks", {"trackId": "t2"}),
        ("DELETE", "/tracks/t1", None),
        ("PUT", "/tracks/reorder", {"trackId": "t1", "fromPosition": 1, "toPosition": 1}),
        ("POST", "/collaborators", {"username": "ben"}),
    ):
        reply = await ben.request(method, f"/playlists/{playlist_id}{path}", json=body)
        assert (reply.status_code, reply.json()["error"]["message"]) == (403, "Cannot edit this playlist")
    assert await order_of(ann, playlist_id) == ["t1"]


async def test_collaborative_playlist_is_open_until_it_names_somebody(platform: Any, ann: Any) -> None:
    ben, cem = await platform.person("ben"), await platform.person("cem")
    playlist_id = await make(ann, isCollaborative=True)
    path = f"/playlists/{playlist_id}/tracks"
    assert (await cem.data("POST", path, {"trackId": "t1"}))["track"]["addedBy"] == cem.id
    named = await ann.data("POST", f"/playlists/{playlist_id}/collaborators", {"username": "BEN"})
    assert named["id"] == ben.id
    assert (await cem.post(path, {"trackId": "t2"})).status_code == 403
    assert (await ben.post(path, {"trackId": "t2"})).status_code == 200
    assert [user["username"] for user in await cem.all(f"/playlists/{playlist_id}/collaborators")] == ["ben"]
    assert (await cem.delete(f"/playlists/{playlist_id}/collaborators/{ben.id}")).status_code == 403
    assert (await ben.delete(f"/playlists/{playlist_id}/collaborators/{ben.id}")).status_code == 200
    assert (await cem.post(path, {"trackId": "t3"})).status_code == 200


async def test_who_is_no_collaborator_changes_nothing_by_leaving(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    playlist_id = await make(ann, isPublic=True)
    before = (await ann.data("GET", f"/playlists/{playlist_id}"))["version"]
    assert (await ben.delete(f"/playlists/{playlist_id}/collaborators/{ben.id}")).status_code == 200
    assert (await ann.data("GET", f"/playlists/{playlist_id}"))["version"] == before


async def test_collaborators_read_a_private_playlist(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    playlist_id = await make(ann, "t1", isPublic=False, isCollaborative=True)
    assert (await ben.get(f"/playlists/{playlist_id}")).status_code == 404, "collaborative does not mean public"
    await ann.data("POST", f"/playlists/{playlist_id}/collaborators", {"username": "ben"})
    assert (await ben.data("GET", f"/playlists/{playlist_id}"))["canEdit"] is True
    assert (await ann.post(f"/playlists/{playlist_id}/collaborators", {"username": "nobody"})).status_code == 404


@pytest.mark.parametrize("owner", [True, False])
@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("collaborative", [True, False])
@pytest.mark.parametrize("names", ["nobody", "others", "me"])
def test_editing_matrix(owner: bool, public: bool, collaborative: bool, names: str) -> None:
    stands = Standing(owner, public, collaborative, names != "nobody", names == "me")
    assert stands.may_read == (owner or public or names == "me")
    expected = owner or (collaborative and (names == "me" or (names == "nobody" and public)))
    assert stands.may_edit == expected


async def test_mine_are_owned_saved_and_collaborating_last_changed_first(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    ids = []
    for owner, name in ((ann, "own"), (ben, "saved"), (ben, "named"), (ben, "neither"), (ben, "hidden")):
        ids.append(await make(owner, name=name))
        platform.clock.advance(1)
    own, saved, named, _, hidden = ids
    await ann.data("PUT", f"/library/playlists/{saved}")
    await ann.data("PUT", f"/library/playlists/{hidden}")
    await ben.data("PUT", f"/playlists/{hidden}", {"isPublic": False})
    platform.clock.advance(1)
    await ben.data("POST", f"/playlists/{named}/collaborators", {"username": "ann"})
    assert [playlist["id"] for playlist in await ann.all("/playlists", limit=1)] == [named, saved, own]
    assert [playlist["id"] for playlist in (await ann.data("GET", "/library/playlists"))["playlists"]] == [saved]


async def test_saving_a_playlist_counts_its_followers_once(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    playlist_id = await make(ann)
    for _ in range(2):
        await ben.data("PUT", f"/library/playlists/{playlist_id}")
    seen = await ben.data("GET", f"/playlists/{playlist_id}")
    assert (seen["followerCount"], seen["isSaved"]) == (1, True)
    await ben.data("DELETE", f"/library/playlists/{playlist_id}")
    assert (await ben.data("GET", f"/playlists/{playlist_id}"))["followerCount"] == 0


async def test_deleted_playlist_is_gone_everywhere(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    playlist_id = await make(ann, "t1")
    await ben.data("PUT", f"/library/playlists/{playlist_id}")
    assert await ann.data("DELETE", f"/playlists/{playlist_id}") == {"success": True}
    assert (await ann.get(f"/playlists/{playlist_id}")).status_code == 404
    assert (await ben.data("GET", "/library/playlists"))["playlists"] == []


async def test_every_change_raises_the_version_and_is_announced_after_the_commit(platform: Any, ann: Any) -> None:
    playlist_id = await make(ann)
    announced: list[tuple[str, int]] = []
    platform.state.hub.notify = lambda key, version: announced.append((key, version))
    base = f"/playlists/{playlist_id}"
    await ann.data("POST", f"{base}/tracks", {"trackId": "t1"})
    await ann.data("POST", f"{base}/tracks", {"trackId": "t2"})
    await ann.data("POST", f"{base}/tracks", {"trackId": "t2"})
    await ann.data("PUT", f"{base}/tracks/reorder", {"trackId": "t1", "fromPosition": 1, "toPosition": 2})
    await ann.data("DELETE", f"{base}/tracks/t1")
    await ann.data("PUT", base, {"name": "New"})
    await ann.put(f"{base}/tracks/reorder", {"trackId": "t1", "fromPosition": 1, "toPosition": 2})
    assert announced == [(f"playlists:{playlist_id}", version) for version in (2, 3, 4, 5, 6)]
    assert (await ann.data("GET", base))["version"] == 6


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "move", "remove"]), st.integers(0, 8), st.integers(0, 9)), max_size=25
)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Database]]:
    """A database with one empty playlist `p`, and the loop it belongs to."""
    database = Database(tmp_path_factory.mktemp("order") / "platform.db")
    with asyncio.Runner() as runner:
        runner.run(_lay_out(database))
        yield runner, database
        runner.run(database.close())


async def _lay_out(database: Database) -> None:
    await database.open()
    await seed_catalogue(database)
    now = SystemClock().now()
    async with database.writing() as db:
        db.add(
            UserRow(id="u", username="u", username_key="u", email="u", password_hash="", created_at=now, updated_at=now)
        )
        await db.flush()
        db.add(PlaylistRow(id="p", owner_id="u", name="p", created_at=now, updated_at=now))


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_any_sequence_of_changes_matches_a_plain_list(
    board: tuple[asyncio.Runner, Database], steps: list[Step]
) -> None:
    runner, database = board
    runner.run(_compare(database, steps))


async def _compare(database: Database, steps: list[Step]) -> None:
    now = SystemClock().now()
    expected: list[str] = []
    async with database.write_session() as db:
        for what, which, where in steps:
            track = TRACKS[which]
            if what == "add":
                position = where or None
                assert await order.add(db, "p", track, "u", now, position) == (track not in expected)
                if track not in expected:
                    expected.insert(len(expected) if position is None else position - 1, track)
            elif what == "remove":
                assert await order.take_out(db, "p", track) == (track in expected)
                expected = [other for other in expected if other != track]
            else:
                await _move(db, track, where + 1, expected)
        rows = list(await db.execute(select(PlaylistTrackRow.track_id, PlaylistTrackRow.position)))
        await db.rollback()
    assert [row[0] for row in sorted(rows, key=lambda row: row[1])] == expected
    assert sorted(row[1] for row in rows) == list(range(1, len(expected) + 1))


async def _move(db: Any, track: str, end: int, expected: list[str]) -> None:
    start = expected.index(track) + 1 if track in expected else 1
    refused: ErrorCode | None = None
    try:
        await order.move(db, "p", track, start, end)
    except Problem as problem:
        refused = problem.code
    if track not in expected:
        assert refused == ErrorCode.CONFLICT
    elif end > len(expected):
        assert refused == ErrorCode.VALIDATION_ERROR
    else:
        assert refused is None
        expected.insert(end - 1, expected.pop(start - 1))


async def uploaded(platform: Any, person: Any, name: str) -> str:
    """Return the id of a picture that was uploaded and completed."""
    now = platform.clock.now()
    async with platform.state.database.writing() as db:
        upload = UploadRow(
            id=name, owner_id=person.id, purpose="post", filename="a.png", mime_type="image/png", size_bytes=9,
            created_at=now, expires_at=now, completed_at=now, media_key=f"uploads/{name}.png", width=9, height=9,
        )  # fmt: skip
        db.add(upload)
    return name


async def test_a_cover_whose_reply_was_lost_is_given_again_at_any_time(platform: Any, ann: Any) -> None:
    path = f"/playlists/{await make(ann, 't1')}"
    for name in ("one", "two"):
        change = {"coverUploadId": await uploaded(platform, ann, name)}
        for _ in range(2):
            playlist = await ann.data("PUT", path, change)
            assert playlist["coverUrl"].endswith(f"uploads/{name}.png")
    assert (await ann.put(path, {"coverUploadId": "one"})).status_code == 404, "it was used, and is no cover any more"
    other = f"/playlists/{await make(ann)}"
    assert (await ann.put(other, {"coverUploadId": "two"})).status_code == 404, "an upload serves once"
    assert (await ann.data("PUT", path, {"coverUploadId": None}))["coverUrl"].endswith("one.jpg")
    assert (await ann.put(path, {"coverUploadId": "two"})).status_code == 404
