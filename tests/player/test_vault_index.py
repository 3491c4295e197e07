"""The index of the vault is a file of the user's, and not trusted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tui.player.vault_index import NAME, VaultIndex


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", "a/b", "", "0f.part/../../x"])
def test_a_name_that_is_none_of_the_vaults_is_not_read(tmp_path: Path, name: str) -> None:
    VaultIndex(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        columns = [(row[1], row[2]) for row in db.execute("PRAGMA table_info(files)")]
        values = {
            column: b"" if kind == "BLOB" else 0 if kind in ("INTEGER", "REAL") else "" for column, kind in columns
        }
        for track, file in (("bad", name), ("good", "00ff-12ab")):
            row = values | {columns[0][0]: track, columns[1][0]: 160, columns[2][0]: file}
            marks = ", ".join("?" * len(row))
            db.execute(f"INSERT INTO files VALUES ({marks})", list(row.values()))  # noqa: S608 - marks alone
        db.execute("INSERT INTO wishes (kind, id, title, by, cover, added) VALUES ('podcast', 'p', '', '', '', 0)")
        db.commit()
    index = VaultIndex(tmp_path)
    contents = index.read()
    assert list(contents.files) == ["good"]
    assert not contents.wishes
    index.close()
