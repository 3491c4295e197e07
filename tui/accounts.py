"""Which accounts were used on this machine; no secret is in here."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from tui.paths import write_private

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Account:
    """One account on one platform."""

    url: str
    """Base URL of the platform, as the client normalised it."""
    username: str
    user_id: str

    @property
    def key(self) -> str:
        """Name under which its tokens are kept."""
        return f"{self.username}@{self.url}"

    @property
    def folder(self) -> str:
        """What its folders are called: its name, to be read, and what tells it from all others."""
        # By the id as well: whoever gets a name that became free must not send what somebody else has left.
        digest = hashlib.sha256(f"{self.user_id} {self.key}".encode()).hexdigest()[:12]
        return f"{_UNSAFE.sub('_', self.username)[:40]}-{digest}"


class AccountBook:
    """The accounts, the one used last first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.accounts: list[Account] = self._read()

    def _read(self) -> list[Account]:
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
            return [Account(str(e["url"]), str(e["username"]), str(e["user_id"])) for e in entries]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError):
            # A list of names is not worth refusing to start for: signing in writes it anew.
            return []

    def last(self, url: str | None = None) -> Account | None:
        """Return the account used last, on the platform at `url` if one is given."""
        return next((account for account in self.accounts if url is None or account.url == url), None)

    def use(self, account: Account) -> None:
        """Put `account` first. Raises OSError if that cannot be stored."""
        self.accounts = [account, *(other for other in self.accounts if other.key != account.key)]
        self._write()

    def forget(self, account: Account) -> None:
        """Take `account` out. Raises OSError."""
        self.accounts = [other for other in self.accounts if other.key != account.key]
        self._write()

    def _write(self) -> None:
        write_private(self._path, json.dumps([asdict(account) for account in self.accounts], indent=1))
