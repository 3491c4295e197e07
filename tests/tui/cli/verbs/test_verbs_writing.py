"""Verbs that write: what each sends, how many things at once are done, and how the outbox keeps them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.auth import Tokens
from api_client.errors import RateLimited, api_error
from tests.inspect_canary import survivors
from tests.server.pictures import png
from tests.tui.cli.conftest import Person, keep
from tests.tui.cli.verbs.conftest import Town, lines
from tests.tui.cli.verbs.outbox_world import sent_by_the_program
from tui.accounts import Account
from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.arguments import text_of
from tui.cli.verbs.doing import for_each
from tui.cli.verbs.targets import Kind, Target, targets_in

Out = pytest.CaptureFixture[str]

DRY = {
    "like p/P": ("PUT", "/posts/P/like", None),
    "like p/P/C": ("PUT", "/comments/C/like", None),
    "unlike P": ("DELETE", "/posts/P/like", None),
    "vote p/P up": ("POST", "/posts/P/vote", {"value": 1}),
    "vote p/P/C none": ("POST", "/comments/C/vote", {"value": 0}),
    "love album/A": ("PUT", "/library/albums/A", None),
    "unlove T": ("DELETE", "/library/tracks/T", None),
    "save P": ("PUT", "/posts/P/save", None),
    "unsave P": ("DELETE", "/posts/P/save", None),
    "follow @bob": ("POST", "/users/bob/follow", None),
    "follow r/synths": ("POST", "/r/synths/join", None),
    "follow artist/X": ("PUT", "/artists/X/follow", None),
    "unfollow u/bob": ("DELETE", "/users/bob/follow", None),
    "unfollow r/synths": ("POST", "/r/synths/leave", None),
    "accept Q": ("POST", "/follow-requests/Q/accept", None),
    "decline Q": ("POST", "/follow-requests/Q/reject", None),
    "delete p/P": ("DELETE", "/posts/P", None),
    "delete p/P/C": ("DELETE", "/comments/C", None),
    "post hi --photo-url https://a.example/b.jpg": (
        "POST",
        "/posts",
        {"caption": "hi", "mediaUrls": ["https://a.example/b.jpg"]},
    ),
    "submit r/synths A title --body more": (
        "POST",
        "/posts",
        {"subreddit": "synths", "title": "A title", "body": "more"},
    ),
    "submit synths See --link https://a.example/": (
        "POST",
        "/posts",
        {"subreddit": "synths", "title": "See", "url": "https://a.example/", "postType": "link"},
    ),
    "comment p/P well said": ("POST", "/posts/P/comments", {"body": "well said"}),
    "reply p/P/C so it is": ("POST", "/posts/P/comments", {"body": "so it is", "parentId": "C"}),
    "reply C yes --post P": ("POST", "/posts/P/comments", {"body": "yes", "parentId": "C"}),
    "send chat/K on my way": ("POST", "/conversations/K/messages", {"content": "on my way"}),
    "edit-profile --bio Hello --private yes": ("PUT", "/users/me", {"bio": "Hello", "isPrivate": True}),
    "found pads --about soft": ("POST", "/r", {"name": "pads", "description": "soft"}),
    "private on": ("PUT", "/listening/privacy", {"private": True}),
    "private show": ("PUT", "/listening/privacy", {"showsListening": True}),
    "region de": ("PUT", "/music/region", {"country": "DE"}),
    "playlist-new Monday morning --private": (
        "POST",
        "/playlists",
        {"name": "Monday morning", "isPublic": False, "isCollaborative": False},
    ),
    "playlist-add playlist/L T": ("POST", "/playlists/L/tracks", {"trackId": "T"}),
    "playlist-remove L track/T": ("DELETE", "/playlists/L/tracks/T", None),
    "playlist-rename L Other": ("PUT", "/playlists/L", {"name": "Other"}),
    "playlist-rm L": ("DELETE", "/playlists/L", None),
    "playlist-copy L Mine": ("POST", "/playlists/L/copy", {"name": "Mine"}),
    "playlist-file L none": ("PUT", "/playlists/L/folder", {"folderId": None}),
    "playlist-invite L @bob": ("POST", "/playlists/L/collaborators", {"username": "bob"}),
    "blend bob": ("POST", "/playlists/blend", {"username": "bob"}),
    "play": ("POST", "/player/command", {"action": "play"}),
    "play T": ("POST", "/player/command", {"action": "play-tracks", "items": [{"trackId": "T"}], "start": 0}),
    "pause": ("POST", "/player/command", {"action": "pause"}),
    "next": ("POST", "/player/command", {"action": "next"}),
    "previous": ("POST", "/player/command", {"action": "previous"}),
    "seek 1:30": ("POST", "/player/command", {"action": "seek", "position": 90.0}),
    "volume 40": ("POST", "/player/command", {"action": "volume", "volume": 0.4}),
    "mute on": ("POST", "/player/command", {"action": "mute", "on": True}),
    "shuffle off": ("POST", "/player/command", {"action": "shuffle", "on": False}),
    "repeat all": ("POST", "/player/command", {"action": "repeat", "repeat": "all"}),
    "queue add T": ("POST", "/player/command", {"action": "add", "items": [{"trackId": "T"}]}),
    "queue next track/T": ("POST", "/player/command", {"action": "play-next", "items": [{"trackId": "T"}]}),
    "queue remove 17": ("POST", "/player/command", {"action": "remove", "entryId": 17}),
    "queue move 17 0": ("POST", "/player/command", {"action": "move", "entryId": 17, "to": 0}),
    "queue clear": ("POST", "/player/command", {"action": "clear"}),
}
"""By the command: the request that it would make."""


@pytest.fixture(scope="module")
def unheard(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody signed in where nobody answers."""
    folder = tmp_path_factory.mktemp("unheard")
    tokens = Tokens(access="canary-access-7f3a9e51c2", refresh="canary-refresh-0b6d44e8")
    keep(folder, Account("http://127.0.0.1:9/api/v1", "ann", "user-1"), tokens)
    options = ("--data", str(folder), "--insecure-storage")
    return Person("ann", "user-1", "http://127.0.0.1:9", folder, tokens, options)


