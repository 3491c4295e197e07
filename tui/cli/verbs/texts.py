"""Verbs that write what others read: posts, comments, messages, and what stands in one's own profile."""

from __future__ import annotations

from typing import Any

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.arguments import Usage, argument, text_of
from tui.cli.verbs.chats import chat_with, is_person, user_id
from tui.cli.verbs.doing import Doing, Writing
from tui.cli.verbs.photos import photos_at
from tui.cli.verbs.targets import STDIN, Kind, Target, from_text, read_targets
from tui.cli.verbs.writes import Undo, Write, derived

_HOLD = 30.0
"""Seconds for which a text that was just sent can be taken back, where the history is asked to."""

_TEXT = argument("text", nargs="+", metavar="TEXT", help="the words, or - for those on stdin")


def _one(doing: Doing, kind: Kind) -> Target:
    """Return the one thing that the argument `of` names; stdin may stand for it, but not for the text as well."""
    word = doing.arguments.of
    if word == STDIN and list(getattr(doing.arguments, "text", [])) == [STDIN]:
        raise CannotGoOn("stdin can be read only once")
    found = read_targets([word], (kind,))
    if len(found) != 1:
        raise CannotGoOn(f"this needs one {kind.value}, and stdin names {len(found)}")
    return found[0]


async def _post(doing: Doing) -> None:
    given = doing.arguments
    photos = photos_at(given.photo, given.alt)
    if bool(photos) == bool(given.photo_url):
        raise CannotGoOn("a post in the feed needs --photo FILE or --photo-url URL; `parlour submit` writes to r/SUB")
    caption = text_of(given.text, "the text") if given.text else None
    key = doing.key_for()
    made = doing.id_for(key)
    if given.idempotency_key and not doing.is_dry and not doing.is_queued and await _is_there(doing, made):
        return
    body: dict[str, Any] = {"id": made}
    body |= {"caption": caption} if caption else {}
    body |= {"location": given.place} if given.place else {}
    body |= {"mediaUrls": given.photo_url} if given.photo_url else {}
    undo = Undo("posts.delete", {"id": made}, label="delete the photo again", within=_HOLD, again=False)
    write = Write(
        "posts.create",
        "publish a photo",
        f"posts:{made}",
        body=body,
        key=key,
        undo=undo,
        holds_words=True,
        photos=photos,
    )
    await doing.do(write, f"published: p/{made}")


async def _is_there(doing: Doing, post_id: str) -> bool:
    """Whether an earlier run with the same key has made the post; it is then written as if it had been made now."""
    from api_client.errors import NotFound, TimedOut, Unreachable

    try:
        post = await doing.fetch.record("posts.get", {"id": post_id})
    except NotFound:
        return False
    except (Unreachable, TimedOut):
        if doing.arguments.later:
            return False
        raise
    doing.printer.done(post, f"published before: p/{post_id}")
    return True


async def _submit(doing: Doing) -> None:
    given = doing.arguments
    name = from_text(given.of, (Kind.SUBREDDIT,)).id
    key = doing.key_for()
    made = doing.id_for(key)
    body: dict[str, Any] = {"id": made, "subreddit": name, "title": text_of(given.title, "the title")}
    if given.body is not None:
        body["body"] = text_of(given.body, "the text")
    if given.link is not None:
        body |= {"url": given.link, "postType": "link"}
    if given.flair is not None:
        body["flair"] = given.flair
    undo = Undo("posts.delete", {"id": made}, label="delete the post", within=_HOLD, again=False)
    write = Write("posts.create", f"post to r/{name}", f"posts:{made}", body=body, key=key, undo=undo, holds_words=True)
    await doing.do(write, f"posted to r/{name}: p/{made}")


async def _comment(doing: Doing) -> None:
    target = _one(doing, Kind.POST)
    await _say(doing, target.id, None)


async def _reply(doing: Doing) -> None:
    target = _one(doing, Kind.COMMENT)
    post = from_text(doing.arguments.post, (Kind.POST,)).id if doing.arguments.post else target.inside
    if not post:
        raise CannotGoOn(f"say which post {target.typed} stands under: p/POST/{target.id}, or --post POST")
    await _say(doing, post, target.id)


