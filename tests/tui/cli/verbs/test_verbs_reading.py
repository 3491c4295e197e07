"""Verbs that read: what each asks for, and how it is written for programs, for eyes and for ears."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.inspect_canary import survivors
from tests.tui.cli.conftest import Person, WebServer
from tests.tui.cli.verbs.conftest import Town, lines
from tui.cli.exits import Exit
from tui.cli.verbs import music_reading, reading
from tui.cli.verbs.printing import Form, Printer

Out = pytest.CaptureFixture[str]

CANARY = "canary-access-7f3a9e51c2"
"""The token of `stranger`."""

FOUND = {
    "feed": ("feed", "id", "{photo}"),
    "explore": ("explore", None, None),
    "saved": ("saved", None, None),
    "me": ("me", "username", "ann"),
    "profile": ("profile @bob", "username", "bob"),
    "own profile": ("profile", "username", "ann"),
    "posts": ("posts u/bob", "id", "{photo}"),
    "followers": ("followers bob", "username", "ann"),
    "following": ("following", "username", "bob"),
    "requests": ("requests", None, None),
    "stories": ("stories", None, None),
    "threads": ("threads r/synths", "id", "{thread}"),
    "threads by an address with its order": ("threads r/synths/top-year", "id", "{thread}"),
    "threads of all communities": ("threads --sort new", "id", "{thread}"),
    "thread": ("thread p/{thread}", "title", "Which one?"),
    "subreddits": ("subreddits", "name", "synths"),
    "subreddits by a word": ("subreddits --find syn", "name", "synths"),
    "comments": ("comments p/{thread}", "id", "{comment}"),
    "chats": ("chats", "id", "{chat}"),
    "messages of a chat": ("messages chat/{chat}", "id", "{message}"),
    "messages with a person": ("messages @bob", "id", "{message}"),
    "music": ("music", None, None),
    "library": ("library albums", None, None),
    "playlists of a person": ("playlists bob", "id", "{playlist}"),
    "playlists": ("playlists", None, None),
    "playlist": ("playlist playlist/{playlist}", "name", "Dawn"),
    "tracks of a playlist": ("playlist {playlist} --tracks", "id", "t1"),
    "album": ("album album/al1", "title", "Ágætis byrjun"),
    "artist": ("artist ar2", "name", "AC/DC"),
    "tracks of an artist": ("artist ar2 --tracks", "title", "Thunderstruck"),
    "track": ("track track/t8", "title", "Thunderstruck"),
    "lyrics": ("lyrics t1", "text", "Hums"),
    "similar": ("similar t1", None, None),
    "station": ("station t1 --limit 3", "id", "t1"),
    "mixes": ("mixes", None, None),
    "mix": ("mix discover-weekly", None, None),
    "concerts": ("concerts", None, None),
    "listening": ("listening week", "plays", 0),
    "heard": ("heard --from 2026-01-01", None, None),
    "friends": ("friends", None, None),
    "playing": ("playing", "isPlaying", False),
    "queue": ("queue", None, None),
    "devices": ("devices", None, None),
    "editors": ("playlist-editors {playlist}", None, None),
    "outbox": ("outbox", None, None),
    "drafts": ("drafts", None, None),
    "history": ("history", None, None),
    "downloads": ("downloads", None, None),
}
"""By what is asked: the command, and a field of a record that it must find."""


def filled(command: str, town: Town) -> list[str]:
    return command.format(**vars(town)).split()


READINGS = {**reading.READINGS, **music_reading.READINGS}


@pytest.mark.parametrize("name", FOUND)
def test_each_verb_finds_what_there_is_and_every_form_of_it_can_be_written(name: str, town: Town, capsys: Out) -> None:
    command, field, value = FOUND[name]
    words = filled(command, town)
    assert town.ann.run(*words) == Exit.OK
    out, err = capsys.readouterr()
    assert err == ""
    records = lines(out)
    if field is not None:
        wanted = value.format(**vars(town)) if isinstance(value, str) else value
        assert wanted in [record.get(field) for record in records]
    shape = READINGS[words[0]].shape if words[0] in READINGS else "entry"
    for form in (Form.LINES, Form.PLAIN):
        Printer(form).page(records, shape)
        said = capsys.readouterr().out
        assert bool(said) is bool(records)
        assert field not in ("id", "username", "title", "name") or value is None or str(wanted) in said


def test_what_is_written_for_ears_has_a_label_for_each_value(town: Town, capsys: Out) -> None:
    assert town.ann.run("thread", town.thread, "--plain") == Exit.OK
    said = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert (said["By"], said["In"], said["Text"], said["Body"]) == ("bob", "synths", "Which one?", "I wonder much")


def test_lines_are_as_wide_as_the_terminal_and_the_id_is_always_whole(
    town: Town, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    for columns in (60, 80, 140):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert town.ann.run("feed", "--lines") == Exit.OK
        said = capsys.readouterr().out.splitlines()
        assert max(map(len, said)) <= columns
        assert said[0].startswith("WHEN")
        assert any(line.endswith(town.photo) for line in said)
        assert ("ID" in said[0].split()) is (columns == 140)


def test_jq_is_asked_about_each_record(town: Town, capsys: Out) -> None:
    assert town.ann.run("followers", "bob", "-q", ".username, (.id | type)") == Exit.OK
    assert capsys.readouterr().out == "ann\nstring\n"


def pages_of(web: WebServer, count: int, *, stuck: bool = False) -> None:
    """Let `web` have a list of `count` tracks; `stuck` gives the same cursor for ever."""

    def respond(request: Any, _: bytes) -> tuple[int, dict[str, str], bytes]:
        query = parse_qs(urlsplit(request.path).query)
        start, size = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
        end = min(start + size, count)
        records = [{"id": f"x{number}", "title": "t\u001b[2J", "durationMs": 1} for number in range(start, end)]
        following = "0" if stuck else str(end) if end < count else None
        body = {"success": True, "data": records, "nextCursor": following}
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()

    web.respond = respond


@pytest.mark.parametrize(("words", "count"), [("--all", 203), ("--limit 101", 101), ("", 20), ("--limit 1", 1)])
def test_a_list_is_followed_over_its_pages_as_far_as_is_asked(
    words: str, count: int, stranger: Person, web: WebServer, capsys: Out
) -> None:
    pages_of(web, 203)
    assert stranger.run("station", "t1", *words.split()) == Exit.OK
    assert [record["id"] for record in lines(capsys.readouterr().out)] == [f"x{number}" for number in range(count)]


def test_a_platform_that_gives_the_same_cursor_again_comes_to_an_end(
    stranger: Person, web: WebServer, capsys: Out
) -> None:
    pages_of(web, 10, stuck=True)
    assert stranger.run("station", "t1", "--all") == Exit.OK
    assert len(web.asked) == 2


@pytest.mark.parametrize("form", ["--json", "--lines", "--plain", "--jq=.title"])
def test_neither_a_token_nor_what_a_terminal_obeys_gets_out(
    form: str, stranger: Person, web: WebServer, capsys: Out
) -> None:
    record = {"id": "t1", "title": f"{CANARY} \u001b]0;x\u0007", "durationMs": 1}
    web.respond = lambda *_: (200, {}, json.dumps({"success": True, "data": record}).encode())
    assert stranger.run("track", "t1", form) == Exit.OK
    out, err = capsys.readouterr()
    assert "[token]" in out
    assert "\x1b" not in out + err
    assert not survivors(out + err, CANARY)


def test_a_refusal_that_quotes_the_token_is_said_without_it(stranger: Person, web: WebServer, capsys: Out) -> None:
    refused = {"success": False, "error": {"code": "CONFLICT", "message": f"no {CANARY}\u001b[0m"}}
    web.respond = lambda *_: (409, {}, json.dumps(refused).encode())
    assert stranger.run("like", "p1") == Exit.FAILED
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("parlour: no [token]")
    assert "\x1b" not in err


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("thread album/al1", Exit.USAGE, "album/al1 is an album; this takes a post"),
        ("thread a/b/c", Exit.USAGE, "is no id and no address of a post"),
        ("thread 00000000-0000-4000-8000-000000000000", Exit.FAILED, "parlour: "),
        ("profile nobody_at_all", Exit.FAILED, "parlour: "),
        ("mix none-such", Exit.USAGE, "is no mix"),
        ("feed --jq .[", Exit.USAGE, "is no jq expression"),
        ("feed --jq . --plain", Exit.USAGE, "--jq makes JSON"),
        ("messages @nobody_here", Exit.FAILED, "there is no chat with nobody_here yet"),
        ("lyrics", Exit.FAILED, "nothing plays"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    command: str, status: Exit, said: str, town: Town, capsys: Out
) -> None:
    assert town.ann.run(*command.split()) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_nobody_to_answer_and_nobody_signed_in_have_statuses_of_their_own(
    town: Town, capsys: Out, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.__main__ import main

    assert main(["feed", "--data", str(tmp_path / "new")]) == Exit.SIGN_IN
    monkeypatch.setenv("PARLOUR_TOKEN", town.ann.tokens.access)
    assert main(["feed", "--data", str(tmp_path / "new"), "--url", "http://127.0.0.1:9"]) == Exit.UNAVAILABLE
    assert main(["profile", "--data", str(tmp_path / "new"), "--url", town.ann.url, "-q", ".username"]) == Exit.OK
    assert capsys.readouterr().out == "ann\n"


def test_whoever_reads_no_further_ends_it_quietly(town: Town, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    def gone(_: str) -> int:
        raise BrokenPipeError

    with capsys.disabled(), open("/dev/null", "w") as sink:
        monkeypatch.setattr("sys.stdout", sink)
        monkeypatch.setattr(sys.stdout, "write", gone, raising=False)
        assert town.ann.run("threads", "synths", "--all") == Exit.OK
