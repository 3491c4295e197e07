"""Joins the client's tokens with the store for secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_client.auth import Tokens
from tui.accounts import Account
from tui.keychain import SecretStore, SecretsUnavailable

if TYPE_CHECKING:
    from api_client import PlatformClient
    from api_client.models.users import User


class KeptTokens:
    """The tokens of one account, in the store that was chosen at start.

    A store that fails in the middle of a run does not end the run: the new tokens stay in memory, and `trouble` says
    so, because the platform has already spent the old ones.
    """

    def __init__(self, store: SecretStore, account: Account) -> None:
        self._store = store
        self._account = account
        self._latest: Tokens | None = None
        self.trouble: str | None = None
        """What went wrong with the store last, in words that fit behind a colon; None if nothing."""

    @property
    def where(self) -> str:
        """Where they are, in words that fit `Your sign-in is kept ...`."""
        return self._store.where if self.trouble is None else f"in memory, until you leave ({self.trouble})"

    async def load(self) -> Tokens | None:
        """Return the stored tokens, or those of this run where the store fails."""
        try:
            text = await self._store.load(self._account.key)
        except SecretsUnavailable as error:
            self.trouble = str(error)
            return self._latest
        if text is None:
            # What could not be stored is still good; what another process deleted is not.
            return self._latest if self.trouble else None
        try:
            return Tokens.loads(text)
        except ValueError:
            return None

    async def save(self, tokens: Tokens) -> None:
        """Keep `tokens`; where the store fails they last until the program ends."""
        self._latest = tokens
        try:
            await self._store.save(self._account.key, tokens.dumps())
        except SecretsUnavailable as error:
            self.trouble = str(error)
        else:
            self.trouble = None

    async def clear(self) -> None:
        """Forget them; the platform has refused them, so that a store that fails keeps nothing of use."""
        self._latest = None
        try:
            await self._store.delete(self._account.key)
        except SecretsUnavailable as error:
            self.trouble = str(error)


def account_of(client: PlatformClient, user: User) -> Account:
    """Return the account of `user` at the platform of `client`."""
    return Account(client.address.base, user.username, user.id)
