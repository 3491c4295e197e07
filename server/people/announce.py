"""Tells those who watch a profile, and the other devices of its owner, that it has changed."""

from __future__ import annotations

from server.context import RequestContext
from server.tables.users import UserRow


def people_changed(ctx: RequestContext, *people: UserRow) -> None:
    """Announce the present versions of these accounts once they are committed."""
    for person in people:
        version = person.version
        for key in (f"users:{person.id}", f"users:{person.username}", f"user:{person.id}"):
            ctx.after_commit(lambda key=key, version=version: ctx.state.hub.notify(key, version))  # type: ignore[misc]
