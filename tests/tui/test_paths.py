"""Where files are kept: one folder where one was asked for, for the user alone, written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tui.paths import Paths, UnsafeFolder, private_folder, write_private


def test_one_folder_holds_everything(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "all")
    paths.ensure()
    named = [
        paths.config_file,
        paths.keymap_file,
        paths.themes,
        paths.accounts_file,
        paths.log_file,
        paths.player_file("a"),
    ]
    assert all(path.is_relative_to(tmp_path / "all") for path in named)
    for folder in (paths.config, paths.data, paths.cache, paths.state):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_may_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    assert stat.S_IMODE(private_folder(tmp_path / "open").stat().st_mode) == 0o700


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnsafeFolder, match="--data"):
        private_folder(tmp_path / "file" / "inner")


def test_writing_replaces_the_whole_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "inner" / "file"
    write_private(path, "a long first text")
    path.chmod(0o644)
    write_private(path, "short")
    assert path.read_text() == "short"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["file"]


def test_a_write_that_fails_leaves_the_old_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "new \ud800")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_what_cannot_be_written_stands_in_a_temporary_folder_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    for name in ("data", "cache"):
        (tmp_path / "home" / name).write_text("no folder")
    paths, trouble = Paths.find(tmp_path / "home").ensured()
    assert trouble is not None
    assert str(tmp_path / "home" / "data") in trouble
    assert paths.config == tmp_path / "home" / "config"
    for folder in (paths.data, paths.cache):
        assert not folder.is_relative_to(tmp_path / "home")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert paths.token_lock.parent == paths.data


def test_folders_that_can_be_written_are_told_of_with_no_word(tmp_path: Path) -> None:
    wanted = Paths.find(tmp_path / "home")
    assert wanted.ensured() == (wanted, None)
