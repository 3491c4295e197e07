"""`parlour doctor` as people and programs meet it: a report in time, whatever hangs, without a secret in it."""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api_client.auth import Tokens
from tests.inspect_canary import CANARY, survivors
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import PASSWORD
from tui.__main__ import main
from tui.accounts import AccountBook
from tui.cli import doctor
from tui.cli.exits import Exit
from tui.doctor.examination import ProbeFailed, examine, probe
from tui.doctor.findings import Check, Finding, Patient, Verdict, ok, problem, warning
from tui.doctor.platform import look_at_platform
from tui.doctor.report import for_people, for_programs, worst
from tui.keychain import FileSecrets
from tui.paths import Paths
from tui.signin import KeptTokens, account_of

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "doctor.schema.json").read_text(encoding="utf-8"))


def asked(folder: Path, url: str | None, **more: Any) -> argparse.Namespace:
    usual = {
        "url": url,
        "data": str(folder),
        "insecure_storage": True,
        "json": True,
        "fix_hints": False,
        "patience": 10.0,
    }
    return argparse.Namespace(**{**usual, **more})


def patient_at(folder: Path, url: str | None, **more: Any) -> Patient:
    return Patient(asked(folder, url, **more), Paths.find(folder))


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Accept everybody and never say a word."""
    writers: list[asyncio.StreamWriter] = []

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


async def settled(findings: Sequence[Finding]) -> Sequence[Finding]:
    return findings


async def test_what_hangs_or_fails_is_a_problem_of_its_own_and_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))

    async def hangs(_: Patient) -> Sequence[Finding]:
        await asyncio.Event().wait()
        return []

    async def stubborn(_: Patient) -> Sequence[Finding]:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if stop.is_set():
                    raise

    async def fails(_: Patient) -> Sequence[Finding]:
        raise KeyError("what")

    async def fine(_: Patient) -> Sequence[Finding]:
        return [ok("disk.room", "Room.")]

    stop, told = asyncio.Event(), []
    checks = [
        Check("desktop", "bus", hangs, 0.02, "Wait."),
        Check("secrets", "keyring", stubborn, 0.02),
        Check("files", "files", fails),
        Check("disk", "disk", fine),
    ]
    found = await examine(
        checks, patient_at(Path("/nowhere"), None, patience=1.0), lambda check, _: told.append(check.title)
    )
    stop.set()
    assert [(each.id, each.verdict.value) for each in found] == [
        ("desktop.time", "problem"), ("secrets.time", "problem"), ("files.check", "problem"), ("disk.room", "ok"),
    ]  # fmt: skip
    assert found[0].advice == "Wait."
    assert "KeyError" in found[2].sentence
    assert sorted(told) == ["bus", "disk", "files", "keyring"]
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def test_the_report_comes_although_a_thread_of_the_loop_hangs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    answers, answered = threading.Event(), threading.Event()

    def read() -> None:
        answers.wait(20)
        answered.set()

    async def hangs(_: Patient) -> Sequence[Finding]:
        await asyncio.to_thread(read)
        return []

    monkeypatch.setattr("tui.doctor.checks.FIRST", ())
    monkeypatch.setattr("tui.doctor.checks.CHECKS", (Check("disk", "disk", hangs, 0.02, "Mount it again."),))
    assert main(["doctor", "--data", str(tmp_path)]) == Exit.FAILED
    assert not answered.is_set()
    answers.set()
    assert answered.wait(30)
    assert "Mount it again." in capsys.readouterr().out


async def test_a_probe_that_hangs_or_dies_takes_nothing_with_it() -> None:
    with pytest.raises(ProbeFailed, match=r"no answer within 0\.2 s"):
        await probe("http.server", "0", seconds=0.2)
    with pytest.raises(ProbeFailed, match="status 1"):
        await probe("tui.doctor.nothing_of_the_kind", seconds=30.0)


async def test_a_platform_that_is_silent_away_or_none_is_a_problem_with_something_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    async with silent_server() as url:
        begun = time.monotonic()
        silent, away, wrong = await asyncio.gather(
            look_at_platform(patient_at(tmp_path, url, patience=0.2)),
            look_at_platform(patient_at(tmp_path, "http://127.0.0.1:1")),
            look_at_platform(patient_at(tmp_path, "ftp://127.0.0.1")),
        )
        assert time.monotonic() - begun < 20.0
    for found in (silent, away, wrong):
        assert [(each.id, each.verdict) for each in found] == [("platform.reachable", Verdict.PROBLEM)]
        assert found[0].advice
    assert "Nothing answers" in away[0].sentence


async def test_a_whole_report_of_somebody_who_is_signed_in_is_as_documented_and_holds_no_secret(
    platform: SharedPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from api_client.client import PlatformClient

    await platform.empty()
    paths, _ = Paths.find(tmp_path).ensured()
    async with PlatformClient(platform.url) as client:
        me = await client.accounts.register("ann", "ann@example.com", PASSWORD)
        account = account_of(client, me)
        tokens = await client.auth.current()
    assert tokens is not None
    await KeptTokens(FileSecrets(paths.data / "tokens.json", None), account).save(tokens)
    AccountBook(paths.accounts_file).use(account)
    paths.config_file.write_text(f'[view]\ntheme = "{tokens.access}"\nsecret = 1\n')
    monkeypatch.setenv("PARLOUR_PASSPHRASE", CANARY)
    monkeypatch.delenv("TMUX", raising=False)
    status = await asyncio.to_thread(doctor.run, asked(tmp_path, platform.url))
    written, said = capsys.readouterr()
    report = json.loads(written)
    jsonschema_rs.validate(SCHEMA, report)
    found = {each["id"]: each for each in report["findings"]}
    assert status == (1 if report["counts"]["problem"] else 0)
    assert found["platform.round_trip"]["verdict"] in ("ok", "warning"), "a machine may be slow"
    for name in ("reachable", "contract", "clock", "socket"):
        assert found[f"platform.{name}"]["verdict"] == "ok", found[f"platform.{name}"]
    assert found["platform.contract"]["facts"]["missing"] == []
    assert found["secrets.sign_in"]["facts"]["account"] == "ann"
    assert found["secrets.store"]["verdict"] == "warning", "it is a plain file"
    assert found["files.config"]["verdict"] == "warning"
    assert "there is no theme called [token:" in found["files.config"]["sentence"]
    assert "config.toml:3: view.secret" in found["files.config"]["sentence"]
    kept = Tokens.loads((json.loads((paths.data / "tokens.json").read_text()))[account.key])
    secrets = [secret for secret in (kept.access, kept.refresh, kept.cookie) if secret]
    assert survivors(written + said, CANARY, *secrets) == []
    assert [path.name for path in paths.data.iterdir() if "probe" in path.name] == []


def test_people_get_sentences_advice_and_what_can_be_pasted() -> None:
    found = [
        ok("disk.room", "Room."),
        warning("terminal.tmux_escape", "Esc takes 500 ms.", "tmux waits.", "tmux set -s escape-time 10"),
        problem("platform.reachable", "Nothing answers.", "Start it."),
    ]
    short = for_people(found, colours=False, signs=True, hints=False)
    assert "✗ Nothing answers.\n    → Start it." in short
    assert "escape-time 10" not in short
    assert short.rstrip().endswith("1 problem, 1 warning. `parlour doctor --fix-hints` adds what can be pasted.")
    assert "tmux set -s escape-time 10" in for_people(found, colours=False, signs=False, hints=True)
    assert for_people(found, colours=False, signs=False, hints=True).isascii()
    narrow = for_people(
        [warning("disk.room", "word " * 30, "advice " * 30)], colours=False, signs=True, hints=False, width=60
    )
    assert max(map(len, narrow.splitlines()[1:-2])) <= 60
    assert (
        narrow.split()
        == for_people(
            [warning("disk.room", "word " * 30, "advice " * 30)], colours=False, signs=True, hints=False
        ).split()
    )
    assert worst(found) is Verdict.PROBLEM
    assert worst(found[:1]) is Verdict.OK
    jsonschema_rs.validate(SCHEMA, for_programs(found, "0.1.0", 1.0))
