"""What a downloader works with: the means that all share, who is told of its progress, and how much it puts up with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api_client.inspect.streaming import FindRecorder, nobody
from api_client.postponed import httpx
from tui.player.source import AddressRule, Finished, SourceOptions
from tui.player.tickets import TicketDesk


@dataclass(frozen=True, slots=True)
class Supply:
    """What the sources of all tracks share."""

    client: Callable[[], Awaitable[httpx.AsyncClient]]
    """Gives what fetches, without auth, cookies or redirects."""
    tickets: TicketDesk
    rule: AddressRule
    options: SourceOptions
    recorder: FindRecorder = nobody


def _ignored(*_: object) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told what becomes of a source; all on the loop."""

    stored: Callable[[], None] = _ignored
    """After each write: a cache keeps its budget so."""
    fetched: Callable[[int, float], None] = _ignored
    """So many bytes came in so many seconds, on one connection."""
    told: Callable[[int], None] = _ignored
    """A ticket came, for this quality in kbit/s."""
    news: Callable[[], None] = _ignored
    """What the first sound waits for has changed."""
    finished: Callable[[Finished], None] = _ignored
    """Every byte is here."""


@dataclass(slots=True)
class Patience:
    """What is left of it: renewals and retries in a row, both given back by progress."""

    renewals: int = 0
    drops: int = 0
    last_status: int = 0

    def restore(self) -> None:
        self.renewals = self.drops = self.last_status = 0
