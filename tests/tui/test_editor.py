"""A text goes through the user's own editor, and nothing else comes of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tui.editor import LARGEST, EditorTrouble, edit, editor_command


def script(folder: Path, body: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


async def test_what_the_editor_saves_comes_back(tmp_path: Path) -> None:
    tool = script(tmp_path, 'printf "%s" "$(cat "$1") and more" > "$1"')
    assert (await edit("some", tmp_path / "texts", [tool])).text == "some and more"


async def test_the_file_is_for_the_user_alone_and_goes_away(tmp_path: Path) -> None:
    tool = script(tmp_path, f'stat -c %a "$1" > "{tmp_path}/mode"')
    before = os.umask(0)
    try:
        await edit("secret thoughts", tmp_path / "texts", [tool])
    finally:
        os.umask(before)
    assert (tmp_path / "mode").read_text().strip() == "600"
    assert stat.S_IMODE((tmp_path / "texts").stat().st_mode) == 0o700
    assert list((tmp_path / "texts").iterdir()) == []


async def test_arguments_are_words_and_never_a_shells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = script(tmp_path, f'printf "%s\\n" "$@" > "{tmp_path}/words"')
    monkeypatch.setenv("VISUAL", f"{tool} --flag 'two words' ; touch {tmp_path}/owned")
    await edit("x", tmp_path / "texts", editor_command())
    words = (tmp_path / "words").read_text().splitlines()
    assert words[:5] == ["--flag", "two words", ";", "touch", f"{tmp_path}/owned"]
    assert not (tmp_path / "owned").exists()


async def test_no_secret_of_ours_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLOUR_TOKEN", "canary")
    monkeypatch.setenv("PARLOUR_PASSPHRASE", "canary")
    await edit("x", tmp_path / "texts", [script(tmp_path, f'env > "{tmp_path}/env"')])
    assert "canary" not in (tmp_path / "env").read_text()


async def test_an_editor_that_fails_keeps_what_it_saved_and_says_so(tmp_path: Path) -> None:
    came = await edit("before", tmp_path / "texts", [script(tmp_path, 'echo after > "$1"; exit 3')])
    assert came.text == "after"
    assert "status 3" in came.complaint


async def test_an_editor_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    came = await edit("before", tmp_path / "texts", [script(tmp_path, "kill -9 $$")])
    assert came.text == "before"
    assert came.complaint


@pytest.mark.parametrize(
    "deed", ['rm "$1"', 'rm "$1"; ln -s /etc/hostname "$1"', f'head -c {LARGEST + 1} /dev/zero > "$1"']
)
async def test_what_is_no_text_of_ours_is_not_read(tmp_path: Path, deed: str) -> None:
    with pytest.raises(EditorTrouble, match="the text is as it was"):
        await edit("before", tmp_path / "texts", [script(tmp_path, deed)])


async def test_what_a_terminal_would_obey_is_taken_out(tmp_path: Path) -> None:
    came = await edit("x", tmp_path / "texts", [script(tmp_path, "printf 'a\\033[2Jb\\377' > \"$1\"")])
    assert "\x1b" not in came.text
    assert came.text.startswith("a")


async def test_a_program_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "editor").write_text("no program")
    with pytest.raises(EditorTrouble, match="cannot be used"):
        await edit("x", tmp_path / "texts", [str(tmp_path / "editor")])


@pytest.mark.parametrize("chosen", ["no-such-editor-at-all", "'", "   "])
def test_an_editor_that_is_not_there_is_told(chosen: str) -> None:
    with pytest.raises(EditorTrouble, match="EDITOR"):
        editor_command({"EDITOR": chosen})


def test_visual_comes_before_editor_and_without_either_there_is_a_usual_one() -> None:
    assert editor_command({"VISUAL": "sh -e", "EDITOR": "true"}) == ["sh", "-e"]
    assert editor_command({"EDITOR": "true"}) == ["true"]
