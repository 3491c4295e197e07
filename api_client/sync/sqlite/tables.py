"""What each method of the store does to the tables, inside a transaction that somebody else keeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from api_client.sync.intents import Intent
from api_client.sync.ports import Draft, Step, Stored
from api_client.sync.receipts import Status
from api_client.sync.sqlite.rows import Row, draft_row, intent_row, state_row, step_row

REPLIES_KEPT = 600.0
"""Seconds for which a reply is kept for other processes."""

OUTCOMES_KEPT = 7 * 86400.0
"""Seconds for which it is kept what became of an intent, so that a process that was stopped meanwhile learns it."""

_INSERT_INTENT = """INSERT INTO intents (key, endpoint, params, payload, object_key, created_at, label, not_before,
    base, holds_words, attachments, checksum, status, reason, attempts, first_sent_at, conflict, change, writer)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_REPLACE_INTENT = """UPDATE intents SET key = ?, endpoint = ?, params = ?, payload = ?, object_key = ?, created_at = ?,
    label = ?, not_before = ?, base = ?, holds_words = ?, attachments = ?, checksum = ?,
    status = ?, reason = ?, attempts = ?, first_sent_at = ?, conflict = ?, change = ?, writer = ? WHERE seq = ?"""
_MARK = """UPDATE intents SET status = ?, reason = ?, attempts = ?, first_sent_at = ?, conflict = ?,
    change = ?, writer = ? WHERE seq = ?"""
_PUT_STEP = "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COUNT = "UPDATE counters SET change = change + 1, writer = ? WHERE name = 'change' RETURNING change"

_FORGET_REPLIES = "UPDATE finished SET reply = NULL WHERE at < ? AND reply IS NOT NULL"
_ANY_OLD = """SELECT EXISTS (SELECT 1 FROM finished WHERE at < ? AND reply IS NOT NULL)
    OR EXISTS (SELECT 1 FROM finished WHERE at < ?)"""

_NEW = (Status.QUEUED.value, None, 0, None, None)
"""The columns `status` to `conflict` of what has never been sent."""

Known = Mapping[str, tuple[int, Step]]
"""The steps that this process has seen or stored, by their ids, with their places in the table."""


