"""Signing in and out, and the places where the account is signed in."""

from __future__ import annotations

from pydantic import Field

from api_client import endpoints as table
from api_client.auth import Authority, Tokens, cookie_header, tokens_of
from api_client.calls import Caller, Group, Page, Reply, build
from api_client.clock import Clock
from api_client.endpoints import Endpoint
from api_client.errors import BadReply, SignInRequired
from api_client.models.base import Done, WireModel
from api_client.models.users import (
    DeviceSession,
    LoginRequest,
    LogoutRequest,
    Me,
    RefreshRequest,
    RegisterRequest,
    TokenPair,
    User,
)
from api_client.replies import read_json, refuse_web_page, unwrap


class _SignInReply(WireModel):
    """What a sign-in may say: everything, or no more than a cookie in its headers."""

    access_token: str | None = Field(default=None, repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    expires_in: int = 900
    user: User | None = None


class Accounts(Group):
    """Who is signed in here."""

    def __init__(self, caller: Caller, authority: Authority, clock: Clock, origin: str) -> None:
        super().__init__(caller)
        self._authority = authority
        self._clock = clock
        self._origin = origin

    async def sign_in(self, name: str, password: str, *, otp: str | None = None, device: str | None = None) -> User:
        """Sign in with a username or e-mail address, and keep the tokens in the client's store.

        Raises `SignInRequired` for a wrong password, `MfaRequired` where `otp` is asked for.
        """
        request = build(LoginRequest, email=name, password=password, otp=otp, device=device)
        return await self._signed_in(table.LOGIN, await self._caller.fetch(table.LOGIN, body=request))

    async def register(self, username: str, email: str, password: str, full_name: str | None = None) -> User:
        """Make an account and sign in to it; raises `Invalid` with its `fields`, or `Conflict` if it is taken."""
        request = build(RegisterRequest, username=username, email=email, password=password, full_name=full_name)
        return await self._signed_in(table.REGISTER, await self._caller.fetch(table.REGISTER, body=request))

    async def sign_out(self) -> None:
        """End this session. The tokens are forgotten in any case; an error says that the platform was not told."""
        try:
            tokens = await self._authority.current()
            if tokens is not None:
                await self._one(Done, table.LOGOUT, body=build(LogoutRequest, refresh_token=tokens.refresh))
        except SignInRequired:
            return  # The session had ended already, and its tokens are forgotten.
        finally:
            await self._authority.sign_out()

    async def sign_out_everywhere(self) -> None:
        """End every session of the account, this one too."""
        await self._one(Done, table.LOGOUT_ALL)
        await self._authority.sign_out()

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token; the client does so by itself, this is for those who keep tokens themselves."""
        return await self._one(TokenPair, table.REFRESH, body=build(RefreshRequest, refresh_token=refresh_token))

    async def me(self) -> User:
        """Return who is signed in."""
        return (await self._one(Me, table.ME)).user

    async def sessions(self, cursor: str | None = None, *, limit: int | None = None) -> Page[DeviceSession]:
        """Return where the account is signed in."""
        return await self._page(table.SESSIONS, cursor=cursor, limit=limit)

    async def end_session(self, session_id: str) -> None:
        """Sign one of those places out."""
        await self._one(Done, table.END_SESSION, path={"id": session_id})

    async def _signed_in(self, endpoint: Endpoint, reply: Reply) -> User:
        refuse_web_page(reply, self._origin)
        data = unwrap(read_json(reply.body or b"{}", self._origin), reply, endpoint)[0]
        try:
            said = _SignInReply.model_validate(data)
        except ValueError as error:
            raise BadReply("The platform's answer to the sign-in cannot be understood.") from error
        cookie = cookie_header(reply.cookies)
        if said.access_token is None and cookie is None:
            raise BadReply("The platform accepted the sign-in, but gave neither a token nor a session.")
        user_id = said.user.id if said.user else None
        if said.access_token is None:
            tokens = Tokens(cookie=cookie, user_id=user_id)
        else:
            pair = TokenPair(
                access_token=said.access_token, refresh_token=said.refresh_token, expires_in=said.expires_in
            )
            tokens = tokens_of(pair, self._clock, earlier=Tokens(cookie=cookie), user_id=user_id)
        await self._authority.sign_in(tokens)
        return said.user or await self.me()
