"""Recording what goes over the wire in the running program, and sending what was recorded again."""

from __future__ import annotations

import uuid

from api_client.calls import Reply
from api_client.inspect.causes import caused_by
from api_client.inspect.recorder import Recorder
from api_client.raw import RawClient
from tui.state.inspector import InspectorStore
from tui.state.raw_request import RawRequest


class Inspecting:
    """The recorder of one account's session, and the lines that are made of it."""

    def __init__(self, client: RawClient) -> None:
        self.client = client
        recorder = client.recorder or Recorder(clock=client.clock)
        self.store = InspectorStore(recorder)

    @property
    def records(self) -> bool:
        """Whether what goes over the wire is recorded."""
        return self.client.recorder is not None

    def record(self, on: bool) -> None:
        """Record from now on, or no more; what was recorded stays."""
        self.client.recorder = self.store.recorder if on else None

    async def send(self, request: RawRequest) -> Reply:
        """Send a request to the platform, as this account; raises PlatformError where no reply came."""
        own = {"X-Request-Id": uuid.uuid4().hex}
        if request.method == "POST":
            own["X-Idempotency-Key"] = str(uuid.uuid4())
        with caused_by("item.resend", f"send again {request.method} {request.path.partition('?')[0]}"):
            return await self.client.raw(
                request.method,
                self.client.address.origin + request.path,
                headers={"Accept": "application/json", **request.headers, **own},
                content=request.body.encode() if request.body else None,
            )
