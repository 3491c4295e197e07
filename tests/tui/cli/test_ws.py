"""`parlour ws` against the real platform, and against one that breaks off."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from api_client.realtime.states import Phase, SocketState
from tests.tui.cli.shell_world import Person
from tui.__main__ import build_parser, main
from tui.cli.calls.frames import Listener
from tui.cli.exits import Exit

Out = pytest.CaptureFixture[str]
PING = '{"type":"ping","t":7}'


def test_frames_are_lines_of_json_until_the_one_that_was_waited_for(person: Person, capsys: Out) -> None:
    assert person.run("ws", "--send", PING, "--until", '.type == "pong" and .t == 7', "--timeout", "60s") == Exit.OK
    said = capsys.readouterr()
    frames = [json.loads(line) for line in said.out.splitlines()]
    assert [frame["type"] for frame in frames] == ["ready", "pong"]
    assert frames[0]["userId"] == person.id
    assert said.err == ""


def test_frames_can_be_chosen_filtered_counted_and_stamped(person: Person, capsys: Out) -> None:
    assert person.run("ws", "--send", PING, "--type", "pong", "-q", ".t", "--count", "1", "--timeout", "60") == Exit.OK
    assert capsys.readouterr().out == "7\n"
    assert person.run("ws", "--count", "1", "--timestamps", "--timeout", "60") == Exit.OK
    line = json.loads(capsys.readouterr().out)
    assert line["frame"]["type"] == "ready"
    assert line["at"].endswith("Z")


def test_what_is_asked_for_and_does_not_come_is_a_failure(person: Person, capsys: Out) -> None:
    assert person.run("ws", "--until", '.type == "never"', "--timeout", "3s") == Exit.FAILED
    said = capsys.readouterr()
    assert json.loads(said.out)["type"] == "ready"
    assert said.err == 'parlour: nothing came of which .type == "never" is true\n'


def test_changes_of_a_record_are_told(person: Person, capsys: Out) -> None:
    subreddit = f"r{person.name[1:]}"

    async def write(client: Any) -> str:
        await client.threads.found(NewSubreddit(name=subreddit))
        post = await client.feed.create(NewThreadPost(subreddit=subreddit, title="watched"))
        return str(post.id)

    post_id = person.ask(write)
    over = threading.Event()

    async def vote(client: Any) -> None:
        value = 0
        while not over.is_set():
            value = 1 - value
            await client.threads.vote(post_id, value)

    voting = threading.Thread(target=person.ask, args=(vote,))
    voting.start()
    try:
        until = '.type == "updates"'
        assert (
            person.run("ws", "posts:{last.post}", "--type", "updates", "--until", until, "--timeout", "60") == Exit.OK
        )
    finally:
        over.set()
        voting.join()
    notice = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert notice["updates"][0]["key"] == f"posts:{post_id}"


def test_lines_of_stdin_are_sent_as_frames(person: Person, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"type":"ping","t":1}\n\n{"type":"ping","t":2}\n'))
    assert person.run("ws", "--send", "-", "--type", "pong", "-q", ".t", "--count", "2", "--timeout", "60") == Exit.OK
    assert capsys.readouterr().out == "1\n2\n"
    monkeypatch.setattr("sys.stdin", io.StringIO('{"type":"ping"}\n{no json\n'))
    assert person.run("ws", "--send", "-", "--timeout", "60") == Exit.USAGE
    assert "stdin:2: '{no json' is no JSON" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"type":"\xff"}\n'), encoding="utf-8"))
    assert person.run("ws", "--send", "-", "--timeout", "60") == Exit.USAGE
    assert capsys.readouterr().err == "parlour: stdin is not UTF-8 text\n"


async def test_a_line_that_takes_nothing_for_a_moment_is_offered_the_frame_again() -> None:
    class SlowLine:
        offered = 0

        def send(self, frame: str) -> bool:
            self.offered += 1
            if self.offered == 3:
                listener._came('{"type":"pong"}')
            return self.offered >= 3

    words = ["ws", "--send", PING, "--count", "1"]
    listener, line = Listener(build_parser(words).parse_args(words), io.StringIO()), SlowLine()
    here: Any = SimpleNamespace(secrets=no_secrets)
    listener._news.put_nowait(SocketState(Phase.ONLINE))
    async with asyncio.timeout(30):
        assert await listener._listen(here, line) == Exit.OK  # type: ignore[arg-type]
    assert line.offered == 3


async def no_secrets() -> dict[str, str]:
    return {}


@pytest.mark.parametrize(
    "words",
    [
        ["x"],
        ["--send", "{"],
        ["--until", ".["],
        ["--jq", ".", "--timestamps"],
        ["--chat", "i" * 65],
        ["posts:{nothing}"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_one_sentence(person: Person, capsys: Out, words: list[str]) -> None:
    assert person.run("ws", *words) == Exit.USAGE
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_a_token_that_is_not_taken_leads_to_signing_in(
    person: Person, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLOUR_TOKEN", "no-such-token-0123456789")
    options = ("--url", person.url, "--data", str(person.folder / "other"))
    assert main(["ws", "--timeout", "60", *options]) == Exit.SIGN_IN
    assert "no-such-token" not in capsys.readouterr().err


Talk = Callable[[ServerConnection, int], None]


@pytest.fixture
def socket_platform() -> Iterator[Callable[[Talk], str]]:
    """Return what runs a platform that has only a socket, and talks there as a test says."""
    running: list[tuple[Any, threading.Thread]] = []

    def start(talk: Talk) -> str:
        count = 0

        def handle(connection: ServerConnection) -> None:
            nonlocal count
            count += 1
            try:
                connection.recv()
                connection.send('{"type":"ready","userId":"user-1"}')
                talk(connection, count)
            except ConnectionClosed:
                pass

        server = serve(handle, "127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.socket.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()


@pytest.fixture
def away(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The options of somebody who comes with a token of their own."""
    monkeypatch.setenv("PARLOUR_TOKEN", "canary-token-5d1e77ab")
    return "--data", str(tmp_path / "away")


