"""The catalogue, the music home and the library, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.db import new_id
from server.tables.music import PlayRow
from tests.server.music_seed import seed_catalogue


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


async def test_track_names_album_artists_and_features(ann: Any) -> None:
    track = await ann.data("GET", "/tracks/t1")
    assert track["title"] == "Song 1"
    assert track["album"] == {
        "id": "al1",
        "title": "Ágætis byrjun",
        "coverUrl": "/api/v1/media/files/covers/one.jpg",
    }
    assert [(artist["name"], artist["isPrimary"]) for artist in track["artists"]] == [
        ("Sigur Rós", True),
        ("AC/DC", False),
    ]
    assert track["artist"]["id"] == "ar1"
    assert track["audioFeatures"]["tempo"] == 120.0
    assert (track["isPlayable"], track["isSaved"], track["isrc"]) == (True, False, "ISABC2500001")


async def test_album_has_its_tracks_by_disc_and_number(ann: Any) -> None:
    album = await ann.data("GET", "/albums/al1")
    assert [track["id"] for track in album["tracks"]] == ["t3", "t4", "t5", "t6", "t7", "t1", "t2"]
    assert (album["label"], album["copyrights"], album["albumType"]) == ("Fat Cat", ["℗ 1999"], "album")


@pytest.mark.parametrize("path", ["/artists/no", "/albums/no", "/tracks/no", "/tracks/no/lyrics", "/artists/no/albums"])
async def test_what_does_not_exist_is_not_found(ann: Any, path: str) -> None:
    reply = await ann.get(path)
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "NOT_FOUND"


async def test_artist_albums_come_newest_first_over_pages(ann: Any) -> None:
    albums = await ann.all("/artists/ar1/albums", limit=1)
    assert [album["id"] for album in albums] == ["al3", "al1"]
    assert all(album["tracks"] == [] for album in albums)


async def test_top_tracks_come_most_played_first_over_pages(ann: Any) -> None:
    tracks = await ann.all("/artists/ar1/top-tracks", limit=3)
    assert [track["id"] for track in tracks] == ["t9", "t7", "t6", "t5", "t4", "t3", "t2", "t1"]


async def test_guest_tracks_belong_to_the_guest_too(ann: Any) -> None:
    assert [track["id"] for track in await ann.all("/artists/ar2/top-tracks")] == ["t8", "t1"]


async def test_following_an_artist_twice_is_following_once(ann: Any) -> None:
    for _ in range(2):
        assert await ann.data("PUT", "/artists/ar1/follow") == {"followed": True}
    assert (await ann.data("GET", "/artists/ar1"))["isFollowed"] is True
    for _ in range(2):
        assert await ann.data("DELETE", "/artists/ar1/follow") == {"followed": False}
    assert (await ann.data("GET", "/artists/ar1"))["isFollowed"] is False
    assert (await ann.put("/artists/no/follow")).status_code == 404


async def test_monthly_listeners_are_distinct_people_of_28_days(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    now = platform.clock.now()
    async with platform.state.database.writing() as db:
        for who, days, counted in ((ann, 27, True), (ann, 1, True), (ben, 29, True), (ben, 1, False)):
            play = PlayRow(
                id=new_id(),
                user_id=who.id,
                track_id="t1",
                played_at=now - timedelta(days=days),
                started_ms=0,
                heard_at_ms=0,
                counted=counted,
            )
            db.add(play)
    assert (await ann.data("GET", "/artists/ar1"))["monthlyListeners"] == 101


async def test_lyrics_are_timed_and_empty_where_unknown(ann: Any) -> None:
    lyrics = await ann.data("GET", "/tracks/t1/lyrics")
    assert lyrics == {"synced": True, "lines": [{"timeMs": 500, "text": "Hums"}, {"timeMs": 900, "text": ""}]}
    assert await ann.data("GET", "/tracks/t2/lyrics") == {"synced": False, "lines": []}


async def test_home_of_a_new_account_has_only_shelves_with_something_on_them(ann: Any) -> None:
    shelves = (await ann.data("GET", "/home"))["shelves"]
    assert [shelf["id"] for shelf in shelves] == ["new-releases", "popular-tracks", "artists-for-you"]
    assert [album["id"] for album in shelves[0]["albums"]] == ["al2", "al1"], "what is not out yet is no new release"
    assert shelves[1]["tracks"][0]["id"] == "t9"
    assert [artist["id"] for artist in shelves[2]["artists"]] == ["ar1", "ar2"]


async def test_home_of_an_empty_platform_is_empty(platform: Any) -> None:
    ann = await platform.person("ann")
    assert await ann.data("GET", "/home") == {"shelves": []}


async def test_home_shows_what_was_played_and_own_playlists(platform: Any, ann: Any) -> None:
    await ann.data("POST", "/playlists", {"name": "Mine"})
    for second, track in enumerate(("t1", "t2", "t1")):
        event = {"trackId": track, "eventType": "start", "position": 0, "timestamp": 1_767_000_000_000 + second}
        await ann.data("POST", "/playback/events", event)
    await ann.data("PUT", "/artists/ar1/follow")
    shelves = {shelf["id"]: shelf for shelf in (await ann.data("GET", "/home"))["shelves"]}
    assert [track["id"] for track in shelves["recently-played"]["tracks"]] == ["t1", "t2"]
    assert [playlist["name"] for playlist in shelves["your-playlists"]["playlists"]] == ["Mine"]
    assert [artist["id"] for artist in shelves["artists-for-you"]["artists"]] == ["ar2"]


@pytest.mark.parametrize(("kind", "item"), [("tracks", "t1"), ("albums", "al1")])
async def test_saving_twice_is_one_item(ann: Any, kind: str, item: str) -> None:
    for _ in range(2):
        assert await ann.data("PUT", f"/library/{kind}/{item}") == {"saved": True}
    library = await ann.data("GET", f"/library/{kind}")
    assert [entry["id"] for entry in library[kind]] == [item]
    assert library[kind][0]["isSaved"] is True
    for _ in range(2):
        assert await ann.data("DELETE", f"/library/{kind}/{item}") == {"saved": False}
    assert (await ann.data("GET", f"/library/{kind}"))[kind] == []


async def test_library_shows_the_last_saved_first_and_is_ones_own(platform: Any, ann: Any) -> None:
    for track in ("t1", "t3", "t2"):
        await ann.data("PUT", f"/library/tracks/{track}")
        platform.clock.advance(1)
    assert [track["id"] for track in (await ann.data("GET", "/library/tracks"))["tracks"]] == ["t2", "t3", "t1"]
    ben = await platform.person("ben")
    assert (await ben.data("GET", "/library/tracks"))["tracks"] == []


async def test_library_knows_three_types_and_existing_items(ann: Any) -> None:
    assert (await ann.get("/library/videos")).status_code == 400
    assert (await ann.put("/library/videos/t1")).status_code == 400
    for kind in ("tracks", "albums", "playlists"):
        assert (await ann.put(f"/library/{kind}/no")).status_code == 404


async def test_catalogue_needs_a_sign_in(platform: Any) -> None:
    client = await platform.client()
    for path in ("home", "tracks/t1", "library/tracks", "playlists", "history", "search?q=a"):
        assert (await client.get(path)).status_code == 401
