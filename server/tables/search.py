"""The search index: one document for everything that can be found, kept by the database itself.

Triggers write a document whenever a record appears, changes its words or goes, so that no part of the server can
forget to. What must not be found by others (private playlists, deleted posts, files that are gone) has no document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class SearchDocumentRow(Base):
    """The words of one record; `id` is the row of the full-text index."""

    __tablename__ = "search_documents"
    __table_args__ = (UniqueConstraint("kind", "item_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    item_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where documents of one kind come from; the expressions speak of the row as `{row}`."""

    kind: str
    table: str
    title: str
    detail: str
    watched: str
    """Columns whose change makes a new document."""
    condition: str = "1"


_TRACK_DETAIL = (
    "(SELECT title FROM albums WHERE id = {row}.album_id) || ' ' || coalesce((SELECT group_concat(a.name, ' ')"
    " FROM track_artists t JOIN artists a ON a.id = t.artist_id WHERE t.track_id = {row}.id), '')"
)
_SOURCES = (
    _Source("artist", "artists", "{row}.name", "coalesce({row}.genres, '')", "name, genres"),
    _Source(
        "album",
        "albums",
        "{row}.title",
        "coalesce((SELECT name FROM artists WHERE id = {row}.artist_id), '')",
        "title, artist_id, total_tracks",
        "{row}.total_tracks > 0",
    ),
    _Source(
        "track",
        "tracks",
        "{row}.title",
        f"coalesce({_TRACK_DETAIL}, '')",
        "title, album_id, is_available",
        "{row}.is_available",
    ),
    _Source(
        "playlist",
        "playlists",
        "{row}.name",
        "coalesce({row}.description, '')",
        "name, description, is_public",
        "{row}.is_public",
    ),
    _Source(
        "user",
        "users",
        "{row}.username || ' ' || coalesce({row}.full_name, '')",
        "coalesce({row}.bio, '')",
        "username, full_name, bio",
    ),
    _Source(
        "subreddit",
        "subreddits",
        "{row}.name || ' ' || coalesce({row}.display_name, '')",
        "coalesce({row}.description, '')",
        "name, display_name, description",
    ),
    _Source(
        "thread",
        "thread_posts",
        "{row}.title",
        "coalesce({row}.body, '')",
        "title, body, deleted_at",
        "{row}.deleted_at IS NULL",
    ),
    _Source(
        "photo",
        "photo_posts",
        "coalesce({row}.caption, '')",
        "coalesce({row}.location_name, '')",
        "caption, location_name, deleted_at",
        "{row}.deleted_at IS NULL",
    ),
)

_INDEX = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS search_index USING fts5(
        kind, title, detail, content='search_documents', content_rowid='id',
        tokenize="unicode61 remove_diacritics 2", prefix='1 2 3')""",
    """CREATE TRIGGER IF NOT EXISTS search_documents_added AFTER INSERT ON search_documents BEGIN
        INSERT INTO search_index(rowid, kind, title, detail) VALUES (NEW.id, NEW.kind, NEW.title, NEW.detail);
    END""",
    """CREATE TRIGGER IF NOT EXISTS search_documents_removed AFTER DELETE ON search_documents BEGIN
        INSERT INTO search_index(search_index, rowid, kind, title, detail)
        VALUES ('delete', OLD.id, OLD.kind, OLD.title, OLD.detail);
    END""",
    """CREATE TRIGGER IF NOT EXISTS search_documents_changed AFTER UPDATE ON search_documents BEGIN
        INSERT INTO search_index(search_index, rowid, kind, title, detail)
        VALUES ('delete', OLD.id, OLD.kind, OLD.title, OLD.detail);
        INSERT INTO search_index(rowid, kind, title, detail) VALUES (NEW.id, NEW.kind, NEW.title, NEW.detail);
    END""",
)


def _triggers(source: _Source) -> tuple[str, ...]:
    def of(expression: str) -> str:
        return expression.replace("{row}", "NEW")

    forget = f"DELETE FROM search_documents WHERE kind = '{source.kind}' AND item_id = OLD.id;"  # noqa: S608
    note = (
        "INSERT INTO search_documents(kind, item_id, title, detail)"
        f" SELECT '{source.kind}', NEW.id, {of(source.title)}, {of(source.detail)} WHERE {of(source.condition)};"
    )
    create = f"CREATE TRIGGER IF NOT EXISTS search_{source.table}"
    return (
        f"{create}_added AFTER INSERT ON {source.table} BEGIN {note} END",
        f"{create}_changed AFTER UPDATE OF {source.watched} ON {source.table} BEGIN {forget} {note} END",
        f"{create}_removed AFTER DELETE ON {source.table} BEGIN {forget} END",
    )


def _artist_triggers() -> tuple[str, ...]:
    """A track is found by its artists too, who are named after the track is written."""
    create = "CREATE TRIGGER IF NOT EXISTS search_track_artists"
    detail = _TRACK_DETAIL.replace("{row}", "tracks")
    refresh = (
        f"UPDATE search_documents SET detail = (SELECT coalesce({detail}, '') FROM tracks WHERE id = item_id)"  # noqa: S608
        " WHERE kind = 'track' AND item_id = {side}.track_id"
        " AND EXISTS (SELECT 1 FROM tracks WHERE id = {side}.track_id);"
    )
    return tuple(
        f"{create}_{name} AFTER {moment} ON track_artists BEGIN {refresh.replace('{side}', side)} END"
        for name, moment, side in (("added", "INSERT", "NEW"), ("removed", "DELETE", "OLD"))
    )


@event.listens_for(Base.metadata, "after_create")
def _create_index(_target: Any, connection: Connection, **_more: Any) -> None:
    for statement in _INDEX:
        connection.exec_driver_sql(statement)
    for source in _SOURCES:
        for statement in _triggers(source):
            connection.exec_driver_sql(statement)
    for statement in _artist_triggers():
        connection.exec_driver_sql(statement)
