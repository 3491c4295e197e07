"""Which of two states of a session counts: frames may be late, lost, or overtaken by answers."""

from __future__ import annotations

from api_client.models.together import GroupSession


def merged(known: GroupSession, told: GroupSession) -> GroupSession | None:
    """Return what is known of a session once `told` is heard; None where the platform has to be asked.

    The higher version counts. Where the queue was changed by something that was not heard, nothing but the whole
    session will do.
    """
    if told.version < known.version:
        return known
    if told.entries is not None:
        return told
    if told.queue_version != known.queue_version:
        return None
    return told.changed(entries=known.entries)
