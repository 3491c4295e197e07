"""What a verb is about: a full id, an address as the program shows it, or a record out of lines of JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tui.cli.exits import CannotGoOn
from tui.places import (
    AlbumPlace,
    ArtistPlace,
    MixPlace,
    PlaylistPlace,
    PostPlace,
    ProfilePlace,
    SubredditPlace,
    TrackPlace,
    parse_address,
)

STDIN = "-"
_MOST_INPUT = 64 * 1024 * 1024
"""Characters of stdin."""
_BARE = re.compile(r"[\w.~@:+-]{1,128}")
_CHAT = re.compile(r"/?(?:chat|c)/(?P<id>[\w.~-]{1,128})")


class Kind(StrEnum):
    """What there is, by the word for it."""

    POST = "post"
    COMMENT = "comment"
    USER = "user"
    SUBREDDIT = "subreddit"
    CHAT = "chat"
    MESSAGE = "message"
    TRACK = "track"
    ALBUM = "album"
    ARTIST = "artist"
    PLAYLIST = "playlist"
    MIX = "mix"
    STORY = "story"
    DEVICE = "device"
    REQUEST = "request"
    INTENT = "unsent write"


Kinds = tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a verb is about."""

    kind: Kind
    id: str
    """The id; of a person the username, of a subreddit its name."""
    typed: str
    """As it was given, to be named in a sentence."""
    inside: str = ""
    """Of a comment its post, of a subreddit the order that its address names."""
    others: Kinds = ()
    """What it may be as well, where an id alone does not tell."""

    def as_each(self) -> Sequence[Target]:
        """Return it as everything that it may be, the likeliest first."""
        return [self, *(Target(kind, self.id, self.typed, self.inside) for kind in self.others)]


def from_text(text: str, kinds: Kinds) -> Target:
    """Return what `text` names, one of `kinds`; raises CannotGoOn."""
    typed = text.strip()
    found = _from_address(typed)
    if found is not None:
        kind, name, inside = found
        if kind in kinds:
            return Target(kind, name, typed, inside)
        if kind is Kind.COMMENT and Kind.POST in kinds:
            return Target(Kind.POST, inside, typed)
        raise CannotGoOn(f"{typed} is {_a(kind)}; this takes {_either(kinds)}")
    if not _BARE.fullmatch(typed):
        raise CannotGoOn(f"{typed[:80]!r} is no id and no address of {_either(kinds)}")
    return Target(kinds[0], typed.removeprefix("@"), typed, others=kinds[1:])


def from_record(record: dict[str, Any], kinds: Kinds) -> Target | None:
    """Return the first of `kinds` that a record of the platform is or tells of, None where it is none of them."""
    own = kind_of(record)
    if own is not None and own in kinds:
        name = _name_of(own, record)
        if name:
            return Target(own, name, name, str(record.get("postId") or ""))
    for kind in kinds:
        name = _told(kind, record)
        if name:
            return Target(kind, name, name)
    if own is None and isinstance(record.get("id"), str) and record["id"]:
        return Target(kinds[0], record["id"], record["id"], others=kinds[1:])
    return None


def read_targets(words: Sequence[str], kinds: Kinds) -> list[Target]:
    """Return what `words` name; `-` among them stands for the lines of stdin. Raises CannotGoOn, before anything."""
    if list(words).count(STDIN) > 1:
        raise CannotGoOn("stdin can be read only once")
    found: list[Target] = []
    for word in words:
        if word == STDIN:
            found += targets_in(read_stdin(), kinds)
        else:
            found.append(from_text(word, kinds))
    return found


def read_stdin() -> str:
    """Return what stands on stdin. Raises CannotGoOn for what is no UTF-8, or too much."""
    data = sys.stdin.buffer.read(_MOST_INPUT + 1)
    if len(data) > _MOST_INPUT:
        raise CannotGoOn("stdin: this is more than can be read at once")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotGoOn(f"stdin is not UTF-8 text (byte {error.start})") from error


def kind_of(record: dict[str, Any]) -> Kind | None:
    """Return what a record of the platform is, as its fields tell; None where they do not."""
    return next((kind for kind, marks in _MARKS if all(mark in record for mark in marks)), None)


