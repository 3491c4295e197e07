"""From the rules of a smart playlist to one query: values are bound parameters, names come from tables of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    not_,
    or_,
    select,
    true,
)

from api_client.models.playlist_rules import KINDS, MOST_TRACKS, Kind, Rule, RuleGroup, Rules, flat
from server.tables.music import AlbumRow, ArtistRow, LibraryItemRow, PlayRow, TrackArtistRow, TrackRow
from server.together.privacy import may_be_told

_MINUTE = 60_000
"""Milliseconds."""
Test = Callable[[ColumnElement[Any]], ColumnElement[bool]]
_FEATURES = ("tempo", "energy", "danceability", "acousticness", "valence")


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses from the catalogue by rules, as of `now`, with what `owner_id` has heard and keeps."""

    owner_id: str
    now: datetime
    for_others: bool = False
    """Whether somebody else sees what comes of it: what the owner heard in private is unheard then."""

    def query(self, rules: Rules) -> Select[str, int]:
        """Return the query for ids and durations (ms) of the chosen tracks in their order, a thousand at most."""
        plays, kept = self._plays(), self._kept()
        words = _Words({rules.sort, *(rule.field for rule in flat(rules.where))})
        asked = _Asked(self.now, plays, kept, words)
        query: Select[str, int] = (
            select(TrackRow.id, TrackRow.duration_ms)
            .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
            .outerjoin(plays, plays.c.track_id == TrackRow.id)
            .outerjoin(kept, kept.c.track_id == TrackRow.id)
            .where(TrackRow.is_available, asked.group(rules.where))
        )
        if words.are_asked:
            query = query.join(words.tracks, words.tracks.c.id == TrackRow.id)
        order = asked.order(rules.sort)
        most = MOST_TRACKS
        if rules.limit is None or rules.limit.by == "tracks":
            most = min(rules.limit.most, most) if rules.limit is not None else most
            return query.order_by(*order).limit(most)
        # Tracks are taken in their order until the next one would be too much.
        so_far = func.sum(TrackRow.duration_ms).over(order_by=order, rows=(None, 0)).label("so_far")
        place = func.row_number().over(order_by=order).label("place")
        counted = query.add_columns(so_far, place).subquery()
        return (
            select(counted.c.id, counted.c.duration_ms)
            .where(counted.c.so_far <= rules.limit.most * _MINUTE)
            .order_by(counted.c.place)
            .limit(most)
        )

    def _plays(self) -> Subquery:
        """What the owner has heard: by track how often, as plays are counted, and when last."""
        heard = (
            select(
                PlayRow.track_id,
                func.sum(cast(PlayRow.counted, Integer)).label("plays"),
                func.max(PlayRow.played_at).label("last"),
            )
            .where(PlayRow.user_id == self.owner_id, PlayRow.played_at <= self.now)
            .group_by(PlayRow.track_id)
        )
        return (heard.where(may_be_told(PlayRow.id)) if self.for_others else heard).subquery("heard")

    def _kept(self) -> Subquery:
        """What the owner keeps in the library, and since when."""
        return (
            select(LibraryItemRow.item_id.label("track_id"), LibraryItemRow.saved_at.label("since"))
            .where(LibraryItemRow.user_id == self.owner_id, LibraryItemRow.kind == "tracks")
            .subquery("kept")
        )


