"""People: profiles, follows, requests, and what a private account keeps to itself."""

from __future__ import annotations

import pytest

from server.people.avatars import FILES_PATH
from server.realtime.rules import version_for
from server.tables.users import UserRow
from tests.server.conftest import Person, Platform


@pytest.fixture
async def ann(platform: Platform) -> Person:
    return await platform.person("ann", fullName="Ann Archer")


@pytest.fixture
async def ben(platform: Platform) -> Person:
    return await platform.person("ben")


async def test_profile_shows_how_two_people_stand_to_each_other(ann: Person, ben: Person) -> None:
    assert await ann.data("POST", "/users/ben/follow") == {"following": True, "pending": False, "followerCount": 1}
    seen_by_ann = await ann.data("GET", "/users/ben")
    seen_by_ben = await ben.data("GET", "/users/ann")
    assert (seen_by_ann["isFollowing"], seen_by_ann["followsMe"]) == (True, False)
    assert (seen_by_ben["isFollowing"], seen_by_ben["followsMe"]) == (False, True)
    assert (seen_by_ann["followerCount"], seen_by_ben["followingCount"]) == (1, 1)
    assert seen_by_ben["displayName"] == "Ann Archer"
    assert seen_by_ann["displayName"] == "ben"


async def test_profile_of_others_tells_neither_address_nor_role_nor_hash(ann: Person, ben: Person) -> None:
    text = (await ann.get("/users/ben")).text
    profile = await ann.data("GET", "/users/ben")
    assert profile["email"] is None
    assert profile["role"] is None
    assert "argon2" not in text
    own = await ann.data("GET", "/users/me")
    assert (own["email"], own["role"]) == ("ann@example.com", "user")


async def test_names_are_found_in_any_case_and_unknown_ones_are_not(ann: Person) -> None:
    assert (await ann.data("GET", "/users/ANN"))["username"] == "ann"
    missing = await ann.get("/users/nobody")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_following_twice_counts_once_and_unfollowing_twice_too(ann: Person, ben: Person) -> None:
    await ann.post("/users/ben/follow")
    assert (await ann.data("POST", "/users/ben/follow"))["followerCount"] == 1
    assert (await ann.data("DELETE", "/users/ben/follow"))["followerCount"] == 0
    assert (await ann.data("DELETE", "/users/ben/follow")) == {"following": False, "pending": False, "followerCount": 0}
    assert (await ann.data("GET", "/users/ann"))["followingCount"] == 0


async def test_nobody_follows_themselves(ann: Person) -> None:
    reply = await ann.post("/users/ann/follow")
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "CONFLICT")


async def test_only_own_fields_change_and_absent_ones_stay(ann: Person) -> None:
    await ann.put("/users/me", {"bio": "first"})
    changed = await ann.data(
        "PUT", "/users/me", {"fullName": "Ann A.", "role": "admin", "isVerified": True, "subscription": "premium"}
    )
    assert (changed["fullName"], changed["bio"]) == ("Ann A.", "first")
    assert (changed["role"], changed["isVerified"], changed["subscription"]) == ("user", False, "free")
    cleared = await ann.data("PUT", "/users/me", {"bio": None})
    assert (cleared["bio"], cleared["fullName"]) == (None, "Ann A.")
    assert cleared["version"] == changed["version"] + 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "x", "https://a b", "/api/v1/me"])
async def test_an_avatar_is_a_picture_of_this_platform_or_a_web_address(ann: Person, address: str) -> None:
    reply = await ann.put("/users/me", {"avatarUrl": address})
    assert reply.status_code == 400
    assert reply.json()["error"]["details"][0]["field"] == "avatarUrl"
    for good in ("https://example.com/a.png", f"{FILES_PATH}pictures/a.png"):
        assert (await ann.data("PUT", "/users/me", {"avatarUrl": good}))["avatarUrl"] == good


