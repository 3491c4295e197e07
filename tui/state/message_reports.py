"""What two reports of one message come to."""

from __future__ import annotations

from collections.abc import Iterable

from api_client.models.chat import Message


def with_readers(message: Message, users: Iterable[str]) -> Message:
    """Return `message` as read by `users` as well; its sender does not count."""
    new = [user for user in users if user not in message.read_by and user != message.sender_id]
    return message.changed(read_by=[*message.read_by, *new], is_read=True) if new else message


def newer(known: Message, fresh: Message) -> Message:
    """Merge two reports of one message: what was read stays read, what is gone stays gone."""
    read_by = [*known.read_by, *(user for user in fresh.read_by if user not in known.read_by)]
    gone = known.is_deleted or fresh.is_deleted
    return fresh.changed(
        read_by=read_by,
        is_read=known.is_read or fresh.is_read,
        is_deleted=gone,
        content="" if gone else fresh.content,
        client_id=fresh.client_id or known.client_id,
    )