async def _say(doing: Doing, post_id: str, parent_id: str | None) -> None:
    text = text_of(doing.arguments.text, "the comment")
    key = doing.key_for()
    made = doing.id_for(key)
    body: dict[str, Any] = {"id": made, "body": text, **({"parentId": parent_id} if parent_id else {})}
    undo = Undo("comments.delete", {"id": made}, label="delete the comment", within=_HOLD, again=False)
    label = "reply" if parent_id else "comment"
    write = Write(
        "comments.create",
        label,
        f"comments:{post_id}",
        {"id": post_id},
        body,
        key=key,
        undo=undo,
        holds_words=True,
        of=post_id,
    )
    await doing.do(write, f"{label}: p/{post_id}/{made}", {"id": made})


async def _send(doing: Doing) -> None:
    text = text_of(doing.arguments.text, "the message")
    key = doing.key_for()
    made = doing.id_for(key)
    chat = await _chat(doing, key)
    undo = Undo("chat.unsend", {"id": made}, label="unsend", within=_HOLD, again=False)
    write = Write(
        "chat.send",
        f"message to {doing.arguments.of}",
        f"chat:{chat}",
        {"id": chat},
        {"id": made, "content": text, "clientId": made},
        key=key,
        undo=undo,
        holds_words=True,
    )
    await doing.do(write, f"sent to {doing.arguments.of}")


async def _chat(doing: Doing, key: str) -> str:
    """Return the id of the chat that is meant; one with a person is begun if there is none yet."""
    word = doing.arguments.of
    if not is_person(word):
        return await chat_with(doing.fetch, doing.here, word)
    person = from_text(word, (Kind.USER,)).id
    if doing.is_dry:
        return f"the-chat-with-{person}"
    body = {"type": "direct", "memberIds": [await user_id(doing.fetch, person)]}
    from tui.cli.verbs.fetching import endpoint

    chat = await doing.fetch.send(endpoint("chat.create"), {}, body, derived(key, "chat"))
    return str(chat["id"])


async def _read(doing: Doing) -> None:
    chat = await chat_with(doing.fetch, doing.here, doing.arguments.of)
    last = (await doing.fetch.record("chat.conversation", {"id": chat})).get("lastMessage")
    if not isinstance(last, dict):
        raise CannotGoOn("nothing was written in this chat yet", Exit.FAILED)
    write = Write(
        "chat.read", "mark a chat as read", f"read:{chat}", {"id": str(last["id"])}, key=doing.key_for(), of=chat
    )
    await doing.do(write, f"{doing.arguments.of}: read")


async def _edit_profile(doing: Doing) -> None:
    given = doing.arguments
    body: dict[str, Any] = {}
    body |= {"fullName": given.name} if given.name is not None else {}
    if given.bio is not None:
        body["bio"] = text_of(given.bio, "the text") if given.bio == STDIN else given.bio
    body |= {"isPrivate": given.private == "yes"} if given.private is not None else {}
    if not body:
        raise CannotGoOn("say what is to change: --name, --bio or --private")
    write = Write("users.change", "change your profile", "users:me", body=body, key=doing.key_for(), holds_words=True)
    await doing.do(write, "your profile is changed")


async def _found(doing: Doing) -> None:
    given = doing.arguments
    name = from_text(given.of, (Kind.SUBREDDIT,)).id
    body = {"name": name, **({"displayName": given.title} if given.title else {})}
    if given.about is not None:
        body["description"] = text_of(given.about, "the text")
    write = Write(
        "threads.found",
        f"found r/{name}",
        f"r:{name.casefold()}",
        body=body,
        key=doing.key_for(),
        undo=Undo(again=False),
        holds_words=bool(given.about),
    )
    await doing.do(write, f"founded r/{name}")


async def _private(doing: Doing) -> None:
    word = doing.arguments.of
    changes = {
        "on": ({"private": True}, {"private": False}, "begin a private session"),
        "off": ({"private": False}, {"private": True}, "end the private session"),
        "hide": ({"showsListening": False}, {"showsListening": True}, "hide from friends what you hear"),
        "show": ({"showsListening": True}, {"showsListening": False}, "show friends what you hear"),
    }
    body, back, label = changes[word]
    undo = Undo("together.change_privacy", {}, back, f"take back: {label}")
    write = Write("together.change_privacy", label, "listening:privacy", body=body, key=doing.key_for(), undo=undo)
    await doing.do(write, f"done: {label}")


async def _region(doing: Doing) -> None:
    country = doing.arguments.of
    if country is None:
        known = await doing.fetch.record("music.region")
        doing.printer.done(known, f"you are in {known['country']}" if known.get("country") else "it is not known")
        return
    if len(country) != 2 or not country.isalpha() or not country.isascii():
        raise CannotGoOn(f"{country!r} is no country; write two letters, such as DE")
    body = {"country": country.upper()}
    write = Write("music.set_region", "say which country you are in", "music:region", body=body, key=doing.key_for())
    await doing.do(write, f"you are in {country.upper()}")


