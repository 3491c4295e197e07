"""Who may subscribe to which key, and what version a key has; each domain registers its own prefixes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from server.state import ServerState
    from server.tables.users import UserRow

MayRead = Callable[[AsyncSession, "UserRow", str], Awaitable[bool]]
"""Whether the user may follow the record with this id."""

CurrentVersion = Callable[[AsyncSession, str], Awaitable[int]]
"""The version of the record with this id; asked only after `MayRead` has said yes."""

subscription_rules: dict[str, MayRead] = {}
"""By the part of the key before the colon; a prefix that is not here is refused to everybody."""

version_readers: dict[str, CurrentVersion] = {}
"""By the same part; for a prefix that is not here the version counts as 0, so that any notice is newer."""


Watcher = Callable[["ServerState", str, str], None]
"""Is told who follows the record with this id, or did; must not wait."""

_watchers: dict[str, tuple[Watcher, Watcher]] = {}
"""By the same part: what to do when the first follower comes, and when the last one has left."""


def watch(prefix: str, came: Watcher, left: Watcher) -> None:
    """Call `came` when somebody begins to follow a key `prefix:id` that nobody followed, `left` when nobody does."""
    _watchers[prefix] = came, left


def note_arrival(state: ServerState, user_id: str, key: str) -> None:
    """Say that `user_id` follows `key` now, which nobody did before."""
    prefix, _, identity = key.partition(":")
    if prefix in _watchers:
        _watchers[prefix][0](state, user_id, identity)


def note_departures(state: ServerState, user_id: str, keys: Iterable[str]) -> None:
    """Say that `user_id` does not follow `keys` any more, for what nobody follows now."""
    for key in keys:
        prefix, _, identity = key.partition(":")
        if prefix in _watchers and not state.hub.is_followed(key):
            _watchers[prefix][1](state, user_id, identity)


def allow(prefix: str, may_read: MayRead, current_version: CurrentVersion | None = None) -> None:
    """Make keys `prefix:id` open to those for whom `may_read` says yes."""
    subscription_rules[prefix] = may_read
    if current_version is not None:
        version_readers[prefix] = current_version


async def version_for(session: AsyncSession, user: UserRow, key: str) -> int | None:
    """Return the version of `key` as it stands, or None where `user` may not follow it."""
    prefix, colon, identity = key.partition(":")
    rule = subscription_rules.get(prefix)
    if rule is None or not colon or not identity or not await rule(session, user, identity):
        return None
    reader = version_readers.get(prefix)
    return await reader(session, identity) if reader else 0
