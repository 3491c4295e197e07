"""A second client, signed in beside the program: what a test sees at the platform it sees through this."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api_client import PlatformClient
from api_client.auth import MemoryTokens, Tokens
from api_client.models.users import User

T = TypeVar("T")

DEMO_PASSWORD = "parlour-demo"
PASSWORD = "correct horse battery"


class Witness:
    """Somebody who is signed in."""

    def __init__(self, url: str, tokens: MemoryTokens, me: User) -> None:
        self.url = url
        self.me = me
        self._tokens = tokens

    @classmethod
    def signed_in(cls, url: str, name: str, password: str = DEMO_PASSWORD) -> Witness:
        """Sign in to an account that is there."""
        return cls._enter(url, lambda client: client.accounts.sign_in(name, password))

    @classmethod
    def registered(cls, url: str, name: str) -> Witness:
        """Make an account with the password of the tests."""
        return cls._enter(url, lambda client: client.accounts.register(name, f"{name}@example.com", PASSWORD))

    @classmethod
    def _enter(cls, url: str, enter: Callable[[PlatformClient], Awaitable[User]]) -> Witness:
        tokens = MemoryTokens()

        async def work() -> User:
            async with PlatformClient(url, tokens=tokens) as client:
                return await enter(client)

        return cls(url, tokens, asyncio.run(work()))

    @property
    def tokens(self) -> Tokens:
        """What proves who this is."""
        tokens = asyncio.run(self._tokens.load())
        assert tokens is not None
        return tokens

    @property
    def access(self) -> str:
        """The access token."""
        assert self.tokens.access is not None
        return self.tokens.access

    def ask(self, work: Callable[[PlatformClient], Awaitable[T]]) -> T:
        """Ask the platform something and return the answer."""

        async def asked() -> T:
            async with PlatformClient(self.url, tokens=self._tokens) as client:
                return await work(client)

        return asyncio.run(asked())

    def wait_for(
        self, work: Callable[[PlatformClient], Awaitable[T]], fits: Callable[[T], bool], timeout: float = 15.0
    ) -> T:
        """Ask again and again until the answer fits: what the program shows at once it sends a moment later."""

        async def waited() -> T:
            until = time.monotonic() + timeout
            async with PlatformClient(self.url, tokens=self._tokens) as client:
                while not fits(answer := await work(client)):
                    assert time.monotonic() < until, f"the platform still says {str(answer)[:300]}"
                    await asyncio.sleep(0.1)
                return answer

        return asyncio.run(waited())
