"""The people of a scenario: registered for it, signed in with a password, or accounts that were given."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api_client import endpoints
from api_client.endpoints import Endpoint
from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.contract import NotJson, read_strict
from api_client.inspect.smoke.scenario import PersonRule
from api_client.inspect.smoke.values import cut
from api_client.inspect.smoke.wire import Exchange, SmokeWire

_NAME_LENGTH = 16
"""Of a username of 30 letters the rest is for what makes it unique."""


class NobodyThere(Exception):
    """Somebody could not be registered or signed in; `code` says in which family of trouble that falls."""

    def __init__(self, message: str, code: Code = Code.SETUP) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can ask."""

    name: str
    """As the scenario calls them."""
    token: str | None = field(default=None, repr=False)
    id: str = ""
    username: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    registered: bool = False

    def variables(self) -> dict[str, Any]:
        """Return what `{{name.…}}` gives."""
        return {
            "id": self.id,
            "username": self.username,
            "email": self.email,
            "token": self.token,
            "refresh": self.refresh,
            "password": self.password,
        }


ANONYMOUS = Person("anonymous")


class People:
    """Makes people, and keeps those of a run that several scenarios share."""

    def __init__(self, wire: SmokeWire, redactor: Redactor, given: Mapping[str, Person]) -> None:
        """`given` are accounts that stand in for people of that name."""
        self._wire = wire
        self._redactor = redactor
        self._given = given
        self._expired: Person | None = None
        self._alone = asyncio.Lock()

    async def make(self, name: str, rule: PersonRule, run: str) -> Person:
        """Return somebody new called `name`, or the account given for them. Raises NobodyThere."""
        if name in self._given:
            return self._given[name]
        if rule.username is not None and rule.password is not None:
            self._redactor.add(rule.password, "password")
            body = {"username": rule.username, "password": rule.password}
            return await self._enter(endpoints.LOGIN, body, name, rule.password, registered=False)
        username = f"{''.join(c for c in name if c.isalnum())[:_NAME_LENGTH] or 'p'}_{run}"
        person = await self._register(name, username)
        if rule.profile:
            await self._ask(endpoints.CHANGE_PROFILE, rule.profile, name, person.token)
        return person

    async def expired(self, run: str) -> Person:
        """Return somebody whose sign-in has ended: one for the whole run. Raises NobodyThere."""
        async with self._alone:
            if self._expired is None:
                person = await self._register("expired", f"expired_{run}")
                await self._ask(endpoints.LOGOUT, {"refreshToken": person.refresh}, "expired", person.token)
                self._expired = person
        return self._expired

    async def _register(self, name: str, username: str) -> Person:
        password = secrets.token_urlsafe(18)
        self._redactor.add(password, "password")
        body = {"username": username, "email": f"{username}@smoke.example", "password": password}
        return await self._enter(endpoints.REGISTER, body, name, password, registered=True)

    async def _enter(
        self, endpoint: Endpoint, body: dict[str, Any], name: str, password: str, *, registered: bool
    ) -> Person:
        data = await self._ask(endpoint, body, name, None)
        user = data.get("user")
        token, refresh = data.get("accessToken"), data.get("refreshToken")
        if not isinstance(user, dict) or not isinstance(token, str):
            raise NobodyThere(f"{name}: the reply to {endpoint.name} has no user or no accessToken")
        self._redactor.add(token, "token")
        self._redactor.add(refresh if isinstance(refresh, str) else None, "token")
        return Person(
            name,
            token,
            str(user.get("id", "")),
            str(user.get("username", "")),
            str(user.get("email") or body.get("email", "")),
            password,
            str(refresh or ""),
            registered,
        )

    async def _ask(self, endpoint: Endpoint, body: Mapping[str, Any], name: str, token: str | None) -> dict[str, Any]:
        url, path = self._wire.place(endpoint.path)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        exchange = await self._wire.send(endpoint.method, url, path, headers, json.dumps(body).encode())
        if exchange.trouble is not None:
            raise NobodyThere(f"{name} could not come: {exchange.sentence}", exchange.trouble)
        if exchange.status >= 300:
            refused = endpoint is endpoints.LOGIN and exchange.status in (401, 403)
            code = Code.SIGN_IN if refused else Code.SETUP
            raise NobodyThere(f"{name} could not come: {endpoint.name} answered {_said(exchange)}", code)
        try:
            reply = read_strict(exchange.body)
        except NotJson as error:
            raise NobodyThere(f"{name} could not come: {endpoint.name} answered with no JSON ({error})") from error
        data = reply.get("data") if isinstance(reply, dict) else None
        return data if isinstance(data, dict) else {}


def _said(exchange: Exchange) -> str:
    return f"{exchange.status} {cut(exchange.body.decode('utf-8', 'replace'), 300)}"
