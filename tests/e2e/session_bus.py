"""A session bus of its own with a real keyring on it, or with one that never answers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jeepney import MatchRule, message_bus
from jeepney.io.blocking import open_dbus_connection

from tests.e2e.machine import ROOT, Machine

SECRET_SERVICE = "org.freedesktop.secrets"
KEYRING_PASSWORD = "opens the keyring"
MISSING = (
    "the tests of the keyring need a real one: install `gnome-keyring` and `dbus` "
    "(apt-get install gnome-keyring dbus); to run the others alone: pytest -m 'not keyring'"
)


@contextmanager
def session_bus(machine: Machine) -> Iterator[None]:
    """Give `machine` a session bus; its environment names it for as long as the block lasts."""
    assert shutil.which("dbus-daemon"), MISSING
    runtime = machine.folder / "run"
    runtime.mkdir(mode=0o700)
    machine.env["XDG_RUNTIME_DIR"] = str(runtime)
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
    with _running(command, machine) as bus:
        assert bus.stdout is not None
        machine.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        yield
        del machine.env["DBUS_SESSION_BUS_ADDRESS"]


@contextmanager
def gnome_keyring(machine: Machine) -> Iterator[None]:
    """Run an unlocked keyring on the bus of `machine`."""
    assert shutil.which("gnome-keyring-daemon"), MISSING
    command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    with closing(open_dbus_connection(machine.env["DBUS_SESSION_BUS_ADDRESS"])) as bus:
        owned = MatchRule(type="signal", sender="org.freedesktop.DBus", member="NameOwnerChanged")
        owned.add_arg_condition(0, SECRET_SERVICE)
        bus.send_and_get_reply(message_bus.AddMatch(owned))
        with bus.filter(owned) as changes, _running(command, machine, KEYRING_PASSWORD):
            bus.recv_until_filtered(changes, timeout=20)
            yield


@contextmanager
def silent_secret_service(machine: Machine) -> Iterator[None]:
    """Run a Secret Service that never answers on the bus of `machine`."""
    with _running([sys.executable, "-m", "tests.e2e.silent_secrets"], machine) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "silent\n"
        yield


def kept_secret(machine: Machine, key: str) -> str | None:
    """Return what the keyring of `machine` holds under `key`, asked by another program."""
    found = subprocess.run(
        [sys.executable, "-m", "keyring", "get", "parlour", key],
        env=machine.env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return found.stdout.rstrip("\n") if found.returncode == 0 else None


@contextmanager
def _running(command: list[str], machine: Machine, typed: str | None = None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        env=machine.env,
        cwd=ROOT if "-m" in command else Path(machine.folder),
        stdin=subprocess.PIPE if typed is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        if typed is not None and process.stdin is not None:
            process.stdin.write(typed)
            process.stdin.close()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