@pytest.mark.parametrize("command", DRY)
def test_a_dry_run_says_what_would_be_sent_and_asks_nobody(command: str, unheard: Person, capsys: Out) -> None:
    method, path, body = DRY[command]
    assert unheard.run(*command.split(), "--dry-run") == Exit.OK
    (told,) = lines(capsys.readouterr().out)
    assert (told["method"], told["path"]) == (method, path)
    said = {key: value for key, value in (told.get("body") or {}).items() if key not in ("id", "clientId")}
    assert said == (body or {})
    assert ("idempotencyKey" in told) is (method == "POST")


def test_what_is_written_reaches_the_platform_and_its_answer_comes_back(town: Town, capsys: Out) -> None:
    ann = town.ann
    assert ann.run("like", f"p/{town.photo}") == Exit.OK
    assert lines(capsys.readouterr().out) == [{"id": town.photo, "liked": True, "likeCount": 1}]
    assert ann.run("vote", f"p/{town.thread}/{town.comment}", "up", "--plain") == Exit.OK
    assert capsys.readouterr().out == f"p/{town.thread}/{town.comment}: voted up\n"
    assert ann.run("comment", town.thread, "Mine", "-q", ".body") == Exit.OK
    assert capsys.readouterr().out == "Mine\n"
    assert ann.run("send", "@bob", "Hello", "bob") == Exit.OK
    assert lines(capsys.readouterr().out)[0]["chatId"] == town.chat
    assert ann.run("read", "@bob") == Exit.OK
    assert ann.run("submit", "r/synths", "By ann") == Exit.OK
    made = lines(capsys.readouterr().out)[-1]["id"]
    assert ann.run("delete", made) == Exit.USAGE
    assert "say --yes" in capsys.readouterr().err
    assert ann.run("delete", made, "--yes") == Exit.OK
    assert ann.run("thread", made) == Exit.FAILED


def test_a_bare_id_is_tried_as_everything_that_it_may_be(town: Town, capsys: Out) -> None:
    assert town.ann.run("like", town.comment) == Exit.OK
    assert lines(capsys.readouterr().out)[0]["liked"] is True


def test_photos_go_with_a_post_once_for_each_key(town: Town, capsys: Out, tmp_path: Path) -> None:
    picture = tmp_path / "harbour.png"
    picture.write_bytes(png())
    command = ("post", "Fog", "--photo", str(picture), "--alt", "Boats", "--idempotency-key", "fog-today")
    assert town.ann.run(*command) == Exit.OK
    assert town.ann.run(*command) == Exit.OK
    first, second = lines(capsys.readouterr().out)
    assert first["id"] == second["id"]
    assert (first["caption"], first["media"][0]["alt"]) == ("Fog", "Boats")
    assert town.ann.run("posts", "-q", ".caption") == Exit.OK
    assert capsys.readouterr().out == "Fog\n"


