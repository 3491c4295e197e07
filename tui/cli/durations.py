"""Spans of time as they are typed: `20`, `500ms`, `1.5s`, `10m`, `2h`, `1d`."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def seconds_in(text: str) -> float:
    """Return the seconds in `text`; a bare number is seconds. Raises ValueError for anything else."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no span of time; write 30s, 10m or 2h")
    return float(found[1]) * _SECONDS[found[2] or "s"]
