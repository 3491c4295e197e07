"""Search over everything, and the index that the database keeps by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text, update

from server.search.query import find, pattern_for, words_of
from server.search.tags import tags_in
from server.tables.music import AlbumRow, TrackRow
from server.tables.posts import PhotoPostRow, ThreadPostRow
from server.tables.subreddits import SubredditRow
from tests.server.music_seed import seed_catalogue

EVERYTHING = "track,album,artist,playlist,user,subreddit,post,tag"


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann", fullName="Ann Åkerström")


async def search(person: Any, q: str, types: str = EVERYTHING, **more: Any) -> dict[str, Any]:
    return dict(await person.data("GET", "/search", q=q, types=types, **more))


async def photo(platform: Any, author: Any, post_id: str, caption: str, **more: Any) -> None:
    async with platform.state.database.writing() as db:
        now = platform.clock.now()
        db.add(PhotoPostRow(id=post_id, author_id=author.id, caption=caption, created_at=now, **more))


async def thread(platform: Any, author: Any, post_id: str, title: str, body: str | None = None) -> None:
    now = platform.clock.now()
    async with platform.state.database.writing() as db:
        if await db.get(SubredditRow, "sr1") is None:
            row = SubredditRow(id="sr1", name="python", name_key="python", display_name="Pythonistas", created_at=now)
            row.creator_id = author.id
            db.add(row)
            await db.flush()
        db.add(
            ThreadPostRow(id=post_id, subreddit_id="sr1", author_id=author.id, title=title, body=body, created_at=now)
        )


@pytest.mark.parametrize("typed", ["sigur ros", "SIGUR RÓS", "sig", "Sigur Rós", "ros sigur", "  ros  "])
async def test_case_diacritics_and_unfinished_words_make_no_difference(ann: Any, typed: str) -> None:
    assert [artist["id"] for artist in (await search(ann, typed, "artist"))["artists"]] == ["ar1"]


async def test_default_types_are_those_of_music(ann: Any) -> None:
    found = await ann.data("GET", "/search", q="thunder")
    assert [track["id"] for track in found["tracks"]] == ["t8"]
    assert [album["id"] for album in found["albums"]] == ["al2"]
    assert (await ann.data("GET", "/search", q="ann"))["users"] == []


async def test_signs_in_names_are_found(ann: Any) -> None:
    reply = await ann.http.get("search?q=AC%2FDC&types=artist")
    assert [artist["id"] for artist in reply.json()["data"]["artists"]] == ["ar2"]


async def test_tracks_are_found_by_artist_and_album_after_their_titles(ann: Any) -> None:
    found = (await search(ann, "ac/dc", "track"))["tracks"]
    assert {track["id"] for track in found} == {"t8", "t1"}
    found = (await search(ann, "thunder", "track,album"))["tracks"]
    assert [track["id"] for track in found] == ["t8"]


async def test_equal_titles_come_first_then_beginnings(platform: Any, ann: Any) -> None:
    for name in ("Morning Rain Mix", "Rainbow", "Rain Songs", "Rain"):
        await ann.data("POST", "/playlists", {"name": name})
    found = (await search(ann, "rain", "playlist"))["playlists"]
    assert [playlist["name"] for playlist in found] == ["Rain", "Rain Songs", "Rainbow", "Morning Rain Mix"]
    assert len((await search(ann, "rain", "playlist", limit=2))["playlists"]) == 2


async def test_private_playlists_cannot_be_found(ann: Any) -> None:
    playlist = await ann.data("POST", "/playlists", {"name": "Secret", "isPublic": False})
    assert (await search(ann, "secret"))["playlists"] == []
    await ann.data("PUT", f"/playlists/{playlist['id']}", {"isPublic": True})
    assert [found["id"] for found in (await search(ann, "secret"))["playlists"]] == [playlist["id"]]
    await ann.data("PUT", f"/playlists/{playlist['id']}", {"name": "Open"})
    assert (await search(ann, "secret"))["playlists"] == []
    await ann.data("DELETE", f"/playlists/{playlist['id']}")
    assert (await search(ann, "open"))["playlists"] == []


async def test_people_are_found_by_both_names(platform: Any, ann: Any) -> None:
    for typed in ("ann", "akerstrom", "@ann", "u/ann"):
        assert [user["username"] for user in (await search(ann, typed, "user"))["users"]] == ["ann"], typed


async def test_posts_of_both_kinds_and_subreddits_are_found(platform: Any, ann: Any) -> None:
    await photo(platform, ann, "p1", "Sunset over the pier")
    await thread(platform, ann, "th1", "Sunset", "why is it red")
    found = await search(ann, "sunset")
    assert [(post["kind"], post["id"]) for post in found["posts"]] == [("thread", "th1"), ("media", "p1")]
    assert [sub["name"] for sub in (await search(ann, "r/pyth"))["subreddits"]] == ["python"]
    async with platform.state.database.writing() as db:
        gone = platform.clock.now()
        await db.execute(update(ThreadPostRow).values(deleted_at=gone))
        await db.execute(update(PhotoPostRow).values(deleted_at=gone))
    assert (await search(ann, "sunset"))["posts"] == []


async def test_photos_of_private_accounts_are_found_by_their_followers(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await photo(platform, ann, "p1", "Hidden #cove")
    await photo(platform, ann, "p2", "Hidden away", is_archived=True)
    await ann.data("PUT", "/users/me", {"isPrivate": True})
    found = await search(ben, "hidden")
    assert found["posts"] == []
    assert (await search(ben, "cove"))["tags"] == []
    assert {post["id"] for post in (await search(ann, "hidden"))["posts"]} == {"p1", "p2"}


async def test_tags_are_found_most_used_first(platform: Any, ann: Any) -> None:
    for number, caption in enumerate(("#Sunset and #sunrise", "#sunset", "a #sunny day", "sun")):
        await photo(platform, ann, f"p{number}", caption)
    assert (await search(ann, "#sun", "tag"))["tags"] == ["sunset", "sunny", "sunrise"]
    assert (await search(ann, "two words", "tag"))["tags"] == []


async def test_what_leaves_the_catalogue_leaves_the_index(platform: Any, ann: Any) -> None:
    async with platform.state.database.writing() as db:
        await db.execute(update(TrackRow).where(TrackRow.id == "t8").values(is_available=False))
    assert (await search(ann, "thunderstruck"))["tracks"] == []
    async with platform.state.database.writing() as db:
        await db.execute(update(TrackRow).where(TrackRow.id == "t8").values(is_available=True, title="Hells Bells"))
    assert [track["id"] for track in (await search(ann, "hells"))["tracks"]] == ["t8"]
    async with platform.state.database.writing() as db:
        await db.execute(delete(AlbumRow).where(AlbumRow.id == "al2"))
    assert (await search(ann, "hells"))["tracks"] == [], "what goes with its album goes from the index too"
    async with platform.state.database.writing() as db:
        await db.execute(text("INSERT INTO search_index(search_index) VALUES ('integrity-check')"))


@pytest.mark.parametrize("params", [{"q": ""}, {"q": "   "}, {}, {"q": "a", "types": "song"}, {"q": "a", "limit": 51}])
async def test_unfit_searches_are_refused(ann: Any, params: dict[str, Any]) -> None:
    reply = await ann.get("/search", **params)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_plural_types_are_understood(ann: Any) -> None:
    assert [track["id"] for track in (await search(ann, "thunderstruck", "tracks, albums"))["tracks"]] == ["t8"]


@pytest.mark.parametrize(
    "typed", ['"', "*", "%", "_", "a' OR 1=1 --", "NEAR(a b)", "kind:track", "-x", "^", "\x00", "((("]
)
async def test_what_means_something_to_the_index_means_nothing_here(ann: Any, typed: str) -> None:
    found = await search(ann, typed)
    assert found["tracks"] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(typed=st.text(max_size=40))
def test_any_text_makes_a_pattern_that_stays_in_its_quotes(typed: str) -> None:
    words = words_of(typed)
    assert all(any(letter.isalnum() for letter in word) for word in words)
    assert pattern_for("track", words).replace('""', "").count('"') == 2 * len(words) + 2


async def test_search_never_fails_on_odd_words(platform: Any, ann: Any) -> None:
    async with platform.state.database.reading() as db:
        for typed in ("日本語", "e\u0301", "🎵", "🎵a", "ß", "\u202ea", "a" * 200, "٣", "ﬁ", "a\u0300\u0301\u0302b"):
            await find(db, "track", typed)


def test_tags_are_words_behind_a_number_sign() -> None:
    caption = "#Sea, #sky! a#no ##no #2024 #été #under_score"
    assert tags_in(caption) == {"sea", "sky", "été", "under_score"}


async def test_search_stays_quick_over_many_records(platform: Any, ann: Any) -> None:
    async with platform.state.database.writing() as db:
        now = platform.clock.now() - timedelta(days=1)
        db.add_all(
            TrackRow(id=f"x{number}", album_id="al1", title=f"Sample {number}", duration_ms=1, created_at=now)
            for number in range(3000)
        )
    found = await search(ann, "s", "track", limit=50)
    assert len(found["tracks"]) == 50
