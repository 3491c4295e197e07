"""A recorded call as a request that can be sent again."""

from __future__ import annotations

from api_client.inspect.records import CallRecord
from tui.state.inspector_rows import path_of
from tui.state.raw_request import OWN_HEADERS, RawRequest


def whole_body(call: CallRecord) -> bool:
    """Return whether all of the request's body was kept, as text."""
    body = call.request_body or b""
    if len(body) != max(call.request_size, 0) or call.request_size < 0:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def request_of(call: CallRecord) -> RawRequest:
    """Return what was sent, without what the program sets anew each time; its body has to be whole."""
    headers = {name: value for name, value in call.request_headers if name.lower() not in OWN_HEADERS}
    return RawRequest(call.method, path_of(call.url), headers, (call.request_body or b"").decode())
