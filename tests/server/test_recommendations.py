"""What is recommended: blending, variety, and tracks for a listener from their history."""

from __future__ import annotations

from datetime import timedelta
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from server.clock import to_ms
from server.music.reader import CatalogueReader
from server.recommendations.blend import blend, diversify
from server.recommendations.for_you import recommended
from server.recommendations.sound import average, cosine, embedding
from server.tables.music import AlbumRow, ArtistRow, PlayRow, TrackArtistRow, TrackRow
from tests.server.conftest import Person, Platform
from tests.server.music_seed import seed_catalogue

CALM = {"tempo": 70.0, "energy": 0.1, "danceability": 0.2, "acousticness": 0.9, "valence": 0.3}
LOUD = {"tempo": 170.0, "energy": 0.95, "danceability": 0.6, "acousticness": 0.1, "valence": 0.6}

SCORES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.floats(), max_size=8)


def test_blending_weighs_both_sides_by_their_best() -> None:
    ranked = blend({"A": 10, "B": 5, "C": 1}, {"B": 0.9, "D": 0.45}, weight=0.6)
    assert [one for one, _ in ranked] == ["B", "A", "D", "C"]
    assert [score for _, score in ranked] == pytest.approx([0.7, 0.6, 0.2, 0.06])


def test_a_side_without_anything_positive_adds_nothing() -> None:
    assert blend({}, {}) == []
    assert blend({"A": 0, "B": 0}, {}) == [("A", 0.0), ("B", 0.0)]
    assert blend({"A": 0.0}, {"B": 2.0}) == [("B", pytest.approx(0.4)), ("A", 0.0)]
    assert blend({"A": -3.0, "B": nan, "C": inf, "D": 1.0}, {})[0] == ("D", pytest.approx(0.6))


@given(collaborative=SCORES, content=SCORES, weight=st.floats(0, 1))
def test_blended_scores_are_shares_in_descending_order(
    collaborative: dict[str, float], content: dict[str, float], weight: float
) -> None:
    ranked = blend(collaborative, content, weight)
    assert {one for one, _ in ranked} == collaborative.keys() | content.keys()
    scores = [score for _, score in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 + 1e-9 for score in scores)


def test_the_third_track_of_an_artist_is_passed_over() -> None:
    ranked = [("a1", 0.9), ("a2", 0.8), ("a3", 0.7), ("b1", 0.6), ("a4", 0.5), ("b2", 0.4)]
    artist_of = {one: one[0] for one, _ in ranked}
    assert [one for one, _ in diversify(ranked, artist_of)] == ["a1", "a2", "b1", "b2"]
    assert [one for one, _ in diversify(ranked, artist_of, most_per_artist=3)] == ["a1", "a2", "a3", "b1", "b2"]
    assert [one for one, _ in diversify(ranked, artist_of, total=3)] == ["a1", "a2", "b1"]


def test_at_most_thirty_are_kept_and_who_is_unknown_stands_for_nobody() -> None:
    ranked = [(f"t{number}", 1.0) for number in range(31)]
    assert diversify(ranked, {}) == ranked[:30]
    assert diversify(ranked[:30], {}) == ranked[:30]


@given(artists=st.lists(st.sampled_from("abc"), max_size=40), most=st.integers(1, 4), total=st.integers(0, 12))
def test_variety_keeps_the_ranking(artists: list[str], most: int, total: int) -> None:
    ranked = [(str(place), 1.0 / (place + 1)) for place in range(len(artists))]
    artist_of = {str(place): artist for place, artist in enumerate(artists)}
    kept = diversify(ranked, artist_of, most, total)
    assert kept == [item for item in ranked if item in kept]
    counts = [sum(artist_of[one] == artist for one, _ in kept) for artist in "abc"]
    assert all(count <= most for count in counts)
    assert len(kept) == min(total, sum(min(most, artists.count(artist)) for artist in "abc"))


def placed(features: dict[str, float] | None, *genres: str) -> Any:
    found = embedding(features, genres)
    assert found is not None
    return found


def test_sounds_point_where_they_differ_from_the_middle() -> None:
    assert cosine(placed(CALM), placed(CALM)) == pytest.approx(1)
    assert cosine(placed(CALM), placed(LOUD)) < 0
    assert cosine(placed({"tempo": 120.0}), placed(LOUD)) == 0
    assert average([{"a": 1.0}, {"b": 0.5}]) == {"a": 0.5, "b": 0.25}
    with pytest.raises(ValueError, match="nothing to average"):
        average([])


def test_genres_are_part_of_the_sound() -> None:
    assert embedding(None, ()) is None
    assert embedding({}, ["  "]) is None
    assert cosine(placed(None, "Rock"), placed(None, "rock ")) == pytest.approx(1)
    assert cosine(placed(None, "rock", "folk"), placed(None, "rock")) == pytest.approx(0.5**0.5)
    assert cosine(placed(None, "rock"), placed(None, "folk")) == 0
    assert cosine(placed(CALM, "folk"), placed(CALM, "rock")) < 1


@pytest.fixture
async def ann(platform: Platform) -> Person:
    await seed_catalogue(platform.state.database)
    async with platform.state.database.writing() as db:
        # Every track has its own artist, so that variety does not hide what is looked at.
        for number in range(1, 10):
            db.add(
                ArtistRow(id=f"own{number}", name=str(number), name_key=str(number), created_at=platform.clock.now())
            )
        await db.flush()
        for number in range(1, 10):
            mine = (TrackArtistRow.track_id == f"t{number}") & (TrackArtistRow.place == 0)
            await db.execute(update(TrackArtistRow).where(mine).values(artist_id=f"own{number}"))
    return await platform.person("ann")