def test_the_same_key_again_sends_nothing_a_second_time(town: Town, capsys: Out) -> None:
    for _ in range(2):
        assert town.ann.run("comment", town.photo, "Once", "--idempotency-key", "just-once") == Exit.OK
    first, second = lines(capsys.readouterr().out)
    assert first["id"] == second["id"]
    assert town.ann.run("comments", town.photo, "--all", "-q", ".body") == Exit.OK
    assert capsys.readouterr().out == "Once\n"


def test_verbs_compose_by_lines_of_json(town: Town, capsys: Out, feed_stdin: Any) -> None:
    assert town.ann.run("feed") == Exit.OK
    feed = capsys.readouterr().out
    feed_stdin(feed)
    assert town.ann.run("save", "-") == Exit.OK
    feed_stdin(feed)
    assert town.ann.run("unfollow", "-", "--dry-run", "-q", ".path") == Exit.OK
    assert capsys.readouterr().out.splitlines()[-1] == "/users/bob/follow"
    assert town.ann.run("saved", "-q", ".id") == Exit.OK
    assert town.photo in capsys.readouterr().out.split()
    feed_stdin(f"{town.photo}\n\n  p/{town.photo}\n")
    assert town.ann.run("unsave", "-") == Exit.OK
    assert len(lines(capsys.readouterr().out)) == 2


def test_what_fails_among_many_is_said_and_the_rest_is_done(town: Town, capsys: Out) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert town.ann.run("save", nobody, town.photo, "--jq", ".saved") == Exit.FAILED
    out, err = capsys.readouterr()
    assert out == "true\n"
    assert err.splitlines()[0].startswith(f"parlour: {nobody}: ")
    assert err.splitlines()[1] == "parlour: 1 of 2 failed"


@pytest.mark.parametrize(
    ("command", "stdin", "said"),
    [
        ("like -", '{"id": "p1"}\n{"id": ', "stdin:2:7: this is no line of JSON"),
        ("like -", '{"durationMs": 1, "title": "t", "id": "t1"}', "stdin:1:1: nothing here names a post or a comment"),
        ("like -", "[1]", "stdin:1:1: nothing here names"),
        ("like - -", "", "stdin can be read only once"),
        ("comment - -", "x", "stdin can be read only once"),
        ("comment p/P -", " \n", "the comment is empty"),
        ("comment p/P -", b"\xff\xfe", "stdin is not UTF-8 text (byte 0)"),
        ("reply C yes", "", "say which post C stands under"),
        ("post hello", "", "needs --photo FILE or --photo-url URL"),
        ("post hello --photo /no/such.jpg", "", "/no/such.jpg: No such file"),
        ("edit-profile", "", "say what is to change"),
        ("region Germany", "", "is no country"),
        ("seek soon", "", "is not a time"),
        ("volume loud", "", "is not a volume"),
        ("queue remove x", "", "queue remove takes the number of an entry"),
        ("queue add", "", "say what"),
        ("playlist-rm L", "", "say --yes"),
        ("outbox-drop K", "", "say --yes"),
    ],
)
def test_wrong_use_is_one_sentence_and_nobody_is_asked(
    command: str, stdin: str | bytes, said: str, unheard: Person, capsys: Out, feed_stdin: Any
) -> None:
    feed_stdin(stdin)
    assert unheard.run(*command.split()) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_a_key_that_cannot_travel_is_refused(unheard: Person, capsys: Out) -> None:
    with pytest.raises(SystemExit) as end:
        unheard.run("like", "p1", "--idempotency-key", "a b")
    assert end.value.code == Exit.USAGE
    assert "visible ASCII" in capsys.readouterr().err


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200).filter(str.strip)


def test_text_on_stdin_is_taken_as_it_is(feed_stdin: Any) -> None:
    @given(text=texts, ending=st.sampled_from(["", "\n", "\r\n"]))
    def is_taken(text: str, ending: str) -> None:
        feed_stdin(text + ending)
        said = (text + ending).removeprefix("\ufeff")
        expected = said[:-2] if said.endswith("\r\n") else said.removesuffix("\n")
        try:
            taken = text_of("-", "the text")
        except CannotGoOn:
            assert not expected.strip()
        else:
            assert taken == expected

    is_taken()


@given(text=texts, count=st.integers(1, 3))
def test_lines_of_stdin_name_something_or_are_refused_by_their_place(text: str, count: int) -> None:
    for kinds in ((Kind.POST,), (Kind.USER, Kind.SUBREDDIT)):
        try:
            found = targets_in("p1\n" * count + text, kinds)
        except CannotGoOn:
            with pytest.raises(CannotGoOn, match=r"^stdin:\d+:\d+: "):
                targets_in("p1\n" * count + text, kinds)
        else:
            assert all(target.id and target.kind in kinds for target in found)


