"""Whom the tests of the command line meet."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from tests.shared_platform import SharedPlatform
from tests.tui.cli.shell_world import Person, WebServer, keep
from tui.accounts import Account

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of whoever runs the tests has a say."""
    for name in ("URL", "TOKEN", "DATA", "PASSPHRASE"):
        monkeypatch.delenv(f"PARLOUR_{name}", raising=False)
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def person(platform: SharedPlatform, tmp_path: Path) -> Person:
    """Somebody with an account of their own, kept in a folder."""
    name = f"p{uuid.uuid4().hex[:12]}"
    store = MemoryTokens()

    async def register() -> Account:
        async with PlatformClient(platform.url, tokens=store) as client:
            user = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
            return Account(client.address.base, user.username, user.id)

    account = asyncio.run(register())
    tokens = asyncio.run(store.load())
    assert tokens is not None
    folder = tmp_path / "parlour"
    keep(folder, account, tokens)
    options = ("--data", str(folder), "--insecure-storage")
    return Person(name, account.user_id, platform.url, folder, tokens, options)


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A server that does what a test says."""
    server = WebServer()
    yield server
    server.close()


@pytest.fixture
def stranger(web: WebServer, tmp_path: Path) -> Person:
    """Somebody who is signed in at that server, with a token that must not be seen again."""
    account = Account(f"{web.url}/api/v1", "ann", "user-1")
    tokens = Tokens(access="canary-access-7f3a9e51c2", refresh="canary-refresh-0b6d44e8")
    folder = tmp_path / "stranger"
    keep(folder, account, tokens)
    return Person("ann", "user-1", web.url, folder, tokens, ("--data", str(folder), "--insecure-storage"))
