"""The index of the vault: one SQLite file beside the tracks, shared by every Parlour of the account."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from api_client.sync.files import alone_in
from api_client.sync.ports import StoreTrouble
from tui.player.vault_files import DiskFull, is_ours
from tui.player.vault_records import Contents, Kind, Part, Setback, Stored, Wish, WishKey, best_first

R = TypeVar("R")

SCHEMA = 1
NAME = "vault.db"
_APPLICATION = 0x50564C54
_BUSY_S = 5.0
_TABLES = """
CREATE TABLE files (track TEXT NOT NULL, quality INTEGER NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,
  sha256 BLOB NOT NULL, etag TEXT NOT NULL, mime TEXT NOT NULL, stored REAL NOT NULL, used REAL NOT NULL,
  checked REAL NOT NULL, PRIMARY KEY (track, quality)) WITHOUT ROWID;
CREATE TABLE parts (track TEXT PRIMARY KEY, quality INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
  mime TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE wishes (kind TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, by TEXT NOT NULL, cover TEXT NOT NULL,
  added REAL NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE members (kind TEXT NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL, track TEXT NOT NULL,
  PRIMARY KEY (kind, id, place)) WITHOUT ROWID;
CREATE TABLE setbacks (track TEXT PRIMARY KEY, fault TEXT NOT NULL, sentence TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_ALL_FILES = "SELECT track, quality, name, size, sha256, etag, mime, stored, used, checked FROM files"
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class VaultIndex:
    """Every change is one transaction, on the disk when it returns. Methods block, raise StoreTrouble, and may be
    called from any thread, one at a time.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make the index in `folder`; a damaged one is set aside, and `complaint` says so."""
        self._path = folder / NAME
        self._lock = threading.Lock()
        self._version = -1
        self.complaint = ""
        with alone_in(folder):
            try:
                self._connection = self._open()
            except StoreTrouble as error:
                if not isinstance(error.__cause__, sqlite3.Error) or not _is_damage(error.__cause__):
                    raise
                self._set_aside()
                self._connection = self._open()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    # -- reading

    def read(self) -> Contents:
        """Return everything that is known."""

        def work(db: sqlite3.Connection) -> Contents:
            contents = Contents()
            files: dict[str, list[Stored]] = {}
            for row in db.execute(_ALL_FILES):
                stored = Stored(*row)
                if is_ours(stored.name):  # the file is not trusted: another name could be one outside the vault
                    files.setdefault(row[0], []).append(stored)
            contents.files = {track: best_first(found) for track, found in files.items()}
            contents.parts = {row[0]: Part(*row) for row in db.execute("SELECT * FROM parts")}
            members: dict[tuple[str, str], list[str]] = {}
            for kind, wish_id, track in db.execute("SELECT kind, id, track FROM members ORDER BY kind, id, place"):
                members.setdefault((kind, wish_id), []).append(track)
            for row in db.execute("SELECT kind, id, title, by, cover, added FROM wishes ORDER BY added, id"):
                if row[0] not in set(Kind):
                    continue
                wish = Wish(Kind(row[0]), *row[1:])
                contents.wishes[wish.key] = replace(wish, track_ids=tuple(members.get(row[:2], ())))
            contents.setbacks = {row[0]: Setback(*row) for row in db.execute("SELECT * FROM setbacks")}
            contents.settings = dict(db.execute("SELECT name, value FROM settings").fetchall())
            return contents

        return self._do(work, "BEGIN")

    def changed_elsewhere(self) -> bool:
        """Whether another process has written since this was last asked."""
        version = self._do(lambda db: int(db.execute("PRAGMA data_version").fetchone()[0]), "BEGIN")
        before, self._version = self._version, version
        return before not in (-1, version)

    def records(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return those of the records called `names` that there are."""

        def work(db: sqlite3.Connection) -> dict[str, bytes]:
            found: dict[str, bytes] = {}
            for name in names:
                row = db.execute("SELECT body FROM records WHERE name = ?", (name,)).fetchone()
                if row is not None:
                    found[name] = bytes(row[0])
            return found

        return self._do(work, "BEGIN")

    def record_names(self, prefix: str) -> list[str]:
        """Return the names of the records that begin with `prefix`, which is not empty."""
        span = (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1))
        query = "SELECT name FROM records WHERE name >= ? AND name < ?"
        return self._do(lambda db: [row[0] for row in db.execute(query, span)], "BEGIN")

    # -- files

    def put_file(self, stored: Stored) -> str | None:
        """Note a file that stands; return the name of the one in whose place it came."""

        def work(db: sqlite3.Connection) -> str | None:
            key = (stored.track_id, stored.quality)
            before = db.execute("SELECT name FROM files WHERE track = ? AND quality = ?", key).fetchone()
            values = tuple(getattr(stored, name) for name in Stored.__dataclass_fields__)
            db.execute("INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?,?,?,?,?)", values)
            db.execute("DELETE FROM parts WHERE track = ? AND quality = ?", key)
            db.execute("DELETE FROM setbacks WHERE track = ?", key[:1])
            return before[0] if before is not None and before[0] != stored.name else None

        return self._do(work)

    def drop_files(self, names: Iterable[str]) -> None:
        """Forget files; only then may they be deleted."""
        self._do(lambda db: db.executemany("DELETE FROM files WHERE name = ?", [(name,) for name in names]))

    def used(self, name: str, at: float) -> None:
        """Note that a file was played."""
        self._do(lambda db: db.execute("UPDATE files SET used = ? WHERE name = ?", (at, name)))

    def checked(self, name: str, at: float) -> None:
        """Note that the checksum of a file was right."""
        self._do(lambda db: db.execute("UPDATE files SET checked = ? WHERE name = ?", (at, name)))

    def put_part(self, part: Part) -> None:
        """Note what a growing file belongs to."""
        row = (part.track_id, part.quality, part.size, part.etag, part.mime_type)
        self._do(lambda db: db.execute("INSERT OR REPLACE INTO parts VALUES (?,?,?,?,?)", row))

    def drop_part(self, track_id: str) -> None:
        """Forget a growing file."""
        self._do(lambda db: db.execute("DELETE FROM parts WHERE track = ?", (track_id,)))

    # -- what was asked for

    def put_wish(self, wish: Wish) -> None:
        """Note what is to be here, in place of what was known of it."""

        def work(db: sqlite3.Connection) -> None:
            kind = wish.kind.value
            row = (kind, wish.id, wish.title, wish.by, wish.cover_url, wish.added_at)
            db.execute("INSERT OR REPLACE INTO wishes VALUES (?,?,?,?,?,?)", row)
            db.execute("DELETE FROM members WHERE kind = ? AND id = ?", (kind, wish.id))
            members = [(kind, wish.id, place, track) for place, track in enumerate(wish.track_ids)]
            db.executemany("INSERT INTO members VALUES (?,?,?,?)", members)

        self._do(work)

    def drop_wish(self, key: WishKey) -> None:
        """Something need not be here any more; its files stay until they are dropped."""

        def work(db: sqlite3.Connection) -> None:
            words = (key[0].value, key[1])
            db.execute("DELETE FROM wishes WHERE kind = ? AND id = ?", words)
            db.execute("DELETE FROM members WHERE kind = ? AND id = ?", words)
            db.execute("DELETE FROM setbacks WHERE track NOT IN (SELECT track FROM members)")

        self._do(work)

    def put_setback(self, setback: Setback) -> None:
        """Note why a track is not here."""
        row = (setback.track_id, setback.fault, setback.sentence)
        self._do(lambda db: db.execute("INSERT OR REPLACE INTO setbacks VALUES (?,?,?)", row))

    def drop_setbacks(self, track_ids: Iterable[str]) -> None:
        """Forget what went wrong with these tracks."""
        self._do(lambda db: db.executemany("DELETE FROM setbacks WHERE track = ?", [(each,) for each in track_ids]))

    # -- words

    def put_records(self, records: Mapping[str, bytes]) -> None:
        """Keep what belongs to tracks: their description, their words."""
        rows = list(records.items())
        self._do(lambda db: db.executemany("INSERT OR REPLACE INTO records VALUES (?,?)", rows))

    def drop_records(self, names: Iterable[str]) -> None:
        """Forget records."""
        self._do(lambda db: db.executemany("DELETE FROM records WHERE name = ?", [(name,) for name in names]))

    def set(self, name: str, value: str) -> None:
        """Keep a setting."""
        self._do(lambda db: db.execute("INSERT OR REPLACE INTO settings VALUES (?,?)", (name, value)))

    # -- inside

    def _do(self, work: Callable[[sqlite3.Connection], R], begin: str = "BEGIN IMMEDIATE") -> R:
        with self._lock:
            db = self._connection
            try:
                db.execute(begin)
                try:
                    result = work(db)
                    db.execute("COMMIT")
                except BaseException:
                    # A full disk may have ended the transaction already.
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise _trouble(error) from error
            return result

    def _open(self) -> sqlite3.Connection:
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            db = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        except OSError as error:
            raise StoreTrouble(f"{self._path} cannot be used: {error.strerror}.") from error
        except sqlite3.Error as error:
            raise _trouble(error) from error
        try:
            db.text_factory = lambda raw: raw.decode(errors="replace")
            for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "journal_mode = WAL"):
                db.execute(f"PRAGMA {pragma}")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in filter(str.strip, _TABLES.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {_APPLICATION}")
                db.execute(f"PRAGMA user_version = {SCHEMA}")
            db.execute("COMMIT")
            if version > SCHEMA:
                raise StoreTrouble("Downloads belong to a newer Parlour; this one cannot read them.")
            db.execute(f"{_ALL_FILES} LIMIT 1").fetchall()
        except sqlite3.Error as error:
            db.close()
            raise _trouble(error) from error
        except StoreTrouble:
            db.close()
            raise
        return db

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{NAME}.{int(time.time())}.aside")
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self._path}{ending}", f"{aside}{ending}")
        self.complaint = f"The list of downloads was damaged. It was set aside as {aside.name}; download anew."


def _is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def _trouble(error: sqlite3.Error) -> StoreTrouble:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFull("The disk is full: nothing more can be kept for offline.")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreTrouble("Another Parlour keeps the downloads to itself. Try again.")
    return StoreTrouble(f"The list of downloads cannot be used: {error}.")