# -- the platform asks to wait


class Waits:
    """A clock on which nobody has to wait."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


async def done_with_many(limited: int, words: list[str]) -> tuple[list[str], list[float]]:
    """Do something to `words`, of which the second is told to wait `limited` times; return what was done and waited."""
    clock, done, asked = Waits(), [], 0

    async def do(_: Any, target: Target) -> None:
        nonlocal asked
        if target.id == "b" and asked < limited:
            asked += 1
            raise api_error(429, "RATE_LIMITED", "too many", retry_after=40.0)
        done.append(target.id)

    arguments = argparse.Namespace(dry_run=False, queue=False)
    here = SimpleNamespace(client=SimpleNamespace(clock=clock))
    doing: Any = SimpleNamespace(arguments=arguments, is_dry=False, is_queued=False, many=False, here=here)
    with contextlib.suppress(CannotGoOn, RateLimited):
        await for_each(doing, [Target(Kind.POST, word, word) for word in words], do)
    return done, clock.waited


async def test_many_things_wait_when_the_platform_asks_to_and_one_does_not(capsys: Out) -> None:
    assert await done_with_many(2, ["a", "b", "c"]) == (["a", "b", "c"], [40.0, 40.0])
    assert "the platform asks to wait for 40 s" in capsys.readouterr().err
    assert await done_with_many(9, ["a", "b", "c"]) == (["a", "c"], [40.0, 40.0, 40.0])
    assert "parlour: b: too many\n" in capsys.readouterr().err
    assert await done_with_many(1, ["b"]) == ([], [])


# -- the outbox


def test_what_is_queued_waits_in_the_outbox_and_can_be_taken_back(town: Town, capsys: Out) -> None:
    bob = town.bob
    assert bob.run("like", town.photo, "--queue") == Exit.OK
    assert bob.run("comment", town.photo, "Later", "--queue") == Exit.OK
    assert [told["queued"] for told in lines(capsys.readouterr().out)] == [True, True]
    assert bob.run("outbox") == Exit.OK
    like, comment = lines(capsys.readouterr().out)
    assert (like["endpoint"], like["params"], like["status"]) == ("posts.like", {"id": town.photo}, "queued")
    assert comment["body"]["body"] == "Later"
    assert bob.run("history", "-q", ".label") == Exit.OK
    assert capsys.readouterr().out == "comment\nlike a photo\n"
    assert bob.run("undo", "--lines") == Exit.OK
    assert capsys.readouterr().out.startswith("comment: taken back")
    assert bob.run("outbox-drop", like["key"], "--yes", "--plain") == Exit.OK
    assert capsys.readouterr().out == "like a photo: dropped\n"
    assert bob.run("outbox") == Exit.OK
    assert capsys.readouterr().out == ""
    assert bob.run("undo") == Exit.FAILED
    assert bob.run("outbox-send", "no-such-key") == Exit.FAILED


def test_what_would_be_refused_later_is_refused_now(town: Town, capsys: Out) -> None:
    assert town.bob.run("submit", "synths", "x" * 301, "--queue") == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert "title" in err


def test_the_program_sends_what_was_queued(town: Town, capsys: Out, tmp_path: Path) -> None:
    picture = tmp_path / "quay.png"
    picture.write_bytes(png())
    assert town.bob.run("post", "From the outbox", "--photo", str(picture), "--queue") == Exit.OK
    made = lines(capsys.readouterr().out)[0]["key"]
    picture.unlink()

    asyncio.run(sent_by_the_program(town.bob))
    assert town.ann.run("thread", made, "-q", ".caption") == Exit.OK
    assert capsys.readouterr().out == "From the outbox\n"


def test_without_an_answer_it_waits_for_later_if_that_is_wanted(unheard: Person, capsys: Out) -> None:
    assert unheard.run("like", "p1") == Exit.UNAVAILABLE
    assert unheard.run("like", "p1", "--later", "--lines") == Exit.OK
    out, _ = capsys.readouterr()
    assert out == "like a photo: in the outbox; the next Parlour sends it\n"
    assert unheard.run("outbox", "-q", ".label") == Exit.OK
    out, err = capsys.readouterr()
    assert out == "like a photo\n"
    assert not survivors(out + err, unheard.tokens.access)