async def test_a_private_account_is_asked_first(ann: Person, ben: Person) -> None:
    await ben.put("/users/me", {"isPrivate": True})
    assert await ann.data("POST", "/users/ben/follow") == {"following": False, "pending": True, "followerCount": 0}
    assert (await ann.data("POST", "/users/ben/follow"))["pending"] is True
    assert (await ann.data("GET", "/users/ben"))["followRequested"] is True
    refused = await ann.get("/users/ben/followers")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
    (request,) = await ben.data("GET", "/follow-requests")
    assert request["user"]["username"] == "ann"
    await ben.data("POST", f"/follow-requests/{request['id']}/accept")
    assert await ben.data("GET", "/follow-requests") == []
    assert [person["username"] for person in await ann.data("GET", "/users/ben/followers")] == ["ann"]
    profile = await ann.data("GET", "/users/ben")
    assert (profile["isFollowing"], profile["followRequested"], profile["followerCount"]) == (True, False, 1)


async def test_a_rejected_request_is_gone_and_may_be_made_again(ann: Person, ben: Person) -> None:
    await ben.put("/users/me", {"isPrivate": True})
    await ann.post("/users/ben/follow")
    (request,) = await ben.data("GET", "/follow-requests")
    await ben.data("POST", f"/follow-requests/{request['id']}/reject")
    assert (await ann.data("GET", "/users/ben"))["followRequested"] is False
    assert (await ben.post(f"/follow-requests/{request['id']}/accept")).status_code == 404
    assert (await ann.data("POST", "/users/ben/follow"))["pending"] is True


async def test_a_request_can_be_withdrawn_and_only_its_addressee_decides(ann: Person, ben: Person) -> None:
    await ben.put("/users/me", {"isPrivate": True})
    await ann.post("/users/ben/follow")
    (request,) = await ben.data("GET", "/follow-requests")
    assert (await ann.post(f"/follow-requests/{request['id']}/accept")).status_code == 404
    await ann.delete("/users/ben/follow")
    assert await ben.data("GET", "/follow-requests") == []


async def test_opening_an_account_lets_those_in_who_have_asked(ann: Person, ben: Person) -> None:
    await ben.put("/users/me", {"isPrivate": True})
    await ann.post("/users/ben/follow")
    opened = await ben.data("PUT", "/users/me", {"isPrivate": False})
    assert opened["followerCount"] == 1
    assert (await ann.data("GET", "/users/ben"))["isFollowing"] is True
    assert (await ann.data("GET", "/users/ann"))["followingCount"] == 1


async def test_follower_lists_come_in_pages_without_gaps(platform: Platform, ann: Person) -> None:
    for number in range(7):
        # Three in the same second: the order must hold where the times are equal.
        platform.clock.advance(number // 3)
        await (await platform.person(f"fan{number}")).post("/users/ann/follow")
    pages = await ann.all("/users/ann/followers", limit=3)
    assert len(pages) == 7
    assert {person["username"] for person in pages} == {f"fan{number}" for number in range(7)}
    assert pages == (await ann.get("/users/ann/followers", limit=100)).json()["data"]
    assert pages[0]["username"] == "fan6"
    assert (await ann.data("GET", "/users/ann"))["followerCount"] == 7


async def test_a_made_up_cursor_is_refused(ann: Person) -> None:
    for cursor in ("x", "WyJhIl0", "WzEsMl0", "bm90anNvbg"):
        reply = await ann.get("/users/ann/followers", cursor=cursor)
        assert (reply.status_code, reply.json()["error"]["details"][0]["field"]) == (400, "cursor")


async def test_watching_a_profile_tells_its_version(platform: Platform, ann: Person, ben: Person) -> None:
    before = (await ben.data("GET", "/users/ann"))["version"]
    await ben.post("/users/ann/follow")
    async with platform.state.database.reading() as db:
        reader = await db.get_one(UserRow, ben.id)
        assert await version_for(db, reader, f"users:{ann.id}") == before + 1
        assert await version_for(db, reader, "users:nobody") is None
