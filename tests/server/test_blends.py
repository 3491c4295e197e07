"""Blends of two people's music, copies of playlists, and the public playlists of a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from server.playlists.blends import interleaved, taste_match
from server.tables.music import LibraryItemRow, PlayRow
from server.tables.together import HiddenPlayRow
from tests.server.music_seed import seed_catalogue

IDS = st.lists(st.sampled_from("abcdefghij"), unique=True)
SHARES = st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1).map(
    lambda counts: {artist: count / sum(counts.values()) for artist, count in counts.items()}
)


@given(first=IDS, second=IDS, most=st.integers(1, 12))
def test_everything_of_both_comes_once_in_turns_and_says_whose_it_is(
    first: list[str], second: list[str], most: int
) -> None:
    found = interleaved(first, second, most)
    tracks = [track for track, _ in found]
    assert len(tracks) == len(set(tracks)) == min(most, len({*first, *second}))
    for track, whose in found:
        assert whose == tuple(side for side, theirs in enumerate((first, second)) if track in theirs)
    alone = [[track for track, whose in found if whose == (side,)] for side in (0, 1)]
    for side, theirs in enumerate((first, second)):
        assert alone[side] == [track for track in theirs if track in alone[side]], "in their own order"
    if first and second and most >= 2 and first[0] != second[0]:
        assert any(0 in whose for _, whose in found)
        assert any(1 in whose for _, whose in found)


def test_what_both_listen_to_stands_once() -> None:
    assert interleaved(["a", "b"], ["b", "c"]) == [("a", (0,)), ("b", (0, 1)), ("c", (1,))]


@given(first=SHARES, second=SHARES)
def test_a_match_is_a_percentage_the_same_from_both_sides(first: dict[str, float], second: dict[str, float]) -> None:
    assert 0 <= taste_match(first, second) <= 100
    assert taste_match(first, second) == taste_match(second, first)
    assert taste_match(first, first) == 100


def test_a_match_is_the_overlap_of_shares() -> None:
    assert taste_match({"a": 0.7, "b": 0.3}, {"a": 0.2, "c": 0.8}) == 20
    assert taste_match({"a": 1.0}, {"b": 1.0}) == 0
    assert taste_match({}, {"b": 1.0}) == 0


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


async def befriend(one: Any, other: Any) -> None:
    await one.data("POST", f"/users/{other.username}/follow")
    await other.data("POST", f"/users/{one.username}/follow")


async def hear(platform: Any, person: Any, days_ago: float, **plays: int) -> None:
    moment = platform.clock.now() - timedelta(days=days_ago)
    async with platform.state.database.writing() as db:
        for track, count in plays.items():
            for number in range(count):
                at = int(moment.timestamp() * 1000) + number
                db.add(
                    PlayRow(user_id=person.id, track_id=track, played_at=moment, started_ms=at, heard_at_ms=at,
                            counted=True, listened_ms=60_000)
                )  # fmt: skip


def rows(playlist: Any, people: dict[str, str]) -> list[tuple[str, str]]:
    names = {user_id: name for name, user_id in people.items()}
    return [(one["id"], "".join(sorted(names[user] for user in one["comesFrom"]))) for one in playlist["tracks"]]


async def test_a_blend_takes_turns_between_what_both_play_most(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await befriend(ann, ben)
    await hear(platform, ann, 2, t1=3, t2=2)
    await hear(platform, ann, 40, t9=9)
    await hear(platform, ben, 3, t8=5, t2=1)
    made = await ann.data("POST", "/playlists/blend", {"username": "ben"})
    people = {"a": ann.id, "b": ben.id}
    assert dict(rows(made, people)) == {"t1": "a", "t8": "b", "t2": "ab"}
    assert made["blend"]["match"] == 17, "Ann has all her plays from one artist, Ben one in six"
    assert (made["name"], made["isPublic"], made["canEdit"]) == ("ann + ben", False, False)
    again = await ben.data("POST", "/playlists/blend", {"username": "ann"})
    assert again["id"] == made["id"]
    assert made["id"] in [playlist["id"] for playlist in await ben.all("/playlists")]
    platform.clock.advance(1)
    await hear(platform, ann, 0, t3=50)
    assert rows(await ben.data("GET", f"/playlists/{made['id']}"), people) == rows(made, people), "until tomorrow"
    platform.clock.advance(86_400)
    assert ("t3", "a") in rows(await platform_again(platform, ben, made["id"]), people)


async def platform_again(platform: Any, person: Any, playlist_id: str) -> Any:
    """Read a playlist a day later, when the old sign-in is over."""
    reply = await person.http.post("auth/login", json={"email": person.username, "password": "correct horse battery"})
    person.http.headers["Authorization"] = f"Bearer {reply.json()['data']['accessToken']}"
    return await person.data("GET", f"/playlists/{playlist_id}")


async def test_who_has_heard_nothing_brings_what_they_saved(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await befriend(ann, ben)
    await hear(platform, ann, 1, t1=1)
    await ben.data("PUT", "/library/tracks/t8")
    made = await ann.data("POST", "/playlists/blend", {"username": "ben"})
    assert dict(rows(made, {"a": ann.id, "b": ben.id})) == {"t1": "a", "t8": "b"}


async def test_only_friends_blend_and_nobody_with_themselves(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await ann.data("POST", "/users/ben/follow")
    assert (await ann.post("/playlists/blend", {"username": "ben"})).status_code == 403
    assert (await ann.post("/playlists/blend", {"username": "ann"})).status_code == 409
    assert (await ann.post("/playlists/blend", {"username": "nobody"})).status_code == 404
    assert await ben.all("/playlists") == []


async def test_a_blend_is_for_the_two_and_ends_when_one_leaves(platform: Any, ann: Any) -> None:
    ben, cem = await platform.person("ben"), await platform.person("cem")
    await befriend(ann, ben)
    made = await ann.data("POST", "/playlists/blend", {"username": "ben"})
    path = f"/playlists/{made['id']}"
    assert (await cem.get(path)).status_code == 404
    assert (await ann.post(f"{path}/tracks", {"trackId": "t1"})).json()["error"]["code"] == "WRONG_KIND"
    assert (await ann.put(f"{path}/rules", {"rules": None})).json()["error"]["code"] == "WRONG_KIND"
    await ben.data("PUT", f"/library/playlists/{made['id']}")
    await ben.data("DELETE", f"{path}/collaborators/{ben.id}")
    assert (await ann.get(path)).status_code == 404
    async with platform.state.database.reading() as db:
        assert (await db.scalars(select(LibraryItemRow.item_id))).all() == []


async def test_a_blend_is_not_opened_to_others(platform: Any, ann: Any) -> None:
    ben, cem = await platform.person("ben"), await platform.person("cem")
    await befriend(ann, ben)
    await hear(platform, ben, 1, t8=2)
    made = await ann.data("POST", "/playlists/blend", {"username": "ben"})
    path = f"/playlists/{made['id']}"
    for method, where, body in (
        ("PUT", path, {"isPublic": True}),
        ("PUT", path, {"isCollaborative": True}),
        ("POST", f"{path}/collaborators", {"username": "cem"}),
    ):
        reply = await ann.request(method, where, json=body)
        assert (reply.status_code, reply.json()["error"]["code"]) == (409, "WRONG_KIND")
    assert (await cem.get(path)).status_code == 404
    assert (await ann.data("PUT", path, {"name": "Ours", "isPublic": False}))["name"] == "Ours"


async def test_a_blend_tells_what_may_be_told_and_only_friends(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await befriend(ann, ben)
    await hear(platform, ann, 1, t1=1)
    await hear(platform, ben, 1, t8=1, t9=3)
    async with platform.state.database.writing() as db:
        for play_id in (await db.scalars(select(PlayRow.id).where(PlayRow.track_id == "t9"))).all():
            db.add(HiddenPlayRow(play_id=play_id))
    made = await ann.data("POST", "/playlists/blend", {"username": "ben"})
    people = {"a": ann.id, "b": ben.id}
    assert dict(rows(made, people)) == {"t1": "a", "t8": "b"}, "what was heard in private is left out"

    async def shown() -> dict[str, str]:
        return dict(rows(await ann.data("GET", f"/playlists/{made['id']}"), people))

    await ben.data("PUT", "/listening/privacy", {"showsListening": False})
    assert await shown() == {"t1": "a"}
    await ben.data("PUT", "/listening/privacy", {"showsListening": True})
    assert await shown() == {"t1": "a", "t8": "b"}
    await ben.data("DELETE", "/users/ann/follow")
    assert await shown() == {}


async def test_a_copy_is_ones_own_and_goes_its_own_way(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    source = (await ben.data("POST", "/playlists", {"name": "His"}))["id"]
    for track in ("t3", "t1"):
        await ben.data("POST", f"/playlists/{source}/tracks", {"trackId": track})
    body = {"id": "01890000-0000-7000-8000-000000000002"}
    for _ in range(2):
        copied = await ann.data("POST", f"/playlists/{source}/copy", body)
    assert (copied["name"], copied["ownerId"], copied["isPublic"], copied["canEdit"]) == ("His", ann.id, False, True)
    await ben.data("DELETE", f"/playlists/{source}/tracks/t3")
    kept = await ann.data("GET", f"/playlists/{copied['id']}")
    assert [(track["id"], track["addedByName"]) for track in kept["tracks"]] == [("t3", "ann"), ("t1", "ann")]
    await ben.data("PUT", f"/playlists/{source}", {"isPublic": False})
    assert (await ann.post(f"/playlists/{source}/copy", {})).status_code == 404


async def test_a_profile_has_public_playlists_and_no_private_ones(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    for name, public in (("One", True), ("Hidden", False), ("Two", True)):
        await ben.data("POST", "/playlists", {"name": name, "isPublic": public})
        platform.clock.advance(1)
    for person in (ann, ben):
        assert [found["name"] for found in await person.all("/users/ben/playlists", limit=1)] == ["Two", "One"]
    await ben.data("PUT", "/users/me", {"isPrivate": True})
    assert (await ann.get("/users/ben/playlists")).status_code == 403


async def test_a_cover_is_a_picture_that_was_uploaded_by_the_owner(ann: Any) -> None:
    made = await ann.data("POST", "/playlists", {"name": "Mix"})
    reply = await ann.put(f"/playlists/{made['id']}", {"coverUploadId": "none"})
    assert (reply.status_code, reply.json()["error"]["message"]) == (404, "There is no such upload.")
    assert (await ann.data("PUT", f"/playlists/{made['id']}", {"coverUploadId": None}))["coverUrl"] is None
