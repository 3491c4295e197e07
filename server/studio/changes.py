"""New versions of the studio's records, and telling those who watch."""

from __future__ import annotations

from server.context import RequestContext
from server.studio.rows import StudioRow


def changed(ctx: RequestContext, table: str, row: StudioRow) -> None:
    """Give a record its next version and announce that once it is committed."""
    row.version += 1
    row.updated_at = ctx.now
    announce(ctx, table, row)


def announce(ctx: RequestContext, table: str, row: StudioRow) -> None:
    """Announce the present version of a record once it is committed."""
    key, version = f"{table}:{row.id}", row.version
    ctx.after_commit(lambda: ctx.state.hub.notify(key, version))
