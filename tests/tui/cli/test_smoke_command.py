"""`parlour smoke` as a shell sees it: what it selects, how it ends, where it writes what."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from junitparser import JUnitXml

from api_client.inspect.smoke.codes import Code
from tests.api_client.inspect.smoke.wrong_platform import WrongPlatform, refusal, wrong_platform
from tests.inspect_canary import CANARY, TOKEN, survivors
from tui.__main__ import main

GOOD = "scenario: Good\ntags: [good, quick]\nsteps:\n  - {request: GET /meta, capture: {x: .data}}\n"
BAD = "---\nscenario: Bad\ntags: [bad]\npeople: [anna]\nsteps:\n  - {request: GET /auth/me, expect: 404}\n"


@pytest.fixture
def server() -> Iterator[WrongPlatform]:
    """A platform on a loop of its own, because the command has one of its own as well."""
    ready: Future[tuple[WrongPlatform, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        over = asyncio.Event()
        async with wrong_platform() as platform:
            ready.set_result((platform, asyncio.get_running_loop(), over))
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    platform, loop, over = ready.result(30)
    yield platform
    loop.call_soon_threadsafe(over.set)
    thread.join(30)


class Shell:
    """Calls `parlour smoke`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self._options = ["--url", url, "--data", str(folder / "data")]

    def file(self, text: str, name: str = "it.yaml") -> str:
        (self.folder / name).write_text(text, "utf-8")
        return str(self.folder / name)

    def smoke(self, *words: str) -> int:
        return int(main(["smoke", *words, *self._options]))


@pytest.fixture
def shell(server: WrongPlatform, tmp_path: Path) -> Shell:
    return Shell(server.url, tmp_path)


