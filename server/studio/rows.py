"""Rows of the studio as records of the wire and back, whichever of the four tables they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_snake
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.base import WireModel
from api_client.models.studio import AudioFile, Clip, Project, StudioTrack
from api_client.operations import Record
from api_client.transactions import value_of
from server.feed.hydrate import batches
from server.tables.studio import AudioFileRow, ClipRow, ProjectMemberRow, ProjectRow, StudioTrackRow

StudioRow = ProjectRow | StudioTrackRow | ClipRow | AudioFileRow

ROWS: Mapping[str, type[StudioRow]] = {
    "projects": ProjectRow,
    "tracks": StudioTrackRow,
    "clips": ClipRow,
    "audio_files": AudioFileRow,
}
"""The tables by their names on the wire."""

_SHAPES: Mapping[type[StudioRow], type[WireModel]] = {
    ProjectRow: Project,
    StudioTrackRow: StudioTrack,
    ClipRow: Clip,
    AudioFileRow: AudioFile,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A row, the project that it belongs to, and for a project its collaborators."""

    row: StudioRow
    project_id: str
    collaborators: list[str]

    def shape(self) -> WireModel:
        """Return the record as its type of the contract."""
        kind = _SHAPES[type(self.row)]
        fields: dict[str, Any] = {
            name: getattr(self.row, name) for name in kind.model_fields if name != "collaborators"
        }
        if isinstance(self.row, ProjectRow):
            fields["collaborators"] = self.collaborators
        return kind.model_validate(fields)

    def record(self) -> Record:
        """Return the record as it stands on the wire."""
        return self.shape().model_dump(mode="json")


async def load(db: AsyncSession, table: str, ids: Iterable[str]) -> dict[str, Stored]:
    """Return rows of one table by id, those in the trash too; unknown ids are left out."""
    found: dict[str, Stored] = {}
    for batch in batches(ids):
        rows = (await db.execute(_with_project(table).where(ROWS[table].id.in_(batch)))).all()
        found.update({row.id: Stored(row, project_id, []) for row, project_id in rows})
        if table == "projects":
            for project_id, user_ids in (await _collaborators(db, batch)).items():
                found[project_id].collaborators.extend(user_ids)
    return found


async def project_of(db: AsyncSession, table: str, record_id: str) -> str | None:
    """Return the project that a record belongs to, None for an unknown one."""
    row = (await db.execute(_with_project(table).where(ROWS[table].id == record_id))).first()
    return row[1] if row is not None else None


async def contents(db: AsyncSession, project_id: str, *, with_trash: bool = False) -> dict[str, dict[str, Stored]]:
    """Return everything of a project by table and id; without the trash also without what hangs on what lies in it."""
    found: dict[str, dict[str, Stored]] = {"projects": await load(db, "projects", [project_id])}
    queries: dict[str, Select[Any]] = {
        "tracks": select(StudioTrackRow).where(StudioTrackRow.project_id == project_id),
        "clips": select(ClipRow).join(StudioTrackRow).where(StudioTrackRow.project_id == project_id),
        "audio_files": select(AudioFileRow).where(AudioFileRow.project_id == project_id),
    }
    for table, query in queries.items():
        if not with_trash:
            query = query.where(ROWS[table].deleted.is_(None))
            query = query.where(StudioTrackRow.deleted.is_(None)) if table == "clips" else query
        rows = await db.scalars(query)
        found[table] = {row.id: Stored(row, project_id, []) for row in rows}
    return found


def put(row: StudioRow, table: str, column: str, record: Record) -> None:
    """Write one column of a changed record into its row; the value has been checked before."""
    setattr(row, to_snake(column), value_of(table, column, record.get(column)))


def _with_project(table: str) -> Select[Any, str]:
    queries: dict[str, Select[Any, str]] = {
        "projects": select(ProjectRow, ProjectRow.id),
        "tracks": select(StudioTrackRow, StudioTrackRow.project_id),
        "clips": select(ClipRow, StudioTrackRow.project_id).join(StudioTrackRow),
        "audio_files": select(AudioFileRow, AudioFileRow.project_id),
    }
    return queries[table]


async def _collaborators(db: AsyncSession, project_ids: Iterable[str]) -> dict[str, list[str]]:
    query = (
        select(ProjectMemberRow.project_id, ProjectMemberRow.user_id)
        .where(ProjectMemberRow.project_id.in_(project_ids))
        .order_by(ProjectMemberRow.position, ProjectMemberRow.user_id)
    )
    found: dict[str, list[str]] = {}
    for project_id, user_id in await db.execute(query):
        found.setdefault(project_id, []).append(user_id)
    return found
