"""How each record of the platform is put into words: which of its fields, by which names, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui.cli.verbs.targets import kind_of

Say = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record."""

    label: str
    paths: tuple[tuple[str, ...], ...]
    """Where it stands; the first that has something counts."""
    say: Say
    right: bool = False
    """Whether it is a number, and stands to the right of its column."""
    long: bool = False
    """Whether it takes what room is left."""
    aside: bool = False
    """Whether it is left out of a table."""


Shape = tuple[Field, ...]


def value_at(record: Any, paths: tuple[tuple[str, ...], ...]) -> Any:
    """Return what stands in a record, None where nothing does."""
    for path in paths:
        value = record
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value not in (None, "", []):
            return value
    return None


def shape_for(name: str, record: Mapping[str, Any]) -> Shape:
    """Return the shape called `name`, for an empty one that of what the record shows itself to be."""
    kind = name or (kind_of(dict(record)) or "")
    known = SHAPES.get(str(kind))
    return known if known is not None else tuple(_field(key, key, aside=False) for key in record if key != "id") + _ID


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items() if each not in (None, "", [], {}))
    return "" if value is None else str(value)


def _time(value: Any) -> str:
    """Return a moment of the wire in local time; a number is in ms since 1970."""
    try:
        moment = (
            datetime.fromtimestamp(value / 1000).astimezone()
            if isinstance(value, (int, float))
            else datetime.fromisoformat(str(value)).astimezone()
        )
    except (ValueError, OverflowError, OSError):
        return _text(value)
    return f"{moment:%Y-%m-%d %H:%M}"


def _length(value: Any) -> str:
    """Return milliseconds as minutes and seconds."""
    seconds = int(value) // 1000 if isinstance(value, (int, float)) else 0
    return f"{seconds // 60}:{seconds % 60:02d}"


def _seconds(value: Any) -> str:
    return _length(value * 1000) if isinstance(value, (int, float)) else ""


def _percent(value: Any) -> str:
    return f"{round(value * 100)} %" if isinstance(value, (int, float)) else ""


def _of_each(*paths: tuple[str, ...]) -> Say:
    """Return what says of each record in a list what stands at the first of `paths` that has something."""

    def say(value: Any) -> str:
        found = [_text(value_at(each, paths)) for each in value] if isinstance(value, list) else []
        return ", ".join(word for word in found if word)

    return say


def _name_or_each(*paths: tuple[str, ...]) -> Say:
    """Return what says a text as it is, and of a list what stands in each."""
    return lambda value: value if isinstance(value, str) else _of_each(*paths)(value)


def _count(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) else _text(value)


def _vote(value: Any) -> str:
    return {1: "up", -1: "down"}.get(value, "") if isinstance(value, int) else ""


def _when_true(word: str) -> Say:
    return lambda value: word if value is True else ""


def _field(
    label: str, paths: str, say: Say = _text, *, right: bool = False, long: bool = False, aside: bool = False
) -> Field:
    """`paths` such as `title|user.username`."""
    split = tuple(tuple(path.split(".")) for path in paths.split("|"))
    return Field(label, split, say, right, long, aside)


def _number(label: str, paths: str, say: Say = _text, *, aside: bool = False) -> Field:
    return _field(label, paths, say, right=True, aside=aside)


def _long(label: str, paths: str, say: Say = _text) -> Field:
    return _field(label, paths, say, long=True)


def _aside(label: str, paths: str, say: Say = _text) -> Field:
    return _field(label, paths, say, aside=True)


_ID: Shape = (_field("id", "id"),)
_WHEN = _field("when", "createdAt", _time)

