"""Frames into events: the many small version notices by a short way, all else with every check."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import from_json

from api_client.errors import BadReply
from api_client.postponed import frames, replies
from api_client.text import clean

_UPDATES = '{"type":"updates"'
_VERSION_LIMIT = 1 << 53
"""Beyond it two readers of the same JSON may see different numbers."""

Versions = dict[str, int]
"""Key to version, the highest of each."""


def read_frame(raw: str | bytes) -> frames.ServerFrame | Versions | None:
    """Return the event in a frame, or the versions in one that notifies of versions.

    None is for what is not understood, which a newer platform may well send.
    """
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    if text.startswith(_UPDATES) and (versions := _versions_in(text)) is not None:
        return versions
    try:
        frame = frames.read_server_frame(replies.read_json(text.encode("utf-8", "surrogatepass"), "The platform"))
    except BadReply:
        return None
    if isinstance(frame, frames.Updates):
        return _highest((notice.key, notice.version) for notice in frame.updates)
    return frame


def _versions_in(text: str) -> Versions | None:
    """Return the versions, or None where a single thing is not as the platform writes it: the long way judges then."""
    try:
        data = from_json(text, allow_inf_nan=False)
    except ValueError:
        return None
    updates = data.get("updates") if data.get("type") == "updates" else None
    if type(updates) is not list:
        return None
    pairs = []
    for notice in updates:
        if type(notice) is not dict:
            return None
        key, version = notice.get("key"), notice.get("version")
        if type(key) is not str or type(version) is not int or not 0 <= version < _VERSION_LIMIT:
            return None
        pairs.append((key, version))
    # One search for all of them costs less than one for each.
    joined = "".join(key for key, _ in pairs)
    return _highest(pairs) if clean(joined) == joined else None


def _highest(pairs: Iterable[tuple[str, int]]) -> Versions:
    versions: Versions = {}
    for key, version in pairs:
        versions[key] = max(version, versions.get(key, version))
    return versions
