"""Reading `outbox.db`: all of it at the start, and afterwards what other processes have changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from api_client.sync.ports import Contents, Delta, Draft, Step, Stored
from api_client.sync.sqlite.rows import (
    NotUnderstood,
    UnknownEndpoint,
    draft_of,
    shown,
    step_of,
    stored_of,
)
from api_client.sync.sqlite.tables import Tables
from api_client.text import clean_line

_INTENTS = """SELECT seq, key, endpoint, params, payload, object_key, created_at, label, not_before, base, holds_words,
    attachments, checksum, status, reason, attempts, first_sent_at, conflict FROM intents"""
_STEPS = "SELECT position, id, label, at, forward, inverse, state, until, checksum FROM steps ORDER BY position"
_DRAFTS = "SELECT id, key, writer, fields, updated_at, checksum FROM drafts ORDER BY updated_at DESC, id DESC"

_SENSELESS = {
    "intent": ("DELETE FROM intents WHERE seq = ?", "A change that waited to be sent{label} is damaged"),
    "step": ("DELETE FROM steps WHERE position = ?", "A step of the history{label} is damaged"),
    "draft": ("DELETE FROM drafts WHERE id = ?", "A draft{label} is damaged"),
}


Senseless = tuple[str, Sequence[Any], NotUnderstood]


def contents(db: sqlite3.Connection, tables: Tables, *, may_write: bool) -> Contents:
    """Return everything that is open; rows that make no sense are put aside, each with a complaint."""
    # A plain BEGIN: to see what waits, nobody has to wait for a process that writes.
    db.execute("BEGIN")
    try:
        intents, foreign, senseless = _intents(db)
        steps, wrong_steps = _steps(db, tables)
        senseless += wrong_steps + _wrong_drafts(db)
        tables.seen = _last_change(db)
    finally:
        db.execute("ROLLBACK")
    tables.owed.clear()
    tables.steps_owed = False
    complaints = _put_all_aside(db, tables, senseless) if may_write and senseless else []
    if foreign:
        complaints.append(
            f"{_many(foreign, 'change waits', 'changes wait')} for another version of Parlour, which knows how to send "
            "such changes. Nothing of it is lost."
        )
    return Contents(intents, steps, tuple(complaints))


def _intents(db: sqlite3.Connection) -> tuple[list[Stored], int, list[Senseless]]:
    intents: list[Stored] = []
    foreign = 0
    senseless: list[Senseless] = []
    for row in db.execute(_INTENTS + " ORDER BY seq"):
        try:
            intents.append(stored_of(row))
        except UnknownEndpoint:
            foreign += 1
        except NotUnderstood as why:
            senseless.append(("intent", row, why))
    return intents, foreign, senseless


def _wrong_drafts(db: sqlite3.Connection) -> list[Senseless]:
    senseless: list[Senseless] = []
    for row in db.execute(_DRAFTS):
        try:
            draft_of(row[1:])
        except NotUnderstood as why:
            senseless.append(("draft", row, why))
    return senseless


def _put_all_aside(db: sqlite3.Connection, tables: Tables, senseless: Sequence[Senseless]) -> list[str]:
    db.execute("BEGIN IMMEDIATE")
    try:
        complaints = [_put_aside(db, tables, *one) for one in senseless]
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return complaints


def news(db: sqlite3.Connection, tables: Tables) -> Delta | None:
    """Return what others have changed since the last look, from one moment; None if it was all our own."""
    db.execute("BEGIN")
    try:
        return _news(db, tables)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _news(db: sqlite3.Connection, tables: Tables) -> Delta | None:
    since = (tables.seen, tables.me)
    changed: dict[int, Stored] = {}
    rows = db.execute(_INTENTS + " WHERE change > ? AND writer <> ?", since).fetchall()
    for seq in tables.owed:
        rows += db.execute(_INTENTS + " WHERE seq = ?", (seq,)).fetchall()
    for row in rows:
        try:
            changed[row[0]] = stored_of(row)
        except NotUnderstood:
            # Another version's intent; a damaged one is put aside, and told of, at the next start.
            continue
    done: dict[str, str | None] = {}
    discarded: list[str] = []
    for key, outcome, reply in db.execute(
        "SELECT key, outcome, reply FROM finished WHERE change > ? AND writer <> ? ORDER BY change", since
    ):
        if outcome == "done":
            done[key] = _json_or_none(reply)
        else:
            discarded.append(key)
    steps = None
    last, writer = db.execute("SELECT change, writer FROM counters WHERE name = 'steps'").fetchone()
    if tables.steps_owed or (last > tables.seen and writer != tables.me):
        steps, _ = _steps(db, tables)
    tables.seen = _last_change(db)
    tables.owed.clear()
    tables.steps_owed = False
    if not (changed or done or discarded) and steps is None:
        return None
    return Delta([changed[seq] for seq in sorted(changed)], done, discarded, steps)


def drafts(db: sqlite3.Connection) -> list[Draft]:
    """Return all drafts, the one touched last first."""
    found = []
    for row in db.execute(_DRAFTS).fetchall():
        try:
            found.append(draft_of(row[1:]))
        except NotUnderstood:
            # It is put aside, and told of, at the next start.
            continue
    return found


def _steps(db: sqlite3.Connection, tables: Tables) -> tuple[tuple[Step, ...], list[Senseless]]:
    known: dict[str, tuple[int, Step]] = {}
    senseless: list[Senseless] = []
    for row in db.execute(_STEPS):
        try:
            known[row[1]] = row[0], step_of(row[1:])
        except UnknownEndpoint:
            # Another version's: it stays, and is nothing that this one could take back.
            continue
        except NotUnderstood as why:
            senseless.append(("step", row, why))
    tables.known_steps = MappingProxyType(known)
    return tuple(step for _, step in known.values()), senseless


def _put_aside(db: sqlite3.Connection, tables: Tables, kind: str, row: Sequence[Any], why: NotUnderstood) -> str:
    delete, sentence = _SENSELESS[kind]
    label = row[7] if kind == "intent" else row[2] if kind == "step" else row[1]
    named = f" ({clean_line(shown(str(label)))})" if label else ""
    tables.put_aside(db, kind, (row[1], label), str(why), repr(tuple(row)).encode("utf-8", "backslashreplace"))
    db.execute(delete, (row[0],))
    return f"{sentence.format(label=named)}, and is not used: {why}. It is kept in outbox.db for a person to look at."


def _json_or_none(reply: str | None) -> str | None:
    """Return a reply, or None where it is damaged: what was confirmed stays confirmed."""
    if reply is None:
        return None
    try:
        json.loads(reply)
    except (ValueError, TypeError, RecursionError):
        return None
    return reply


def _last_change(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT change FROM counters WHERE name = 'change'").fetchone()[0])


def _many(number: int, one: str, more: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {more}"