SHAPES: dict[str, Shape] = {
    "post": (
        _WHEN,
        _field("by", "user.username|authorUsername"),
        _field("in", "subredditName"),
        _number("likes", "likeCount|score"),
        _number("comments", "commentCount"),
        _long("text", "title|caption"),
        _aside("body", "body"),
        _aside("link", "url"),
        _aside("pictures", "media", _count),
        _aside("described as", "media", _of_each(("alt",))),
        _aside("place", "location.name"),
        _aside("your vote", "myVote", _vote),
        _aside("liked by you", "isLikedByMe"),
        _aside("saved by you", "isSavedByMe"),
        *_ID,
    ),
    "comment": (
        _WHEN,
        _field("by", "authorUsername"),
        _number("score", "score"),
        _number("level", "depth"),
        _long("text", "body|content"),
        _aside("your vote", "myVote", _vote),
        _aside("answers", "parentId"),
        _aside("post", "postId"),
        *_ID,
    ),
    "user": (
        _field("user", "username"),
        _field("name", "fullName"),
        _number("followers", "followerCount"),
        _number("following", "followingCount"),
        _number("posts", "postCount"),
        _long("about", "bio"),
        _aside("you follow", "isFollowing"),
        _aside("follows you", "followsMe"),
        _aside("private", "isPrivate"),
        *_ID,
    ),
    "subreddit": (
        _field("name", "name"),
        _number("members", "subscriberCount"),
        _field("joined", "isJoined", _when_true("joined")),
        _long("about", "description|displayName"),
        *_ID,
    ),
    "story": (
        _field("by", "user.username"),
        _number("stories", "stories", _count),
        _field("seen", "seen"),
        _aside("pictures", "stories", _of_each(("mediaUrl",))),
        _field("id", "user.id|id"),
    ),
    "chat": (
        _field("when", "lastMessage.createdAt|updatedAt|createdAt", _time),
        _number("unread", "unreadCount"),
        _field("with", "name|members", _name_or_each(("username",))),
        _long("last", "lastMessage.content"),
        *_ID,
    ),
    "message": (
        _WHEN,
        _field("from", "senderName|senderId"),
        _long("text", "content"),
        _aside("kind", "type"),
        _aside("media", "mediaUrl"),
        *_ID,
    ),
    "request": (_WHEN, _field("user", "user.username"), _long("name", "user.fullName"), *_ID),
    "track": (
        _number("length", "durationMs", _length),
        _field("by", "artists|artist.name|artist", _name_or_each(("name",))),
        _field("album", "album.title|album"),
        _field("why", "reason"),
        _long("title", "title"),
        _aside("released", "availableFrom"),
        _aside("plays", "streamCount"),
        _aside("in your library", "isSaved"),
        _aside("cannot be played", "restriction"),
        _aside("sound", "audioFeatures"),
        *_ID,
    ),
    "album": (
        _field("released", "releaseDate"),
        _field("by", "artist.name"),
        _number("tracks", "totalTracks"),
        _long("title", "title"),
        _aside("label", "label"),
        *_ID,
    ),
    "artist": (
        _field("name", "name"),
        _number("listeners", "monthlyListeners"),
        _field("followed", "isFollowed", _when_true("followed")),
        _long("genres", "genres"),
        *_ID,
    ),
    "playlist": (
        _field("by", "ownerName"),
        _number("tracks", "trackCount"),
        _field("access", "isPublic", lambda value: "public" if value else "private"),
        _long("name", "name"),
        _aside("about", "description"),
        _aside("you may edit", "canEdit"),
        *_ID,
    ),
    "play": (
        _field("when", "playedAt", _time),
        _number("heard", "listenedMs", _length),
        _field("by", "track.artists", _of_each(("name",))),
        _long("title", "track.title"),
        _field("id", "track.id"),
    ),
    "shelf": (
        _field("shelf", "title"),
        _long("has", "playlists|albums|tracks|artists", _of_each(("title",), ("name",))),
        *_ID,
    ),
    "mix": (_field("mix", "kind"), _field("number", "mixId"), _long("title", "title"), _aside("about", "description")),
    "lyric": (_number("at", "timeMs", _length), _long("line", "text")),
    "concert": (
        _field("when", "startsAt", _time),
        _field("artist", "artist.name"),
        _field("city", "city"),
        _field("country", "country"),
        _long("venue", "venue"),
        *_ID,
    ),
    "friend": (
        _field("user", "user.username"),
        _field("when", "at", _time),
        _field("now", "playing", _when_true("now")),
        _field("by", "track.artists", _of_each(("name",))),
        _long("title", "track.title"),
        _field("id", "track.id"),
    ),
    "device": (
        _field("name", "name"),
        _field("kind", "kind"),
        _field("there", "isOnline", _when_true("there")),
        _field("music", "isActive", _when_true("active")),
        _number("volume", "volume", _percent),
        *_ID,
    ),
    "playing": (
        _field("title", "currentTrack.title"),
        _field("by", "currentTrack.artist"),
        _field("album", "currentTrack.album"),
        _field("playing", "isPlaying"),
        _field("at", "progress", _seconds),
        _field("length", "duration", _seconds),
        _field("volume", "volume", _percent),
        _field("muted", "isMuted", _when_true("muted")),
        _field("shuffle", "shuffle"),
        _field("repeat", "repeat"),
        _field("to come", "queueLength"),
        _field("device", "deviceId"),
        _field("from", "currentTrack.contextType"),
        _field("list", "currentTrack.contextId"),
        _field("id", "currentTrack.id"),
    ),
    "entry": (
        _number("entry", "entryId"),
        _number("length", "durationMs", _length),
        _field("by", "artist"),
        _long("title", "title"),
        *_ID,
    ),
    "listening": (
        _field("from", "firstDay"),
        _field("to", "lastDay"),
        _field("plays", "plays"),
        _field("heard", "listenedMs", _length),
        _field("tracks", "tracks"),
        _field("artists", "artists"),
        _field("most heard artists", "topArtists", _of_each(("artist", "name"))),
        _field("most heard tracks", "topTracks", _of_each(("track", "title"))),
    ),
    "unsent write": (
        _field("when", "createdAt", _time),
        _field("stands", "status"),
        _long("what", "label"),
        _field("why", "reason"),
        _field("id", "key"),
    ),
    "step": (_field("when", "at", _time), _field("stands", "state"), _long("what", "label"), *_ID),
    "draft": (_field("when", "updatedAt", _time), _field("where", "key"), _long("text", "text")),
    "download": (
        _field("kind", "kind"),
        _number("tracks", "tracks"),
        _number("here", "here"),
        _field("by", "by"),
        _long("title", "title"),
        *_ID,
    ),
}
