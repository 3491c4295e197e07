"""Keeps the frame true: what the top and bottom lines of the screen in front say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from api_client.awaited import Delay
from api_client.realtime import Phase, SocketState
from tui.keys import KeyOf, usual_key_of
from tui.screens.base import ParlourScreen
from tui.state.outbox_sections import Counts
from tui.terminal_title import TerminalTitle
from widgets.now_playing_bar import NowPlaying, ending_mark
from widgets.status_line import Link, Status

if TYPE_CHECKING:
    from api_client.inspect.faults import Faults
    from tui.player.track import PlayerSnapshot

_LINKS = {
    Phase.CONNECTING: Link.CONNECTING,
    Phase.ONLINE: Link.ONLINE,
    Phase.WAITING: Link.WAITING,
    Phase.OFFLINE: Link.OFFLINE,
    Phase.STOPPED: Link.OFFLINE,
}

_STANDS = {Link.ONLINE: Link.ONLINE, Link.BY_CHOICE: Link.BY_CHOICE}
"""What makes a difference to somebody who wants something of the platform; all others are the same."""


class Chrome:
    """Gathers what the frame shows and draws it on the screen in front, and on no other.

    A screen that is still being made is dressed once it is there; one that is being taken away is spoken to no more.
    """

    def __init__(
        self,
        front: Callable[[], ParlourScreen | None],
        account: str,
        say_title: Callable[[str], None] | None = None,
        key_of: KeyOf = usual_key_of,
    ) -> None:
        """`say_title` gives the terminal's window a title; None where it keeps its own."""
        self._front = front
        self._account = account
        self._key_of = key_of
        self._title = None if say_title is None else TerminalTitle(say_title)
        self._now = NowPlaying()
        self.unread: dict[str, int] = {}
        self._status = Status(account=account)
        self.is_heard_elsewhere: Callable[[], bool] = lambda: False
        """Whether another device of the user is there that has sound."""
        self.turns = 0
        """How often the platform has come into reach or gone out of it, or the user has gone offline or online."""

    def follow_link(self, state: SocketState, now: float, *, by_choice: bool = False) -> None:
        """Take over the state of the socket; `now` is the monotonic time of its clock."""
        link = Link.BY_CHOICE if by_choice else _LINKS[state.phase]
        if _STANDS.get(link) is not _STANDS.get(self._status.link):
            self.turns += 1
        self._change(link=link, retry_in=None if by_choice else state.seconds_left(now))

    def follow_delay(self, delay: Delay | None) -> None:
        """Take over for how long an answer has been awaited; None where none is overdue."""
        self._change(delay=delay.seconds if delay else None, silent=delay is not None and delay.silent)

    def follow_line(self, frames: int | None) -> None:
        """Take over how many frames per second a slow line to the terminal gets; None for a line that is not slow."""
        self._change(frames=frames)

    def follow_outbox(self, counts: Counts, *, leads: bool, stored: bool) -> None:
        """Take over how much waits to be sent, whether it is this process that sends, and whether it is on the disk."""
        self._change(pending=counts.moving, held=counts.held, attention=counts.attention, leads=leads, stored=stored)

    def follow_listening(self, *, private: bool, together: int) -> None:
        """Take over whether what is heard is private, and how many hear it together."""
        self._change(private=private, together=together)

    def follow_faults(self, faults: Faults | None) -> None:
        """Take over whether faults are injected."""
        self._change(faults=faults is not None)

    def follow_recording(self, on: bool) -> None:
        """Take over whether the session is recorded to a file."""
        self._change(recording=on)

    def say(self, sentence: str) -> None:
        """Say one sentence on the screen in front."""
        if (screen := self._front()) is not None:
            screen.shell.say(sentence)

    def follow_unread(self, section: str, count: int) -> None:
        """Take over how much waits in a section."""
        self.unread = {**self.unread, section: count}
        if (screen := self._front()) is not None:
            screen.show_status(self._status, self.unread)

    def follow_player(self, snapshot: PlayerSnapshot) -> None:
        """Take over what is playing."""
        track = snapshot.track
        if self._title is not None:
            self._title.follow(snapshot)
        now = NowPlaying(
            title=track.title if track else "",
            artist=track.artist if track else "",
            # Whole seconds: what looks the same is not drawn again.
            position=float(int(snapshot.position_s)),
            duration=float(int(snapshot.duration_s)),
            playing=snapshot.playing,
            buffering=snapshot.buffering,
            volume=snapshot.volume,
            muted=snapshot.muted,
            shuffle=snapshot.shuffle,
            repeat=snapshot.repeat.value,
            ends=ending_mark(snapshot.stops_after, snapshot.sleep_left_s),
            quality=snapshot.quality,
            place=snapshot.place,
            note=snapshot.error or snapshot.stream.note or (self._silence(snapshot.engine.sentence) if track else ""),
        )
        if now != self._now:
            self._now = now
            if (screen := self._front()) is not None:
                screen.show_now(now)

    def _silence(self, sentence: str) -> str:
        """Return the sentence of an engine without sound, with what else can be done."""
        if not sentence or not self.is_heard_elsewhere():
            return sentence
        return f"{sentence}; {self._key_of('global.go_devices')} plays it on another device"

    def came_back(self) -> None:
        """The connection is back after a break: what could not be fetched on the screen in front is tried again."""
        if (screen := self._front()) is not None and screen.has_frame:
            screen.came_back()

    def dress(self, screen: ParlourScreen) -> None:
        """Draw everything on `screen`, which has come to the front."""
        screen.show_status(self._status, self.unread)
        screen.show_now(self._now)
        screen.update_footer()

    def _change(self, **fields: object) -> None:
        changed = replace(self._status, **fields)  # type: ignore[arg-type]
        if changed != self._status:
            self._status = changed
            if (screen := self._front()) is not None:
                screen.show_status(changed, self.unread)
