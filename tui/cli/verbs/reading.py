"""Verbs that read posts, people, communities and chats."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from tui.cli.verbs.arguments import Usage, argument
from tui.cli.verbs.reader import Asking, Reading, add_readings, each_one, listed, run_reading

if TYPE_CHECKING:
    from tui.cli.parsers import Commands
    from tui.cli.verbs.fetching import Record

SORTS = ("hot", "top", "new", "controversial", "best", "rising")
COMMENT_SORTS = ("best", "top", "new", "hot", "controversial")
WINDOWS = ("hour", "day", "week", "month", "year", "all")
FOUND = ("track", "album", "artist", "playlist", "user", "subreddit", "post")

_USER = argument("of", nargs="?", metavar="USER", help="a name, @name or u/name; without it your own")
_POSTS = argument("of", nargs="+", metavar="POST", help="an id, p/ID, a link, or - for lines of JSON")


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the verbs that read."""
    add_readings(commands, common, READINGS)


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of them."""
    return run_reading(arguments, READINGS[arguments.command])


def _threads(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.targets import Kind

    given = asking.arguments
    name, order = None, ""
    if given.of is not None:
        target = asking.target(Kind.SUBREDDIT)
        name, order = target.id, target.inside
    sort, _, window = order.partition("-")
    query = {"subreddit": name, "sort": given.sort or sort or "hot", "t": given.window or window or None}
    return asking.fetch.pages("threads.list", query=query)


def _comments(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.targets import Kind, from_text

    target = from_text(asking.arguments.of, (Kind.POST, Kind.COMMENT))
    post, root = (target.inside, target.id) if target.kind is Kind.COMMENT else (target.id, asking.arguments.root)
    return asking.fetch.pages("comments.list", {"id": post}, {"sort": asking.arguments.sort, "root": root})


async def _of_person(asking: Asking, name: str) -> AsyncIterator[list[Record]]:
    username = await asking.username()
    async for records in asking.fetch.pages(name, {"username": username}):
        yield records


def _about(name: str) -> Any:
    return lambda asking: _of_person(asking, name)


async def _profile(asking: Asking) -> AsyncIterator[list[Record]]:
    username = await asking.username()
    yield [await asking.fetch.record("users.profile", {"username": username})]


async def _me(asking: Asking) -> AsyncIterator[list[Record]]:
    yield [(await asking.fetch.record("auth.me"))["user"]]


async def _chats(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.printing import Form, form_of

    says_json = form_of(asking.arguments) is Form.JSON
    me = "" if says_json else (await asking.here.who()).user_id
    async for records in asking.fetch.pages("chat.conversations"):
        # A chat of two has no name; whoever reads lines wants to know whom it is with.
        yield records if says_json else [{**each, "name": each.get("name") or _others(each, me)} for each in records]


def _others(chat: Record, me: str) -> str:
    members = [member for member in chat.get("members") or [] if member.get("userId") != me]
    return ", ".join(str(member.get("username")) for member in members)


async def _messages(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.chats import chat_with
    from tui.cli.verbs.printing import Form, form_of

    chat = await chat_with(asking.fetch, asking.here, asking.arguments.of)
    names: dict[str, str] = {}
    if form_of(asking.arguments) is not Form.JSON:
        members = (await asking.fetch.record("chat.conversation", {"id": chat})).get("members") or []
        names = {str(member.get("userId")): str(member.get("username")) for member in members}
    async for records in asking.fetch.pages("chat.messages", {"id": chat}):
        # Whoever reads lines wants names; the wire has ids alone, and JSON stays as it is there.
        yield [
            {**each, "senderName": names[each["senderId"]]} if each.get("senderId") in names else each
            for each in records
        ]


async def _search(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.arguments import limit_of
    from tui.cli.verbs.fetching import PAGE

    types = ",".join(asking.arguments.type or FOUND)
    count = min(limit_of(asking.arguments) or PAGE, PAGE)
    found = await asking.fetch.record(
        "platform.search", query={"q": " ".join(asking.arguments.words), "types": types, "limit": count}
    )
    for name in asking.arguments.type or FOUND:
        yield asking.fetch.some([each for each in found.get(f"{name}s") or [] if isinstance(each, dict)])


_READINGS = (
    Reading(
        Usage(
            "feed",
            "The photos of those you follow, newest first.",
            ("parlour feed", "parlour feed --json | parlour like -", "parlour feed --limit 1 -q '.media[0].url'"),
        ),
        listed("feed.list"),
        "post",
    ),
    Reading(
        Usage("explore", "Photos of people you do not follow yet.", ("parlour explore --limit 5",)),
        listed("feed.explore"),
        "post",
    ),
    Reading(
        Usage("saved", "The posts you have saved.", ("parlour saved --all --json > saved.jsonl",)),
        listed("feed.saved"),
        "post",
    ),
    Reading(Usage("me", "Your own account.", ("parlour me", "parlour me -q .username")), _me, "user", is_list=False),
    Reading(
        Usage("profile", "A person.", ("parlour profile ann", "parlour profile @ann -q .followerCount"), (_USER,)),
        _profile,
        "user",
        is_list=False,
    ),
    Reading(
        Usage("posts", "The posts of a person, newest first.", ("parlour posts ann", "parlour posts --all"), (_USER,)),
        _about("users.posts"),
        "post",
    ),
    Reading(
        Usage("followers", "Who follows a person.", ("parlour followers", "parlour followers ann --all"), (_USER,)),
        _about("users.followers"),
        "user",
    ),
    Reading(
        Usage("following", "Whom a person follows.", ("parlour following --all -q .username",), (_USER,)),
        _about("users.following"),
        "user",
    ),
    Reading(
        Usage("requests", "Who asks to follow you.", ("parlour requests --json | parlour accept -",)),
        listed("users.follow_requests"),
        "request",
    ),
    Reading(
        Usage("stories", "Whose stories there are, those with something new first.", ("parlour stories",)),
        listed("stories.tray"),
        "story",
    ),
    Reading(
        Usage(
            "threads",
            "The posts of a community, or of all that you joined.",
            (
                "parlour threads",
                "parlour threads r/python --sort top --window week",
                "parlour threads r/python/top-year",
            ),
            (
                argument("of", nargs="?", metavar="SUB", help="a name or r/NAME; without it all that you joined"),
                argument("--sort", choices=SORTS, help="the order (default: hot)"),
                argument("--window", choices=WINDOWS, help="how far back top and controversial look"),
            ),
        ),
        _threads,
        "post",
    ),
    Reading(
        Usage(
            "thread",
            "A post of either kind, in full; `parlour comments` has what was said of it.",
            ("parlour thread p/ID", "parlour threads r/python --json | parlour thread - --plain"),
            (_POSTS,),
        ),
        each_one("posts.get", "post"),
        "post",
        is_list=False,
    ),
    Reading(
        Usage(
            "subreddits",
            "Communities: yours, or those whose names hold a word.",
            ("parlour subreddits", "parlour subreddits --find python"),
            (argument("--find", metavar="WORD", help="among all of them"),),
        ),
        lambda asking: (
            asking.fetch.pages("threads.subreddits", query={"query": asking.arguments.find})
            if asking.arguments.find
            else asking.fetch.pages("threads.mine")
        ),
        "subreddit",
    ),
    Reading(
        Usage(
            "comments",
            "What was said of a post, answers below what they answer.",
            ("parlour comments p/ID --all", "parlour comments p/ID --sort new --limit 5"),
            (
                argument("of", metavar="POST", help="an id, p/ID, or p/ID/COMMENT for what is below a comment"),
                argument("--sort", choices=COMMENT_SORTS, help="the order"),
                argument("--root", metavar="COMMENT", help="only what is below this comment"),
            ),
        ),
        _comments,
        "comment",
    ),
    Reading(
        Usage("chats", "Your chats, the one with the newest message first.", ("parlour chats", "parlour chats --all")),
        _chats,
        "chat",
    ),
    Reading(
        Usage(
            "messages",
            "What was written in a chat, newest first.",
            ("parlour messages @ann --limit 5", "parlour messages chat/ID --all --json > chat.jsonl"),
            (argument("of", metavar="CHAT", help="the id of a chat, chat/ID, or whom it is with"),),
        ),
        _messages,
        "message",
    ),
    Reading(
        Usage(
            "search",
            "Search people, communities, posts and music.",
            ("parlour search miles davis --type artist --type album", "parlour search cats --type post -q .id"),
            (
                argument("words", nargs="+", metavar="WORD", help="the beginnings of words"),
                argument("--type", action="append", choices=FOUND, help="look for these alone"),
            ),
            notes="--limit counts for each type.",
        ),
        _search,
    ),
)

READINGS: dict[str, Reading] = {reading.usage.name: reading for reading in _READINGS}
"""Every verb here by its name."""