async def played(platform: Any, who: Person, track: str, days_ago: float = 1, *, completed: bool = True) -> None:
    moment = platform.clock.now() - timedelta(days=days_ago)
    async with platform.state.database.writing() as db:
        play = PlayRow(user_id=who.id, track_id=track, played_at=moment, started_ms=to_ms(moment), heard_at_ms=0)
        play.completed = completed
        db.add(play)


async def sounds(platform: Any, **features: dict[str, float] | None) -> None:
    async with platform.state.database.writing() as db:
        for track, sound in features.items():
            await db.execute(update(TrackRow).where(TrackRow.id == track).values(audio_features=sound))


async def recommended_to(platform: Any, who: Person, total: int = 30) -> list[str]:
    async with platform.state.database.reading() as db:
        picks = await recommended(CatalogueReader(db, who.id, platform.clock.now(), str), total)
    return [pick.track_id for pick in picks]


async def made_for(who: Person) -> list[str] | None:
    shelves = {shelf["id"]: shelf for shelf in (await who.data("GET", "/home"))["shelves"]}
    shelf = shelves.get("made-for-you")
    return shelf and [track["id"] for track in shelf["tracks"]]


async def test_who_has_no_history_is_recommended_what_is_popular(platform: Platform, ann: Person) -> None:
    # t9 is the most streamed, but not out yet.
    assert await recommended_to(platform, ann) == ["t8", "t7", "t6", "t5", "t4", "t3", "t2", "t1"]
    assert await recommended_to(platform, ann, total=3) == ["t8", "t7", "t6"]
    assert await made_for(ann) is None, "the shelf of popular tracks stands there already"


async def test_an_empty_platform_recommends_nothing(platform: Platform) -> None:
    assert await recommended_to(platform, await platform.person("ann")) == []


async def test_what_similar_listeners_play_comes_first(platform: Platform, ann: Person) -> None:
    near, far = await platform.person("near"), await platform.person("far")
    for track in ("t7", "t8"):
        await played(platform, ann, track)
        await played(platform, near, track)
    await played(platform, far, "t8")
    await played(platform, near, "t1")
    await played(platform, far, "t2")
    await played(platform, far, "t3")
    new = ["t1", "t2", "t3", "t6", "t5", "t4"]
    assert await recommended_to(platform, ann) == [*new, "t8", "t7"], "what she knows comes last, ranked the same way"
    assert await made_for(ann) == [*new, "t8", "t7"]
    assert await recommended_to(platform, ann, total=6) == new


@pytest.mark.parametrize(("days", "first"), [(6.99, "t1"), (7.0, "t8")])
async def test_neighbours_recommend_what_they_played_within_a_week(
    platform: Platform, ann: Person, days: float, first: str
) -> None:
    near = await platform.person("near")
    await played(platform, ann, "t7")
    await played(platform, near, "t7")
    await played(platform, near, "t1", days)
    assert (await recommended_to(platform, ann))[0] == first


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, False)])
async def test_the_history_of_28_days_counts(platform: Platform, ann: Person, seconds: int, counts: bool) -> None:
    await played(platform, ann, "t8", 28 + seconds / 86_400)
    assert (await recommended_to(platform, ann))[0] == ("t7" if counts else "t8")
    assert (await made_for(ann) is not None) is counts


async def test_what_sounds_like_a_liked_track_comes_first(platform: Platform, ann: Person) -> None:
    await sounds(platform, t1=CALM, t2=LOUD, t3=CALM, t8=None)
    await played(platform, ann, "t3")
    assert (await recommended_to(platform, ann))[0] == "t1"
    assert (await recommended_to(platform, ann))[-1] == "t3"


async def test_tracks_that_were_never_heard_out_say_nothing_of_taste(platform: Platform, ann: Person) -> None:
    await sounds(platform, t1=CALM, t3=CALM)
    await played(platform, ann, "t3", completed=False)
    assert (await recommended_to(platform, ann))[0] == "t8"


async def test_a_liked_track_of_unknown_sound_does_no_harm(platform: Platform, ann: Person) -> None:
    await sounds(platform, **{f"t{number}": None for number in range(1, 10)})
    await played(platform, ann, "t3")
    assert await made_for(ann) == ["t8", "t7", "t6", "t5", "t4", "t2", "t1"]


async def test_what_cannot_be_played_is_not_recommended(platform: Platform, ann: Person) -> None:
    near = await platform.person("near")
    await played(platform, ann, "t7")
    for track in ("t7", "t1", "t2", "t9"):
        await played(platform, near, track)
    async with platform.state.database.writing() as db:
        await db.execute(update(TrackRow).where(TrackRow.id == "t1").values(is_available=False))
        await db.execute(update(TrackRow).where(TrackRow.id == "t2").values(audio_key=None))
    assert await made_for(ann) == ["t8", "t6", "t5", "t4", "t3", "t7"]


async def test_no_artist_stands_for_more_than_two(platform: Platform) -> None:
    await seed_catalogue(platform.state.database)
    ann = await platform.person("ann")
    assert await recommended_to(platform, ann) == ["t8", "t7", "t6"]
    async with platform.state.database.writing() as db:
        await db.execute(update(AlbumRow).where(AlbumRow.id == "al3").values(release_date=None))
    assert await recommended_to(platform, ann) == ["t9", "t8", "t7"]
