"""What the shells complete is what the command line takes."""

from __future__ import annotations

import subprocess

import pytest

from tui.__main__ import build_parser, main
from tui.completion import SHELLS, script_for


def completed(*words: str) -> list[str]:
    """Return what bash offers for the last of `words`."""
    script = script_for("bash", build_parser())
    line = " ".join(f"'{word}'" for word in ("parlour", *words))
    ask = f'{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _parlour; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", ask], capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["dem"], ["demo"]),
        (["lo"], ["login", "logout", "love"]),
        (["vote", "u"], ["up"]),
        (["--ver"], ["--version"]),
        (["demo", "--f"], ["--faults", "--fresh"]),
        (["--offline", "demo", "--fr"], ["--fresh"]),
        (["login", "--fr"], []),
        (["completion", ""], ["bash", "zsh", "fish", "-h", "--help"]),
        (["--url", ""], []),
        (["serve", "--data", "/us"], ["/usr"]),
        (["api", "--error-body", ""], ["stdout", "stderr", "none"]),
        (["api", "--input", __file__[:-1]], [__file__]),
        (["api", "--pag"], ["--paginate"]),
        (["ws", "--un"], ["--until"]),
    ],
    ids=lambda each: " ".join(each[:2]),
)
def test_bash_offers_what_may_stand_there(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_known_to_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for name in ("demo", "login", "logout", "accounts", "paths", "completion", "serve"):
        assert name in script
    for option in ("url", "data", "insecure-storage", "theme", "no-mouse", "offline", "fresh", "music", "port"):
        assert f"-l {option}" in script if shell == "fish" else f"--{option}" in script


@pytest.mark.parametrize("shell", SHELLS)
def test_no_help_text_ends_a_quotation(shell: str) -> None:
    # A quotation mark too many would turn everything behind it inside out.
    for line in script_for(shell, build_parser()).splitlines():  # type: ignore[arg-type]
        assert line.count("'") % 2 == 0, line


def test_a_shell_that_is_not_known_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["completion", "tcsh"])
    assert ended.value.code == 2
