"""Reading records of all kinds by their keys, and writing those of the studio."""

from __future__ import annotations

from collections.abc import Iterable

from api_client import endpoints as table
from api_client.calls import Group, build
from api_client.models.records import SELF_FILLING_LIMIT, RecordPointer, RecordRequest, RecordSet, Transaction


class Records(Group):
    """Many records in one call."""

    async def write(self, transaction: Transaction, *, idempotency_key: str | None = None) -> RecordSet:
        """Carry out a transaction and return the records that it changed.

        Raises `Conflict` with the present records in `details["current"]` where one of its base versions is not the
        present one; then nothing has happened.
        """
        return await self._one(RecordSet, table.WRITE_RECORDS, body=transaction, idempotency_key=idempotency_key)

    async def fetch(self, pointers: Iterable[RecordPointer]) -> RecordSet:
        """Return the records, at most 500; those that are not there or may not be read are left out.

        Playlists are asked for in several calls where they are many: each may be one that fills itself.
        """
        playlists: list[RecordPointer] = []
        others: list[RecordPointer] = []
        for pointer in pointers:
            (playlists if pointer.table == "playlists" else others).append(pointer)
        found = await self._some([*others, *playlists[:SELF_FILLING_LIMIT]])
        for start in range(SELF_FILLING_LIMIT, len(playlists), SELF_FILLING_LIMIT):
            more = await self._some(playlists[start : start + SELF_FILLING_LIMIT])
            for name, records in more.record_map.items():
                found.record_map.setdefault(name, {}).update(records)
        return found

    async def _some(self, pointers: list[RecordPointer]) -> RecordSet:
        return await self._one(RecordSet, table.GET_RECORDS, body=build(RecordRequest, pointers=pointers))
