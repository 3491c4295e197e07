"""Records as they are read and written together: pointers, maps of them, transactions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from api_client.models.base import BaseVersion, WireModel
from api_client.models.studio import Access
from api_client.operations import Operation

OPERATION_LIMIT = 500
"""Operations of one transaction."""
POINTER_LIMIT = 500
"""Records that are asked for at once."""
SELF_FILLING_LIMIT = 20
"""Playlists among them that fill themselves: each asks the whole catalogue."""

RecordMap = dict[str, dict[str, dict[str, JsonValue]]]
"""Records by table and id."""

TableName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class RecordPointer(WireModel):
    """Where a record is found."""

    table: TableName
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)]

    @property
    def key(self) -> str:
        """The key of its version notices."""
        return f"{self.table}:{self.id}"


class Transaction(WireModel):
    """Operations that happen together or not at all.

    `tx_id` is the author's own name for it: sent again it answers as the first time and does nothing.
    `client_timestamp` is in ms since the epoch. `base_versions` says by `table:id` which version of a record the
    operations were made on; where it has another one by now, nothing happens.
    """

    tx_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    author_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    operations: Annotated[list[Operation], Field(min_length=1, max_length=OPERATION_LIMIT)]
    client_timestamp: Annotated[int, Field(ge=0, le=253_402_300_799_000)]
    base_versions: dict[str, BaseVersion] | None = None


class RecordRequest(WireModel):
    """Records to fetch."""

    pointers: Annotated[list[RecordPointer], Field(max_length=POINTER_LIMIT)]


class RecordSet(WireModel):
    """Records, by table and id, in their wire shapes; what is not there or may not be read is absent."""

    record_map: RecordMap

    def find(self, table: str, record_id: str) -> dict[str, JsonValue] | None:
        """Return one of them."""
        return self.record_map.get(table, {}).get(record_id)


class ProjectRecords(RecordSet):
    """A whole project, without what lies in the trash, and what the reader may do with it."""

    access: Access = Access.READ
