"""What watches calls, imported when something is first recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_client.postponed import Postponed

__all__ = ["capture"]

if TYPE_CHECKING:
    from api_client.inspect import capture
else:
    capture = Postponed("api_client.inspect.capture")