class Tables:
    """The work on the tables, and what this process has seen of them.

    Everything here runs on the thread of the connection.
    """

    def __init__(self, me: str, now: Callable[[], float]) -> None:
        """`me` tells this store's changes from those of other processes; `now` gives seconds since the epoch."""
        self.me = me
        self._now = now
        self.seen = 0
        """The last change that was handed out."""
        self.owed: set[int] = set()
        """Intents that others have changed and we since then: their news is still to be handed out."""
        self.steps_owed = False
        self.known_steps: Known = MappingProxyType({})
        self.purged = False
        """Whether something was deleted that may still stand in the write-ahead log."""

    def append(
        self,
        db: sqlite3.Connection,
        row: Row,
        *,
        draft: str | None,
        keep_writers: Collection[str],
        steps: Sequence[Step] | None,
    ) -> int:
        """Take the intent with the columns `row` on; a key that is known changes nothing."""
        known = db.execute("SELECT seq FROM intents WHERE key = ?", (row[0],)).fetchone()
        known = known or db.execute("SELECT seq FROM finished WHERE key = ? AND outcome = 'done'", (row[0],)).fetchone()
        if known is not None:
            return int(known[0])
        db.execute("DELETE FROM finished WHERE key = ?", (row[0],))
        seq = db.execute(_INSERT_INTENT, (*row, *_NEW, self._change(db), self.me)).lastrowid
        if draft is not None:
            self.drop_draft(db, draft, keep_writers)
        if steps is not None:
            self.keep_steps(db, steps)
        assert seq is not None  # noqa: S101 - an INSERT has a row id
        return seq

    def mark(self, db: sqlite3.Connection, stored: Stored) -> bool:
        """Store the state of an intent, if it is still the one that is meant."""
        found = self._row(db, stored.seq)
        if found is None or found[0] != stored.intent.idempotency_key:
            return False
        self._note(stored.seq, found)
        db.execute(_MARK, (*state_row(stored), self._change(db), self.me, stored.seq))
        return True

    def replace(self, db: sqlite3.Connection, seq: int, intent: Intent, was: str) -> bool:
        """Put another intent in the place of one that is not on its way."""
        found = self._row(db, seq)
        if found is None or found[0] != was or found[1] == Status.SENDING.value:
            return False
        self._note(seq, found)
        db.execute(_REPLACE_INTENT, (*intent_row(intent), *_NEW, self._change(db), self.me, seq))
        self.purged = True
        return True

    def finish(self, db: sqlite3.Connection, seq: int, reply: str | None) -> None:
        """Let a confirmed intent go, and keep its reply for a while."""
        found = self._row(db, seq)
        if found is not None:
            self._take_out(db, seq, found[0], "done", reply)

    def discard(self, db: sqlite3.Connection, seqs: Sequence[int], steps: Sequence[Step] | None) -> bool:
        """Take intents out, all or none."""
        rows = {seq: self._row(db, seq) for seq in seqs}
        if any(row is None or row[1] == Status.SENDING.value for row in rows.values()):
            return False
        for seq, row in rows.items():
            if row is not None:
                self._take_out(db, seq, row[0], "discarded", None)
        if steps is not None:
            self.keep_steps(db, steps)
        return True

    def keep_steps(self, db: sqlite3.Connection, steps: Sequence[Step]) -> None:
        """Make `steps` the history; a step that another process has added and we have not seen yet is kept as well."""
        last_change, writer = db.execute("SELECT change, writer FROM counters WHERE name = 'steps'").fetchone()
        if last_change > self.seen and writer != self.me:
            self.steps_owed = True
        known = dict(self.known_steps)
        wanted = {step.id for step in steps}
        gone = [(key,) for key in known if key not in wanted]
        db.executemany("DELETE FROM steps WHERE id = ?", gone)
        free = int(db.execute("SELECT coalesce(max(position), 0) FROM steps").fetchone()[0]) + 1
        stored: dict[str, tuple[int, Step]] = {}
        last = 0
        for step in steps:
            position, before = known.get(step.id, (0, None))
            if position <= last:
                position, before, free = free, None, free + 1
            if before != step:
                db.execute(_PUT_STEP, (position, *step_row(step)))
            stored[step.id] = position, step
            last = position
        self.known_steps = MappingProxyType(stored)
        self.purged = self.purged or bool(gone)
        db.execute("UPDATE counters SET change = ?, writer = ? WHERE name = 'steps'", (self._change(db), self.me))

    def keep_draft(self, db: sqlite3.Connection, draft: Draft) -> None:
        """Store one writer's version of a draft."""
        db.execute(
            """INSERT INTO drafts (key, writer, fields, updated_at, checksum) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (key, writer) DO UPDATE
            SET fields = excluded.fields, updated_at = excluded.updated_at, checksum = excluded.checksum""",
            draft_row(draft),
        )

    def drop_draft(self, db: sqlite3.Connection, key: str, keep_writers: Collection[str] = ()) -> None:
        """Forget the versions of a draft, but for those of `keep_writers`."""
        versions = db.execute("SELECT id, writer FROM drafts WHERE key = ?", (key,)).fetchall()
        gone = [(row,) for row, writer in versions if writer not in keep_writers]
        db.executemany("DELETE FROM drafts WHERE id = ?", gone)
        self.purged = self.purged or bool(gone)

    def prune(self, db: sqlite3.Connection) -> None:
        """Forget replies and outcomes whose time is over."""
        now = self._now()
        taken = db.execute(_FORGET_REPLIES, (now - REPLIES_KEPT,)).rowcount
        self.purged = self.purged or taken > 0
        db.execute("DELETE FROM finished WHERE at < ?", (now - OUTCOMES_KEPT,))

    def has_old(self, db: sqlite3.Connection) -> bool:
        """Whether there is anything that `prune` would forget."""
        now = self._now()
        return bool(db.execute(_ANY_OLD, (now - REPLIES_KEPT, now - OUTCOMES_KEPT)).fetchone()[0])

    def put_aside(self, db: sqlite3.Connection, kind: str, names: tuple[Any, Any], why: str, row: bytes) -> None:
        """Keep a row that makes no sense, `names` being its key and its label."""
        db.execute(
            "INSERT INTO unreadable (kind, key, label, why, found_at, row) VALUES (?, ?, ?, ?, ?, ?)",
            (kind, *names, why, self._now(), row),
        )

    def _row(self, db: sqlite3.Connection, seq: int) -> tuple[str, str, int, str] | None:
        found: tuple[str, str, int, str] | None = db.execute(
            "SELECT key, status, change, writer FROM intents WHERE seq = ?", (seq,)
        ).fetchone()
        return found

    def _note(self, seq: int, row: tuple[str, str, int, str]) -> None:
        if row[2] > self.seen and row[3] != self.me:
            self.owed.add(seq)

    def _take_out(self, db: sqlite3.Connection, seq: int, key: str, outcome: str, reply: str | None) -> None:
        db.execute("DELETE FROM intents WHERE seq = ?", (seq,))
        db.execute(
            """INSERT OR REPLACE INTO finished (key, seq, outcome, reply, at, change, writer)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (key, seq, outcome, reply, self._now(), self._change(db), self.me),
        )
        self.purged = True

    def _change(self, db: sqlite3.Connection) -> int:
        return int(db.execute(_COUNT, (self.me,)).fetchone()[0])
