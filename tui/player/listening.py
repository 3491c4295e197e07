"""What the platform is told about a play: each event once, and the 30 s rule by time listened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tui.player.clock import Clock
from tui.player.track import PlayableTrack

COUNTED_MS = 30_000
"""Listened this long, in milliseconds, a play counts as a stream."""
_JUMP_SLACK_MS = 1_000

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


Report: TypeAlias = Callable[[PlaybackReport], None]


class Reporter:
    """Stamps events and hands them on; the callback must not block, for instance by writing to an outbox."""

    def __init__(self, clock: Clock, report: Report) -> None:
        self._clock = clock
        self._report = report
        self._last_ms = 0

    def send(self, event_type: EventType, track: PlayableTrack, position_ms: int) -> None:
        """Report one event of `track` at `position_ms`."""
        self._last_ms = max(self._last_ms + 1, self._clock.wall_ms())
        self._report(
            PlaybackReport(event_type, track.id, position_ms, self._last_ms, track.context_type, track.context_id)
        )

    def monotonic_ms(self) -> int:
        """Milliseconds that never go back."""
        return int(self._clock.monotonic() * 1000)


class Listening:
    """One play of one track. A replay, also under repeat-one, is a play of its own.

    Listened time is the sum of forward steps of the position between two ticks. A step that is larger than the time
    that passed is a jump and does not count, nor does anything across a seek.
    """

    def __init__(self, track: PlayableTrack, reporter: Reporter) -> None:
        self._track = track
        self._reporter = reporter
        self._begun = False
        self._over = False
        self._counted = False
        self._mark: tuple[int, int] | None = None
        self.listened_ms = 0

    def begin(self) -> None:
        """The first sound is heard: start, once."""
        if not self._begun:
            self._begun = True
            self._reporter.send("start", self._track, 0)

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
            self._reporter.send("progress", self._track, max(position, self.listened_ms))

    def seeked(self, position_s: float) -> None:
        """The listener went elsewhere; what lies between was not heard."""
        self._mark = (_ms(position_s), self._reporter.monotonic_ms())

    def report_seek(self, position_s: float) -> None:
        """Tell where a seek (or a row of them) has ended."""
        if self._begun and not self._over:
            self._reporter.send("seek", self._track, _ms(position_s))

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
            self._reporter.send(event_type, self._track, _ms(position_s))
        self._over = True


def _ms(seconds: float) -> int:
    # A microsecond of grace: 30.0 may arrive as 29.999999999.
    return int(seconds * 1000 + 0.001)
