"""The command line as a user runs it: what it says, where it says it, and the status it ends with."""

from __future__ import annotations

import http.server
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tests.e2e.witness import PASSWORD, Witness
from tui.__main__ import VERSION


class _WebPage(http.server.BaseHTTPRequestHandler):
    """A web server that is no platform: it answers everything with a page."""

    def do_POST(self) -> None:
        page = b"<!doctype html><title>Welcome</title><h1>It works!\x1b]52;c;Y2FuYXJ5\x07</h1>"
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        pass


@pytest.fixture
def web_page() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _WebPage) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def dead_address() -> Iterator[str]:
    """An address at which nobody listens, and nobody can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_are_said_without_loading_the_toolkit(machine: Machine, option: str) -> None:
    said = machine.run(option, PYTHONPROFILEIMPORTTIME="1")
    assert said.returncode == 0
    assert (f"parlour {VERSION}" if option == "--version" else "usage: parlour") in said.stdout
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in said.stderr.splitlines()}
    assert "argparse" in loaded, "the list of imports is what this test reads"
    assert not loaded & {"textual", "rich", "httpx", "pydantic", "keyring", "server"}


def test_a_wrong_password_is_told_in_a_sentence(machine: Machine, platform: str, new_name: Callable[[], str]) -> None:
    name = Witness.registered(platform, new_name()).me.username
    said = machine.run("login", name, "--url", platform, "--insecure-storage", typed="not the password\n")
    assert said.returncode == 4
    assert said.stdout == ""
    assert said.stderr.startswith("parlour: ")
    assert "password" in said.stderr
    assert "Traceback" not in said.stderr
    assert "No account yet" in machine.run("accounts").stdout


def test_a_dead_platform_is_named_by_its_address(machine: Machine, dead_address: str) -> None:
    said = machine.run(
        "login", "ann", "--url", f"http://{dead_address}", "--insecure-storage", typed="whatever it is\n"
    )
    assert said.returncode == 3
    assert dead_address in said.stderr
    assert said.stderr.count("\n") == 1


def test_a_web_server_that_is_no_platform_is_told_as_such(machine: Machine, web_page: str) -> None:
    said = machine.run("login", "ann", "--url", web_page, "--insecure-storage", typed="whatever it is\n")
    assert said.returncode == 1
    assert "127.0.0.1" in said.stderr
    assert said.stderr.count("\n") == 1
    assert "<h1>" not in said.stderr
    assert "\x1b" not in said.stderr


def test_an_address_that_is_none_is_a_sentence_as_well(machine: Machine) -> None:
    said = machine.run("login", "ann", "--url", "ftp://example.com", "--insecure-storage", typed="whatever it is\n")
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert said.stderr.count("\n") == 1


def test_accounts_are_listed_with_the_last_one_marked(
    machine: Machine, platform: str, new_name: Callable[[], str]
) -> None:
    names = [Witness.registered(platform, new_name()).me.username for _ in range(2)]
    for name in names:
        done = machine.run("login", name, "--url", platform, "--insecure-storage", typed=PASSWORD + "\n")
        assert done.returncode == 0, done.stderr
    listed = machine.run("accounts").stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [["*", names[1]], [names[0], f"{platform}/api/v1"]]
    assert machine.run("logout", names[1], "--insecure-storage").returncode == 0
    assert names[1] not in machine.run("accounts").stdout


def test_signing_out_of_an_account_that_is_not_there_is_refused(machine: Machine) -> None:
    said = machine.run("logout", "nobody")
    assert said.returncode == 1
    assert "parlour accounts" in said.stderr


def test_everything_goes_into_the_one_folder_that_was_asked_for(
    machine: Machine, platform: str, new_name: Callable[[], str], tmp_path: Path
) -> None:
    name = Witness.registered(platform, new_name()).me.username
    folder = tmp_path / "all of it"
    before = set(machine.home.rglob("*"))
    options = ("--url", platform, "--data", str(folder), "--insecure-storage")
    assert machine.run("login", name, *options, typed=PASSWORD + "\n").returncode == 0
    places = [line.split(maxsplit=1)[1] for line in machine.run("paths", "--data", str(folder)).stdout.splitlines()]
    assert len(places) == 7
    assert all(Path(place).is_relative_to(folder) for place in places)
    assert name in machine.run("accounts", PARLOUR_DATA=str(folder)).stdout
    assert (folder / "data" / "accounts.json").exists()
    assert set(machine.home.rglob("*")) == before


def test_a_folder_of_somebody_else_is_not_used(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    (folder / "data").mkdir(parents=True)
    if os.getuid() == 0:
        os.chown(folder / "data", 12345, 12345)
        said = machine.run("accounts", "--data", str(folder))
    else:
        said = machine.run("accounts", "--data", "/proc/parlour")
    assert said.returncode == 3
    assert "--data" in said.stderr


def test_without_a_terminal_the_program_says_so(machine: Machine) -> None:
    said = machine.run()
    assert said.returncode == 3
    assert "terminal" in said.stderr
    assert "\x1b" not in said.stderr + said.stdout


@pytest.mark.parametrize("term", ["dumb", ""])
@pytest.mark.pty
def test_a_terminal_that_cannot_show_a_screen_is_refused(machine: Machine, term: str) -> None:
    with machine.open(TERM=term) as terminal:
        assert terminal.exit_status() == 3
        assert "TERM=" in terminal.text
        assert b"\x1b" not in terminal.raw


@pytest.mark.pty
def test_a_terminal_without_utf8_is_refused(machine: Machine) -> None:
    with machine.open(PYTHONIOENCODING="latin-1") as terminal:
        assert terminal.exit_status() == 3
        assert "UTF-8" in terminal.text
