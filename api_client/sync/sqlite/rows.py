"""Intents, steps and drafts as rows of `outbox.db`, and back."""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from api_client.endpoints import ENDPOINTS
from api_client.sync.intents import Base, Intent
from api_client.sync.ports import Draft, Step, StepState, Stored, StoreTrouble
from api_client.sync.receipts import Status

_STATUSES = {status.value: status for status in Status}
_DECODER = json.JSONDecoder()
_BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}

Row = Sequence[Any]


class NotUnderstood(Exception):
    """A row that was read, and makes no sense."""


class UnknownEndpoint(NotUnderstood):
    """An intent for an endpoint that this version of Parlour does not have; another version has."""


def intent_row(intent: Intent) -> tuple[Any, ...]:
    """Return the columns `key` to `checksum` of an intent; raises StoreTrouble where it cannot be stored."""
    if _BY_NAME.get(intent.endpoint.name) != intent.endpoint:
        raise StoreTrouble(f"This cannot be stored: no endpoint is called {intent.endpoint.name}.")
    base = None if intent.base is None else _json([intent.base.version, dict(intent.base.fields)])
    exact = (
        _exact(intent.idempotency_key),
        intent.endpoint.name,
        _json(dict(intent.params)),
        None if intent.payload is None else _exact(intent.payload),
        _exact(intent.object_key),
        _finite(intent.created_at),
    )
    rest = (
        None if intent.not_before is None else _finite(intent.not_before),
        base,
        int(intent.holds_words),
        _json(list(intent.attachments)),
    )
    return (*exact, shown(intent.label), *rest, _checksum(*exact, *rest))


def intent_of(row: Row) -> Intent:
    """Return the intent in the columns `key` to `checksum`; raises NotUnderstood."""
    key, endpoint, params, payload, object_key, created, label, not_before, base, holds_words, attachments, crc = row
    # As `_checksum` has it, in the form that is fastest for a hundred thousand of them.
    exact = (
        f"{key}\x1f{endpoint}\x1f{params}\x1f{payload}\x1f{object_key}\x1f{created}\x1f{not_before}\x1f{base}"
        f"\x1f{holds_words}\x1f{attachments}"
    )
    if crc != zlib.crc32(exact.encode("utf-8", "surrogatepass")):
        raise NotUnderstood("it is not what was stored")
    if endpoint not in _BY_NAME:
        raise UnknownEndpoint(endpoint)
    try:
        return Intent(
            _BY_NAME[endpoint],
            _parsed(params),
            payload,
            object_key,
            created,
            # Many say the same, and all of them are held in memory.
            sys.intern(label) if isinstance(label, str) else str(label),
            key,
            not_before,
            None if base is None else Base(*_parsed(base)),
            bool(holds_words),
            () if attachments == "[]" else tuple(_parsed(attachments)),
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise NotUnderstood("its fields cannot be read") from error


def state_row(stored: Stored) -> tuple[Any, ...]:
    """Return the columns `status` to `conflict`."""
    return (
        stored.status.value,
        None if stored.reason is None else shown(stored.reason),
        stored.attempts,
        None if stored.first_sent_at is None else _finite(stored.first_sent_at),
        None if stored.conflict is None else _json(dict(stored.conflict)),
    )


def stored_of(row: Row) -> Stored:
    """Return what stands in the columns `seq` to `conflict`; raises NotUnderstood where that is no intent.

    Where it is one and only its state is damaged, it needs attention: the user decides.
    """
    intent = intent_of(row[1:13])
    status, reason, attempts, first_sent_at, conflict = row[13:18]
    try:
        found = None if conflict is None else _parsed(conflict)
        if (
            isinstance(attempts, int)
            and (first_sent_at is None or isinstance(first_sent_at, float))
            and (found is None or isinstance(found, dict))
            and (reason is None or isinstance(reason, str))
        ):
            return Stored(row[0], intent, _STATUSES[status], reason, attempts, first_sent_at, found)
    except (KeyError, ValueError, TypeError, RecursionError):
        return _undecided(row[0], intent)
    return _undecided(row[0], intent)


def _undecided(seq: int, intent: Intent) -> Stored:
    reason = "The disk has damaged what became of this. Send it again, or discard it."
    return Stored(seq, intent, Status.ATTENTION, reason)


def step_row(step: Step) -> tuple[Any, ...]:
    """Return the columns `id` to `checksum` of a step."""
    exact = (_exact(step.id), _whole(step.forward), _whole(step.inverse), step.state.value)
    times = (_finite(step.at), None if step.until is None else _finite(step.until))
    return (exact[0], shown(step.label), times[0], *exact[1:], times[1], _checksum(*exact, *times))


def step_of(row: Row) -> Step:
    """Return the step in the columns `id` to `checksum`; raises NotUnderstood."""
    key, label, at, forward, inverse, state, until, crc = row
    if crc != _checksum(key, forward, inverse, state, at, until):
        raise NotUnderstood("it is not what was stored")
    try:
        return Step(key, label, at, _part(forward), _part(inverse), StepState(state), until)
    except (ValueError, TypeError, RecursionError) as error:
        raise NotUnderstood("its fields cannot be read") from error


def draft_row(draft: Draft) -> tuple[Any, ...]:
    """Return the columns `key` to `checksum` of a draft."""
    row = (_exact(draft.key), _exact(draft.writer), _json(dict(draft.fields)), _finite(draft.updated_at))
    return (*row, _checksum(*row))


def draft_of(row: Row) -> Draft:
    """Return the draft in the columns `key` to `checksum`; raises NotUnderstood."""
    key, writer, fields, updated_at, crc = row
    if crc != _checksum(key, writer, fields, updated_at):
        raise NotUnderstood("it is not what was stored")
    try:
        return Draft(key, _parsed(fields), updated_at, writer)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("its fields cannot be read") from error


def shown(text: str) -> str:
    """Return text that is only ever looked at, without the half characters that SQLite cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _whole(intent: Intent | None) -> str | None:
    return None if intent is None else _json(intent_row(intent))


def _part(text: str | None) -> Intent | None:
    return None if text is None else intent_of(_parsed(text))


def _exact(text: str) -> str:
    """Return text that must come back as it is; raises StoreTrouble where UTF-8 has no form for it."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise StoreTrouble("This cannot be stored: it holds half of a character. Type that word again.") from None
    return text


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise StoreTrouble("This cannot be stored: a time in it is no time.")
    return float(number)


def _json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        # Half a character, as a paste can bring: JSON has a form for it, and it comes back as it was.
        return json.dumps(value, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreTrouble("This cannot be stored: it holds something that JSON does not have.") from error
    return text


def _parsed(text: str) -> Any:
    # What was stored is one value and nothing around it: with 100,000 rows it counts that nobody looks for blanks.
    return _DECODER.raw_decode(text)[0]


def _checksum(*values: str | float | None) -> int:
    """Return the CRC-32 of what must come back exactly: a damaged byte inside a text is still good text to SQLite."""
    return zlib.crc32("\x1f".join(map(str, values)).encode("utf-8", "surrogatepass"))
