"""`parlour api` and a platform that means harm: what it sends reaches no terminal, and no secret leaves."""

from __future__ import annotations

import base64
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.tui.cli.shell_world import Answer, Person, WebServer
from tui.__main__ import main
from tui.cli.exits import Exit

ROOT = Path(__file__).parents[3]
NASTY = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\x00\x7f"
Out = pytest.CaptureFixture[str]
Shown = Callable[..., str]


class Terminal(io.TextIOWrapper):
    """A terminal as far as the command line asks."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """What it would have shown."""
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Return what runs a command on a terminal, and gives what that would have shown."""
    monkeypatch.setenv("TERM", "xterm-256color")

    def run(person: Person, *words: str, exit: Exit = Exit.OK) -> str:  # noqa: A002 - what the shell calls it
        terminal = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", terminal)
            assert person.run(*words) == exit
        return terminal.text

    return run


def answering(status: int, content: bytes, media_type: str = "application/json") -> Any:
    def respond(_request: BaseHTTPRequestHandler, _body: bytes) -> Answer:
        return status, {"Content-Type": media_type}, content

    return respond


def is_harmless(text: str) -> bool:
    """Whether nothing but our own colours is in `text` that a terminal would obey."""
    import re

    rest = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return all(letter in "\n\t" or letter.isprintable() for letter in rest)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (json.dumps({"title": NASTY}, ensure_ascii=False).encode(), "application/json"),
        (json.dumps({NASTY: [NASTY]}).encode(), "application/json"),
        (NASTY.encode(), "text/plain"),
        (b'{"half": "' + NASTY.encode(), "application/json"),
    ],
    ids=("value", "key", "text", "half"),
)
@pytest.mark.parametrize("options", [(), ("-i",), ("--verbose",), ("--as", "raw")], ids=" ".join)
def test_nothing_that_a_terminal_obeys_comes_through(
    web: WebServer, stranger: Person, shown: Shown, content: bytes, media_type: str, options: tuple[str, ...]
) -> None:
    web.respond = answering(200, content, media_type)
    text = shown(stranger, "api", "x", *options)
    assert "owned" in text
    assert is_harmless(text)