_MARKS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.INTENT, ("endpoint", "key", "status")),
    (Kind.COMMENT, ("postId", "path")),
    (Kind.MESSAGE, ("chatId", "senderId")),
    (Kind.POST, ("subredditName", "title")),
    (Kind.POST, ("caption", "media")),
    (Kind.TRACK, ("durationMs", "title")),
    (Kind.PLAYLIST, ("ownerId", "trackCount")),
    (Kind.ALBUM, ("albumType", "title")),
    (Kind.ARTIST, ("monthlyListeners", "name")),
    (Kind.SUBREDDIT, ("subscriberCount", "displayName")),
    (Kind.CHAT, ("members", "unreadCount")),
    (Kind.DEVICE, ("canPlay", "isOnline")),
    (Kind.STORY, ("mediaUrl", "expiresAt", "viewCount")),
    (Kind.REQUEST, ("id", "user", "createdAt")),
    (Kind.USER, ("username",)),
)


def _name_of(kind: Kind, record: dict[str, Any]) -> str:
    field = {Kind.USER: "username", Kind.SUBREDDIT: "name", Kind.INTENT: "key"}.get(kind, "id")
    value = record.get(field)
    return value if isinstance(value, str) else ""


_INSIDE: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.USER: (("user", "username"), ("authorUsername",), ("ownerName",)),
    Kind.POST: (("postId",),),
    Kind.TRACK: (("track", "id"), ("currentTrack", "id")),
    Kind.ALBUM: (("album", "id"),),
    Kind.ARTIST: (("artist", "id"),),
    Kind.CHAT: (("chatId",),),
    Kind.SUBREDDIT: (("subredditName",),),
}


def _told(kind: Kind, record: dict[str, Any]) -> str:
    for path in _INSIDE.get(kind, ()):
        value: Any = record
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, str) and value:
            return value
    return ""


def targets_in(text: str, kinds: Kinds) -> list[Target]:
    """Return what lines name: records, ids, addresses. Raises CannotGoOn with the place of what names nothing."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.strip()
        if not words:
            continue
        try:
            value = json.loads(words) if words[0] in '{"[' else words
        except (ValueError, RecursionError) as error:
            column = getattr(error, "colno", 1)
            raise CannotGoOn(f"stdin:{number}:{column}: this is no line of JSON") from error
        try:
            target = from_record(value, kinds) if isinstance(value, dict) else None
            target = from_text(value, kinds) if isinstance(value, str) else target
        except CannotGoOn as refusal:
            raise CannotGoOn(f"stdin:{number}:1: {refusal.sentence}") from refusal
        if target is None:
            raise CannotGoOn(f"stdin:{number}:1: nothing here names {_either(kinds)}")
        found.append(target)
    return found


_PLACES: dict[type, Callable[[Any], tuple[Kind, str, str]]] = {
    PostPlace: lambda place: (
        (Kind.COMMENT, place.comment_id, place.post_id) if place.comment_id else (Kind.POST, place.post_id, "")
    ),
    SubredditPlace: lambda place: (Kind.SUBREDDIT, place.name, place.sort or ""),
    ProfilePlace: lambda place: (Kind.USER, place.username, ""),
    AlbumPlace: lambda place: (Kind.ALBUM, place.album_id, ""),
    TrackPlace: lambda place: (Kind.TRACK, place.track_id, ""),
    ArtistPlace: lambda place: (Kind.ARTIST, place.artist_id, ""),
    PlaylistPlace: lambda place: (Kind.PLAYLIST, place.playlist_id, ""),
    MixPlace: lambda place: (Kind.MIX, place.name, ""),
}


def _from_address(text: str) -> tuple[Kind, str, str] | None:
    if match := _CHAT.fullmatch(text):
        return Kind.CHAT, match["id"], ""
    place = parse_address(text)
    read = _PLACES.get(type(place))
    return None if read is None else read(place)


def _a(kind: Kind) -> str:
    return f"{'an' if kind.value[0] in 'aeiou' and kind is not Kind.USER else 'a'} {kind.value}"


def _either(kinds: Kinds) -> str:
    words = [_a(kind) for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