def test_a_connection_that_breaks_is_made_again(
    socket_platform: Callable[[Talk], str], away: tuple[str, ...], capsys: Out
) -> None:
    def talk(connection: ServerConnection, count: int) -> None:
        if count > 1:
            connection.send('{"type":"pong","t":2}')
            connection.recv()

    url = socket_platform(talk)
    assert main(["ws", "--until", ".t == 2", "--timeout", "60", "--url", url, *away]) == Exit.OK
    said = capsys.readouterr()
    assert [json.loads(line)["type"] for line in said.out.splitlines()] == ["ready", "ready", "pong"]
    assert "connected again" in said.err


def test_without_reconnecting_the_end_of_the_connection_is_the_end(
    socket_platform: Callable[[Talk], str], away: tuple[str, ...], capsys: Out
) -> None:
    url = socket_platform(lambda connection, _count: connection.close(1012, "going \x1b[2Jaway"))
    assert main(["ws", "--no-reconnect", "--timeout", "60", "--url", url, *away]) == Exit.UNAVAILABLE
    said = capsys.readouterr().err
    assert "going" in said
    assert "\x1b" not in said


def test_a_dead_platform_ends_in_time(away: tuple[str, ...], capsys: Out) -> None:
    assert main(["ws", "--timeout", "1s", "--url", "http://127.0.0.1:9", *away]) == Exit.UNAVAILABLE
    assert main(["ws", "--no-reconnect", "--url", "http://127.0.0.1:9", *away]) == Exit.UNAVAILABLE
    assert "Is the platform running?" in capsys.readouterr().err


def test_a_token_that_comes_back_and_frames_that_are_none_do_no_harm(
    socket_platform: Callable[[Talk], str], away: tuple[str, ...], capsys: Out
) -> None:
    def talk(connection: ServerConnection, _count: int) -> None:
        connection.send('{"type":"error","message":"Bearer canary-token-5d1e77ab"}')
        connection.send("no json \x1b[2J")
        connection.send('{"type":"pong","t":1e999}')
        connection.send(b"\xff\x00")
        connection.send('{"type":"end"}')
        connection.recv()

    url = socket_platform(talk)
    assert main(["ws", "--until", '.type? == "end"', "--timeout", "60", "--url", url, *away]) == Exit.OK
    out = capsys.readouterr().out
    assert "canary-token-5d1e77ab" not in out
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[1]["message"] == "Bearer [token]"
    assert lines[2] == "no json \x1b[2J"
    assert len(lines) == 6


def test_an_interrupt_ends_it_with_its_own_status(
    socket_platform: Callable[[Talk], str], away: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk(connection: ServerConnection, _count: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        connection.recv()

    assert main(["ws", "--url", socket_platform(talk), *away]) == Exit.INTERRUPTED
    asyncio.run(asyncio.sleep(0))
