"""`parlour replay`, `fake` and `drift`: what they say, what they write, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import junitparser
import pytest

from api_client.inspect.recorder import Recorder
from api_client.inspect.recording import SessionRecording
from api_client.inspect.session_file import CallLine, Header, content_of, line_of, read_session
from api_client.models.music import NewPlaylist
from tests.inspect_canary import survivors
from tests.tui.cli.shell_world import Person
from tui.__main__ import main
from tui.cli.exits import Exit

Out = pytest.CaptureFixture[str]


@pytest.fixture
def recording(person: Person, tmp_path: Path) -> Path:
    """A session that can be repeated where it was recorded: it takes back what it makes."""
    path = tmp_path / "session.jsonl"

    async def record(client: Any) -> None:
        client.recorder = Recorder()
        header = Header(platform=client.address.base, username=person.name, user_id=person.id)
        session = SessionRecording(path, client.recorder, header)
        await client.accounts.me()
        playlist = await client.playlists.create(NewPlaylist(name="Bread \x1b[31mand\x1b[0m roses"))
        await client.playlists.get(playlist.id)
        await client.playlists.delete(playlist.id)
        await session.stop()

    person.ask(record)
    return path


def edited(path: Path, name: str, change: Any) -> Path:
    """Return a copy of a recording in which the reply of one call says something else."""
    copy = path.with_name("edited.jsonl")
    lines = []
    for line in path.read_text().splitlines():
        data = json.loads(line)
        if data.get("name") == name:
            change(data)
        lines.append(json.dumps(data))
    copy.write_text("\n".join(lines) + "\n")
    return copy


def test_what_is_the_same_ends_well(person: Person, recording: Path, capsys: Out) -> None:
    assert person.run("replay", str(recording), "--pace", "max") == Exit.OK
    assert capsys.readouterr().out == "4 same\n"
    assert person.run("replay", str(recording), "--pace", "max", "--learn", "-v", "--no-socket") == Exit.OK
    assert "playlists.create" in capsys.readouterr().out
    tokens = person.tokens
    assert survivors(recording.read_bytes(), str(tokens.access), str(tokens.refresh)) == []


def test_what_differs_is_told_with_both_values_in_every_report(
    person: Person, recording: Path, tmp_path: Path, capsys: Out
) -> None:
    def renamed(data: Any) -> None:
        data["reply"]["json"]["data"]["name"] = "Something else \x1b]0;x\x07"

    other = edited(recording, "playlists.get", renamed)
    junit = tmp_path / "replay.xml"
    options = ("--pace", "max", "--report", f"junit={junit}", "--report", "json=-")
    assert person.run("replay", str(other), *options) == Exit.FAILED
    out, err = capsys.readouterr()
    assert ".data.name: is " in err
    assert "\x1b" not in err
    told = json.loads(out)
    assert told["schema"] == "parlour.replay/1"
    (different,) = [step for step in told["steps"] if step["verdict"] == "different"]
    assert [each["path"] for each in different["differences"]] == [".data.name"]
    suites = junitparser.JUnitXml.fromfile(str(junit))
    assert (suites.tests, suites.failures, suites.errors) == (4, 1, 0)
    # What is told to be left out is left out, and what is not chosen is not compared.
    assert person.run("replay", str(other), "--pace", "max", "--ignore", ".data.name") == Exit.OK
    assert person.run("replay", str(other), "--pace", "max", "--only", "auth.*") == Exit.OK
    assert capsys.readouterr().out.endswith("1 same\n")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("nowhere.jsonl",), Exit.USAGE, "nowhere.jsonl: No such file"),
        (("FILE", "--ignore", ".["), Exit.USAGE, "is no jq expression"),
        (("FILE", "--report", "html=x"), Exit.USAGE, "write FORMAT=FILE"),
        (("FILE", "--report", "junit=/nowhere/x.xml"), Exit.USAGE, "there is no such folder"),
        (("FILE", "--only", "nothing.*"), Exit.NOTHING, "nothing in the recording was selected"),
        (("DAMAGED",), Exit.USAGE, "damaged.jsonl:2:1: this is not JSON"),
        (("FILE", "--url", "http://127.0.0.1:9"), Exit.SIGN_IN, "sign in first"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_sentence(
    person: Person, recording: Path, capsys: Out, words: tuple[str, ...], status: Exit, says: str
) -> None:
    damaged = recording.with_name("damaged.jsonl")
    damaged.write_bytes(recording.read_bytes().splitlines(keepends=True)[0] + b"nonsense\n")
    files = {"FILE": str(recording), "DAMAGED": str(damaged)}
    assert person.run("replay", *[files.get(word, word) for word in words]) == status
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1


def test_a_fake_needs_a_recording_and_a_port(person: Person, recording: Path, capsys: Out) -> None:
    empty = recording.with_name("empty.jsonl")
    empty.write_bytes(line_of(Header(platform="http://127.0.0.1:3000/api/v1")))
    assert main(["fake", str(empty)]) == Exit.NOTHING
    assert main(["fake", "nowhere"]) == Exit.USAGE
    assert main(["fake", str(recording), "--port", "99999"]) == Exit.UNAVAILABLE
    assert "--port 0 takes a free one" in capsys.readouterr().err


def test_our_platform_has_no_drift_from_the_command_line(person: Person, recording: Path, capsys: Out) -> None:
    assert person.run("drift", "--fail-on", "any", "--observed", str(recording)) == Exit.OK
    out = capsys.readouterr().out
    assert "seen: 4 of 141 endpoints" in out
    assert "no drift: 141 endpoints here" in out


def test_drift_is_told_with_what_to_do_and_fails_as_asked(
    person: Person, recording: Path, tmp_path: Path, capsys: Out
) -> None:
    def extended(data: Any) -> None:
        data["reply"]["json"]["data"]["mood"] = "fine"

    other = str(edited(recording, "playlists.get", extended))
    assert person.run("drift", "--observed", other) == Exit.OK
    out = capsys.readouterr().out
    assert "Playlist.mood was seen, and is not known here" in out
    assert "-> add it to Playlist" in out
    assert person.run("drift", "--observed", other, "--fail-on", "any", "--json") == Exit.FAILED
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"breaking": 0, "other": 1}
    assert told["findings"][0]["place"] == "Playlist.mood"
    assert "posts.get" in told["seen"]["neverSeen"]["operations"]
    gone = tmp_path / "openapi.yaml"
    gone.write_text("openapi: 3.1.0\npaths: {/api/v1/meta: {get: {responses: {'200': {description: fine}}}}}\n")
    assert person.run("drift", "--against", str(gone)) == Exit.FAILED
    assert "140 breaking" in capsys.readouterr().out
    assert person.run("drift", "--against", str(gone), "--fail-on", "none") == Exit.OK


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", '{"openapi": ', "a.json:1:13: this is not JSON"),
        ("a.yaml", "a: [", "a.yaml:1:5: this is not YAML"),
        ("a.json", "{}", "this is not an OpenAPI document"),
        ("a.json", '{"openapi": "2.0"}', "this is OpenAPI 2.0, and 3 is understood"),
    ],
)
def test_what_describes_nothing_is_said_with_its_place(
    person: Person, tmp_path: Path, capsys: Out, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text)
    assert person.run("drift", "--against", str(tmp_path / name)) == Exit.USAGE
    assert says in capsys.readouterr().err
    assert person.run("drift", "--against", str(tmp_path / "none.json")) == Exit.USAGE
    capsys.readouterr()
    # A file that is wrong is found before anybody is asked.
    missing = str(tmp_path / "none.jsonl")
    assert main(["drift", "--observed", missing, "--against", "http://127.0.0.1:9", *person.options]) == Exit.USAGE
    assert capsys.readouterr().err == f"parlour: {tmp_path / 'none.jsonl'}: No such file or directory\n"


def test_the_recording_that_is_read_is_the_one_that_was_written(recording: Path) -> None:
    session = read_session(recording)
    reply = next(call.reply for call in session.calls if call.name == "playlists.get")
    assert reply is not None
    again = CallLine(at=0, number=1, name="", method="GET", url="", reply=content_of(reply.bytes_()))
    assert again.reply == reply
