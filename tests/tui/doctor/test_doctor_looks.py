"""The single looks of the doctor: disk, settings, bus, clock, versions."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import sqlite3
from collections.abc import Sequence
from email.utils import formatdate
from pathlib import Path

import pytest

from api_client.calls import Reply
from api_client.endpoints import CREATE_SUBREDDIT
from api_client.sync import Intent, Outbox
from api_client.sync.sqlite import SqliteOutboxStore
from tui.accounts import Account, AccountBook
from tui.doctor import disk, platform, versions
from tui.doctor.desktop import keyring_is_locked, look_at_desktop
from tui.doctor.files import look_at_files
from tui.doctor.findings import Finding, Patient, Verdict
from tui.doctor.secrets import look_at_secrets
from tui.paths import Paths

ANN = Account("http://127.0.0.1:3000/api/v1", "ann", "id-of-ann")


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    paths, _ = Paths.find(tmp_path).ensured()
    AccountBook(paths.accounts_file).use(ANN)
    paths.account_data(ANN.folder).mkdir(parents=True, mode=0o700)
    arguments = argparse.Namespace(url=None, data=str(tmp_path), insecure_storage=False, patience=10.0)
    return Patient(arguments, paths, {"TERM": "xterm"})


def by_id(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {finding.id: finding for finding in findings}


# -- disk


async def test_folders_that_are_open_to_others_or_shut_are_told_with_what_mends_them(patient: Patient) -> None:
    assert by_id(await disk.look_at_folders(patient))["disk.folders"].verdict is Verdict.OK
    patient.paths.cache.chmod(0o755)
    found = by_id(await disk.look_at_folders(patient))["disk.folders"]
    assert found.verdict is Verdict.WARNING
    assert found.commands == (f"chmod 700 {patient.paths.cache}",)


async def outbox_with(patient: Patient, *names: str) -> Path:
    path = patient.paths.account_data(ANN.folder) / "outbox.db"

    async def never(_: Intent) -> None:
        await asyncio.Event().wait()

    outbox = Outbox(never, store=SqliteOutboxStore(path, writer="w", account=ANN.folder))
    outbox.pause("not now")
    await outbox.start()
    for name in names:
        intent = Intent(
            CREATE_SUBREDDIT, {}, json.dumps({"name": name}), f"r:{name}", 1.0, f"found {name}", f"key-{name}"
        )
        await outbox.submit(intent)
    await outbox.close()
    return path


async def test_what_waits_is_counted_and_a_damaged_file_is_a_problem(patient: Patient) -> None:
    path = await outbox_with(patient, "rye", "oak")
    found = by_id(await disk.look_at_databases(patient))["disk.outbox"]
    assert found.verdict is Verdict.OK, found
    assert found.facts["waiting"] == 2
    assert found.facts["check"] == "ok"
    with sqlite3.connect(path) as database:
        database.execute("UPDATE intents SET status = 'needs attention' WHERE key = 'key-rye'")
    database.close()
    found = by_id(await disk.look_at_databases(patient))["disk.outbox"]
    assert (found.verdict, found.facts["attention"], found.facts["waiting"]) == (Verdict.WARNING, 1, 1)
    path.write_bytes(path.read_bytes()[:4096] + os.urandom(8192))
    found = by_id(await disk.look_at_databases(patient))["disk.outbox"]
    assert found.verdict is Verdict.PROBLEM
    assert found.advice


async def test_another_parlour_on_the_same_account_and_what_was_left_behind_are_found(patient: Patient) -> None:
    folder = patient.paths.account_data(ANN.folder)
    lock = folder / "outbox.lock"
    lock.write_text(json.dumps({"process": 4711, "beat": 1}))
    left = patient.paths.data / f".accounts.json.{2**22 + 1}.140000"
    left.write_text("{")
    found = by_id(await disk.look_at_instances(patient))
    assert found["disk.instances"].facts["running"] == {}
    assert found["disk.leftovers"].facts["files"] == [str(left)]
    descriptor = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        found = by_id(await disk.look_at_instances(patient))
    finally:
        os.close(descriptor)
    assert found["disk.instances"].facts["running"] == {"ann": 4711}
    assert found["disk.instances"].verdict is Verdict.OK


# -- the user's files


async def test_complaints_about_files_name_the_line(patient: Patient) -> None:
    paths = patient.paths
    paths.config_file.write_text("[view]\nmouse = 3\n\n[player]\nvolume = 700\n")
    paths.keymap_file.write_text('[global]\nhelp = "f1"\nhelpp = "f2"\n')
    paths.themes.mkdir()
    (paths.themes / "mine.toml").write_text('dark = true\nprimary = "no colour"\n')
    found = by_id(await look_at_files(patient))
    said = found["files.config"].sentence
    assert "config.toml:2: view.mouse" in said
    assert "config.toml:5: player.volume" in said
    assert "keymap.toml:3: there is no action global.helpp" in found["files.keymap"].sentence
    assert "mine.toml" in found["files.themes"].sentence
    assert {each.verdict for each in found.values()} == {Verdict.WARNING}


async def test_a_file_that_is_no_toml_is_a_problem_at_its_line(patient: Patient) -> None:
    patient.paths.config_file.write_text("[view]\nmouse = \n")
    (found, *_) = await look_at_files(patient)
    assert found.verdict is Verdict.PROBLEM
    assert "config.toml:2:" in found.sentence


# -- sign-ins


async def test_an_encrypted_file_is_tried_beside_the_one_that_is_in_use(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    patient.environment = {"PARLOUR_PASSPHRASE": "a passphrase of some length"}
    found = by_id(await look_at_secrets(patient))
    assert found["secrets.store"].verdict is Verdict.OK, found["secrets.store"]
    assert found["secrets.store"].facts["kind"] == "encrypted file"
    assert found["secrets.sign_in"].verdict is Verdict.WARNING, "nothing is kept for ann"
    assert sorted(path.name for path in patient.paths.data.iterdir()) == ["accounts", "accounts.json"]


# -- the desktop


async def test_a_bus_that_accepts_and_is_silent_ends_in_time(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.doctor.desktop.ANSWER_WITHIN", 0.1)
    writers = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    bus = tmp_path / "bus"
    server = await asyncio.start_unix_server(hold, str(bus))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={bus}")
    try:
        (found,) = await look_at_desktop(patient)
        assert found.verdict is Verdict.WARNING
        assert "does not answer" in found.sentence
        assert await keyring_is_locked() is None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={bus}-is-gone")
        (found,) = await look_at_desktop(patient)
        assert "cannot be reached" in found.sentence
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


# -- clocks and versions


@pytest.mark.parametrize(
    ("there", "verdict"),
    [
        ([0, 0, 0], Verdict.OK),
        ([-9, -4, 0], Verdict.OK),  # a busy server repeats the date of a moment ago
        ([-20, -20, -20], Verdict.WARNING),
        ([20, 20, 20], Verdict.WARNING),
        ([-500, -500, -500], Verdict.PROBLEM),
    ],
)
def test_clocks_that_differ_are_told_and_busy_servers_are_not_taken_for_wrong_ones(
    there: list[int], verdict: Verdict
) -> None:
    now = 1_800_000_000.0
    replies = [Reply(200, {"date": formatdate(now + offset, usegmt=True)}, b"") for offset in there]
    assert platform._clock([(now, now + 0.2, reply) for reply in replies]).verdict is verdict
    assert platform._clock([(now, now, Reply(200, {}, b""))]).verdict is Verdict.SKIPPED


@pytest.mark.parametrize(
    ("version", "bounds", "held"),
    [
        ("8.2.8", "==8.2.8", True),
        ("8.2.9", "==8.2.8", False),
        ("0.28.1", ">=0.28,<1", True),
        ("1.0", "<1,>=0.28", False),
        ("5.0", ">=5", True),
        ("4.9.9", ">=5", False),
        ("3.0.dev1", "", True),
    ],
)
def test_versions_are_held_against_their_bounds(version: str, bounds: str, held: bool) -> None:
    assert versions._within(version, bounds) is held


def test_only_what_is_needed_here_is_needed() -> None:
    lines = ["httpx<1,>=0.28", "dbus-fast>=5; sys_platform == 'nowhere-linux'", 'fastapi; extra == "platform"']
    assert versions._needed(lines)["httpx"] == "<1,>=0.28"
    assert "fastapi" not in versions._needed(lines)
