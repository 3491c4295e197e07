"""Which kept frame fits: the same account, size, colours, settings and version, and a file that nobody has touched."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tui.accounts import Account
from tui.curtain import LIMIT, LastFrame, frame_file
from tui.paths import Paths

ANN = Account("https://parlour.example", "ann", "1")
ROWS = ["\x1b[1mParlour\x1b[0m", "a view of the lake", "湖の眺め"]
SIZE = os.terminal_size((40, len(ROWS)))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.find(tmp_path / "parlour").ensured()[0]


def frames(
    paths: Paths, version: str = "1", options: Sequence[object] = (None,), looks: Mapping[str, str] | None = None
) -> LastFrame:
    return LastFrame(paths, version, options, looks or {"TERM": "xterm-256color", "LANG": "C.UTF-8"})


def test_a_frame_is_kept_for_its_account_alone(paths: Paths) -> None:
    frames(paths).keep(ANN, ROWS, 40)
    assert frames(paths).kept(ANN, SIZE) == ROWS
    assert frames(paths).kept(Account(ANN.url, "ann", "2"), SIZE) is None


def test_it_does_not_fit_another_size_version_option_or_look(paths: Paths) -> None:
    frames(paths).keep(ANN, ROWS, 40)
    assert frames(paths).kept(ANN, os.terminal_size((41, 3))) is None
    assert frames(paths).kept(ANN, os.terminal_size((40, 4))) is None
    assert frames(paths, version="2").kept(ANN, SIZE) is None
    assert frames(paths, options=("parlour-light",)).kept(ANN, SIZE) is None
    assert frames(paths, looks={"TERM": "linux", "LANG": "C.UTF-8"}).kept(ANN, SIZE) is None


def test_it_does_not_fit_other_settings(paths: Paths) -> None:
    frames(paths).keep(ANN, ROWS, 40)
    paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    paths.config_file.write_text("[view]\npicture_rows = 8\n")
    assert frames(paths).kept(ANN, SIZE) is None


@pytest.mark.parametrize("row", ["\x1b]52;c;Y2F0\x07", "\x1b[2J", "\x07", "\x9b31m", "\u202eelif", "a\rb"], ids=ascii)
def test_a_file_with_anything_but_text_and_styles_is_not_painted(paths: Paths, row: str) -> None:
    frames(paths).keep(ANN, [*ROWS[:-1], row], 40)
    assert frames(paths).kept(ANN, SIZE) is None


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"[1]\n" * 4, b"x" * (LIMIT + 1)], ids=range(5))
def test_a_damaged_file_is_none(paths: Paths, damage: bytes) -> None:
    frames(paths).keep(ANN, ROWS, 40)
    frame_file(paths, ANN).write_bytes(damage)
    assert frames(paths).kept(ANN, SIZE) is None


def test_the_places_of_a_frame_are_found_whether_or_not_it_fits(paths: Paths) -> None:
    frames(paths).keep(ANN, ROWS, 40, [["SectionPlace", "chat"]])
    assert frames(paths).kept(ANN, SIZE) == ROWS
    assert frames(paths, version="2").places(ANN) == [["SectionPlace", "chat"]]
    assert frames(paths).places(Account(ANN.url, "ann", "2")) == []
    frames(paths).keep(ANN, [], 0, [["SectionPlace", "feed"]])
    assert frames(paths).kept(ANN, SIZE) is None
    assert frames(paths).places(ANN) == [["SectionPlace", "feed"]]


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"[1]\n" * 4, b"x" * (LIMIT + 1), b"7\n"], ids=range(6))
def test_a_damaged_file_has_no_places(paths: Paths, damage: bytes) -> None:
    frames(paths).keep(ANN, ROWS, 40)
    frame_file(paths, ANN).write_bytes(damage)
    assert frames(paths).places(ANN) == []
    assert frames(paths).kept(ANN, SIZE) is None