WRITINGS: tuple[Writing, ...] = (
    Writing(
        Usage(
            "post",
            "Publish a photo in the feed.",
            (
                "parlour post 'The harbour at six' --photo harbour.jpg --alt 'Boats in the fog'",
                "fortune | parlour post - --photo today.png --idempotency-key today-$(date +%F)",
            ),
            (
                argument("text", nargs="*", metavar="TEXT", help="the words, or - for those on stdin"),
                argument("--photo", nargs="+", action="extend", default=[], metavar="FILE", help="a picture or video"),
                argument("--alt", action="append", default=[], metavar="TEXT", help="what is on it; once for each"),
                argument(
                    "--photo-url", action="append", default=[], metavar="URL", help="a picture on the web instead"
                ),
                argument("--place", metavar="NAME", help="where that was"),
            ),
        ),
        _post,
    ),
    Writing(
        Usage(
            "submit",
            "Write a post to a community.",
            (
                "parlour submit r/python 'What is new' --body - < news.md",
                "parlour submit python 'Read this' --link https://example.org/",
            ),
            (
                argument("of", metavar="SUB", help="a name or r/NAME"),
                argument("title", nargs="+", metavar="TITLE", help="what it is called"),
                argument("--body", metavar="TEXT", help="the words, or - for those on stdin"),
                argument("--link", metavar="URL", help="what it leads to"),
                argument("--flair", metavar="TEXT", help="its label in the community"),
            ),
        ),
        _submit,
    ),
    Writing(
        Usage(
            "comment",
            "Comment on a post.",
            ("parlour comment p/ID 'Well said'", "parlour comment p/ID - < answer.md"),
            (argument("of", metavar="POST", help="an id, p/ID, a link"), _TEXT),
        ),
        _comment,
    ),
    Writing(
        Usage(
            "reply",
            "Answer a comment.",
            ("parlour reply p/POST/COMMENT 'Thank you'", "parlour reply COMMENT --post POST -"),
            (
                argument("of", metavar="COMMENT", help="p/POST/COMMENT, or an id with --post"),
                _TEXT,
                argument("--post", metavar="POST", help="the post that it stands under"),
            ),
        ),
        _reply,
    ),
    Writing(
        Usage(
            "send",
            "Write a message to a person or into a chat.",
            ("parlour send @ann 'On my way'", "make 2>&1 | tail -5 | parlour send chat/ID -"),
            (argument("of", metavar="WHO", help="@name, or the id of a chat"), _TEXT),
            notes="Without a connection only the id of a chat will do: the platform knows who a name is.",
        ),
        _send,
    ),
    Writing(
        Usage(
            "read",
            "Take a chat as read.",
            ("parlour read @ann", "parlour chats --all -q .id | xargs -n 1 parlour read"),
            (argument("of", metavar="CHAT", help="the id of a chat, or whom it is with"),),
        ),
        _read,
    ),
    Writing(
        Usage(
            "edit-profile",
            "Change your own profile; what you do not name stays.",
            ("parlour edit-profile --bio 'Back on Monday'", "parlour edit-profile --private yes"),
            (
                argument("--name", metavar="TEXT", help="your full name"),
                argument("--bio", metavar="TEXT", help="about you, or - for what stands on stdin"),
                argument("--private", choices=("yes", "no"), help="whether people have to ask to follow you"),
            ),
        ),
        _edit_profile,
    ),
    Writing(
        Usage(
            "found",
            "Found a community.",
            ("parlour found synths --title 'Synthesizers' --about - < about.md",),
            (
                argument("of", metavar="NAME", help="letters, digits and _"),
                argument("--title", metavar="TEXT", help="how it is shown"),
                argument("--about", metavar="TEXT", help="what it is for, or - for what stands on stdin"),
            ),
        ),
        _found,
    ),
    Writing(
        Usage(
            "private",
            "Who sees what you hear.",
            ("parlour private on", "parlour private hide"),
            (
                argument(
                    "of",
                    choices=("on", "off", "hide", "show"),
                    help="on and off: a private session of six hours; hide and show: for good",
                ),
            ),
        ),
        _private,
    ),
    Writing(
        Usage(
            "region",
            "Say which country you are in, or see it.",
            ("parlour region", "parlour region DE"),
            (argument("of", nargs="?", metavar="COUNTRY", help="two letters"),),
        ),
        _region,
    ),
)
"""Every verb here."""
