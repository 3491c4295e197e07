"""Somebody at a command line, signed in on a folder of their own, and a web server that does whatever a test wants."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from tui.__main__ import main
from tui.accounts import Account, AccountBook
from tui.paths import Paths, write_private


@dataclass
class Person:
    """A signed-in user of the command line."""

    name: str
    id: str
    url: str
    folder: Path
    tokens: Tokens
    options: tuple[str, ...]

    def run(self, *words: str) -> int:
        """Run `parlour` in this process and return its exit status."""
        return main([*words, *self.options])

    def ask(self, work: Callable[[PlatformClient], Any]) -> Any:
        """Ask the platform as this user, beside the command line."""

        async def asked() -> Any:
            async with PlatformClient(self.url, tokens=MemoryTokens(self.tokens)) as client:
                return await work(client)

        return asyncio.run(asked())


def keep(folder: Path, account: Account, tokens: Tokens) -> None:
    """Sign `account` in on `folder`, as `parlour login --insecure-storage` does."""
    paths = Paths.find(folder)
    paths.ensure()
    AccountBook(paths.accounts_file).use(account)
    write_private(paths.data / "tokens.json", json.dumps({account.key: tokens.dumps()}))


Answer = tuple[int, dict[str, str], bytes]
Respond = Callable[[BaseHTTPRequestHandler, bytes], Answer]


class WebServer:
    """A server whose answers a test writes; it remembers what it was asked."""

    def __init__(self) -> None:
        self.respond: Respond = lambda request, body: (200, {"Content-Type": "application/json"}, b"{}")
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                outer.asked.append((self.command, self.path, dict(self.headers.items()), body))
                status, headers, content = outer.respond(self, body)
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = answer  # noqa: N815 - names of the library

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
