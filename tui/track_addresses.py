"""Asks the platform where the bytes of a track are, in the quality that is wanted, and says in words why not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from http import cookiejar
from typing import cast

from api_client.client import PlatformClient
from api_client.domains.playback import Connection
from api_client.errors import ApiError, ErrorCode, Forbidden, NotFound, PlatformError
from api_client.inspect.faults import FaultSwitch
from api_client.models.music import StreamTicket
from api_client.postponed import httpx
from tui.player.engine import Fault
from tui.player.governor import QUALITIES, Governor
from tui.player.source import SourceError, StreamInfo

log = logging.getLogger("parlour")

CONNECTIONS = 6
"""At most, to the hosts of the audio."""
KEPT_ALIVE_S = 120.0
"""Seconds that an unused connection is kept: a track that is chosen after a pause should not wait for a new one."""

_LINES: dict[int, Connection] = {96: "2g", 160: "3g", 320: "wifi"}
"""How the platform is asked for a quality in kbit/s: by the line that would need it."""
_CEILINGS = {"3g": 160, "2g": 96, "slow-2g": 96}


def ceiling_of(connection: str) -> int:
    """Return how many kbit/s a line bears at most that the user calls `connection`."""
    return _CEILINGS.get(connection, QUALITIES[-1])


def audio_client(
    is_offline: Callable[[], bool], *, loopback: bool, faults: FaultSwitch | None = None
) -> httpx.AsyncClient:
    """Return what fetches audio: it knows nothing of the user, follows nobody elsewhere and keeps no cookies.

    While `is_offline` it asks for nothing, also not at an address from before, and raises SourceError. `faults` is the
    switch of what is injected.
    """

    async def stay_offline(_request: httpx.Request) -> None:
        if is_offline():
            raise SourceError(Fault.OFFLINE)

    from api_client.inspect.faulty_http import FaultyClient

    return FaultyClient(
        faults or FaultSwitch(),
        follow_redirects=False,
        trust_env=not loopback,
        timeout=10.0,
        limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_ALIVE_S),
        headers={"User-Agent": "Parlour"},
        cookies=cookiejar.CookieJar(cookiejar.DefaultCookiePolicy(allowed_domains=())),
        event_hooks={"request": [stay_offline]},
    )


class TrackAddresses:
    """Turns tickets of the platform into addresses for the player; everything that goes wrong is a SourceError."""

    def __init__(self, client: PlatformClient, governor: Governor, connection: str) -> None:
        """`connection` is what the user calls the line: wifi, 4g, 3g, 2g, slow-2g; empty for unknown."""
        self._client, self._governor = client, governor
        self._connection = connection
        self._has_ahead = True

    async def resolve(self, track_id: str, quality: int | None) -> StreamInfo:
        """Return a signed address at `quality` kbit/s, or the best that the plan allows; see `source.Resolve`."""
        if self._client.offline:
            raise SourceError(Fault.OFFLINE)
        try:
            ticket = await self._client.playback.stream(track_id, connection=self._line(quality))
        except PlatformError as error:
            raise SourceError(_fault_of(error), error.sentence) from error
        return self._info(ticket)

    async def resolve_ahead(self, track_ids: Sequence[str], quality: int | None) -> dict[str, StreamInfo]:
        """Return addresses of those of the tracks that can be played at once; nothing where that cannot be asked."""
        if self._client.offline or not self._has_ahead:
            return {}
        try:
            told = await self._client.playback.streams_ahead(track_ids, connection=self._line(quality))
            return {ticket.track_id: self._info(ticket) for ticket in told.tickets if ticket.track_id in track_ids}
        except NotFound:
            # A platform that does not have it: each track is asked for when it is wanted.
            self._has_ahead = False
        except (PlatformError, SourceError):
            # It was a courtesy; whoever plays a track asks for it, and is told.
            log.debug("addresses were not told ahead", exc_info=True)
        return {}

    def _info(self, ticket: StreamTicket) -> StreamInfo:
        try:
            url = self._client.absolute(ticket.url)
        except PlatformError as error:
            raise SourceError(Fault.ADDRESS) from error
        size = ticket.size_bytes if ticket.size_bytes and ticket.size_bytes > 0 else None
        return StreamInfo(url, ticket.quality, ticket.expires_at, ticket.mime_type or "", size)

    def _line(self, quality: int | None) -> Connection | None:
        governor = self._governor
        if quality is None or (governor.choice is None and governor.is_at_top):
            return cast(Connection, self._connection) or None
        return _LINES[quality]


def _fault_of(error: PlatformError) -> Fault:
    match error:
        case NotFound():
            return Fault.NOT_FOUND
        case Forbidden() | ApiError(code=ErrorCode.NOT_AVAILABLE_IN_REGION):
            return Fault.UNAVAILABLE
        case ApiError():
            return Fault.SERVER
        case _:
            return Fault.NO_NETWORK
