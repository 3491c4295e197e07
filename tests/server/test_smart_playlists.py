"""Smart playlists: what the database chooses by rules is what reading them one track after the other would choose."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.models.playlist_rules import (
    KINDS,
    MOST_RULES,
    OPERATORS,
    Kind,
    Rule,
    RuleGroup,
    Rules,
    SortName,
    TrackLimit,
    flat,
    read_rules,
)
from server.db import Database, folded
from server.playlists.rules import Chooser
from server.playlists.special import RULES_KEPT_PER_MINUTE
from server.tables.music import AlbumRow, ArtistRow, LibraryItemRow, PlayRow, TrackArtistRow, TrackRow
from server.tables.users import UserRow
from tests.server.music_seed import seed_catalogue

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TEXTS = ("title", "album", "artist", "genre")
WORDS = ("Äther", "äTHER", "100%", "under_score", "o'clock", "Jazz", "jazz funk", "Σίσυφος")


@dataclass
class Song:
    """A track as somebody would tell of it."""

    id: str
    title: str
    album: str
    date: str | None
    artists: list[str]
    genres: list[str]
    seconds: int
    explicit: bool
    features: dict[str, float] | None
    created: datetime
    available: bool = True
    plays: list[tuple[datetime, bool]] = field(default_factory=list)
    loved: datetime | None = None

    @property
    def last(self) -> datetime | None:
        return max((moment for moment, _ in self.plays), default=None)

    @property
    def counted(self) -> int:
        return sum(counted for _, counted in self.plays)


def songs() -> list[Song]:
    made = []
    for n in range(24):
        word = WORDS[n % len(WORDS)]
        features = {"tempo": 80.0 + 5 * (n % 7), "energy": (n % 5) / 4} if n % 4 else None
        song = Song(
            f"s{n:02}", f"{word} {n}", f"Album {n % 3}", [None, "1994", "1994-05", "2021-02-03"][n % 4],
            [WORDS[(n * 3) % len(WORDS)], WORDS[(n * 5 + 1) % len(WORDS)]], [WORDS[n % 3 + 4], "rock"][: n % 3],
            100 + 37 * (n % 6), n % 5 == 0, features, NOW - (n % 9) * 10 * DAY, available=n != 11,
        )  # fmt: skip
        song.plays = [(NOW - (n + 3 * at) * DAY, (n + at) % 3 != 0) for at in range(n % 4)]
        song.loved = NOW - 4 * n * DAY if n % 3 == 1 else None
        made.append(song)
    return made


SONGS = songs()


# -- reading rules one track after the other


def fits(group: RuleGroup, song: Song) -> bool:
    answers = [answer(one, song) if isinstance(one, Rule) else fits(one, song) for one in group.rules]
    return not answers or (all(answers) if group.match == "all" else any(answers))


def answer(rule: Rule, song: Song) -> bool:
    value: Any = rule.value
    match KINDS[rule.field]:
        case Kind.FLAG:
            return (song.loved is not None if rule.field == "isLoved" else song.explicit) == value
        case Kind.DAYS:
            moment = {"lastPlayed": song.last, "added": song.created, "loved": song.loved}[rule.field]
            recent = moment is not None and moment >= NOW - value * DAY
            return recent == (rule.op == "within")
        case Kind.TEXT:
            named = {"title": [song.title], "album": [song.album], "artist": song.artists, "genre": song.genres}
            texts, wanted = [text.casefold() for text in named[rule.field]], value.strip().casefold()
            says = {
                "is": wanted in texts,
                "contains": any(wanted in text for text in texts),
                "beginsWith": any(text.startswith(wanted) for text in texts),
            }
            return not says[{"isNot": "is", "containsNot": "contains"}[rule.op]] if "Not" in rule.op else says[rule.op]
        case _:
            known = _number(rule.field, song)
            if known is None:
                return False
            if rule.op == "between":
                return min(value) <= known <= max(value)
            return bool({"is": known == value, "isNot": known != value}.get(
                rule.op, known >= value if rule.op == "atLeast" else known <= value))  # fmt: skip


def _number(name: str, song: Song) -> float | None:
    match name:
        case "year":
            return int(song.date[:4]) if song.date else None
        case "plays":
            return song.counted
        case "duration":
            return song.seconds
        case _:
            return (song.features or {}).get(name)


def chosen_by_hand(rules: Rules) -> list[str]:
    found = sorted((song for song in SONGS if song.available and fits(rules.where, song)), key=lambda song: song.id)

    def by(key: Any, *, falling: bool = False, unknown_first: bool = False) -> None:
        known = [song for song in found if key(song) is not None]
        rest = [song for song in found if key(song) is None]
        # A stable order, also where it falls.
        known.sort(key=key) if not falling else known.sort(key=key, reverse=True)
        found[:] = rest + known if unknown_first else known + rest

    match rules.sort:
        case "newest" | "oldest":
            by(lambda song: song.date, falling=rules.sort == "newest")
        case "title" | "album":
            by(lambda song: getattr(song, rules.sort).casefold())
        case "artist":
            by(lambda song: song.artists[0].casefold())
        case "mostPlayed" | "leastPlayed":
            by(lambda song: song.counted, falling=rules.sort == "mostPlayed")
        case "lastPlayed":
            by(lambda song: song.last, falling=True)
        case "longestAgo":
            by(lambda song: song.last, unknown_first=True)
        case "recentlyAdded":
            by(lambda song: song.created, falling=True)
        case "shortest" | "longest":
            by(lambda song: song.seconds, falling=rules.sort == "longest")
        case _:
            by(lambda song: (song.features or {}).get("tempo"), falling=rules.sort == "fastest")
    if rules.limit is None:
        return [song.id for song in found]
    if rules.limit.by == "tracks":
        return [song.id for song in found[: rules.limit.most]]
    taken, seconds = [], 0
    for song in found:
        seconds += song.seconds
        if seconds > rules.limit.most * 60:
            break
        taken.append(song.id)
    return taken


# -- all rules there are


def _rules_on(name: str) -> st.SearchStrategy[Rule]:
    kind = KINDS[name]
    numbers = st.one_of(st.integers(0, 3), st.sampled_from([0.5, 85.0, 95, 137, 1994, 2021]))
    values: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: st.sampled_from([*WORDS, "a", "%", "_", "'", " jazz ", "Album 1", "rock"]),
        Kind.NUMBER: numbers,
        Kind.DAYS: st.integers(1, 90),
        Kind.FLAG: st.booleans(),
    }

    def with_op(op: str) -> st.SearchStrategy[Rule]:
        value = st.lists(numbers, min_size=2, max_size=2) if op == "between" else values[kind]
        return value.map(lambda found: Rule.model_validate({"field": name, "op": op, "value": found}))

    return st.sampled_from(OPERATORS[kind]).flatmap(with_op)


RULE = st.sampled_from(sorted(KINDS)).flatmap(_rules_on)
MATCH = st.sampled_from(["all", "any"])
INNERMOST = st.builds(RuleGroup, match=MATCH, rules=st.lists(RULE, max_size=3))
INNER = st.builds(RuleGroup, match=MATCH, rules=st.lists(st.one_of(RULE, INNERMOST), max_size=3))
OUTER = st.builds(RuleGroup, match=MATCH, rules=st.lists(st.one_of(RULE, INNER), max_size=3))
LIMIT = st.none() | st.builds(TrackLimit, by=st.sampled_from(["tracks", "minutes"]), most=st.integers(1, 40))
RULES = st.builds(Rules, where=OUTER, sort=st.sampled_from(get_args(SortName)), limit=LIMIT)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Database]]:
    """A database with the songs, one listener `u` and somebody else whose listening must not count."""
    database = Database(tmp_path_factory.mktemp("rules") / "platform.db")
    with asyncio.Runner() as runner:
        runner.run(_lay_out(database))
        yield runner, database
        runner.run(database.close())


async def _lay_out(database: Database) -> None:
    await database.open()
    async with database.writing() as db:
        for name in ("u", "other"):
            moments = {"created_at": NOW, "updated_at": NOW}
            db.add(UserRow(id=name, username=name, username_key=name, email=name, password_hash="", **moments))
        for number, name in enumerate(WORDS):
            db.add(ArtistRow(id=f"a{number}", name=name, name_key=name, genres=[], created_at=NOW))
        await db.flush()
        for song in SONGS:
            await _put(db, song)


async def _put(db: Any, song: Song) -> None:
    own_genre = song.genres[0] if song.genres else None
    album = f"al-{song.id}"
    db.add(AlbumRow(id=album, artist_id="a0", title=song.album, release_date=song.date, created_at=NOW))
    await db.flush()
    db.add(
        TrackRow(
            id=song.id, album_id=album, title=song.title, duration_ms=song.seconds * 1000, explicit=song.explicit,
            genre=own_genre, audio_features=song.features, is_available=song.available, created_at=song.created,
        )
    )  # fmt: skip
    await db.flush()
    for place, name in enumerate(song.artists):
        # What is more than the track's own genre comes from an artist of its own.
        artist = f"a-{song.id}-{place}"
        genres = song.genres[1:] if place else []
        db.add(ArtistRow(id=artist, name=name, name_key=name, genres=genres, created_at=NOW))
        await db.flush()
        db.add(TrackArtistRow(track_id=song.id, artist_id=artist, is_primary=place == 0, place=place))
    for at, (moment, counted) in enumerate(song.plays):
        for user in ("u", "other") if at else ("u",):
            started = int(moment.timestamp() * 1000)
            db.add(
                PlayRow(user_id=user, track_id=song.id, played_at=moment, started_ms=started, heard_at_ms=started,
                        counted=counted)
            )  # fmt: skip
    db.add(LibraryItemRow(user_id="other", kind="tracks", item_id=song.id, saved_at=NOW))
    if song.loved is not None:
        db.add(LibraryItemRow(user_id="u", kind="tracks", item_id=song.id, saved_at=song.loved))


@settings(max_examples=150, deadline=None)
@given(rules=RULES)
def test_the_database_chooses_what_reading_the_rules_would_choose(
    shop: tuple[asyncio.Runner, Database], rules: Rules
) -> None:
    runner, database = shop

    async def ask() -> list[str]:
        async with database.reading() as db:
            return [row[0] for row in await db.execute(Chooser("u", NOW).query(rules))]

    assert runner.run(ask()) == chosen_by_hand(rules)


@settings(max_examples=60, deadline=None)
@given(rules=RULES)
def test_rules_come_back_from_the_wire_as_they_went(rules: Rules) -> None:
    assert read_rules(rules.model_dump(mode="json")) == rules


def test_rules_of_a_newer_platform_are_none_that_can_be_read() -> None:
    assert read_rules({"where": {"match": "all", "rules": [{"field": "mood", "op": "is", "value": "sad"}]}}) is None


# -- over HTTP


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


def where(*rules: Any, match: str = "all", **more: Any) -> dict[str, Any]:
    asked = [{"field": one[0], "op": one[1], "value": one[2]} if isinstance(one, tuple) else one for one in rules]
    return {"where": {"match": match, "rules": asked}, **more}


def ids(playlist: Any) -> list[str]:
    return [track["id"] for track in playlist["tracks"]]


async def test_a_smart_playlist_is_filled_anew_whenever_it_is_read(ann: Any) -> None:
    rules = where(("isLoved", "is", True), sort="title")
    made = await ann.data("POST", "/playlists", {"name": "Loved", "rules": rules})
    assert (ids(made), made["canEdit"], made["rules"]["sort"]) == ([], False, "title")
    for track in ("t3", "t1"):
        await ann.data("PUT", f"/library/tracks/{track}")
    playlist = await ann.data("GET", f"/playlists/{made['id']}")
    assert (ids(playlist), playlist["trackCount"]) == (["t1", "t3"], 2)
    assert [track["position"] for track in playlist["tracks"]] == [1, 2]


async def test_a_smart_playlist_is_not_changed_by_hand(ann: Any) -> None:
    made = await ann.data("POST", "/playlists", {"name": "All", "rules": where()})
    move = {"trackId": "t1", "fromPosition": 1, "toPosition": 2}
    for method, path, body in (
        ("POST", "/tracks", {"trackId": "t1"}),
        ("DELETE", "/tracks/t1", None),
        ("PUT", "/tracks/reorder", move),
    ):
        reply = await ann.request(method, f"/playlists/{made['id']}{path}", json=body)
        assert (reply.status_code, reply.json()["error"]["code"]) == (409, "WRONG_KIND")


async def test_it_becomes_an_ordinary_one_with_what_it_holds_and_back(ann: Any) -> None:
    rules = where(("title", "is", "SONG 2"), ("title", "is", "song 4"), match="any", sort="title")
    made = await ann.data("POST", "/playlists", {"name": "Two", "rules": rules})
    path = f"/playlists/{made['id']}"
    plain = await ann.data("PUT", f"{path}/rules", {"baseVersion": made["version"], "rules": None})
    assert (ids(plain), plain["rules"], plain["canEdit"]) == (["t2", "t4"], None, True)
    await ann.data("POST", f"{path}/tracks", {"trackId": "t9"})
    again = await ann.data("PUT", f"{path}/rules", {"rules": rules})
    assert (ids(again), again["canEdit"]) == (["t2", "t4"], False)


async def test_rules_carry_the_version_of_the_playlist(ann: Any) -> None:
    made = await ann.data("POST", "/playlists", {"name": "Mine", "rules": where()})
    path = f"/playlists/{made['id']}/rules"
    changed = await ann.data("PUT", path, {"baseVersion": 1, "rules": where(sort="title")})
    assert changed["version"] == 2
    late = await ann.put(path, {"baseVersion": 1, "rules": where(sort="album")})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "VERSION_CONFLICT")


async def test_a_preview_counts_everything_and_shows_the_first_of_it(ann: Any) -> None:
    rules = where(("artist", "contains", "RÓS"), sort="longest")
    seen = await ann.data("POST", "/playlists/preview", {"rules": rules})
    assert (seen["count"], seen["tracks"][0]["id"]) == (8, "t9")
    assert seen["durationMs"] == sum(200_000 + number for number in range(1, 10) if number != 8)


def _nested(levels: int) -> dict[str, Any]:
    group: dict[str, Any] = {"match": "all", "rules": []}
    for _ in range(levels - 1):
        group = {"match": "any", "rules": [group]}
    return {"where": group}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (where(("title", "atLeast", 3)), "cannot be asked"),
        (where(("title", "is", "  ")), "needs some text"),
        (where(("year", "between", 3)), "two numbers"),
        (where(("plays", "atLeast", True)), "needs a number"),
        (where(("lastPlayed", "within", 0)), "whole number of days"),
        (where(("explicit", "is", 1)), "true or false"),
        (where(("mood", "is", "x")), "title"),
        (where(sort="random"), "newest"),
        (where(limit={"by": "tracks", "most": 0}), "greater than"),
        (_nested(4), "deep at most"),
        (where(*[("year", "is", 1)] * (MOST_RULES // 2), where(*[("year", "is", 1)] * 26)["where"]), "50 rules"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(ann: Any, rules: Any, words: str) -> None:
    reply = await ann.post("/playlists/preview", {"rules": rules})
    assert reply.status_code == 400
    assert words in reply.text


async def test_rules_are_their_owners_and_what_they_choose_is_seen_by_all(platform: Any, ann: Any) -> None:
    ben = await platform.person("ben")
    await ann.data("PUT", "/library/tracks/t5")
    made = await ann.data("POST", "/playlists", {"name": "Hers", "rules": where(("isLoved", "is", True))})
    assert ids(await ben.data("GET", f"/playlists/{made['id']}")) == ["t5"]
    assert (await ben.put(f"/playlists/{made['id']}/rules", {"rules": None})).status_code == 403


def test_rules_are_counted_in_all_groups() -> None:
    inner = RuleGroup(rules=[Rule(field="year", op="is", value=2000)])
    assert len(list(flat(RuleGroup(rules=[inner, inner])))) == 2


def test_every_text_of_the_catalogue_is_folded_once_however_many_rules_ask(
    shop: tuple[asyncio.Runner, Database],
) -> None:
    runner, database = shop
    asked = [Rule(field=name, op="contains", value=f"no {n}") for name in TEXTS for n in range(12)]
    query = Chooser("u", NOW).query(Rules(where=RuleGroup(match="any", rules=asked), sort="title"))
    calls = 0

    def counting(text: str | None) -> str | None:
        nonlocal calls
        calls += 1
        return folded(text)

    async def ask() -> None:
        async with database.reading() as db:
            driver = (await (await db.connection()).get_raw_connection()).driver_connection
            assert driver is not None
            await driver.create_function("folded", 1, counting, deterministic=True)
            try:
                assert (await db.execute(query)).all() == []
            finally:
                await driver.create_function("folded", 1, folded, deterministic=True)

    runner.run(ask())
    names = len(WORDS) + sum(len(song.artists) for song in SONGS)
    genres = sum(len(song.genres[1:]) for song in SONGS)
    assert calls <= 3 * len(SONGS) + names + genres


async def test_a_number_of_hundreds_of_digits_is_refused(ann: Any) -> None:
    for value in (10**400, [1, 10**400]):
        rules = where(("plays", "between" if isinstance(value, list) else "is", value))
        assert (await ann.post("/playlists/preview", {"rules": rules})).status_code == 400
        assert read_rules(rules) is None


async def test_rules_are_not_kept_without_end(ann: Any) -> None:
    path = f"/playlists/{(await ann.data('POST', '/playlists', {'name': 'All', 'rules': where()}))['id']}/rules"
    replies = [(await ann.put(path, {"rules": where()})).status_code for _ in range(RULES_KEPT_PER_MINUTE)]
    assert replies == [200] * (RULES_KEPT_PER_MINUTE - 1) + [429]
