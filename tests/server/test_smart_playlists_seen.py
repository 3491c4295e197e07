"""Smart playlists of somebody else: what their rules choose tells nothing that was heard in private."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.music_seed import seed_catalogue


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


def lately() -> dict[str, Any]:
    """Return rules for what was heard within a day."""
    return {"where": {"match": "all", "rules": [{"field": "lastPlayed", "op": "within", "value": 1}]}, "sort": "title"}


def ids(playlist: Any) -> list[str]:
    return [track["id"] for track in playlist["tracks"]]


async def hear_two(platform: Any, person: Any) -> None:
    """Let somebody hear t1, and t2 in private."""
    for track, private in (("t1", False), ("t2", True)):
        body = {"trackId": track, "eventType": "progress", "position": 40_000, "listenedMs": 40_000}
        body |= {"timestamp": int(platform.clock.now().timestamp() * 1000), "private": private}
        await person.data("POST", "/playback/events", body)


async def test_others_do_not_learn_from_rules_what_was_heard_in_private(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await hear_two(platform, ann)
    rules = lately()
    made = await ann.data("POST", "/playlists", {"name": "Lately", "isPublic": True, "rules": rules})
    assert ids(made) == ["t1", "t2"]
    assert ids(await ben.data("GET", f"/playlists/{made['id']}")) == ["t1"]
    copied = await ben.data("POST", f"/playlists/{made['id']}/copy", {})
    assert ids(copied) == ["t1"]


async def test_a_fixed_list_of_what_rules_chose_tells_others_nothing_heard_in_private(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await hear_two(platform, ann)
    rules = lately()

    async def settled(*, named: bool, **fields: Any) -> list[str]:
        made = await ann.data("POST", "/playlists", {"name": "Lately", "rules": rules, **fields})
        path = f"/playlists/{made['id']}"
        if named:
            await ann.data("POST", f"{path}/collaborators", {"username": "ben"})
        fixed = await ann.data("PUT", f"{path}/rules", {"rules": None})
        if named or fixed["isPublic"]:
            assert ids(await ben.data("GET", path)) == ids(fixed)
        return ids(fixed)

    assert await settled(named=False, isPublic=True) == ["t1"]
    assert await settled(named=True, isPublic=False) == ["t1"]
    assert await settled(named=False, isPublic=False) == ["t1", "t2"]


async def test_lists_count_what_others_see_as_soon_as_they_see_it(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await hear_two(platform, ann)
    rules = lately()
    made = await ann.data("POST", "/playlists", {"name": "Lately", "isPublic": False, "rules": rules})

    async def counted(person: Any) -> list[int]:
        return [one["trackCount"] for one in await person.all("/users/ann/playlists")]

    (own,) = await ann.all("/playlists")
    assert own["trackCount"] == 2
    await ann.data("PUT", f"/playlists/{made['id']}", {"isPublic": True})
    assert await counted(ben) == [1]
