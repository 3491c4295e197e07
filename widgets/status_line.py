"""The line that tells the truth: the connection, what is still to be sent, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static


class Link(Enum):
    """How the platform can be reached."""

    CONNECTING = "connecting"
    ONLINE = "online"
    WAITING = "waiting"
    OFFLINE = "offline"
    SIGNED_OUT = "signed out"


@dataclass(frozen=True, slots=True)
class Status:
    """What the line says."""

    link: Link = Link.CONNECTING
    retry_in: int | None = None
    """Seconds until the next try, while waiting."""
    pending: int = 0
    """Writes not yet confirmed."""
    attention: int = 0
    """Writes that were refused and wait for a decision."""
    account: str = ""
    host: str = ""
    note: str = ""
    """A lasting remark, such as where the tokens live."""


_MARKS = {
    Link.CONNECTING: ("◌ connecting", "$warning"),
    Link.ONLINE: ("● online", "$online"),
    Link.WAITING: ("◌ offline", "$warning"),
    Link.OFFLINE: ("○ offline", "$error"),
    Link.SIGNED_OUT: ("○ signed out", "$error"),
}


BESIDE = 55
"""Cells of the terminal's width that belong to the tabs at its left, with two digits of unread chats."""


class StatusLine(Static):
    """One row, right-aligned beside the tabs."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: auto; background: $panel; color: $foreground; padding: 0 1; }
    """

    status: reactive[Status] = reactive(Status(), layout=True)

    def render(self) -> Content:
        room = self.app.size.width - BESIDE
        for whole in (
            self._words(account=True, short=False),
            self._words(account=False, short=False),
            self._words(account=False, short=True),
        ):
            if whole.cell_length <= room:
                break
        return whole

    def _words(self, *, account: bool, short: bool) -> Content:
        """Return the line; `short` leaves out the words that the signs stand for."""
        status = self.status
        mark, style = _MARKS[status.link]
        parts: list[tuple[str, str]] = []
        if status.attention:
            parts.append((f"! {status.attention}{'' if short else ' need attention'}  ", "bold $error"))
        if status.pending:
            parts.append((f"↑ {status.pending}{'' if short else ' to send'}  ", "$warning"))
        if status.account and account:
            parts.append((f"{status.account}  ", "$muted"))
        parts.append((mark, style))
        if status.link is Link.WAITING and status.retry_in is not None:
            parts.append((f", {'' if short else 'again in '}{status.retry_in} s", "$warning"))
        return Content.assemble(*parts)
