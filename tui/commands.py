"""The commands that need no screen: sign in, sign out, list accounts and folders."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys

from api_client import PlatformClient
from api_client.auth import MemoryTokens
from api_client.errors import PlatformError
from tui.accounts import AccountBook
from tui.config import load_config
from tui.curtain import frame_file
from tui.keychain import MemorySecrets, SecretStore, SecretsUnavailable, choose_store
from tui.paths import Paths, UnsafeFolder
from tui.signin import KeptTokens, account_of

_OTHER_STORES = (
    "PARLOUR_PASSPHRASE keeps sign-ins in an encrypted file, --insecure-storage in a plain one; "
    "without either, `parlour` asks at each start."
)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `arguments.command` and return the exit status."""
    paths = Paths.find(arguments.data)
    try:
        paths.ensure()
        match arguments.command:
            case "paths":
                return _paths(paths)
            case "accounts":
                return _accounts(paths)
            case "login":
                return _login(arguments, paths)
            case _:
                return asyncio.run(_logout(arguments, paths))
    except (UnsafeFolder, SecretsUnavailable) as error:
        return _failed(f"{error}." if isinstance(error, SecretsUnavailable) else str(error), 3)
    except PlatformError as error:
        return _failed(error.sentence, 4 if getattr(error, "status", 0) == 401 else 1)
    except OSError as error:
        return _failed(f"{error.filename or 'a file'}: {error.strerror}", 1)


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")


def _failed(sentence: str, status: int) -> int:
    sys.stderr.write(f"parlour: {sentence}\n")
    return status


def _paths(paths: Paths) -> int:
    for name in ("config_file", "keymap_file", "themes", "data", "cache", "state", "log_file"):
        _say(f"{name.removesuffix('_file'):8} {getattr(paths, name)}")
    return 0


def _accounts(paths: Paths) -> int:
    accounts = AccountBook(paths.accounts_file).accounts
    if not accounts:
        _say("No account yet. `parlour login` signs in, `parlour demo` looks around without one.")
    for number, account in enumerate(accounts):
        _say(f"{'*' if number == 0 else ' '} {account.username}  {account.url}")
    return 0


def _login(arguments: argparse.Namespace, paths: Paths) -> int:
    user = arguments.user or input("Username or e-mail: ").strip()
    if not user:
        return _failed("a username is needed", 2)
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    return asyncio.run(_sign_in(arguments, paths, user, password))


async def _sign_in(arguments: argparse.Namespace, paths: Paths, user: str, password: str) -> int:
    config = load_config(paths.config_file).config
    url = arguments.url or config.platform.url
    store = await _store(arguments, paths)
    if isinstance(store, MemorySecrets):
        # Said before the password leaves this machine: a sign-in that ends with this command helps nobody.
        return _failed(f"{store.reason}, so nothing can be kept. {_OTHER_STORES}", 3)
    memory = MemoryTokens()
    async with PlatformClient(url, tokens=memory, allow_plain_http=config.platform.allow_plain_http) as client:
        account = account_of(client, await client.accounts.sign_in(user, password))
    tokens = await memory.load()
    if tokens is None:
        return _failed("the platform signed you in without giving anything to keep", 1)
    kept = KeptTokens(store, account)
    await kept.save(tokens)
    if kept.trouble is not None:
        return _failed(f"your sign-in could not be kept: {kept.trouble}.", 3)
    AccountBook(paths.accounts_file).use(account)
    _say(f"Signed in as {account.username} at {account.url}. Your sign-in is kept {store.where}.")
    return 0


async def _store(arguments: argparse.Namespace, paths: Paths) -> SecretStore:
    return await choose_store(
        paths.data, insecure=arguments.insecure_storage, passphrase=os.environ.get("PARLOUR_PASSPHRASE")
    )


async def _logout(arguments: argparse.Namespace, paths: Paths) -> int:
    book = AccountBook(paths.accounts_file)
    account = next(
        (
            a
            for a in book.accounts
            if (arguments.user is None or a.username == arguments.user) and (arguments.url in (None, a.url))
        ),
        None,
    )
    if account is None:
        return _failed("there is no such account on this machine; `parlour accounts` lists them", 1)
    store = await _store(arguments, paths)
    tokens = KeptTokens(store, account)
    told = True
    if await tokens.load() is not None:
        config = load_config(paths.config_file).config
        async with PlatformClient(
            account.url, tokens=tokens, allow_plain_http=config.platform.allow_plain_http
        ) as client:
            try:
                await client.accounts.sign_out()
            except PlatformError:
                # Forgetting the account here must work without the platform; its session then runs out by itself.
                told = False
    await store.delete(account.key)
    book.forget(account)
    frame_file(paths, account).unlink(missing_ok=True)
    _say(f"Signed out of {account.username}." + ("" if told else " The platform could not be told."))
    return 0
