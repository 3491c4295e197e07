"""What a role may do on the whole site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Permission = Literal["read", "write", "delete", "admin"]

_GRANTED: Mapping[str, frozenset[Permission]] = {
    "user": frozenset({"read", "write"}),
    "moderator": frozenset({"read", "write", "delete"}),
    "admin": frozenset({"read", "write", "delete", "admin"}),
}


def permissions(role: str) -> frozenset[Permission]:
    """Return what `role` may do; a role that is not known may do nothing."""
    return _GRANTED.get(role, frozenset())
