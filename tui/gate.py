"""Getting in: the demo's platform, a kept account, a token, or a person at the sign-in screen."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api_client.addresses import normalise
from api_client.auth import FixedToken, MemoryTokens, Tokens, TokenStore
from api_client.errors import PlatformError
from api_client.filelock import FileLock
from api_client.inspect.faults import FaultSwitch
from api_client.models.users import User
from api_client.raw import RawClient
from api_client.sync.cache import Cache
from tui.accounts import Account, AccountBook
from tui.keychain import SecretStore, choose_store
from tui.launch import Launch
from tui.paths import UnsafeFolder, private_folder
from tui.signin import KeptTokens, account_of

if TYPE_CHECKING:
    from tui.embedded import EmbeddedPlatform

DEMO_USER = "demo"
DEMO_PASSWORD = "parlour-demo"


EMBEDDED = "demo"
"""Stands for the address of the embedded platform, whose port is another one each time."""
ME = "me"
"""Name of the user's own profile in the cache."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody is in."""

    client: RawClient
    me: User
    where: str
    """Where the sign-in is kept, in words that fit `Your sign-in is kept ...`."""
    account: Account
    """Whose files are used."""
    cache: Cache


class Gate:
    """Opens accounts. Holds the store for secrets and the embedded platform for the program's whole life."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.book = AccountBook(launch.paths.accounts_file)
        self._embedded: EmbeddedPlatform | None = None
        self._demo_url = ""
        self._store: SecretStore | None = None
        self.faults = FaultSwitch()
        """What is injected into the traffic of every client that is made here."""
        self.faults.turn(launch.faults)

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

    @property
    def may_reopen(self) -> bool:
        """Whether there is an account that was used on this machine before, and it is the one that is wanted."""
        return not (self.launch.demo or self.launch.token) and self.book.last(self.launch.url) is not None

    async def reopen(self, *, asks: bool = True) -> Admission | None:
        """Open what needs no person: the token of the environment, or the account used last. None if there is none.

        Without `asks` it is None as well where the platform would have to be asked first.

        An account that was open before needs no platform either: whether the platform still knows it turns out behind
        the first screen. Raises PlatformError; SignInRequired if what was kept is no longer good.
        """
        if self.launch.token:
            client = self._client(self.url, FixedToken(self.launch.token))
            me = await self._me(client)
            return await self._admission(client, me, "nowhere: PARLOUR_TOKEN is used for this run")
        account = self.book.last(self._base(self.launch.url) if self.launch.url else None)
        if account is None:
            return None
        store = await self.store()
        tokens = KeptTokens(store, account)
        if await tokens.load() is None:
            if tokens.trouble is not None:
                raise PlatformError(f"Your sign-in cannot be read back: {tokens.trouble}.")
            return None
        client = self._client(account.url, tokens)
        cache = await self._cache(account)
        known = cache.document(ME, User)
        if known is not None and known.value.id == account.user_id:
            return Admission(client, known.value, store.where, account, cache)
        if not asks:
            await cache.close()
            await client.close()
            return None
        try:
            me = await self._me(client)
        except PlatformError:
            await cache.close()
            raise
        cache.keep_document(ME, me)
        return Admission(client, me, store.where, account, cache)

    async def sign_in(self, url: str, name: str, password: str) -> Admission:
        """Sign in and keep the account. Raises PlatformError."""
        return await self._enter(url, lambda client: client.accounts.sign_in(name, password))

    async def register(self, url: str, username: str, email: str, password: str) -> Admission:
        """Make an account and keep it. Raises PlatformError."""
        return await self._enter(url, lambda client: client.accounts.register(username, email, password))

    async def enter_demo(self, progress: Callable[[str], None]) -> Admission:
        """Start the embedded platform and sign in to its demo account. Raises EmbeddedFailed and PlatformError."""
        if self._embedded is None:
            from tui.embedded import EmbeddedPlatform

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
        account = Account(EMBEDDED, me.username, me.id)
        if self.launch.fresh:
            await self.clear(account)
        return await self._admission(client, me, "in memory: the demo signs in anew each time", account)

    async def forget(self, admission: Admission) -> None:
        """Sign out of the account and take it out of the book; works without the platform as well.

        Raises SecretsUnavailable or OSError where something could not be forgotten.
        """
        account = admission.account
        try:
            await admission.client.accounts.sign_out()
        except PlatformError:
            # The platform cannot be told; what is kept here goes all the same.
            await admission.client.auth.sign_out()
        if any(known.key == account.key for known in self.book.accounts):
            await (await self.store()).delete(account.key)
            self.book.forget(account)

    async def clear(self, account: Account) -> None:
        """Delete what is stored for an account of the demo, which begins anew."""
        for folder in (
            self.launch.paths.account_data(account.folder),
            self.launch.paths.account_cache(account.folder),
        ):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def clear_cache(self, account: Account) -> None:
        """Delete what was read on an account that has signed out, the music that is kept for it, and what it played."""
        paths, name = self.launch.paths, account.folder
        for folder in (paths.account_cache(name), paths.account_music(name), paths.account_state(name)):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def close(self) -> None:
        """End the embedded platform."""
        if self._embedded is not None:
            await self._embedded.stop()

    async def _enter(self, url: str, enter: Callable[[RawClient], Awaitable[User]]) -> Admission:
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
        return await self._admission(self._client(url, kept), me, where)

    async def _me(self, client: RawClient) -> User:
        try:
            return await client.accounts.me()
        except PlatformError:
            await client.close()
            raise

    async def _admission(self, client: RawClient, me: User, where: str, account: Account | None = None) -> Admission:
        account = account or account_of(client, me)
        cache = await self._cache(account)
        cache.keep_document(ME, me)
        return Admission(client, me, where, account, cache)

    async def _cache(self, account: Account) -> Cache:
        with contextlib.suppress(UnsafeFolder):  # then there is a cache in memory, which is as good for one run
            await asyncio.to_thread(private_folder, self.launch.paths.account_cache(account.folder).parent)
        return await Cache.open(self.launch.paths.account_cache(account.folder) / "cache.db")

    def _base(self, url: str) -> str:
        return normalise(url, allow_plain_http=self.launch.config.platform.allow_plain_http).base

    def _client(self, url: str, tokens: TokenStore) -> RawClient:
        return RawClient(
            url,
            tokens=tokens,
            token_lock=FileLock(self.launch.paths.token_lock),
            allow_plain_http=self.launch.config.platform.allow_plain_http,
            faults=self.faults,
        )
