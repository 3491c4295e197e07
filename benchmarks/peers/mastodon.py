"""As much of the Mastodon API as clients need that read a timeline and a thread: `python -m benchmarks.peers.mastodon`.

It writes `listening on URL` and serves until it is ended; everything is made up, and made once.
"""

from __future__ import annotations

import json
import random
import re
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.words import WORDS

READY = "listening on "
STATUSES, REPLIES = 40, 1_000
FIRST = "the newest of all statuses"
REPLIER = "emil@"
"""Who writes replies and is not in the timeline."""
_WHEN = "2026-03-01T12:00:00.000Z"
_STATUS = re.compile(r"/api/v1/statuses/(\d+)(/context)?$")


def _account(name: str, url: str) -> dict[str, object]:
    return {
        "id": "1", "username": name, "acct": name, "url": f"{url}/@{name}", "display_name": name.title(), "note": "",
        "avatar": f"{url}/none.png", "avatar_static": f"{url}/none.png", "header": f"{url}/none.png",
        "header_static": f"{url}/none.png", "locked": False, "fields": [], "emojis": [], "bot": False,
        "created_at": _WHEN, "statuses_count": STATUSES, "followers_count": 3, "following_count": 4,
    }  # fmt: skip


def _status(number: int, text: str, name: str, url: str, reply_to: int | None = None) -> dict[str, object]:
    return {
        "id": str(number), "uri": f"{url}/statuses/{number}", "url": f"{url}/statuses/{number}", "created_at": _WHEN,
        "account": _account(name, url), "content": f"<p>{text}</p>", "visibility": "public", "sensitive": False,
        "spoiler_text": "", "media_attachments": [], "mentions": [], "tags": [], "emojis": [], "reblogs_count": 2,
        "favourites_count": 5, "replies_count": REPLIES, "in_reply_to_id": None if reply_to is None else str(reply_to),
        "in_reply_to_account_id": None, "reblog": None, "poll": None, "card": None, "language": "en",
        "favourited": False, "reblogged": False, "muted": False, "bookmarked": False,
    }  # fmt: skip


def _instance(url: str) -> dict[str, object]:
    return {
        "uri": "localhost", "title": "Benchmark", "short_description": "", "description": "", "email": "a@localhost",
        "version": "4.3.0", "urls": {"streaming_api": url}, "languages": ["en"], "registrations": False,
        "stats": {"user_count": 2, "status_count": STATUSES, "domain_count": 1}, "rules": [],
        "approval_required": False,
    }  # fmt: skip


def answers(url: str) -> dict[str, object]:
    """Return what is said to each path; the context of every status holds the same replies."""
    dice = random.Random(1)

    def text() -> str:
        return " ".join(dice.choices(WORDS, k=dice.randint(6, 45)))

    statuses = [
        _status(10_000 - n, FIRST if n == 0 else text(), dice.choice(("ada", "bea", "carlo")), url)
        for n in range(STATUSES)
    ]
    replies = [_status(20_000 + n, text(), dice.choice(("dee", "emil")), url, 10_000) for n in range(REPLIES)]
    return {
        "/api/v1/timelines/home": statuses,
        "/api/v1/instance": _instance(url),
        "/api/v1/instance/extended_description": {"content": ""},
        "/api/v1/preferences": {"posting:default:visibility": "public"},
        "/api/v1/accounts/verify_credentials": _account("reader", url),
        "/api/v1/accounts/1/following": [],
        "/api/v1/notifications": [],
        "context": {"ancestors": [], "descendants": replies},
        **{f"/api/v1/statuses/{status['id']}": status for status in statuses},
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, said: dict[str, bytes], *rest: object) -> None:
        self._said = said
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer; whatever is not known is not there."""
        path = self.path.partition("?")[0]
        match = _STATUS.match(path)
        body = self._said.get("context" if match and match[2] else path)
        self.send_response(200 if body is not None else 404)
        body = body if body is not None else b'{"error":"Record not found"}'
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


def main() -> None:
    """Serve until ended."""
    said: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, said))
    url = f"http://127.0.0.1:{server.server_address[1]}"
    said.update((path, json.dumps(answer).encode()) for path, answer in answers(url).items())
    print(f"{READY}{url}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
