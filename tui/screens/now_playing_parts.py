"""What the now-playing screen says, and how much room each of its parts has."""

from __future__ import annotations

from dataclasses import dataclass

from tui.player.entry import Repeat
from tui.player.face import QueueView
from tui.player.track import PlayerSnapshot
from widgets.next_up import Upcoming
from widgets.textfmt import clock, plural
from widgets.track_heading import TrackWords

MARGIN = 2
"""Columns on either side, and between the picture and the words."""
LOWEST_COVER = 6
MOST_UPCOMING = 9
HEADING = 8
"""Rows in which everything about the track can be said."""


@dataclass(frozen=True, slots=True)
class Room:
    """Rows of each part; `cover` is twice as many columns wide, 0 for none."""

    cover: int
    heading: int
    lyrics: int
    upcoming: int
    wave: int
    visual: int
    gap: int = 0
    """Between the words and what comes next."""

    @property
    def top(self) -> int:
        """Rows above the waveform."""
        return max(self.cover, self.heading + self.lyrics + self.gap + self.upcoming)


def room_in(width: int, height: int, *, cover: bool, visual: bool, words: bool = True) -> Room:
    """Share out a body of `width` x `height` cells.

    `cover`: whether there is a picture, `visual`: something that moves, `words`: words to the song.
    """
    wave = 3 if height < 28 else 5 if height < 44 else 7
    if height < 14:
        wave = 2
    moving = 0
    if visual and height >= 14:
        moving = max(4, min(height // 4, 14))
    top = max(height - wave - moving - 1, 3)
    rows = min(top, max(int(width * 0.42) // 2, 0)) if cover else 0
    rows = rows if rows >= LOWEST_COVER and width >= 48 else 0
    heading = min(HEADING, top)
    left = top - heading
    gap = 1 if words and left >= 7 else 0
    left -= gap
    lyrics = (left * 3 // 5 if left >= 5 else max(left - 2, 0)) if words else 0
    return Room(rows, heading, lyrics, min(left - lyrics, MOST_UPCOMING), wave, moving, gap)


def words_of(snapshot: PlayerSnapshot) -> TrackWords:
    """Return what is said about what plays."""
    track = snapshot.track
    if track is None:
        return TrackWords()
    return TrackWords(
        title=track.title,
        artist=track.artist,
        album=track.album,
        facts=(_state(snapshot), _stream(snapshot), _sound(snapshot)),
        trouble=snapshot.error or snapshot.engine.sentence,
    )


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _state(snapshot: PlayerSnapshot) -> str:
    state = "◌ fetching" if snapshot.buffering else "▶ playing" if snapshot.playing else "⏸ paused"
    repeat = {Repeat.ALL: "↻ repeat all", Repeat.ONE: "↻ repeat one"}.get(snapshot.repeat, "")
    return _joined(
        state,
        "⤮ shuffle" if snapshot.shuffle else "",
        repeat,
        "stops after this" if snapshot.stops_after else "",
        sleep_words(snapshot.sleep_left_s),
    )


def sleep_words(left_s: float | None) -> str:
    """Return when the sleep timer holds the sound, empty if it is off."""
    if left_s is None:
        return ""
    minutes = int(left_s // 60)
    return f"sleeps in {minutes} min" if minutes else "sleeps in less than a minute"


def _stream(snapshot: PlayerSnapshot) -> str:
    stream = snapshot.stream
    kilobits = stream.quality or snapshot.quality
    quality = f"{kilobits} kbit/s{', auto' if stream.is_automatic else ''}" if kilobits else ""
    here = "from this machine" if stream.size and stream.from_cache >= stream.size else ""
    started = f"started in {snapshot.started_in_ms} ms" if snapshot.started_in_ms is not None else ""
    return _joined(quality, here, started)


def _sound(snapshot: PlayerSnapshot) -> str:
    output = snapshot.engine.audio_output or ""
    fade = f"crossfade {snapshot.crossfade_s:g} s" if snapshot.crossfade_s else ""
    where = f"on {snapshot.place}" if snapshot.place else "" if output == "null" else output
    return _joined("muted" if snapshot.muted else f"volume {snapshot.volume}", where, fade)


def buffered_in(snapshot: PlayerSnapshot) -> float:
    """Return which part of the track is at hand, from 0 to 1; all of it where that is not known and nothing waits."""
    stream = snapshot.stream
    if not stream.size:
        return 0.0 if snapshot.buffering else 1.0
    return min((stream.from_network + stream.from_cache) / stream.size, 1.0)


def upcoming_in(queue: QueueView, most: int) -> list[Upcoming]:
    """Return the tracks that come next, `most` at most."""
    return [
        Upcoming(
            entry.entry_id,
            _joined(entry.item.title, entry.item.artist),
            clock(entry.item.duration_ms / 1000) if entry.item.duration_ms else "",
        )
        for entry in queue.upcoming[:most]
    ]


def after_words(queue: QueueView) -> str:
    """Return what is said where nothing comes next."""
    if queue.repeat is Repeat.ONE:
        return "the same again"
    return f"the {plural(len(queue), 'track')} of the queue again" if queue.repeat is Repeat.ALL else "nothing"
