"""Changes that say which version they were made on, likes of comments that are safe to repeat, and old databases."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from server.db import SCHEMA_VERSION, Database
from tests.server.conftest import Person, Platform


@pytest.fixture
async def ann(platform: Platform) -> Person:
    return await platform.person("ann")


async def test_a_profile_change_on_an_older_version_is_refused_with_the_present_record(ann: Person) -> None:
    before = await ann.data("GET", "/users/me")
    changed = await ann.data("PUT", "/users/me", {"bio": "One", "baseVersion": before["version"]})
    refused = await ann.put("/users/me", {"bio": "Two", "baseVersion": before["version"]})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "VERSION_CONFLICT")
    assert error["details"]["current"] == changed
    assert (await ann.data("GET", "/users/me"))["bio"] == "One"


async def test_a_playlist_change_on_an_older_version_is_refused_with_the_present_record(ann: Person) -> None:
    made = await ann.data("POST", "/playlists", {"name": "A"})
    changed = await ann.data("PUT", f"/playlists/{made['id']}", {"name": "B", "base_version": made["version"]})
    refused = await ann.put(f"/playlists/{made['id']}", {"name": "C", "baseVersion": made["version"]})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "VERSION_CONFLICT")
    assert error["message"] == f"Version conflict for playlists:{made['id']}"
    assert error["details"]["current"] == changed == await ann.data("GET", f"/playlists/{made['id']}")


async def test_of_two_changes_on_one_version_exactly_one_is_made(ann: Person) -> None:
    made = await ann.data("POST", "/playlists", {"name": "A"})
    wishes = [{"name": name, "baseVersion": made["version"]} for name in "BCDE"]
    replies = await asyncio.gather(*[ann.put(f"/playlists/{made['id']}", wish) for wish in wishes])
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409]


async def test_without_a_base_version_the_last_change_wins(ann: Person) -> None:
    for bio in ("One", "Two"):
        await ann.data("PUT", "/users/me", {"bio": bio})
    assert (await ann.data("GET", "/users/me"))["bio"] == "Two"


async def test_liking_a_comment_twice_counts_once_and_moves_its_version_once(ann: Person) -> None:
    await ann.post("/r", {"name": "birds"})
    post = await ann.data("POST", "/posts", {"subreddit": "birds", "title": "Wrens"})
    comment = await ann.data("POST", f"/posts/{post['id']}/comments", {"body": "Hello"})
    path = f"/comments/{comment['id']}/like"
    for method, state in (("PUT", (True, 1)), ("PUT", (True, 1)), ("DELETE", (False, 0)), ("DELETE", (False, 0))):
        reply = (await ann.request(method, path)).json()
        assert (reply["data"]["liked"], reply["data"]["likeCount"]) == state
        assert (reply["liked"], reply["likeCount"]) == state
    assert (await ann.all(f"/posts/{post['id']}/comments"))[0]["version"] == comment["version"] + 2
    assert (await ann.put("/comments/nothing/like")).status_code == 404


async def test_a_database_of_the_first_version_is_brought_up_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "platform.db"
    database = Database(path)
    await database.open()
    await database.close()
    fresh = columns(path)
    old = sqlite3.connect(path)
    old.execute(
        "INSERT INTO users (id,username,username_key,email,password_hash,is_verified,is_private,follower_count,role,"
        "subscription,following_count,post_count,karma_posts,karma_comments,created_at,updated_at,version,bio)"
        " VALUES ('u','a','a','a@b','x',0,0,0,'user','free',0,0,0,0,0,0,1,'hi')"
    )
    old.execute(
        "INSERT INTO stories (id,user_id,media_key,media_type,view_count,created_at,expires_at)"
        " VALUES ('s','u','k','image',3,0,1)"
    )
    old.execute("ALTER TABLE stories DROP COLUMN version")
    for table in ("client_ids", "transactions", "clips", "audio_files", "daw_tracks", "project_members", "projects"):
        old.execute(f"DROP TABLE {table}")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    database = Database(path)
    await database.open()
    async with database.reading() as db:
        assert (await db.execute(text("SELECT view_count, version FROM stories"))).one() == (3, 1)
        assert (await db.execute(text("SELECT bio FROM users"))).scalar_one() == "hi"
        assert (await db.execute(text("SELECT count(*) FROM client_ids"))).scalar_one() == 0
        assert (await db.execute(text("PRAGMA user_version"))).scalar_one() == SCHEMA_VERSION
    await database.close()
    assert columns(path) == fresh


async def test_a_database_of_the_second_version_reads_its_music_folder_once_more(tmp_path: Path) -> None:
    path = tmp_path / "platform.db"
    database = Database(path)
    await database.open()
    await database.close()
    fresh, indexes = columns(path), named_indexes(path)
    old = sqlite3.connect(path)
    for table in (
        "hidden_plays", "listening_privacy", "group_members", "group_sessions", "player_queues", "player_states",
        "player_devices", "blends", "playlist_rules", "filed_playlists", "playlist_folders", "concerts",
        "track_markets", "listener_regions",
    ):  # fmt: skip
        old.execute(f"DROP TABLE {table}")
    old.execute("DROP INDEX ix_tracks_isrc")
    old.execute("INSERT INTO music_files (id,path,size_bytes,mtime_ns) VALUES ('f',x'61',7,1700000000000000000)")
    old.execute("PRAGMA user_version = 2")
    old.commit()
    old.close()
    database = Database(path)
    await database.open()
    async with database.reading() as db:
        assert (await db.execute(text("SELECT size_bytes, mtime_ns FROM music_files"))).one() == (7, -1)
    await database.close()
    assert columns(path) == fresh
    assert named_indexes(path) == indexes


def named_indexes(path: Path) -> set[str]:
    """Return every index that has a name of its own."""
    database = sqlite3.connect(path)
    found = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql > ''")}
    database.close()
    return found


def columns(path: Path) -> set[tuple[str, str, str, int]]:
    """Return every table with the names and types of its columns, and which may be null."""
    database = sqlite3.connect(path)
    query = "SELECT t.name, c.name, c.type, c.'notnull' FROM sqlite_master t, pragma_table_info(t.name) c"
    found = set(database.execute(query).fetchall())
    database.close()
    return found


async def test_a_table_that_came_without_a_new_version_is_made_as_well(tmp_path: Path) -> None:
    path = tmp_path / "platform.db"
    database = Database(path)
    await database.open()
    await database.close()
    fresh, indexes = columns(path), named_indexes(path)
    old = sqlite3.connect(path)
    old.execute("DROP TABLE concerts")
    old.close()
    database = Database(path)
    await database.open()
    await database.close()
    assert columns(path) == fresh
    assert named_indexes(path) == indexes
