"""Folders of playlists: a tree whatever is asked for, each user's own, and no playlist goes with its folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.models.playlists import FOLDERS_DEEP, FolderChange, NewFolder
from server.clock import SystemClock
from server.context import RequestContext
from server.db import Database
from server.playlists import folders
from server.problems import Problem
from server.tables.users import UserRow


@pytest.fixture
async def ann(platform: Any) -> Any:
    return await platform.person("ann")


async def folder(person: Any, name: str, parent: str | None = None) -> str:
    body = {"name": name} | ({"parentId": parent} if parent else {})
    return str((await person.data("POST", "/playlist-folders", body))["id"])


async def tree(person: Any) -> dict[str, str | None]:
    return {one["id"]: one["parentId"] for one in (await person.data("GET", "/playlist-folders"))["folders"]}


async def test_folders_lie_in_one_another_and_are_found_by_name(ann: Any) -> None:
    work, deep = await folder(ann, "Work"), None
    deep = await folder(ann, "Deep", work)
    listed = (await ann.data("GET", "/playlist-folders"))["folders"]
    assert [(one["name"], one["parentId"]) for one in listed] == [("Deep", work), ("Work", None)]
    moved = await ann.data("PUT", f"/playlist-folders/{deep}", {"parentId": None, "name": "Deeper"})
    assert (moved["parentId"], moved["name"], moved["version"]) == (None, "Deeper", 2)


async def test_a_folder_does_not_go_into_itself_or_what_lies_in_it(ann: Any) -> None:
    a = await folder(ann, "a")
    b = await folder(ann, "b", a)
    c = await folder(ann, "c", b)
    for into in (a, b, c):
        reply = await ann.put(f"/playlist-folders/{a}", {"parentId": into})
        assert (reply.status_code, reply.json()["error"]["message"]) == (409, "A folder cannot lie in itself.")


async def test_folders_go_so_deep_and_no_deeper(ann: Any) -> None:
    here = None
    for level in range(FOLDERS_DEEP):
        here = await folder(ann, str(level), here)
    assert (await ann.post("/playlist-folders", {"name": "more", "parentId": here})).status_code == 409
    top = await folder(ann, "top")
    assert (await ann.put(f"/playlist-folders/{top}", {"parentId": here})).status_code == 409


async def test_a_deleted_folder_leaves_what_lay_in_it_where_it_lay(ann: Any) -> None:
    a = await folder(ann, "a")
    b = await folder(ann, "b", a)
    c = await folder(ann, "c", b)
    playlist = (await ann.data("POST", "/playlists", {"name": "Mix"}))["id"]
    await ann.data("PUT", f"/playlists/{playlist}/folder", {"folderId": b})
    for gone, then in ((b, a), (a, None)):
        await ann.data("DELETE", f"/playlist-folders/{gone}")
        assert (await ann.data("GET", f"/playlists/{playlist}"))["folderId"] == then
        assert (await tree(ann))[c] == then


async def test_folders_are_ones_own_and_so_is_what_lies_in_them(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    mine = await folder(ann, "mine")
    playlist = (await ben.data("POST", "/playlists", {"name": "His"}))["id"]
    await ann.data("PUT", f"/playlists/{playlist}/folder", {"folderId": mine})
    assert (await ann.data("GET", f"/playlists/{playlist}"))["folderId"] == mine
    assert (await ben.data("GET", f"/playlists/{playlist}"))["folderId"] is None
    assert await tree(ben) == {}
    for method, path, body in (
        ("PUT", f"/playlist-folders/{mine}", {"name": "his"}),
        ("DELETE", f"/playlist-folders/{mine}", None),
        ("PUT", f"/playlists/{playlist}/folder", {"folderId": mine}),
        ("POST", "/playlist-folders", {"name": "x", "parentId": mine}),
    ):
        assert (await ben.request(method, path, json=body)).status_code == 404
    hidden = (await ben.data("POST", "/playlists", {"name": "Hidden", "isPublic": False}))["id"]
    assert (await ann.put(f"/playlists/{hidden}/folder", {"folderId": mine})).status_code == 404


async def test_a_folder_is_made_once_and_changed_on_the_version_it_was_seen_in(ann: Any) -> None:
    body = {"id": "01890000-0000-7000-8000-000000000001", "name": "Once"}
    for _ in range(2):
        assert (await ann.data("POST", "/playlist-folders", body))["id"] == body["id"]
    path = f"/playlist-folders/{body['id']}"
    await ann.data("PUT", path, {"baseVersion": 1, "name": "Twice"})
    assert (await ann.put(path, {"baseVersion": 1, "name": "Thrice"})).json()["error"]["code"] == "VERSION_CONFLICT"


# -- whatever is asked for


class Asking:
    """As much of a request as the folders look at."""

    def __init__(self, db: Any) -> None:
        self.db, self.user_id, self.now = db, "u", SystemClock().now()


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Database]]:
    database = Database(tmp_path_factory.mktemp("folders") / "platform.db")

    async def lay_out() -> None:
        await database.open()
        now = SystemClock().now()
        async with database.writing() as db:
            user = {"id": "u", "username": "u", "username_key": "u", "email": "u", "password_hash": ""}
            db.add(UserRow(**user, created_at=now, updated_at=now))

    with asyncio.Runner() as runner:
        runner.run(lay_out())
        yield runner, database
        runner.run(database.close())


STEPS = st.lists(st.tuples(st.sampled_from(["make", "move", "move", "go"]), st.integers(0, 9), st.integers(-1, 9)))


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_no_moves_ever_make_a_circle(yard: tuple[asyncio.Runner, Database], steps: list[tuple[str, int, int]]) -> None:
    runner, database = yard
    runner.run(_try(database, steps))


async def _try(database: Database, steps: list[tuple[str, int, int]]) -> None:
    async with database.write_session() as db:
        ctx: RequestContext = Asking(db)  # type: ignore[assignment]
        for what, which, where in [("make", 0, -1)] * 4 + steps:
            known = sorted(one.id for one in (await folders.folders(ctx)).folders)
            into = known[where % len(known)] if known and where >= 0 else None
            try:
                if what == "make" or not known:
                    await folders.create(ctx, NewFolder(name="f", parent_id=into))
                elif what == "move":
                    await folders.change(ctx, known[which % len(known)], FolderChange(parent_id=into))
                else:
                    await folders.remove(ctx, known[which % len(known)])
            except Problem:
                pass
            db.expire_all()
            parents = {one.id: one.parent_id for one in (await folders.folders(ctx)).folders}
            for one in parents:
                way, here = [one], parents[one]
                while here is not None:
                    assert here not in way, "a circle"
                    way.append(here)
                    here = parents[here]
                assert len(way) <= FOLDERS_DEEP
        await db.rollback()
