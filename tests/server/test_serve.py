"""The platform as a process: how it starts, says where it is, refuses, and stops."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server.conftest import Platform

ROOT = Path(__file__).parents[2]


@contextmanager
def process(data: Path, *arguments: str, stdin: int | None = None) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "server", "--port", "0", "--data", str(data), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=stdin, stdout=pipe, stderr=pipe) as started:
        try:
            yield started
        finally:
            started.kill()


def address(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    line = started.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:"), line
    return line.split()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_answers_and_stops_without_cutting_work_off(
    tmp_path: Path, number: signal.Signals
) -> None:
    with process(tmp_path) as started:
        url = address(started)
        with httpx.Client(base_url=url, trust_env=False) as client:
            assert client.get("/readyz").json() == {"status": "ok"}
            # Connections that do nothing must not hold it up.
            host, port = url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as idle:
                idle.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
                client.get("/healthz")
                started.send_signal(number)
                rest, complaints = started.communicate(timeout=30)
    assert started.returncode == 0
    assert rest == ""
    # Whoever waits until the grace is over is cut off, and the log says so.
    assert complaints == "opening the database\n"


def test_the_end_of_its_standard_input_stops_it(tmp_path: Path) -> None:
    with process(tmp_path, "--exit-with-stdin", stdin=subprocess.PIPE) as started:
        url = address(started)
        assert started.stdin is not None
        started.stdin.write("what is written there means nothing\n")
        started.stdin.flush()
        assert httpx.get(f"{url}/readyz", trust_env=False).json() == {"status": "ok"}
        started.stdin.close()
        assert started.wait(timeout=60) == 0


def test_without_being_asked_to_it_outlives_its_standard_input(tmp_path: Path) -> None:
    with process(tmp_path, stdin=subprocess.PIPE) as started:
        url = address(started)
        assert started.stdin is not None
        started.stdin.close()
        assert httpx.get(f"{url}/readyz", trust_env=False).json() == {"status": "ok"}
        assert started.poll() is None


def test_it_does_not_outlive_a_program_that_was_killed(tmp_path: Path) -> None:
    """The program in between starts a platform of its own and says which process that is."""
    starter = (
        "import subprocess, sys, time\n"
        "platform = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)\n"
        "print(platform.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    data = str(tmp_path)
    command = [sys.executable, "-m", "server", "--port", "0", "--data", data, "--exit-with-stdin"]
    program = subprocess.Popen(
        [sys.executable, "-c", starter, *command], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with program:
        assert program.stdout is not None
        platform = int(program.stdout.readline())
        try:
            address(program)
            program.kill()
            # The platform writes to the same pipe, so that this ends only when the platform has.
            assert program.communicate(timeout=60)[0] == ""
        except BaseException:
            os.kill(platform, signal.SIGKILL)
            raise


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    with process(tmp_path) as started, httpx.Client(base_url=address(started), trust_env=False) as client:
        body = {"username": "ann", "email": "ann@example.com", "password": "a long password"}
        token = client.post("/api/v1/auth/register", json=body).json()["data"]["accessToken"]
    with process(tmp_path) as started, httpx.Client(base_url=address(started), trust_env=False) as client:
        reply = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert reply.json()["data"]["user"]["username"] == "ann"


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with process(tmp_path, "--port", str(taken.getsockname()[1])) as started:
            output, complaint = started.communicate(timeout=60)
    assert started.returncode == 1
    assert output == ""
    assert complaint.startswith("parlour: cannot listen on 127.0.0.1 port")
    assert "Traceback" not in complaint


def test_a_database_of_another_version_is_a_sentence(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "platform.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with process(tmp_path) as started:
        _, complaint = started.communicate(timeout=60)
    assert started.returncode == 1
    assert "schema 99" in complaint
    assert "Traceback" not in complaint


def test_a_folder_of_music_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with process(tmp_path, "--music", str(tmp_path / "nowhere")) as started:
        _, complaint = started.communicate(timeout=60)
    assert started.returncode == 2
    assert "is not a folder" in complaint


async def test_small_replies_do_not_wait_for_an_acknowledgement(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the reader's delayed acknowledgement, some 40 ms, is added to every request on a kept connection."""
    accepted: list[socket.socket] = []
    accept = socket.socket.accept

    def noted(listener: socket.socket) -> tuple[socket.socket, object]:
        connection, address = accept(listener)
        accepted.append(connection)
        return connection, address

    monkeypatch.setattr(socket.socket, "accept", noted)
    await (await platform.client()).get("/healthz")
    assert [connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for connection in accepted] == [1]
