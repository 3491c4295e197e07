"""What the platform is told about a play: each event once, and the 30 s rule by time listened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from api_client.ids import new_id
from tui.player.clock import Clock, Timer
from tui.player.track import PlayableTrack

COUNTED_MS = 30_000
"""Listened this long, in milliseconds, a play counts as a stream."""
_JUMP_SLACK_MS = 1_000
_SEEK_SETTLES_S = 0.4

EventType: TypeAlias = Literal["start", "progress", "complete", "skip", "seek"]


@dataclass(frozen=True, slots=True)
class PlaybackReport:
    """One playback event for the platform."""

    event_type: EventType
    track_id: str
    position_ms: int
    timestamp_ms: int
    """Milliseconds since 1970, strictly increasing: the platform tells events of a track apart by it."""
    context_type: str = ""
    context_id: str = ""
    play_id: str | None = None
    """Which play of the track this belongs to."""
    listened_ms: int | None = None
    """How much of the play was listened to so far; None at its start."""


Report: TypeAlias = Callable[[PlaybackReport], None]


class Reporter:
    """Stamps events and hands them on; the callback must not block, for instance by writing to an outbox."""

    def __init__(self, clock: Clock, report: Report) -> None:
        self._clock = clock
        self._report = report
        self._last_ms = 0

    def send(
        self,
        event_type: EventType,
        track: PlayableTrack,
        position_ms: int,
        play_id: str | None = None,
        listened_ms: int | None = None,
    ) -> None:
        """Report one event of `track` at `position_ms`."""
        self._last_ms = max(self._last_ms + 1, self._clock.wall_ms())
        context = track.context_type, track.context_id
        self._report(PlaybackReport(event_type, track.id, position_ms, self._last_ms, *context, play_id, listened_ms))

    def monotonic_ms(self) -> int:
        """Milliseconds that never go back."""
        return int(self._clock.monotonic() * 1000)


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a play had come when it was broken off, so that it can be gone on with."""

    play_id: str
    listened_ms: int
    counted: bool
    """Whether it has counted as a stream."""

    def pack(self) -> dict[str, Any]:
        """Return this as a plain dict."""
        return asdict(self)

    @classmethod
    def unpack(cls, data: object) -> Heard | None:
        """Return what `pack` described; None for anything else, for a file is not trusted."""
        match data:
            case {"play_id": str(play_id), "listened_ms": int(listened), "counted": bool(counted)} if listened >= 0:
                return cls(play_id, listened, counted)
            case _:
                return None


class Listening:
    """One play of one track. A replay, also under repeat-one, is a play of its own.

    Listened time is the sum of forward steps of the position between two ticks. A step that is larger than the time
    that passed is a jump and does not count, nor does anything across a seek.
    """

    def __init__(self, track: PlayableTrack, reporter: Reporter, heard: Heard | None = None) -> None:
        """`heard` is how far this very play had come, also in an earlier run of the program."""
        self._track = track
        self._reporter = reporter
        self._begun = False
        self._over = False
        self._mark: tuple[int, int] | None = None
        heard = heard or Heard(new_id(), 0, counted=False)
        self._play_id, self.listened_ms, self._counted = heard.play_id, heard.listened_ms, heard.counted

    @property
    def heard(self) -> Heard:
        """How far it has come."""
        return Heard(self._play_id, self.listened_ms, self._counted)

    def begin(self, position_s: float) -> None:
        """Sound comes from here on. The first time this is the start; elsewhere than at 0 an open play goes on."""
        self.seeked(position_s)
        if not self._begun:
            self._begun = True
            self._reporter.send("start", self._track, _ms(position_s), self._play_id)

    def tick(self, position_s: float) -> None:
        """The position is now `position_s` and was reached by listening."""
        position, now = _ms(position_s), self._reporter.monotonic_ms()
        if self._mark is not None:
            step, passed = position - self._mark[0], now - self._mark[1]
            if 0 < step <= passed + _JUMP_SLACK_MS:
                self.listened_ms += step
        self._mark = (position, now)
        if self._begun and not self._counted and not self._over and self.listened_ms >= COUNTED_MS:
            self._counted = True
            # The platform counts a stream from this figure: after a seek backwards the position may be below it.
            self._send("progress", max(position, self.listened_ms))

    def seeked(self, position_s: float) -> None:
        """The listener went elsewhere; what lies between was not heard."""
        self._mark = (_ms(position_s), self._reporter.monotonic_ms())

    def report_seek(self, position_s: float) -> None:
        """Tell where a seek (or a row of them) has ended."""
        if self._begun and not self._over:
            self._send("seek", _ms(position_s))

    def complete(self, position_s: float) -> None:
        """The track was heard to its end."""
        self._end("complete", position_s)

    def skip(self, position_s: float) -> None:
        """The listener left before the end."""
        self._end("skip", position_s)

    def abandon(self) -> None:
        """The play ended in a way that says nothing about the listener."""
        self._over = True

    def _end(self, event_type: EventType, position_s: float) -> None:
        if self._begun and not self._over:
            self._send(event_type, _ms(position_s))
        self._over = True

    def _send(self, event_type: EventType, position_ms: int) -> None:
        self._reporter.send(event_type, self._track, position_ms, self._play_id, self.listened_ms)


class SeekNote:
    """A held key is one seek to the platform: it is told where it came to rest."""

    def __init__(self, clock: Clock, tell: Callable[[], None]) -> None:
        self._clock, self._tell = clock, tell
        self._timer: Timer | None = None

    def sought(self) -> None:
        """The listener went elsewhere, perhaps not for the last time."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_later(_SEEK_SETTLES_S, self.flush)

    def flush(self) -> None:
        """Tell now what was not told yet."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            self._tell()


def _ms(seconds: float) -> int:
    # A microsecond of grace: 30.0 may arrive as 29.999999999.
    return int(seconds * 1000 + 0.001)