def test_json_on_a_terminal_is_set_out_in_colours_and_stays_what_it_was(
    web: WebServer, stranger: Person, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = {"title": NASTY, "count": -1.5, "on": True, "none": None, "half": "\ud83d"}
    web.respond = answering(200, json.dumps(value).encode())
    assert "\x1b[1;34m" in shown(stranger, "api", "x")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = shown(stranger, "api", "x")
    assert "\x1b" not in plain
    assert plain.startswith('{\n  "title"')
    assert json.loads(plain) == value


def test_jq_and_headers_are_made_harmless_too(web: WebServer, stranger: Person, shown: Shown) -> None:
    web.respond = lambda _request, _body: (200, {"X-Bad": "\x1b]0;owned\x07"}, json.dumps({"a": NASTY}).encode())
    text = shown(stranger, "api", "x", "-i", "-q", ".a")
    assert text.count("owned") == 2
    assert is_harmless(text)


def test_who_asks_for_it_gets_the_bytes_as_they_are(web: WebServer, stranger: Person, shown: Shown) -> None:
    web.respond = answering(200, NASTY.encode(), "text/plain")
    assert shown(stranger, "api", "x", "--allow-escape-sequences") == NASTY


def test_bytes_that_are_no_text_stay_away_from_a_terminal(
    web: WebServer, stranger: Person, shown: Shown, capsys: Out
) -> None:
    web.respond = answering(200, b"\x89PNG\xff\xfe", "image/png")
    assert shown(stranger, "api", "x") == ""
    assert "> FILE" in capsys.readouterr().err


def test_into_a_pipe_everything_goes_as_it_came(web: WebServer, stranger: Person, capfdbinary: Any) -> None:
    web.respond = answering(200, NASTY.encode() + b"\xff")
    assert stranger.run("api", "x") == Exit.OK
    assert capfdbinary.readouterr().out == NASTY.encode() + b"\xff"


def test_the_sentence_of_a_refusal_is_made_harmless(web: WebServer, stranger: Person, capsys: Out) -> None:
    web.respond = answering(409, json.dumps({"error": {"code": "X\x1b[2J", "message": f"no {NASTY}"}}).encode())
    assert stranger.run("api", "x", "--error-body", "none") == Exit.FAILED
    said = capsys.readouterr().err
    assert said.startswith("parlour: no ")
    assert is_harmless(said)


def test_a_web_page_never_reaches_jq(web: WebServer, stranger: Person, capsys: Out) -> None:
    web.respond = answering(503, b"<html>down</html>", "text/html")
    assert stranger.run("api", "x", "-q", ".data") == Exit.FAILED
    said = capsys.readouterr()
    assert said.out == ""
    assert "<html>down</html>" in said.err
    web.respond = answering(200, b"<html>hello</html>", "text/html")
    assert stranger.run("api", "x", "-q", ".data") == Exit.FAILED
    assert "something other than JSON" in capsys.readouterr().err


def test_pages_that_lead_in_a_circle_come_to_an_end(web: WebServer, stranger: Person, capsys: Out) -> None:
    web.respond = answering(200, b'{"success":true,"data":[1],"nextCursor":"again"}')
    assert stranger.run("api", "x", "--paginate") == Exit.FAILED
    assert "again and again" in capsys.readouterr().err
    assert len(web.asked) == 2


def test_a_post_is_repeated_with_the_same_key_and_only_when_that_is_asked_for(
    web: WebServer, stranger: Person, capsys: Out
) -> None:
    web.respond = answering(503, b"{}")
    assert stranger.run("api", "POST", "posts") == Exit.FAILED
    assert len(web.asked) == 1
    web.asked.clear()

    def second_time(_request: BaseHTTPRequestHandler, _body: bytes) -> Answer:
        return (503 if len(web.asked) < 2 else 200), {"Retry-After": "0"}, b"{}"

    web.respond = second_time
    assert stranger.run("api", "POST", "posts", "--retry", "2") == Exit.OK
    keys = {headers["X-Idempotency-Key"] for _, _, headers, _ in web.asked}
    assert (len(web.asked), len(keys)) == (2, 1)
    web.respond = answering(200, b"{}")
    web.asked.clear()
    assert stranger.run("api", "POST", "auth/login", "--anonymous") == Exit.OK
    assert "X-Idempotency-Key" not in web.asked[0][2]


def test_a_header_that_says_who_asks_takes_the_place_of_the_token(web: WebServer, stranger: Person) -> None:
    assert stranger.run("api", "x", "-H", "authorization: Basic abc", "--silent") == Exit.OK
    headers = {name.lower(): value for name, value in web.asked[0][2].items()}
    assert headers["authorization"] == "Basic abc"


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-i",),
        ("--verbose",),
        ("--print", "HBhb"),
        ("--as", "har"),
        ("--as", "curl"),
        ("--as", "python"),
        ("--as", "raw"),
        ("-q", "."),
        ("--paginate",),
        ("--dry-run",),
        ("--cache", "1h"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("status", [200, 401])
def test_a_token_that_is_sent_back_in_every_disguise_is_in_no_output(
    web: WebServer, stranger: Person, capsys: Out, options: tuple[str, ...], status: int
) -> None:
    canary = stranger.tokens.access or ""

    def parrot(request: BaseHTTPRequestHandler, _body: bytes) -> Answer:
        if request.path.endswith("/auth/refresh"):
            return 401, {}, b"{}"
        said = request.headers.get("Authorization", "")
        forms = {
            "plain": said,
            "url": f"https://x.example/?t={quote(canary, safe='')}",
            "base64": base64.b64encode(canary.encode()).decode(),
            "json": json.dumps({"t": canary}),
        }
        body = json.dumps({"data": [], "error": {"code": "NO", "message": f"no {said}"}, "forms": forms})
        return status, {"Content-Type": "application/json", "X-Echo": said, "Set-Cookie": f"s={canary}"}, body.encode()

    web.respond = parrot
    stranger.run("api", "x", *options)
    said = capsys.readouterr()
    if options != ("--dry-run",):
        assert web.asked[0][2]["Authorization"] == f"Bearer {canary}"
    for form in (canary, base64.b64encode(canary.encode()).decode().rstrip("=")):
        assert form not in said.out + said.err


def test_a_terminal_of_its_own_and_a_broken_pipe(web: WebServer, stranger: Person) -> None:
    web.respond = answering(200, json.dumps({"a": NASTY, "many": list(range(40_000))}, ensure_ascii=False).encode())
    command = [sys.executable, "-m", "tui", "api", "x", *stranger.options]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    master, slave = pty.openpty()
    process = subprocess.Popen([*command, "-q", ".a"], stdout=slave, stderr=slave, stdin=subprocess.DEVNULL, env=env)
    os.close(slave)
    seen_by_others = Path(f"/proc/{process.pid}/cmdline")
    assert not seen_by_others.exists() or b"canary" not in seen_by_others.read_bytes()
    shown = b""
    while chunk := _read(master):
        shown += chunk
    os.close(master)
    assert process.wait(60) == Exit.OK
    assert b"owned" in shown
    assert is_harmless(shown.decode().replace("\r\n", "\n"))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=env
    ) as reader_gone:
        assert reader_gone.stdout is not None
        assert reader_gone.stderr is not None
        assert reader_gone.stdout.read(10) == b'{"a": "\\u0'
        reader_gone.stdout.close()
        assert reader_gone.stderr.read() == b""
        assert reader_gone.wait(60) == Exit.OK


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65_536)
    except OSError:  # the other end is closed
        return b""


def test_a_redirect_is_told_and_not_followed(web: WebServer, stranger: Person, capsys: Out) -> None:
    web.respond = lambda _request, _body: (302, {"Location": "http://127.0.0.1:9/elsewhere"}, b"")
    assert stranger.run("api", "x") == Exit.FAILED
    assert "elsewhere" in capsys.readouterr().err
    assert len(web.asked) == 1


def test_an_account_of_another_platform_does_not_send_its_token_there(
    web: WebServer, person: Person, capsys: Out
) -> None:
    assert main(["api", "auth/me", "--url", web.url, *person.options]) == Exit.SIGN_IN
    assert web.asked == []
    assert "nobody is signed in at" in capsys.readouterr().err
