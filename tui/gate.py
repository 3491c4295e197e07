"""Getting in: the demo's platform, a kept account, a token, or a person at the sign-in screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api_client.addresses import normalise
from api_client.auth import FixedToken, MemoryTokens, Tokens, TokenStore
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.filelock import FileLock
from api_client.models.users import User
from tui.accounts import AccountBook
from tui.embedded import EmbeddedPlatform
from tui.keychain import SecretStore, choose_store
from tui.launch import Launch
from tui.signin import KeptTokens, account_of

DEMO_USER = "demo"
DEMO_PASSWORD = "parlour-demo"


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody is in."""

    client: PlatformClient
    me: User
    where: str
    """Where the sign-in is kept, in words that fit `Your sign-in is kept ...`."""


class Gate:
    """Opens accounts. Holds the store for secrets and the embedded platform for the program's whole life."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.book = AccountBook(launch.paths.accounts_file)
        self._embedded: EmbeddedPlatform | None = None
        self._demo_url = ""
        self._store: SecretStore | None = None

    @property
    def url(self) -> str:
        """The platform that signing in would go to."""
        last = self.book.last()
        return self.launch.url or (last.url if last else self.launch.config.platform.url)

    async def store(self) -> SecretStore:
        """Return the store for secrets, chosen at the first call."""
        if self._store is None:
            self._store = await choose_store(
                self.launch.paths.data, insecure=self.launch.insecure_storage, passphrase=self.launch.passphrase
            )
        return self._store

    async def reopen(self) -> Admission | None:
        """Open what needs no person: the token of the environment, or the account used last. None if there is none.

        Raises PlatformError; SignInRequired if what was kept is no longer good.
        """
        if self.launch.token:
            client = self._client(self.url, FixedToken(self.launch.token))
            return await self._admit(client, "nowhere: PARLOUR_TOKEN is used for this run")
        account = self.book.last(self._base(self.launch.url) if self.launch.url else None)
        if account is None:
            return None
        store = await self.store()
        tokens = KeptTokens(store, account)
        if await tokens.load() is None:
            if tokens.trouble is not None:
                raise PlatformError(f"Your sign-in cannot be read back: {tokens.trouble}.")
            return None
        return await self._admit(self._client(account.url, tokens), store.where)

    async def sign_in(self, url: str, name: str, password: str) -> Admission:
        """Sign in and keep the account. Raises PlatformError."""
        return await self._enter(url, lambda client: client.accounts.sign_in(name, password))

    async def register(self, url: str, username: str, email: str, password: str) -> Admission:
        """Make an account and keep it. Raises PlatformError."""
        return await self._enter(url, lambda client: client.accounts.register(username, email, password))

    async def enter_demo(self, progress: Callable[[str], None]) -> Admission:
        """Start the embedded platform and sign in to its demo account. Raises EmbeddedFailed and PlatformError."""
        if self._embedded is None:
            embedded = EmbeddedPlatform(self.launch.paths.data / "demo")
            if self.launch.fresh:
                embedded.clear()
            self._embedded = embedded
        if not self._embedded.running:
            self._demo_url = await self._embedded.start(progress)
        progress("Signing in as demo")
        client = self._client(self._demo_url, MemoryTokens())
        try:
            me = await client.accounts.sign_in(DEMO_USER, DEMO_PASSWORD)
        except PlatformError:
            await client.close()
            raise
        return Admission(client, me, "in memory: the demo signs in anew each time")

    async def forget(self, admission: Admission) -> None:
        """Sign out of the account and take it out of the book; works without the platform as well.

        Raises SecretsUnavailable or OSError where something could not be forgotten.
        """
        account = account_of(admission.client, admission.me)
        try:
            await admission.client.accounts.sign_out()
        except PlatformError:
            # The platform cannot be told; what is kept here goes all the same.
            await admission.client.auth.sign_out()
        if any(known.key == account.key for known in self.book.accounts):
            await (await self.store()).delete(account.key)
            self.book.forget(account)

    async def close(self) -> None:
        """End the embedded platform."""
        if self._embedded is not None:
            await self._embedded.stop()

    async def _enter(self, url: str, enter: Callable[[PlatformClient], Awaitable[User]]) -> Admission:
        memory = MemoryTokens()
        client = self._client(url, memory)
        try:
            me = await enter(client)
            tokens = await memory.load()
            account = account_of(client, me)
        finally:
            await client.close()
        store = await self.store()
        kept = KeptTokens(store, account)
        await kept.save(tokens or Tokens())
        where = kept.where
        try:
            await asyncio.to_thread(self.book.use, account)
        except OSError as error:
            where += f", but you will be asked again: {error.strerror}"
        return Admission(self._client(url, kept), me, where)

    async def _admit(self, client: PlatformClient, where: str) -> Admission:
        try:
            return Admission(client, await client.accounts.me(), where)
        except PlatformError:
            await client.close()
            raise

    def _base(self, url: str) -> str:
        return normalise(url, allow_plain_http=self.launch.config.platform.allow_plain_http).base

    def _client(self, url: str, tokens: TokenStore) -> PlatformClient:
        return PlatformClient(
            url,
            tokens=tokens,
            token_lock=FileLock(self.launch.paths.data / "tokens.lock"),
            allow_plain_http=self.launch.config.platform.allow_plain_http,
        )
