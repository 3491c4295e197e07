"""Verbs that judge, keep, follow and delete what is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tui.cli.exits import CannotGoOn
from tui.cli.verbs.arguments import Usage, argument
from tui.cli.verbs.doing import Doing, Writing, each, for_each
from tui.cli.verbs.targets import Kind, Kinds, Target, read_targets
from tui.cli.verbs.writes import Undo, Write

_Do = Callable[[Doing, Target], Awaitable[None]]

_LIKED: Kinds = (Kind.POST, Kind.COMMENT)
_LOVED: Kinds = (Kind.TRACK, Kind.ALBUM, Kind.PLAYLIST)
_FOLLOWED: Kinds = (Kind.USER, Kind.SUBREDDIT, Kind.ARTIST)
_DELETED: Kinds = (Kind.POST, Kind.COMMENT, Kind.MESSAGE)
_VOTES = {"up": 1, "down": -1, "none": 0}


def _of(metavar: str, what: str) -> Any:
    return argument("of", nargs="+", metavar=metavar, help=f"{what}, or - for lines of JSON")


def _pair(there: str, back: str, words: tuple[str, str], target: Target, lane: str, parameter: str = "id") -> Write:
    """Return a change that an opposite one takes back."""
    params = {parameter: target.id}
    return Write(there, words[0], f"{lane}:{target.id}", params, undo=Undo(back, params, label=words[1]), of=target.id)


def _liking(on: bool) -> _Do:
    async def do(doing: Doing, target: Target) -> None:
        comment = target.kind is Kind.COMMENT
        group, what = ("comments", "a comment") if comment else ("posts", "a photo")
        names = (f"{group}.like", f"{group}.unlike")
        words = (f"like {what}", f"take back the like of {what}")
        write = _pair(
            *(names if on else names[::-1]), words if on else words[::-1], target, "comment" if comment else "posts"
        )
        await doing.do(write.keyed(doing.key_for(target.id)), f"{target.typed}: {'liked' if on else 'liked no more'}")

    return do


def _saving(on: bool) -> _Do:
    async def do(doing: Doing, target: Target) -> None:
        names, words = ("posts.save", "posts.unsave"), ("save a post", "take a post out of the saved ones")
        write = _pair(*(names if on else names[::-1]), words if on else words[::-1], target, "posts")
        await doing.do(write.keyed(doing.key_for(target.id)), f"{target.typed}: {'saved' if on else 'saved no more'}")

    return do


def _loving(on: bool) -> _Do:
    async def do(doing: Doing, target: Target) -> None:
        kind = f"{target.kind.value}s"
        params = {"type": kind, "itemId": target.id}
        names = ("library.save", "library.remove")
        words = ("save to the library", "take something out of the library")
        (there, back), (label, other) = (names, words) if on else (names[::-1], words[::-1])
        write = Write(
            there,
            label,
            f"mark:{kind}:{target.id}",
            params,
            key=doing.key_for(target.id),
            undo=Undo(back, params, label=other),
            of=target.id,
        )
        await doing.do(write, f"{target.typed}: {'in your library' if on else 'out of your library'}")

    return do


def _love_or_playing(on: bool) -> Callable[[Doing], Awaitable[None]]:
    async def act(doing: Doing) -> None:
        from tui.cli.verbs.tracks import playing_now

        words = doing.arguments.of or [await playing_now(doing.fetch)]
        await for_each(doing, read_targets(words, _LOVED), _loving(on))

    return act


def _following(on: bool) -> _Do:
    async def do(doing: Doing, target: Target) -> None:
        said = f"{target.typed}: {'followed' if on else 'followed no more'}"
        match target.kind:
            case Kind.SUBREDDIT:
                names, words = ("threads.join", "threads.leave"), (f"join r/{target.id}", f"leave r/{target.id}")
                lane, parameter = f"r:{target.id.casefold()}", "name"
                said = f"r/{target.id}: {'joined' if on else 'left'}"
            case Kind.ARTIST:
                names = ("music.follow_artist", "music.unfollow_artist")
                words, lane, parameter = ("follow an artist", "unfollow an artist"), f"mark:artists:{target.id}", "id"
            case _:
                names, parameter = ("users.follow", "users.unfollow"), "username"
                words, lane = (f"follow {target.id}", f"follow {target.id} no more"), f"follow:{target.id.casefold()}"
        (there, back), (label, other) = (names, words) if on else (names[::-1], words[::-1])
        params = {parameter: target.id}
        undo = Undo(back, params, label=other)
        known = {"username": target.id} if target.kind is Kind.USER else {}
        write = Write(there, label, lane, params, key=doing.key_for(target.id), undo=undo, of=target.id)
        await doing.do(write, said, known)

    return do


async def _vote(doing: Doing, target: Target) -> None:
    comment = target.kind is Kind.COMMENT
    write = Write(
        "comments.vote" if comment else "posts.vote",
        "vote on a comment" if comment else "vote on a post",
        f"{'comment' if comment else 'posts'}:{target.id}",
        {"id": target.id},
        {"value": _VOTES[doing.arguments.vote]},
        key=doing.key_for(target.id),
        of=target.id,
    )
    await doing.do(write, f"{target.typed}: voted {doing.arguments.vote}")


def _answering(accepts: bool) -> _Do:
    async def do(doing: Doing, target: Target) -> None:
        write = Write(
            "users.accept_follow" if accepts else "users.reject_follow",
            "let somebody follow you" if accepts else "let somebody not follow you",
            f"follow-requests:{target.id}",
            {"id": target.id},
            key=doing.key_for(target.id),
            of=target.id,
        )
        await doing.do(write, f"{target.typed}: {'accepted' if accepts else 'declined'}")

    return do


async def _delete(doing: Doing, target: Target) -> None:
    endpoint, label, lane = {
        Kind.COMMENT: ("comments.delete", "delete a comment", "comment"),
        Kind.MESSAGE: ("chat.unsend", "unsend a message", "message"),
    }.get(target.kind, ("posts.delete", "delete a post", "posts"))
    write = Write(
        endpoint,
        label,
        f"{lane}:{target.id}",
        {"id": target.id},
        key=doing.key_for(target.id),
        undo=Undo(label=label),
        of=target.id,
    )
    await doing.do(write, f"{target.typed}: deleted")


def sure(doing: Doing, what: str) -> None:
    """Refuse, with CannotGoOn, what cannot be had back, unless --yes was given."""
    if not doing.arguments.yes and not doing.is_dry:
        raise CannotGoOn(f"{what} cannot be had back; say --yes, or look with --dry-run first")


async def _delete_all(doing: Doing) -> None:
    sure(doing, "what is deleted")
    await each(_DELETED, _delete)(doing)


_LIKED_THINGS = _of("ID", "a post or comment: an id, p/ID, p/ID/COMMENT, a link")
YES = argument("--yes", action="store_true", help="yes, for good")

WRITINGS: tuple[Writing, ...] = (
    Writing(
        Usage(
            "vote",
            "Vote on posts and comments.",
            ("parlour vote p/ID up", "parlour threads r/python --json -q .id | parlour vote - up"),
            (_LIKED_THINGS, argument("vote", choices=tuple(_VOTES), help="none takes the vote back")),
        ),
        each(_LIKED, _vote),
    ),
    Writing(
        Usage(
            "like",
            "Like photos and comments.",
            ("parlour like p/ID", "parlour feed --json | parlour like -"),
            (_LIKED_THINGS,),
        ),
        each(_LIKED, _liking(True)),
    ),
    Writing(
        Usage("unlike", "Take likes back.", ("parlour unlike p/ID p/ID/COMMENT",), (_LIKED_THINGS,)),
        each(_LIKED, _liking(False)),
    ),
    Writing(
        Usage(
            "love",
            "Put tracks, albums and playlists into your library.",
            ("parlour love", "parlour love track/ID album/ID", "parlour mix release-radar --json | parlour love -"),
            (argument("of", nargs="*", metavar="ID", help="track/ID, album/ID, playlist/ID; without it what plays"),),
        ),
        _love_or_playing(True),
    ),
    Writing(
        Usage(
            "unlove",
            "Take tracks, albums and playlists out of your library.",
            ("parlour unlove track/ID",),
            (argument("of", nargs="*", metavar="ID", help="track/ID, album/ID, playlist/ID; without it what plays"),),
        ),
        _love_or_playing(False),
    ),
    Writing(
        Usage(
            "save", "Save posts.", ("parlour save p/ID", "parlour feed --json | parlour save -"), (_of("POST", "p/ID"),)
        ),
        each((Kind.POST,), _saving(True)),
    ),
    Writing(
        Usage("unsave", "Take posts out of the saved ones.", ("parlour unsave p/ID",), (_of("POST", "p/ID"),)),
        each((Kind.POST,), _saving(False)),
    ),
    Writing(
        Usage(
            "follow",
            "Follow people and artists, and join communities.",
            ("parlour follow @ann r/python artist/ID", "parlour followers --all --json | parlour follow -"),
            (_of("WHO", "a name, @name, r/NAME, artist/ID"),),
        ),
        each(_FOLLOWED, _following(True)),
    ),
    Writing(
        Usage(
            "unfollow",
            "Follow people and artists no more, and leave communities.",
            ("parlour unfollow @ann r/python",),
            (_of("WHO", "a name, @name, r/NAME, artist/ID"),),
        ),
        each(_FOLLOWED, _following(False)),
    ),
    Writing(
        Usage(
            "accept",
            "Let people follow you who asked to.",
            ("parlour requests --json | parlour accept -",),
            (_of("REQUEST", "the id of a request"),),
        ),
        each((Kind.REQUEST,), _answering(True)),
    ),
    Writing(
        Usage(
            "decline",
            "Do not let them follow you; they are not told.",
            ("parlour decline ID",),
            (_of("REQUEST", "the id of a request"),),
        ),
        each((Kind.REQUEST,), _answering(False)),
    ),
    Writing(
        Usage(
            "delete",
            "Delete posts and comments of yours, and unsend messages.",
            ("parlour delete p/ID --yes", "parlour posts --all --json | parlour delete - --dry-run"),
            (_of("ID", "p/ID, p/ID/COMMENT, an id"), YES),
        ),
        _delete_all,
    ),
)
"""Every verb here."""