class _Words:
    """The texts of the catalogue without their case: each is folded once for a query, not again for every rule."""

    def __init__(self, fields: Set[str]) -> None:
        texts = {"title": TrackRow.title, "album": AlbumRow.title, "genre": TrackRow.genre}
        asked = [func.folded(column).label(name) for name, column in texts.items() if name in fields]
        self.are_asked = bool(asked)
        # A limit that is none keeps SQLite from putting the expressions into the query around, once for each use.
        self.tracks = (
            select(TrackRow.id, *asked).join(AlbumRow, AlbumRow.id == TrackRow.album_id).limit(-1).subquery("words")
        )
        # What is used more than once SQLite computes once.
        self._artists = select(ArtistRow.id, func.folded(ArtistRow.name).label("name")).cte("artist_names")
        genres = func.json_each(ArtistRow.genres).table_valued("value", name="genres")
        self._genres = (
            select(ArtistRow.id, func.folded(cast(genres.c.value, String)).label("name"))
            .join(genres, true())
            .cte("artist_genres")
        )

    def hold(self, field: str, test: Test) -> ColumnElement[bool]:
        """Whether `test` holds of a text of a track: of any one where it has several."""
        match field:
            case "artist":
                return _by_artists(select(self._artists.c.id).where(test(self._artists.c.name)))
            case "genre":
                # A track's own, or one of its artists'.
                own = self.tracks.c.genre
                of_artists = select(self._genres.c.id).where(test(self._genres.c.name))
                return or_(and_(own.is_not(None), test(own)), _by_artists(of_artists))
            case _:
                return test(self.tracks.c[field])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What fields stand for in the query around them."""

    now: datetime
    plays: Subquery
    kept: Subquery
    words: _Words

    def group(self, group: RuleGroup) -> ColumnElement[bool]:
        conditions = [self.rule(one) if isinstance(one, Rule) else self.group(one) for one in group.rules]
        if not conditions:
            return true()
        return and_(*conditions) if group.match == "all" else or_(*conditions)

    def rule(self, rule: Rule) -> ColumnElement[bool]:
        match KINDS[rule.field]:
            case Kind.TEXT:
                return self._text(rule)
            case Kind.NUMBER:
                return _number(self._numbers()[rule.field], rule)
            case Kind.DAYS:
                return self._days(rule)
            case _:
                is_so = self.kept.c.since.is_not(None) if rule.field == "isLoved" else TrackRow.explicit.expression
                return is_so if rule.value else not_(is_so)

    def _numbers(self) -> Mapping[str, ColumnElement[Any]]:
        features = {name: cast(TrackRow.audio_features[name].as_float(), Float) for name in _FEATURES}
        return {
            "year": _year(),
            "plays": func.coalesce(self.plays.c.plays, 0),
            "duration": TrackRow.duration_ms / 1000.0,
            **features,
        }

    def _days(self, rule: Rule) -> ColumnElement[bool]:
        moments: Mapping[str, ColumnElement[Any]] = {
            "lastPlayed": self.plays.c.last,
            "added": TrackRow.created_at.expression,
            "loved": self.kept.c.since,
        }
        days = rule.value if isinstance(rule.value, int) else 0
        recent = moments[rule.field] >= self.now - timedelta(days=days)
        # What never happened did not happen within any time.
        recent = func.coalesce(recent, False)
        return recent if rule.op == "within" else not_(recent)

    def _text(self, rule: Rule) -> ColumnElement[bool]:
        """Any artist and any genre of a track will do; `isNot` and `containsNot` hold where none does."""
        asked = {"isNot": "is", "containsNot": "contains"}.get(rule.op, rule.op)
        wanted = str(rule.value).strip().casefold()
        holds = self.words.hold(rule.field, lambda text: _says(text, asked, wanted))
        return holds if asked == rule.op else not_(holds)

    def order(self, name: str) -> list[ColumnElement[Any]]:
        """Return what to order by: what is not known comes last (but what was never played is longest
        ago), and equals stand by their ids."""
        if name in ("title", "album"):
            return [self.words.tracks.c[name].asc(), TrackRow.id.asc()]
        last, plays = self.plays.c.last, func.coalesce(self.plays.c.plays, 0)
        tempo = self._numbers()["tempo"]
        orders: Mapping[str, ColumnElement[Any]] = {
            "newest": AlbumRow.release_date.desc().nulls_last(),
            "oldest": AlbumRow.release_date.asc().nulls_last(),
            "artist": func.folded(_first_artist()).asc().nulls_last(),
            "mostPlayed": plays.desc(),
            "leastPlayed": plays.asc(),
            "lastPlayed": last.desc().nulls_last(),
            "longestAgo": last.asc().nulls_first(),
            "recentlyAdded": TrackRow.created_at.desc(),
            "shortest": TrackRow.duration_ms.asc(),
            "longest": TrackRow.duration_ms.desc(),
            "slowest": tempo.asc().nulls_last(),
            "fastest": tempo.desc().nulls_last(),
        }
        return [orders[name], TrackRow.id.asc()]


def _by_artists(artists: Select[str]) -> ColumnElement[bool]:
    """Each artist is asked once, and not again for each of their tracks."""
    return TrackRow.id.in_(select(TrackArtistRow.track_id).where(TrackArtistRow.artist_id.in_(artists)))


def _says(text: ColumnElement[Any], op: str, wanted: str) -> ColumnElement[bool]:
    if op == "is":
        return text == wanted
    # As a pattern, what is typed would have signs of its own.
    place = func.instr(text, wanted)
    return place == 1 if op == "beginsWith" else place > 0


def _number(column: ColumnElement[Any], rule: Rule) -> ColumnElement[bool]:
    """What is not known fits no question, not even `isNot`."""
    low, high = rule.numbers
    tests: Mapping[str, Callable[[], ColumnElement[bool]]] = {
        "is": lambda: column == rule.value,
        "isNot": lambda: column != rule.value,
        "atLeast": lambda: column >= rule.value,
        "atMost": lambda: column <= rule.value,
        "between": lambda: column.between(low, high),
    }
    return func.coalesce(tests[rule.op](), False)


def _year() -> ColumnElement[Any]:
    digits = func.substr(AlbumRow.release_date, 1, 4)
    return case((AlbumRow.release_date.is_(None), None), else_=cast(digits, Integer))


def _first_artist() -> ColumnElement[Any]:
    return (
        select(ArtistRow.name)
        .join(TrackArtistRow, TrackArtistRow.artist_id == ArtistRow.id)
        .where(TrackArtistRow.track_id == TrackRow.id)
        .order_by(TrackArtistRow.is_primary.desc(), TrackArtistRow.place)
        .limit(1)
        .correlate(TrackRow)
        .scalar_subquery()
    )
