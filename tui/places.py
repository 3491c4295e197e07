"""The places one can go to, as values: screens name a place and never import one another."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from datetime import date
from typing import get_args
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class SectionPlace:
    """A section's root: feed, threads, chat or music."""

    section: str


@dataclass(frozen=True, slots=True)
class PostPlace:
    """A post of either kind with its comments; `comment_id` is to be highlighted."""

    post_id: str
    comment_id: str | None = None


@dataclass(frozen=True, slots=True)
class SubredditPlace:
    """A subreddit's posts; `sort` such as `new` or `top-year`."""

    name: str
    sort: str | None = None


@dataclass(frozen=True, slots=True)
class ProfilePlace:
    """A person."""

    username: str


@dataclass(frozen=True, slots=True)
class ConversationPlace:
    """A chat."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class DirectChatPlace:
    """The chat with one person, opened if there is none yet."""

    user_id: str


@dataclass(frozen=True, slots=True)
class ArtistPlace:
    """An artist."""

    artist_id: str


@dataclass(frozen=True, slots=True)
class AlbumPlace:
    """An album."""

    album_id: str


@dataclass(frozen=True, slots=True)
class PlaylistPlace:
    """A playlist."""

    playlist_id: str


@dataclass(frozen=True, slots=True)
class MixPlace:
    """A recommended list: `discover-weekly`, `release-radar`, `daily-mix/1`, `similar/TRACK`."""

    name: str


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """What plays next."""


@dataclass(frozen=True, slots=True)
class DevicesPlace:
    """The user's devices."""


@dataclass(frozen=True, slots=True)
class LyricsPlace:
    """The words of what is playing."""


@dataclass(frozen=True, slots=True)
class TrackPlace:
    """All about a track."""

    track_id: str


@dataclass(frozen=True, slots=True)
class ConcertsPlace:
    """Where the artists play that the user follows."""


@dataclass(frozen=True, slots=True)
class ListeningPlace:
    """What the user has heard, in figures: in a `week`, a `month`, a `quarter`, a `year`, or in `all` time."""

    period: str = "month"


@dataclass(frozen=True, slots=True)
class ListeningDayPlace:
    """What the user heard on a day such as 2026-11-21."""

    day: str


@dataclass(frozen=True, slots=True)
class NowPlayingPlace:
    """What is playing, full screen."""


@dataclass(frozen=True, slots=True)
class DownloadsPlace:
    """What is on this machine; `of` such as `album/ID` names one of it."""

    of: str = ""


@dataclass(frozen=True, slots=True)
class FriendsPlace:
    """What friends hear."""


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """The session in which several listen together."""


@dataclass(frozen=True, slots=True)
class ExplorePlace:
    """Photos of people one does not follow."""


@dataclass(frozen=True, slots=True)
class SavedPlace:
    """Saved posts."""


@dataclass(frozen=True, slots=True)
class OutboxPlace:
    """What is still to be sent."""


@dataclass(frozen=True, slots=True)
class ConflictPlace:
    """A change that met somebody else's; `intent_id` names it in the outbox."""

    intent_id: str


@dataclass(frozen=True, slots=True)
class HistoryPlace:
    """What the user did, and what can be taken back."""


@dataclass(frozen=True, slots=True)
class InspectorPlace:
    """What goes over the wire; `filter` says what of it."""

    filter: str = ""


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """Search over everything."""

    words: str = ""


Place = (
    SectionPlace
    | PostPlace
    | SubredditPlace
    | ProfilePlace
    | ConversationPlace
    | DirectChatPlace
    | ArtistPlace
    | AlbumPlace
    | PlaylistPlace
    | MixPlace
    | QueuePlace
    | DevicesPlace
    | LyricsPlace
    | NowPlayingPlace
    | TrackPlace
    | ConcertsPlace
    | ListeningPlace
    | ListeningDayPlace
    | DownloadsPlace
    | FriendsPlace
    | GroupPlace
    | ExplorePlace
    | SavedPlace
    | OutboxPlace
    | ConflictPlace
    | HistoryPlace
    | InspectorPlace
    | SearchPlace
)

_MOST_WORDS, _LONGEST_WORD = 4, 300

