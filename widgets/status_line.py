"""The line that tells the truth: the connection, what is still to be sent, who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from widgets.fault_badge import FAULTS


class Link(Enum):
    """How the platform can be reached."""

    CONNECTING = "connecting"
    ONLINE = "online"
    WAITING = "waiting"
    """It cannot be reached, and is tried again by itself."""
    OFFLINE = "offline"
    """It is not tried again until somebody asks for it."""
    BY_CHOICE = "by choice"
    """The user works offline."""
    SIGNED_OUT = "signed out"


@dataclass(frozen=True, slots=True)
class Status:
    """What the line says."""

    link: Link = Link.CONNECTING
    retry_in: int | None = None
    """Seconds until the next try, while waiting."""
    pending: int = 0
    """Writes on their way, or waiting to be."""
    held: int = 0
    """Writes that can still be taken back before anybody sees them."""
    attention: int = 0
    """Writes that were refused and wait for a decision."""
    leads: bool = True
    """Whether this process sends; otherwise another Parlour on the account does."""
    stored: bool = True
    """Whether what is unsent is on the disk."""
    delay: int | None = None
    """Seconds for which an answer has been awaited, once that is more than a moment."""
    silent: bool = False
    """Whether nothing at all has come from the platform in that time."""
    frames: int | None = None
    """Frames per second that the line to the terminal gets; None unless it is slow."""
    private: bool = False
    """Whether a private session hides from friends what is heard."""
    together: int = 0
    """How many hear the same in a session, with the user; 0 without one."""
    faults: bool = False
    """Whether faults are injected into what goes over the wire."""
    recording: bool = False
    """Whether the session is recorded to a file."""
    account: str = ""


_MARKS = {
    Link.CONNECTING: ("◌ connecting", "$warning"),
    Link.ONLINE: ("● online", "$online"),
    Link.WAITING: ("◌ offline", "$warning"),
    Link.OFFLINE: ("○ offline", "$error"),
    Link.BY_CHOICE: ("○ offline by choice", "bold $warning"),
    Link.SIGNED_OUT: ("○ signed out", "$error"),
}
_SHORT = {Link.CONNECTING: "◌ …", Link.BY_CHOICE: "○ offline"}


BESIDE = 55
"""Cells of the terminal's width that belong to the tabs at its left, with two digits of unread chats."""


class StatusLine(Static):
    """One row, right-aligned beside the tabs."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: auto; background: $panel; color: $foreground; padding: 0 1; }
    """

    status: reactive[Status] = reactive(Status(), layout=True)
    stale: reactive[bool] = reactive(False, layout=True)
    """Whether what the screen shows could not be fetched again."""

    def render(self) -> Content:
        room = self.app.size.width - BESIDE
        for whole in (
            self._words(account=True, short=False),
            self._words(account=False, short=False),
            self._words(account=False, short=True),
            self._words(account=False, short=True, seconds=False),
        ):
            if whole.cell_length <= room:
                break
        return whole

    def _words(self, *, account: bool, short: bool, seconds: bool = True) -> Content:
        """Return the line; `short` leaves out the words that the signs stand for, without `seconds` also the wait."""
        status = self.status
        parts: list[tuple[str, str]] = []
        for sign, number, words, colour in (
            ("!", status.attention, "need attention", "bold $error"),
            ("↑", status.pending, "to send", "$warning"),
            ("↶", status.held, "held", "$secondary"),
        ):
            if number:
                parts.append((f"{sign} {number}{'' if short else ' ' + words}  ", colour))
        if status.together:
            parts.append((f"♫ {status.together}{'' if short else ' together'}  ", "$accent"))
        if status.private:
            parts.append(("⊘  " if short else "⊘ private  ", "$secondary"))
        if status.faults:
            parts.append((f"{FAULTS}  ", "bold $error"))
        if status.recording:
            parts.append(("● REC  ", "bold $error"))
        if not status.stored:
            parts.append(("not stored  ", "bold $error"))
        if not status.leads and not short:
            parts.append(("another Parlour sends  ", "$muted"))
        if status.account and account:
            parts.append((f"{status.account}  ", "$muted"))
        if status.frames is not None:
            parts.append(("≋  " if short else f"≋ slow line, {status.frames} frames/s  ", "$warning"))
        if self.stale:
            parts.append(("≈  " if short else "≈ stale  ", "$warning"))
        return Content.assemble(*parts, *self._badge(short, seconds))

    def _badge(self, short: bool, seconds: bool) -> Iterator[tuple[str, str]]:
        """Yield what is said of the connection."""
        status = self.status
        mark, style = _MARKS[status.link]
        delay = status.delay if status.link is Link.ONLINE else None
        if delay is not None and status.silent:
            yield f"◐ no answer{f' for {delay} s' if seconds else ''}", "$warning"
            return
        yield _SHORT.get(status.link, mark) if short else mark, style
        if delay is not None and not short:
            yield f", waiting {delay} s", "$muted"
        if seconds and status.link is Link.WAITING and status.retry_in is not None:
            yield f", {'' if short else 'again in '}{status.retry_in} s", "$warning"
