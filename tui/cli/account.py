"""Whose command it is: the account, its client and the user's files, for commands that need no screen."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tui.accounts import Account, AccountBook
from tui.cli.exits import CannotGoOn, Exit
from tui.paths import Paths

if TYPE_CHECKING:
    from api_client.auth import TokenStore
    from api_client.inspect.recorder import Recorder
    from api_client.raw import RawClient
    from tui.config import Config

_SIGN_IN = "sign in first: `parlour login`, or PARLOUR_TOKEN for one run"


@dataclass
class Here:
    """A client, and whose it is."""

    client: RawClient
    account: Account | None
    """None where nobody is signed in, and with PARLOUR_TOKEN until `who` was asked."""
    paths: Paths

    @cached_property
    def config(self) -> Config:
        """The user's settings; what is wrong with the file is said by the program, not here."""
        return _config(self.paths)

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

        client = _client(paths, _url(arguments, paths), FixedToken(token), recorder)
        found = None
    else:
        found = find_account(paths, wanted, arguments.url)
        client = _client(paths, found.url, await _kept(arguments, paths, found), recorder)
    async with client:
        yield Here(client, found, paths)


@asynccontextmanager
async def open_anonymous(arguments: argparse.Namespace, *, recorder: Recorder | None = None) -> AsyncIterator[Here]:
    """Open the platform that `arguments` name without signing in."""
    paths = _paths(arguments)
    async with _client(paths, _url(arguments, paths), None, recorder) as client:
        yield Here(client, None, paths)


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


async def _kept(arguments: argparse.Namespace, paths: Paths, account: Account) -> TokenStore:
    from tui.keychain import choose_store
    from tui.signin import KeptTokens

    passphrase = os.environ.get("PARLOUR_PASSPHRASE") or None
    store = await choose_store(paths.data, insecure=arguments.insecure_storage, passphrase=passphrase)
    tokens = KeptTokens(store, account)
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
    last = AccountBook(paths.accounts_file).last()
    return last.url if last else _config(paths).platform.url


def _base(paths: Paths, url: str) -> str:
    from api_client.addresses import normalise
    from api_client.errors import PlatformError

    try:
        return normalise(url, allow_plain_http=_allows_plain_http(paths, url)).base
    except PlatformError as error:
        raise CannotGoOn(error.sentence) from error


def _client(paths: Paths, url: str, tokens: TokenStore | None, recorder: Recorder | None) -> RawClient:
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
    if recorder is not None:
        client.recorder = recorder
    return client


def _allows_plain_http(paths: Paths, url: str) -> bool:
    """Whether the settings allow http to another machine; only asked where that matters, for reading them is dear."""
    return url.startswith("http://") and paths.config_file.exists() and _config(paths).platform.allow_plain_http


def _config(paths: Paths) -> Config:
    from tui.config import load_config

    return load_config(paths.config_file).config