SECTIONS = ("feed", "threads", "chat", "music")
NOW_PLAYING = "now-playing"
FRIENDS, TOGETHER = "friends", "together"

_ADDRESSES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"/?p/(?P<id>[\w-]+)(?:/(?P<comment>[\w-]+))?$"), "post"),
    (re.compile(r"/?r/(?P<id>\w+)(?:/(?P<sort>[\w-]+))?$"), "subreddit"),
    (re.compile(r"(?:/?u/|@)(?P<id>[\w.]+)$"), "user"),
    (re.compile(r"/?album/(?P<id>[\w-]+)$"), "album"),
    (re.compile(r"/?track/(?P<id>[\w-]+)$"), "track"),
    (re.compile(r"/?(?P<id>concerts)$"), "concerts"),
    (re.compile(r"/?artist/(?P<id>[\w-]+)$"), "artist"),
    (re.compile(r"/?playlist/(?P<id>[\w-]+)$"), "playlist"),
    (re.compile(r"/?mix/(?P<id>discover-weekly|release-radar|daily-mix/\d|similar/[\w-]+)$"), "mix"),
    (re.compile(r"/?downloads(?:/(?P<id>(?:track|album|playlist|mix)/[\w/-]+))?$"), "downloads"),
    (re.compile(r"/?listening(?:/(?P<id>week|month|quarter|year|all))?$"), "listening"),
    (re.compile(r"/?listening/(?P<id>\d{4}-\d\d-\d\d)$"), "listening-day"),
)


def parse_address(text: str) -> Place | None:
    """Return the place that an address such as `r/python/top-year`, `u/ann`, `p/ID` or a link to one names."""
    text = text.strip()
    if text.casefold() in SECTIONS:
        return SectionPlace(text.casefold())
    if text.casefold() == NOW_PLAYING:
        return NowPlayingPlace()
    if text.casefold() in (FRIENDS, TOGETHER):
        return FriendsPlace() if text.casefold() == FRIENDS else GroupPlace()
    if "://" in text:
        try:
            text = urlsplit(text).path
        except ValueError:
            return None
    for pattern, kind in _ADDRESSES:
        if match := pattern.match(text):
            found = match.groupdict()
            match kind:
                case "post":
                    return PostPlace(found["id"], found["comment"])
                case "subreddit":
                    return SubredditPlace(found["id"], found["sort"])
                case "user":
                    return ProfilePlace(found["id"])
                case "album":
                    return AlbumPlace(found["id"])
                case "track":
                    return TrackPlace(found["id"])
                case "concerts":
                    return ConcertsPlace()
                case "artist":
                    return ArtistPlace(found["id"])
                case "mix":
                    return MixPlace(found["id"])
                case "downloads":
                    return DownloadsPlace(found["id"] or "")
                case "listening":
                    return ListeningPlace(found["id"] or "month")
                case "listening-day":
                    return ListeningDayPlace(found["id"]) if _is_day(found["id"]) else None
                case _:
                    return PlaylistPlace(found["id"])
    return None


def to_words(place: Place) -> list[str | None]:
    """Return a place as it can be kept in a file."""
    return [type(place).__name__, *astuple(place)]


def from_words(words: object) -> Place | None:
    """Return the place that `to_words` gave these words for; None for anything else, for a file is not trusted."""
    if not isinstance(words, list) or not words or len(words) > _MOST_WORDS:
        return None
    name, *fields = words
    if not all(field is None or _is_word(field) for field in fields):
        return None
    kind = next((kind for kind in get_args(Place) if kind.__name__ == name), None)
    try:
        place: Place | None = None if kind is None else kind(*fields)
    except TypeError:  # there are too few of them, or too many
        return None
    if isinstance(place, SectionPlace) and place.section not in SECTIONS:
        return None
    if isinstance(place, ListeningDayPlace) and not _is_day(place.day):
        return None
    return place if place is not None and to_words(place) == words and fields[:1] != [None] else None


def _is_day(text: str) -> bool:
    """Return whether there is a day of this name: no 31st of February."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_word(field: object) -> bool:
    return isinstance(field, str) and len(field) <= _LONGEST_WORD and field.isprintable()
