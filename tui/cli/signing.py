"""`parlour login`, `logout`, `accounts` and `paths`: who is signed in on this machine, and where things are."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.output import write_text

if TYPE_CHECKING:
    from tui.cli.parsers import Commands
    from tui.paths import Paths

_LOGIN = """\
examples:
  parlour login                                     asks for name and password
  parlour login ada --url https://parlour.example
  pass parlour | parlour login ada                  the password from stdin
"""
_LOGOUT = """\
examples:
  parlour logout                                    the account used last
  parlour logout ada --url https://parlour.example
"""
_ACCOUNTS = """\
examples:
  parlour accounts                                  * marks the one used last
"""
_PATHS = """\
examples:
  parlour paths
  parlour paths --data ~/try-it                     where they would be with --data
"""
_OTHER_STORES = (
    "PARLOUR_PASSPHRASE keeps sign-ins in an encrypted file, --insecure-storage in a plain one; "
    "without either, `parlour` asks at each start."
)


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the four commands to the command line."""

    def add(name: str, what: str, examples: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            parents=[common],
            help=what,
            description=what,
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    login = add("login", "sign in and keep the account", _LOGIN)
    login.add_argument("user", nargs="?", help="username or e-mail; asked for if missing")
    logout = add("logout", "sign out and forget the account", _LOGOUT)
    logout.add_argument("user", nargs="?", help="username; the account used last if missing")
    add("accounts", "list the accounts of this machine", _ACCOUNTS)
    add("paths", "list where Parlour keeps its files", _PATHS)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `arguments.command`."""
    from tui.paths import Paths

    paths = Paths.find(arguments.data)
    paths.ensure()
    match arguments.command:
        case "paths":
            return _paths(paths)
        case "accounts":
            return _accounts(paths)
        case "login":
            return _login(arguments, paths)
        case _:
            import asyncio

            return asyncio.run(_sign_out(arguments, paths))


def _write(line: str) -> None:
    # Names come from platforms.
    write_text(f"{line}\n")


def _paths(paths: Paths) -> Exit:
    for name in ("config_file", "keymap_file", "themes", "data", "cache", "state", "log_file"):
        _write(f"{name.removesuffix('_file'):8} {getattr(paths, name)}")
    return Exit.OK


def _accounts(paths: Paths) -> Exit:
    from tui.accounts import AccountBook

    accounts = AccountBook(paths.accounts_file).accounts
    if not accounts:
        _write("No account yet. `parlour login` signs in, `parlour demo` looks around without one.")
    for number, account in enumerate(accounts):
        _write(f"{'*' if number == 0 else ' '} {account.username}  {account.url}")
    return Exit.OK


def _login(arguments: argparse.Namespace, paths: Paths) -> Exit:
    try:
        user = arguments.user or _asked("Username or e-mail: ").strip()
        if not user:
            raise CannotGoOn("a username is needed")
        password = _asked("Password: ", hidden=True)
    except UnicodeDecodeError as error:
        raise CannotGoOn("stdin is not UTF-8 text") from error
    if not password:
        raise CannotGoOn("a password is needed")

    import asyncio

    return asyncio.run(_sign_in(arguments, paths, user, password))


def _asked(question: str, *, hidden: bool = False) -> str:
    """Return a line of stdin, empty at its end; a person is asked for it on stderr, as stdout is for data."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    if hidden:
        import getpass

        try:
            return getpass.getpass(question)
        except EOFError:
            return ""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().rstrip("\n")


async def _sign_in(arguments: argparse.Namespace, paths: Paths, user: str, password: str) -> Exit:
    from api_client.auth import MemoryTokens
    from tui.accounts import AccountBook
    from tui.cli.account import client_of, platform_of, secret_store
    from tui.keychain import MemorySecrets
    from tui.signin import KeptTokens, account_of

    store = await secret_store(arguments, paths)
    if isinstance(store, MemorySecrets):
        # Said before the password leaves this machine: a sign-in that ends with this command helps nobody.
        raise CannotGoOn(f"{store.reason}, so nothing can be kept. {_OTHER_STORES}", Exit.UNAVAILABLE)
    memory = MemoryTokens()
    async with client_of(paths, arguments.url or platform_of(paths), memory) as client:
        account = account_of(client, await client.accounts.sign_in(user, password))
    tokens = await memory.load()
    if tokens is None:
        raise CannotGoOn("the platform signed you in without giving anything to keep", Exit.FAILED)
    kept = KeptTokens(store, account)
    await kept.save(tokens)
    if kept.trouble is not None:
        raise CannotGoOn(f"your sign-in could not be kept: {kept.trouble}.", Exit.UNAVAILABLE)
    AccountBook(paths.accounts_file).use(account)
    _write(f"Signed in as {account.username} at {account.url}. Your sign-in is kept {store.where}.")
    return Exit.OK


async def _sign_out(arguments: argparse.Namespace, paths: Paths) -> Exit:
    from api_client.errors import PlatformError
    from tui.accounts import AccountBook
    from tui.cli.account import client_of, find_account, secret_store
    from tui.curtain import frame_file
    from tui.signin import KeptTokens

    try:
        account = find_account(paths, arguments.user, arguments.url)
    except CannotGoOn as error:
        if error.exit is not Exit.SIGN_IN:
            raise
        sentence = "there is no such account on this machine; `parlour accounts` lists them"
        raise CannotGoOn(sentence, Exit.FAILED) from error
    store = await secret_store(arguments, paths)
    tokens = KeptTokens(store, account)
    told = True
    if await tokens.load() is not None:
        async with client_of(paths, account.url, tokens) as client:
            try:
                await client.accounts.sign_out()
            except PlatformError:
                # Forgetting the account here must work without the platform; its session then runs out by itself.
                told = False
    await store.delete(account.key)
    AccountBook(paths.accounts_file).forget(account)
    frame_file(paths, account).unlink(missing_ok=True)
    _write(f"Signed out of {account.username}." + ("" if told else " The platform could not be told."))
    return Exit.OK
