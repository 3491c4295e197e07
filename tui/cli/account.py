"""Whose command it is: the account, its client and the user's files, for commands that need no screen."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tui.accounts import Account, AccountBook
from tui.cli.exits import CannotGoOn, Exit
from tui.cli.held import secrets_in, without_held
from tui.paths import Paths

if TYPE_CHECKING:
    from api_client.auth import TokenStore
    from api_client.errors import PlatformError
    from api_client.inspect.recorder import Recorder
    from api_client.raw import RawClient
    from tui.config import Config
    from tui.keychain import SecretStore

_SIGN_IN = "sign in first: `parlour login`, or PARLOUR_TOKEN for one run"


@dataclass
class Here:
    """A client, and whose it is."""

    client: RawClient
    account: Account | None
    """None where nobody is signed in, and with PARLOUR_TOKEN until `who` was asked."""
    paths: Paths
    held: dict[str, str] = field(default_factory=dict, repr=False)
    """The secrets that were used here, value to kind; tokens that the platform refused stay among them."""

    @cached_property
    def config(self) -> Config:
        """The user's settings; what is wrong with the file is said by the program, not here."""
        return _config(self.paths)

    async def secrets(self) -> dict[str, str]:
        """Return the secrets that were used here, those of now included, value to kind."""
        from api_client.errors import PlatformError

        with suppress(PlatformError):
            self.held |= secrets_in(await self.client.auth.current())
        return self.held

    async def who(self) -> Account:
        """Return whose client it is; the platform is asked where only it knows. Raises PlatformError."""
        if self.account is None:
            user = await self.client.accounts.me()
            self.account = Account(self.client.address.base, user.username, user.id)
        return self.account


@asynccontextmanager
async def signed_in(
    arguments: argparse.Namespace, *, recorder: Recorder | None = None, account: str | None = None
) -> AsyncIterator[Here]:
    """Open the account that `arguments` name (`url`, `data`, `account`, `insecure_storage`).

    `account` goes before `arguments.account`: a username, or `username@url`. Without either it is PARLOUR_TOKEN, else
    the account used last. Raises CannotGoOn where there is none, PlatformError for what the platform says.
    """
    paths = _paths(arguments)
    wanted = account or getattr(arguments, "account", None)
    token = os.environ.get("PARLOUR_TOKEN")
    if token and not wanted:
        from api_client.auth import FixedToken

        tokens: TokenStore = FixedToken(token)
        found = None
        client = client_of(paths, _url(arguments, paths), tokens, recorder)
    else:
        found = find_account(paths, wanted, arguments.url)
        tokens = await _kept(arguments, paths, found)
        client = client_of(paths, found.url, tokens, recorder)
    here = Here(client, found, paths, secrets_in(await tokens.load()))
    async with client:
        try:
            yield here
        except _platform_error() as error:
            # A platform that quotes the request in its refusal quotes the token.
            error.sentence = without_held(error.sentence, await here.secrets())
            raise


@asynccontextmanager
async def open_anonymous(arguments: argparse.Namespace, *, recorder: Recorder | None = None) -> AsyncIterator[Here]:
    """Open the platform that `arguments` name without signing in."""
    paths = _paths(arguments)
    async with client_of(paths, _url(arguments, paths), None, recorder) as client:
        yield Here(client, None, paths)


def _platform_error() -> type[PlatformError]:
    """Return the class; it is loaded when there is such an error."""
    from api_client.errors import PlatformError

    return PlatformError


def find_account(paths: Paths, wanted: str | None, url: str | None) -> Account:
    """Return the account called `wanted` at `url`, or the one used last. Raises CannotGoOn if there is none."""
    base = _base(paths, url) if url else None
    accounts = [each for each in AccountBook(paths.accounts_file).accounts if base in (None, each.url)]
    if wanted is None:
        if not accounts:
            raise CannotGoOn(_SIGN_IN + (f" (nobody is signed in at {base})" if base else ""), Exit.SIGN_IN)
        return accounts[0]
    found = next((each for each in accounts if wanted in (each.username, each.key)), None)
    if found is None:
        raise CannotGoOn(
            f"there is no account {wanted} here{f' at {base}' if base else ''}; `parlour accounts` lists them",
            Exit.SIGN_IN,
        )
    return found


async def secret_store(arguments: argparse.Namespace, paths: Paths) -> SecretStore:
    """Return where sign-ins are kept on this machine."""
    from tui.keychain import choose_store

    passphrase = os.environ.get("PARLOUR_PASSPHRASE") or None
    return await choose_store(paths.data, insecure=arguments.insecure_storage, passphrase=passphrase)


def client_of(paths: Paths, url: str, tokens: TokenStore | None, recorder: Recorder | None = None) -> RawClient:
    """Return a client for the platform at `url`. Raises CannotGoOn for an address that cannot be used."""
    from api_client.errors import PlatformError
    from api_client.filelock import FileLock
    from api_client.raw import RawClient

    try:
        client = RawClient(
            url,
            tokens=tokens,
            token_lock=FileLock(paths.token_lock),
            allow_plain_http=_allows_plain_http(paths, url),
        )
    except PlatformError as error:
        raise CannotGoOn(error.sentence) from error
    client.recorder = recorder
    return client


def platform_of(paths: Paths) -> str:
    """Return the address of the platform that the user's settings name."""
    return _config(paths).platform.url


async def _kept(arguments: argparse.Namespace, paths: Paths, account: Account) -> TokenStore:
    from tui.signin import KeptTokens

    tokens = KeptTokens(await secret_store(arguments, paths), account)
    if await tokens.load() is None:
        why = f" ({tokens.trouble})" if tokens.trouble else ""
        raise CannotGoOn(f"the sign-in of {account.username} is not kept here{why}; {_SIGN_IN}", Exit.SIGN_IN)
    return tokens


def _paths(arguments: argparse.Namespace) -> Paths:
    paths, _ = Paths.find(arguments.data).ensured()
    return paths


def _url(arguments: argparse.Namespace, paths: Paths) -> str:
    if arguments.url:
        return str(arguments.url)
    wanted = getattr(arguments, "account", None)
    if wanted:
        return find_account(paths, wanted, None).url
    last = AccountBook(paths.accounts_file).last()
    return last.url if last else platform_of(paths)


def _base(paths: Paths, url: str) -> str:
    from api_client.addresses import normalise
    from api_client.errors import PlatformError

    try:
        return normalise(url, allow_plain_http=_allows_plain_http(paths, url)).base
    except PlatformError as error:
        raise CannotGoOn(error.sentence) from error


def _allows_plain_http(paths: Paths, url: str) -> bool:
    """Whether the settings allow http to another machine; only asked where that matters, for reading them is dear."""
    return url.startswith("http://") and paths.config_file.exists() and _config(paths).platform.allow_plain_http


def _config(paths: Paths) -> Config:
    from tui.config import load_config

    return load_config(paths.config_file).config
