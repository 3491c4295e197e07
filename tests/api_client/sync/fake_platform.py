"""A platform in a dictionary: remembers keys, keeps records with versions, and loses what it is told to lose."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import JsonValue

from api_client import music_endpoints as table
from api_client.errors import BadReply, ErrorCode, TimedOut, Unreachable, api_error
from api_client.sync import Base, Intent

Fate = Callable[[Intent], str]


def change(
    record: str,
    fields: Mapping[str, JsonValue],
    *,
    base: Base | None = None,
    key: str | None = None,
    not_before: float | None = None,
    attachments: tuple[str, ...] = (),
) -> Intent:
    """An intent to write `fields` of a record; the version that it was made from travels along."""
    body = dict(fields) if base is None else {**fields, "baseVersion": base.version}
    return Intent.of(
        table.CHANGE_PLAYLIST,
        params={"id": record},
        body=body,
        object_key=f"playlists:{record}",
        created_at=0.0,
        label=f"change {record}",
        base=base,
        idempotency_key=key,
        not_before=not_before,
        holds_words=True,
        attachments=attachments,
    )


class FakePlatform:
    """Carries out `change`; every effect happens once for each key, and is written down with what it replaced."""

    def __init__(self, fate: Fate = lambda intent: "answer") -> None:
        self.fate = fate
        self.records: dict[str, dict[str, Any]] = defaultdict(lambda: {"version": 1})
        self.effects: dict[str, list[str]] = defaultdict(list)
        """By record: the keys of what was carried out, in order."""
        self.attempts: list[str] = []
        self.replies: dict[str, dict[str, Any]] = {}
        self.written: list[tuple[str, str, Any, Any, Intent]] = []
        """Record, field, what stood there, what stands there now, and who wrote it."""

    async def __call__(self, intent: Intent) -> Any:
        fate = self.fate(intent)
        self.attempts.append(intent.idempotency_key)
        await asyncio.sleep(0)
        if fate in ("gone", "portal"):
            raise Unreachable("No connection.") if fate == "gone" else BadReply("This is a hotel, not the platform.")
        if fate == "slow":
            await asyncio.sleep(20.0)
            raise TimedOut("The platform took too long.")
        if fate == "failing":
            raise api_error(503, ErrorCode.UNAVAILABLE, "The platform is being repaired.")
        if fate == "limit":
            raise api_error(429, ErrorCode.RATE_LIMITED, "Slow down.", retry_after=7.0)
        if fate == "signed out":
            raise api_error(401, ErrorCode.SESSION_EXPIRED, "Please sign in again.")
        if fate == "refuse" and intent.idempotency_key not in self.replies:
            raise api_error(400, ErrorCode.VALIDATION_ERROR, "The platform does not like this.")
        reply = self._carry_out(intent)
        await asyncio.sleep(0)
        if fate == "lose reply":
            raise Unreachable("The connection broke.", sent=True)
        return reply

    async def record(self, intent: Intent) -> Mapping[str, Any]:
        """What a rebase fetches."""
        await asyncio.sleep(0)
        if self.fate(intent) in ("gone", "slow", "portal"):
            raise Unreachable("No connection.")
        return dict(self.records[intent.params["id"]])

    def _carry_out(self, intent: Intent) -> Any:
        key, name = intent.idempotency_key, intent.params["id"]
        if key in self.replies:
            return self.replies[key]
        record, body = self.records[name], json.loads(intent.payload or "{}")
        base = body.pop("baseVersion", None)
        if base is not None and base != record["version"]:
            raise api_error(409, ErrorCode.VERSION_CONFLICT, "Somebody else has changed this.")
        for field, value in body.items():
            self.written.append((name, field, record.get(field), value, intent))
            record[field] = value
        record["version"] += 1
        self.effects[name].append(key)
        self.replies[key] = dict(record)
        return self.replies[key]


def refusing(*keys: str) -> Fate:
    """A fate that refuses the intents with these keys."""
    return lambda intent: "refuse" if intent.idempotency_key in keys else "answer"
