"""Writes docs/API.md from the endpoint table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, get_args

from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.errors import ErrorCode

_HEAD = """\
# The platform's REST interface

Written by `make docs` from `api_client/endpoints.py`; do not edit. Paths are below `/api/v1`. Replies come in the
envelope `{success: true, data, meta?}`, cursor lists with `nextCursor` beside `data`, refusals as
`{success: false, error: {code, message, details?}}`. The shapes are in `api_client/models/`.
"""


def document() -> str:
    """Return the whole document."""
    parts = [_HEAD]
    domain = ""
    for endpoint in ENDPOINTS:
        if (found := endpoint.name.partition(".")[0]) != domain:
            domain = found
            parts.append(
                f"\n## {domain}\n\n| method and path | takes | gives | repeats | refusals |\n|---|---|---|---|---|\n"
            )
        parts.append(_row(endpoint))
    parts.append("\n## Error codes\n\n| code | status |\n|---|---|\n")
    parts += [f"| {code.value} | {code.status} |\n" for code in ErrorCode]
    return "".join(parts)


def _row(endpoint: Endpoint) -> str:
    gives = f"{_name(endpoint.reply)} list" if endpoint.paged else _name(endpoint.reply)
    refusals = ", ".join(code.value for code in endpoint.errors)
    takes = _name(endpoint.request) if endpoint.request is not None else ""
    public = " (public)" if endpoint.public else ""
    return (
        f"| `{endpoint.method} {endpoint.path}`{public} | {takes} | {gives} | {endpoint.retry.value} | {refusals} |\n"
    )


def _name(kind: Any) -> str:
    if (name := getattr(kind, "__name__", "")) and name not in ("Annotated", "dict", "Union", "UnionType"):
        return str(name)
    members = [_name(argument) for argument in get_args(kind) if isinstance(argument, type) or get_args(argument)]
    if getattr(kind, "__origin__", None) is dict:
        return f"map to {members[-1]}"
    return " or ".join(dict.fromkeys(members))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8") if len(sys.argv) > 1 else sys.stdout.write(document())
