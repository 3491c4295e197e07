"""Refusals that several parts of the music side share."""

from __future__ import annotations

from api_client.errors import ErrorCode
from server.problems import Problem


def track_not_found() -> Problem:
    """Return the problem of a track that does not exist."""
    return Problem(ErrorCode.NOT_FOUND, "Track not found")