def test_its_exit_says_how_it_went(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    file = shell.file(GOOD + BAD)
    assert shell.smoke(file, "--tag", "good") == 0
    assert "1 passed" in capsys.readouterr().out
    assert shell.smoke(file) == 1
    told = capsys.readouterr().out
    assert "ST203" in told
    assert f"{file}:" in told
    assert shell.smoke(file, "--tag", "nobody") == 5
    assert shell.smoke(file, "--exclude-tag", "good,bad") == 5


def test_a_wrong_file_is_wrong_use_and_is_pointed_at(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    file = shell.file("scenario: It\nsteps:\n  - request: GET /posts/{{x}}\n")
    assert shell.smoke(file) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"parlour: {file}:3:14: {{{{x}}}} is not known here")
    assert "Traceback" not in said
    assert len(said.splitlines()) == 3
    assert shell.smoke(str(shell.folder / "none.yaml")) == 2
    assert shell.smoke(shell.file(GOOD), "--report", "html=x") == 2
    assert shell.smoke(shell.file(GOOD), "--secret", "NOBODY_HAS_THIS") == 2
    assert shell.smoke("explain", "XX999") == 2


def test_without_a_platform_it_could_not_be_carried_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    shell = Shell(f"http://127.0.0.1:{port}", tmp_path)
    report = tmp_path / "r.xml"
    assert shell.smoke(shell.file(GOOD), "--report", f"junit={report}") == 3
    assert "HT101" in capsys.readouterr().out
    assert JUnitXml.fromfile(str(report)).tests == 0


def test_where_nobody_could_come_nothing_was_judged(server: WrongPlatform, shell: Shell) -> None:
    server.routes["POST", "/auth/register"] = lambda _: refusal(503, "UNAVAILABLE")
    assert shell.smoke(shell.file(GOOD + BAD), "--tag", "bad") == 3


def test_an_account_that_is_not_kept_here_or_refused_there_must_sign_in_first(
    server: WrongPlatform, shell: Shell
) -> None:
    assert shell.smoke(shell.file(GOOD), "--account", "anna=nobody") == 4
    server.routes["POST", "/auth/login"] = lambda _: refusal(401, "UNAUTHENTICATED")
    refused = "scenario: It\npeople: {anna: {username: a, password: b}}\nsteps:\n  - {request: GET /auth/me}\n"
    assert shell.smoke(shell.file(refused)) == 4


def test_a_token_for_one_run_makes_its_owner_take_part(
    server: WrongPlatform, shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARLOUR_TOKEN", TOKEN)
    mine = shell.file("scenario: It\npeople: [me]\nsteps:\n  - {request: GET /auth/me, expect: 404}\n")
    assert shell.smoke(mine, "--report", "json=-") == 1
    assert server.seen[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert server.asked("POST", "/auth/register") == 0
    told = capsys.readouterr()
    assert survivors(told.out + told.err) == []


def test_what_is_selected_can_be_listed_and_nothing_is_sent(
    server: WrongPlatform, shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shell.file(GOOD + BAD)
    assert shell.smoke(file, "--list") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["smoke.it.good", "smoke.it.bad"]
    assert shell.smoke(file, "--dry-run", "--only", "smoke.it.b*") == 0
    assert [line.strip() for line in capsys.readouterr().out.splitlines()[1:]] == ["01 GET /auth/me"]
    assert shell.smoke(file, "--list", "--only", "goo") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert server.seen == []


def test_reports_go_where_they_should_and_stdout_holds_one_alone(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shell.file(GOOD + BAD)
    assert shell.smoke(file, "--report", "json=-", "--report", f"junit={tmp_path}/r.xml", "--seed", "7") == 1
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert document["properties"]["seed"] == "7"
    assert document["codes"] == {"ST203": 1}
    assert "1 passed, 1 failed" in told.err
    assert JUnitXml.fromfile(str(tmp_path / "r.xml")).failures == 1
    assert shell.smoke(file, "--report", f"tap={tmp_path}/none/r.tap") == 2


def test_a_baseline_is_written_and_then_holds(shell: Shell, tmp_path: Path) -> None:
    file, known = shell.file(GOOD + BAD), str(tmp_path / "known.json")
    assert shell.smoke(file, "--baseline", known, "--baseline-update") == 0
    assert shell.smoke(file, "--baseline", known) == 0
    assert shell.smoke(shell.file(GOOD + BAD.replace("404", "403")), "--baseline", known) == 0
    assert shell.smoke(shell.file(GOOD + BAD.replace("scenario: Bad", "scenario: Worse")), "--baseline", known) == 1
    assert shell.smoke(file, "--baseline-update") == 2


def test_github_is_told_where_to_put_what(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    file = shell.file(GOOD + BAD)
    assert shell.smoke(file) == 1
    (command,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
    assert command.startswith(f"::error file={file},line=10,title=ST203 Bad")
    assert "| smoke.it.bad | failed |" in (tmp_path / "summary.md").read_text()


def test_a_secret_from_the_environment_is_used_and_never_told(
    server: WrongPlatform, shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MY_SECRET", CANARY)
    file = shell.file(
        "scenario: It\nsteps:\n  - {request: GET /meta, query: {q: '{{MY_SECRET}}', v: '{{v}}'},"
        " expect: {jq: {.data.name: '{{MY_SECRET}}'}}}\n"
    )
    assert shell.smoke(file, "--secret", "MY_SECRET", "--variable", "v=1", "-v", "--report", "json=-") == 1
    told = capsys.readouterr()
    assert survivors(told.out + told.err) == []
    assert "[secret:" in told.out
    assert server.seen[-1].path == "/meta"


def test_by_the_clock_it_tells_how_many_it_measured(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    status = shell.smoke(shell.file(GOOD), "--rate", "20/s", "--duration", "300ms")
    told = capsys.readouterr().out
    assert "load: 20/s for 0.3 s, 6 iterations" in told
    # On a machine that is busy with others there are no figures, and the shell is told so.
    assert (status, "n=6" in told) in ((0, True), (3, False))


def test_every_code_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(Code)
    assert main(["smoke", "explain", "ws402"]) == 0
    assert capsys.readouterr().out.startswith("WS402  An event came more often than it should\n\n")
