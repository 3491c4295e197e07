"""The player's actions, the same on every screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.player.face import PlayerFace
    from tui.shell import Severity
    from tui.state.session import Session
    from tui.state.stations import Stations

SEEK_STEP = 10.0
"""Seconds."""
VOLUME_STEP = 5
"""Percent."""

_TIME = re.compile(r"(?P<sign>[+-])?(?:(?P<minutes>\d{1,3}):)?(?P<seconds>\d{1,5}(?:\.\d+)?)$")


class TransportActions:
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def player(self) -> PlayerFace: ...

        @property
        def session(self) -> Session: ...

        @property
        def stations(self) -> Stations: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

    def action_play_pause(self) -> None:
        if self.player.queue.current is None:
            self.say("Nothing is in the queue. 4 leads to the music.")
        else:
            self.player.toggle()

    def action_next_track(self) -> None:
        self.player.next()

    def action_previous_track(self) -> None:
        self.player.previous()

    def action_seek_forward(self, where: str = "") -> None:
        if not where:
            self.player.seek_by(SEEK_STEP)
            return
        match = _TIME.match(where.strip())
        if match is None:
            self.say(f"{where} is not a time. Try 1:30, +15 or -15.", "warning")
            return
        seconds = int(match["minutes"] or 0) * 60 + float(match["seconds"])
        if match["sign"]:
            self.player.seek_by(seconds if match["sign"] == "+" else -seconds)
        else:
            self.player.seek_to(seconds)

    def action_seek_back(self) -> None:
        self.player.seek_by(-SEEK_STEP)

    def action_volume_up(self, percent: str = "") -> None:
        if not percent:
            self.player.change_volume(VOLUME_STEP)
        elif percent.strip("% ").isdecimal():
            self.player.set_volume(int(percent.strip("% ")))
        else:
            self.say(f"{percent} is not a volume. Try 0 to 100.", "warning")

    def action_volume_down(self) -> None:
        self.player.change_volume(-VOLUME_STEP)

    def action_mute(self) -> None:
        self.player.toggle_mute()

    def action_shuffle(self) -> None:
        on = not self.player.queue.shuffle
        self.player.set_shuffle(on)
        self.say("Shuffle is on." if on else "Shuffle is off; the queue is in its own order again.")

    def action_repeat(self) -> None:
        self.player.cycle_repeat()
        self.say(
            {"off": "Repeat is off.", "all": "The queue repeats.", "one": "This track repeats."}[
                self.player.queue.repeat.value
            ]
        )

    async def action_station_playing(self) -> None:
        track = self.player.snapshot.track
        if track is None:
            self.say("Nothing is playing.")
            return
        self.say(await self.stations.start(track.id, track.title))

    def action_clear_queue(self) -> None:
        gone = self.player.clear()
        tracks = "track is" if gone == 1 else "tracks are"
        self.say(f"{gone} {tracks} out of the queue. U in the queue puts them back." if gone else "Nothing is to come.")

    async def action_love_playing(self) -> None:
        track = self.player.snapshot.track
        if track is None:
            self.say("Nothing is playing.")
            return
        await self.session.music.save("tracks", track.id)
        self.say(f"{track.title} is in your library.")
