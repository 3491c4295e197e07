"""Transactions: all of their operations or none, by who may, on the versions they were made on, and only once."""

from __future__ import annotations

import zlib
from hashlib import sha256

from pydantic import TypeAdapter

from api_client.errors import ErrorCode
from api_client.models.records import RecordMap, RecordSet, Transaction
from api_client.models.studio import Access
from api_client.operations import Operation
from api_client.transactions import carry_out, column_of, conflicts, touched
from server.clock import from_ms
from server.context import RequestContext
from server.problems import Problem, invalid
from server.studio.access import access_to, forbidden
from server.studio.changes import announce
from server.studio.creating import check_audio_file
from server.studio.members import replace
from server.studio.rows import Stored, load, put
from server.tables.studio import ProjectRow, TransactionRow

_OWNERS_COLUMNS = frozenset({"collaborators", "deleted"})
"""Of a project; everything else whoever may write into it may write."""

_OPERATIONS: TypeAdapter[list[Operation]] = TypeAdapter(list[Operation])

_Records = dict[tuple[str, str], Stored]


async def write(ctx: RequestContext, transaction: Transaction) -> RecordSet:
    """Carry out a transaction of the user and return the records that it changed; nothing of it stays if it raises.

    One that was carried out before is answered as it was then. Raises Problem FORBIDDEN for somebody else's
    transaction and for records that the user may not write, VALIDATION_ERROR for what cannot be carried out,
    VERSION_CONFLICT with the present records where a base version is not the present one, DUPLICATE where `tx_id` was
    used for other operations.
    """
    if transaction.author_id != ctx.user_id:
        raise forbidden()
    fingerprint = sha256(_OPERATIONS.dump_json(transaction.operations)).digest()
    earlier = await _earlier(ctx, transaction, fingerprint)
    if earlier is not None:
        return earlier
    stored = await _stored(ctx, transaction)
    await _check_permissions(ctx, transaction, stored)
    before = _as_map(stored)
    _check_versions(transaction, before)
    try:
        after = carry_out(before, transaction.operations, ctx.now)
    except ValueError as error:
        raise invalid("operations", str(error)) from None
    await _store(ctx, transaction, stored, after)
    for (table, _), record in stored.items():
        announce(ctx, table, record.row)
    result = RecordSet(record_map=_as_map(await _load(ctx, list(stored))))
    await _keep(ctx, transaction, fingerprint, result)
    return result


async def _earlier(ctx: RequestContext, transaction: Transaction, fingerprint: bytes) -> RecordSet | None:
    row = await ctx.db.get(TransactionRow, (ctx.user_id, transaction.tx_id))
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Problem(ErrorCode.DUPLICATE, "This transaction id was used for other operations.")
    return RecordSet.model_validate_json(zlib.decompress(row.result))


async def _keep(ctx: RequestContext, transaction: Transaction, fingerprint: bytes, result: RecordSet) -> None:
    ctx.db.add(
        TransactionRow(
            user_id=ctx.user_id,
            tx_id=transaction.tx_id,
            fingerprint=fingerprint,
            result=zlib.compress(result.model_dump_json().encode()),
            client_timestamp=from_ms(transaction.client_timestamp),
            created_at=ctx.now,
        )
    )
    await ctx.db.flush()


async def _stored(ctx: RequestContext, transaction: Transaction) -> _Records:
    """Return the records that the transaction is about; raises Problem VALIDATION_ERROR if one cannot be written."""
    for operation in transaction.operations:
        try:
            column_of(operation)
        except ValueError as error:
            raise invalid("operations", str(error)) from None
    pointers = touched(transaction.operations)
    known = {f"{table}:{record_id}" for table, record_id in pointers}
    for key in transaction.base_versions or ():
        if key not in known:
            raise invalid("baseVersions", f"No operation changes {key}.")
    stored = await _load(ctx, pointers)
    for table, record_id in pointers:
        if (table, record_id) not in stored:
            raise Problem(ErrorCode.VALIDATION_ERROR, f"Record not found: {table}:{record_id}")
    return stored


async def _load(ctx: RequestContext, pointers: list[tuple[str, str]]) -> _Records:
    found: _Records = {}
    for table in dict.fromkeys(table for table, _ in pointers):
        rows = await load(ctx.db, table, [record_id for of, record_id in pointers if of == table])
        found.update({(table, record_id): record for record_id, record in rows.items()})
    return found


async def _check_permissions(ctx: RequestContext, transaction: Transaction, stored: _Records) -> None:
    may = await access_to(ctx.db, ctx.user_id, {record.project_id for record in stored.values()})
    for operation in transaction.operations:
        access = may.get(stored[operation.table, operation.id].project_id)
        if access is None or not access.may_write:
            raise forbidden()
        of_the_owner = operation.table == "projects" and column_of(operation) in _OWNERS_COLUMNS
        if of_the_owner and access is not Access.OWNER:
            raise forbidden()


def _check_versions(transaction: Transaction, present: RecordMap) -> None:
    stale = conflicts(present, transaction.base_versions or {})
    if not stale:
        return
    current: RecordMap = {}
    for table, record_id in stale:
        current.setdefault(table, {})[record_id] = present[table][record_id]
    table, record_id = stale[0]
    raise Problem(ErrorCode.VERSION_CONFLICT, f"Version conflict for {table}:{record_id}", {"current": current})


async def _store(ctx: RequestContext, transaction: Transaction, stored: _Records, after: RecordMap) -> None:
    columns = {(op.table, op.id, column_of(op)) for op in transaction.operations}
    for table, record_id, column in sorted(columns):
        kept, record = stored[table, record_id], after[table][record_id]
        row, value = kept.row, record.get(column)
        if isinstance(row, ProjectRow) and column == "collaborators" and isinstance(value, list):
            await replace(ctx, row, [str(user_id) for user_id in value])
            continue
        if column == "audioFileId":
            await check_audio_file(ctx, kept.project_id, value if isinstance(value, str) else None)
        put(row, table, column, record)
    for (table, record_id), kept in stored.items():
        version = after[table][record_id]["version"]
        kept.row.version = version if isinstance(version, int) else kept.row.version
        kept.row.updated_at = ctx.now
    await ctx.db.flush()


def _as_map(records: _Records) -> RecordMap:
    found: RecordMap = {}
    for (table, record_id), record in records.items():
        found.setdefault(table, {})[record_id] = record.record()
    return found
