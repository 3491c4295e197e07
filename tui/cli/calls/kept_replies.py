"""Replies kept for a while, for scripts that ask the same again and again."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.calls.request import Request
from tui.paths import write_private

if TYPE_CHECKING:
    from api_client.calls import Reply

OLDEST = 86_400.0 * 7
"""Seconds after which a reply goes, whoever might still want it."""

_PRIVATE = ("/auth/",)
"""Places whose replies are never written down."""


class KeptReplies:
    """Replies of success to GET, in files that only the user can read; tokens are no part of them."""

    def __init__(self, folder: Path, whose: str, now: float) -> None:
        """Keep them in `folder`, apart for everybody; `whose` is the account, `now` seconds since the epoch."""
        self._folder = folder
        self._whose = whose
        self._now = now

    def find(self, request: Request, seconds: float) -> Reply | None:
        """Return the reply to `request` if one is kept that is no older than `seconds`."""
        from api_client.calls import Reply

        file = self._file(request)
        try:
            if not 0 <= self._now - file.stat().st_mtime <= seconds:
                return None
            kept = json.loads(file.read_text(encoding="utf-8"))
            return Reply(int(kept["status"]), dict(kept["headers"]), base64.b64decode(kept["body"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, request: Request, reply: Reply) -> None:
        """Write the reply to `request` down, if it is one of success to GET. What cannot be written is not kept."""
        private = request.place is None or request.place.startswith(_PRIVATE)
        if request.method != "GET" or reply.status != 200 or private:
            return
        headers = {name: value for name, value in reply.headers.items() if name != "set-cookie"}
        body = base64.b64encode(reply.body).decode()
        with suppress(OSError):
            self._forget_old()
            write_private(self._file(request), json.dumps({"status": reply.status, "headers": headers, "body": body}))

    def _file(self, request: Request) -> Path:
        given = {name.lower(): value for name, value in request.headers.items() if name.lower() != "x-request-id"}
        asked = json.dumps([request.method, request.url, self._whose, sorted(given.items())])
        return self._folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.json"

    def _forget_old(self) -> None:
        if self._folder.is_dir():
            for file in self._folder.glob("*.json"):
                if self._now - file.stat().st_mtime > OLDEST:
                    file.unlink(missing_ok=True)
