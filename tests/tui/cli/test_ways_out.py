"""How commands end that cannot begin: unknown words, streams that are closed, and a sign-in without its words."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.__main__ import build_parser, main
from tui.accounts import Account, AccountBook
from tui.cli.exits import Exit
from tui.paths import Paths

ROOT = Path(__file__).parents[3]
PARLOUR = f"{sys.executable} -m tui"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("fedd", "there is no command 'fedd'; did you mean feed"),
        ("playlist-ad", "did you mean playlist-add or "),
        ("zzzzzz", "`parlour --help` lists them"),
        ("\x1b[31mfeed", "there is no command"),
    ],
)
def test_an_unknown_command_is_one_sentence(word: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([word])
    said = capsys.readouterr()
    assert end.value.code == Exit.USAGE
    assert says in said.err
    assert (said.out, said.err.count("\n"), "\x1b" in said.err) == ("", 1, False)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--parallel", "abc"), "'abc' is no number from 1 to 10000"),
        (("--repeat", "0"), "'0' is no number from 1 to 10000"),
        (("--patience", "long"), "'long' is no number from 1 to 100"),
        (("--patience", "nan"), "'nan' is no number from 1 to 100"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_a_number_that_is_none_is_said_in_words(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["smoke", *words])
    assert end.value.code == Exit.USAGE
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "of"),
    [
        ("queue add --dry-run album/1 track/2", ["album/1", "track/2"]),
        ("playlist-add playlist/1 --dry-run track/1", ["track/1"]),
        ("playlist-add playlist/1 --dry-run", []),
        ("threads --limit 3 r/python --sort top", "r/python"),
        ("threads --limit 3", None),
        ("seek -10 --dry-run", None),
    ],
)
def test_options_may_stand_between_arguments(line: str, of: object) -> None:
    words = line.split()
    assert getattr(build_parser(words).parse_args(words), "of", None) == of


def test_the_file_of_a_recording_is_no_command() -> None:
    # Else every command would be loaded before the first screen.
    (commands,) = (each for each in build_parser(["--record", "session.jsonl"])._actions if each.dest == "command")
    assert set(commands.choices or ()) == {"demo", "completion", "serve"}


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (f"exec {PARLOUR} accounts --data DATA >&-", Exit.OK),
        (f"exec {PARLOUR} login --data DATA --insecure-storage <&- 2>&-", Exit.USAGE),
    ],
    ids=["stdout", "stdin and stderr"],
)
def test_a_stream_that_is_closed_is_nothing(line: str, status: Exit, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", line.replace("DATA", str(tmp_path / "data"))],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, b"")


@pytest.mark.parametrize("words", [("--help",), ("completion", "bash")], ids=" ".join)
def test_a_reader_who_has_gone_is_no_fault(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tui", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.OK, b"")


@pytest.mark.parametrize(
    ("words", "typed", "says"),
    [
        ((), b"", "a username is needed"),
        ((), b"ann\n", "a password is needed"),
        (("ann",), b"", "a password is needed"),
        (("ann",), b"\xff\xfe\n", "stdin is not UTF-8 text"),
    ],
)
def test_a_sign_in_without_its_words_is_one_sentence(
    words: tuple[str, ...],
    typed: bytes,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
    assert main(["login", *words, "--data", str(tmp_path), "--insecure-storage"]) == Exit.USAGE
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"parlour: {says}\n")


def test_a_name_from_a_platform_is_harmless_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths.find(tmp_path)
    paths.ensure()
    AccountBook(paths.accounts_file).use(Account("http://127.0.0.1:9/api/v1", "ann\x1b]0;owned\x07", "user-1"))
    monkeypatch.setattr("tui.cli.output.on_terminal", lambda _: True)
    assert main(["accounts", "--data", str(tmp_path)]) == Exit.OK
    said = capsys.readouterr().out
    assert "ann" in said
    assert "\x1b" not in said
