"""Who sees a playlist and who may change it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.context import RequestContext
from server.problems import Problem
from server.tables.music import PlaylistCollaboratorRow, PlaylistRow
from server.tables.playlists import BlendRow, PlaylistRulesRow


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a playlist."""

    is_owner: bool
    is_public: bool
    is_collaborative: bool
    names_collaborators: bool
    """Whether the playlist's list of collaborators has anybody on it."""
    is_collaborator: bool

    @property
    def may_read(self) -> bool:
        """Private playlists are for their owner and their collaborators."""
        return self.is_public or self.is_owner or self.is_collaborator

    @property
    def may_edit(self) -> bool:
        """A collaborative playlist is open to everybody who sees it while it names nobody, then to those it names."""
        if self.is_owner:
            return True
        return self.may_read and self.is_collaborative and (self.is_collaborator or not self.names_collaborators)


def visible_to(user_id: str) -> ColumnElement[bool]:
    """Return the condition under which a row of `PlaylistRow` may be read by the user."""
    listed = select(PlaylistCollaboratorRow.playlist_id).where(PlaylistCollaboratorRow.user_id == user_id)
    return or_(PlaylistRow.is_public, PlaylistRow.owner_id == user_id, PlaylistRow.id.in_(listed))


async def standing(db: AsyncSession, playlist: PlaylistRow, user_id: str) -> Standing:
    """Return how the user stands to the playlist."""
    query = select(PlaylistCollaboratorRow.user_id).where(PlaylistCollaboratorRow.playlist_id == playlist.id)
    names = set(await db.scalars(query))
    return Standing(
        is_owner=playlist.owner_id == user_id,
        is_public=playlist.is_public,
        is_collaborative=playlist.is_collaborative,
        names_collaborators=bool(names),
        is_collaborator=user_id in names,
    )


async def is_seen_by_others(db: AsyncSession, playlist: PlaylistRow) -> bool:
    """Whether anybody but its owner may read the playlist."""
    return playlist.is_public or (await standing(db, playlist, playlist.owner_id)).names_collaborators


async def readable(db: AsyncSession, playlist_id: str, user_id: str) -> PlaylistRow:
    """Return the playlist; Problem NOT_FOUND where there is none, or none for this user."""
    return (await _seen(db, playlist_id, user_id))[0]


async def editable(db: AsyncSession, playlist_id: str, user_id: str) -> PlaylistRow:
    """Return the playlist for a change of its tracks; Problem NOT_FOUND, FORBIDDEN, or WRONG_KIND: it fills itself."""
    row, stands = await _seen(db, playlist_id, user_id)
    if not stands.may_edit:
        raise cannot_edit()
    for table in (PlaylistRulesRow, BlendRow):
        if await db.get(table, playlist_id) is not None:
            raise Problem(ErrorCode.WRONG_KIND, "This playlist fills itself.")
    return row


async def owned(db: AsyncSession, playlist_id: str, user_id: str) -> PlaylistRow:
    """Return the playlist for what only its owner may do; Problem NOT_FOUND or FORBIDDEN."""
    row, stands = await _seen(db, playlist_id, user_id)
    if not stands.is_owner:
        raise cannot_edit()
    return row


async def must_not_be_a_blend(db: AsyncSession, playlist_id: str) -> None:
    """Raise Problem WRONG_KIND for a blend: what two people hear is for the two, whoever of them made it."""
    if await db.get(BlendRow, playlist_id) is not None:
        raise Problem(ErrorCode.WRONG_KIND, "A blend is for the two whose music it is.")


def cannot_edit() -> Problem:
    """Return the problem of a playlist that is somebody else's."""
    return Problem(ErrorCode.FORBIDDEN, "Cannot edit this playlist")


def playlist_not_found() -> Problem:
    """Return the problem of a playlist that is not there, or not for this user."""
    return Problem(ErrorCode.NOT_FOUND, "Playlist not found")


def changed(ctx: RequestContext, row: PlaylistRow) -> None:
    """Give a playlist its next version and announce that once it is committed."""
    row.version += 1
    row.updated_at = ctx.now
    key, version = f"playlists:{row.id}", row.version
    ctx.after_commit(lambda: ctx.state.hub.notify(key, version))


async def _seen(db: AsyncSession, playlist_id: str, user_id: str) -> tuple[PlaylistRow, Standing]:
    row = await db.get(PlaylistRow, playlist_id)
    if row is None:
        raise playlist_not_found()
    stands = await standing(db, row, user_id)
    if not stands.may_read:
        raise playlist_not_found()
    return row, stands
