"""Where the sign-in is kept: in a real keyring where there is one, and never in clear anywhere else."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from api_client import PlatformClient
from api_client.auth import FixedToken
from api_client.errors import SignInRequired
from tests.e2e.machine import Machine
from tests.e2e.session_bus import gnome_keyring, kept_secret, session_bus, silent_secret_service
from tests.e2e.terminal import Terminal
from tests.e2e.witness import PASSWORD, Witness

QUICK = 8.0
"""Seconds for a start that waits the two seconds a keyring may take, on a machine that is busy with other things."""


@pytest.fixture
def name(platform: str, new_name: Callable[[], str]) -> str:
    """A person with an account."""
    return Witness.registered(platform, new_name()).me.username


@pytest.fixture
def keyring(machine: Machine) -> Iterator[Machine]:
    """A machine with an unlocked keyring."""
    with session_bus(machine), gnome_keyring(machine):
        yield machine


def login(machine: Machine, platform: str, name: str, *options: str, **env: str) -> str:
    done = machine.run("login", name, "--url", platform, *options, typed=PASSWORD + "\n", **env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def sign_in_by_typing(terminal: Terminal, name: str) -> None:
    terminal.wait_for("Try the demo")
    terminal.press("s")
    terminal.wait_for("Username or e-mail")
    terminal.type(f"{name}\t{PASSWORD}\r")


@pytest.mark.keyring
@pytest.mark.pty
def test_a_sign_in_lives_in_the_keyring_and_nowhere_else(
    keyring: Machine, platform: str, name: str, platform_folder: Path
) -> None:
    assert "in the keyring of this system" in login(keyring, platform, name)
    key = f"{name}@{platform}/api/v1"
    secret = kept_secret(keyring, key)
    assert secret is not None
    tokens = json.loads(secret)
    assert tokens["access"]
    assert tokens["refresh"]

    with keyring.open() as terminal:
        terminal.wait_for("in the keyring of this system")
        terminal.wait_until_in(name)
        terminal.press("Q")
        assert terminal.exit_status() == 0
        raw = terminal.raw.decode()
    for token in (tokens["access"], tokens["refresh"], PASSWORD):
        assert keyring.files_with(token) == []
        assert token not in raw
    assert not any(tokens["refresh"].encode() in file.read_bytes() for file in platform_folder.glob("platform.db*"))

    done = keyring.run("logout", name)
    assert done.returncode == 0, done.stderr
    assert "could not be told" not in done.stdout
    assert kept_secret(keyring, key) is None
    assert "No account yet" in keyring.run("accounts").stdout
    assert session_has_ended(platform, tokens["access"])
    assert session_has_ended(platform, tokens["access"], tokens["refresh"])


def session_has_ended(platform: str, access: str, refresh: str | None = None) -> bool:
    """Whether the platform refuses a token."""

    async def ask() -> bool:
        async with PlatformClient(platform, tokens=FixedToken(access)) as client:
            try:
                await (client.accounts.refresh(refresh) if refresh else client.accounts.me())
            except SignInRequired:
                return True
            return False

    return asyncio.run(ask())


@pytest.mark.keyring
def test_a_keyring_that_dies_costs_the_sign_in_and_not_the_program(machine: Machine, platform: str, name: str) -> None:
    with session_bus(machine):
        with gnome_keyring(machine):
            login(machine, platform, name)
        # What comes up in its place, if anything does, is locked.
        started = time.monotonic()
        said = machine.run("login", name, "--url", platform, typed=PASSWORD + "\n")
    assert said.returncode == 3
    assert "nothing can be kept" in said.stderr
    assert time.monotonic() - started < QUICK


@pytest.mark.keyring
@pytest.mark.pty
@pytest.mark.parametrize("silence", ["a service that owns its name", "a socket that accepts"])
def test_a_keyring_that_never_answers_holds_up_neither_start_nor_end(
    machine: Machine, platform: str, name: str, silence: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        if silence == "a socket that accepts":
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(str(tmp_path / "bus"))
            listener.listen()
            machine.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path / 'bus'}"
        else:
            stack.enter_context(session_bus(machine))
            stack.enter_context(silent_secret_service(machine))
        started = time.monotonic()
        said = machine.run("login", name, "--url", platform, typed=PASSWORD + "\n")
        assert said.returncode == 3
        if silence == "a service that owns its name":
            assert "the keyring did not answer within 2 s" in said.stderr
        assert time.monotonic() - started < QUICK
        with machine.open("--url", platform) as terminal:
            sign_in_by_typing(terminal, name)
            terminal.wait_for("in memory, until you leave")
            terminal.wait_until_in(name)
            terminal.press("Q")
            started = time.monotonic()
            assert terminal.exit_status() == 0
            assert time.monotonic() - started < QUICK


@pytest.mark.pty
def test_without_a_keyring_one_signs_in_for_this_run_and_is_told_so(machine: Machine, platform: str, name: str) -> None:
    with machine.open("--url", platform) as terminal:
        sign_in_by_typing(terminal, name)
        terminal.wait_for("in memory, until you leave")
        terminal.wait_until_in(name)
        terminal.press("Q")
        assert terminal.exit_status() == 0
        assert PASSWORD not in terminal.raw.decode()
    assert machine.files_with(PASSWORD) == []
    assert machine.files_with("refresh") == []


def test_a_plain_file_is_written_where_it_was_asked_for_and_for_the_user_alone(
    machine: Machine, platform: str, name: str
) -> None:
    assert "NOT encrypted" in login(machine, platform, name, "--insecure-storage")
    (kept,) = machine.files_with("refresh")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert machine.run("logout", name, "--insecure-storage").returncode == 0
    assert machine.files_with("refresh") == []


@pytest.mark.pty
def test_a_passphrase_seals_the_file(machine: Machine, platform: str, name: str) -> None:
    said = login(machine, platform, name, PARLOUR_PASSPHRASE="seven words that nobody guesses")
    assert "encrypted with your passphrase" in said
    (sealed,) = (path for path in machine.files() if path.name == "tokens.sealed")
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert machine.files_with("refresh") == []
    assert machine.files_with(PASSWORD) == []
    with machine.open(PARLOUR_PASSPHRASE="seven words that nobody guesses") as terminal:
        terminal.wait_until_in(name)

    wrong = machine.run("logout", name, PARLOUR_PASSPHRASE="something else")
    assert wrong.returncode == 3
    assert "passphrase" in wrong.stderr
    assert wrong.stderr.count("\n") == 1
    with machine.open(PARLOUR_PASSPHRASE="something else") as terminal:
        terminal.wait_for(lambda text: "cannot be read with this passphrase" in " ".join(text.split()))
        sign_in_by_typing(terminal, name)
        terminal.wait_for(lambda text: "until you leave" in text and "passphrase" in text)
        terminal.wait_until_in(name)
    assert sealed.exists()


def test_a_keyring_that_may_write_in_clear_is_not_used(machine: Machine, platform: str, name: str) -> None:
    backend = machine.folder / "modules" / "keyrings_in_clear.py"
    backend.parent.mkdir()
    backend.write_text(
        "from keyring.backend import KeyringBackend\n"
        "class Keyring(KeyringBackend):\n"
        "    priority = 99\n"
        "    def get_password(self, service, username): open('asked', 'w').close()\n"
        "    def set_password(self, service, username, password): open('written', 'w').write(password)\n"
        "    def delete_password(self, service, username): pass\n"
    )
    said = machine.run(
        "login",
        name,
        "--url",
        platform,
        typed=PASSWORD + "\n",
        PYTHON_KEYRING_BACKEND="keyrings_in_clear.Keyring",
        PYTHONPATH=f"{machine.env['PYTHONPATH']}:{backend.parent}",
    )
    assert said.returncode == 3
    assert "keyrings_in_clear" in said.stderr
    assert "--insecure-storage" in said.stderr
    assert not (machine.folder / "written").exists()
    assert machine.files_with("refresh") == []
