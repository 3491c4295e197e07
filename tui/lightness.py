"""What makes the start light: no garbage is looked for while it lasts, nor plugins that a library might have."""

from __future__ import annotations

import gc
import os

_PLUGINS, _OURS = "PYDANTIC_DISABLE_PLUGINS", "__all__"


def hold() -> None:
    """Begin the start: what is imported stays, so that looking for garbage in it is a tenth of the start."""
    gc.disable()
    os.environ.setdefault(_PLUGINS, _OURS)


def settle() -> None:
    """End it, garbage apart: that is collected again when the program has time for it."""
    if os.environ.get(_PLUGINS) == _OURS:
        # Programs that are started from here are not to know of it.
        del os.environ[_PLUGINS]
