"""How commands end that cannot begin: unknown words, streams that are closed, and a sign-in without its words."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.__main__ import main
from tui.cli.exits import Exit

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
