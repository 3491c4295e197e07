"""A reply against the contract, for `--validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.calls.request import Request

if TYPE_CHECKING:
    from api_client.calls import Reply


def complaints(request: Request, reply: Reply) -> list[str]:
    """Return what is wrong with `reply`, one sentence each; nothing where all is as the contract has it."""
    from api_client.inspect.smoke.contract import (
        NotJson,
        check_refusal,
        check_success,
        documented,
        endpoint_at,
        read_strict,
    )

    endpoint = None if request.place is None else endpoint_at(request.method, request.place)
    if endpoint is None:
        return [f"contract: no table has {request.method} {request.place or request.url}"]
    found = []
    if reply.status not in documented(endpoint):
        found.append(f"contract: {endpoint.name} does not answer with {reply.status}")
    try:
        body = read_strict(reply.body)
    except NotJson as error:
        return [*found, f"contract: {endpoint.name} did not answer with JSON: {error}"]
    wrong = check_success(endpoint, body) if reply.status < 300 else check_refusal(reply.status, reply.headers, body)
    return [*found, *(f"contract: {complaint.code} {complaint}" for complaint in wrong)]
