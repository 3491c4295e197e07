"""Stations: a queue that begins with a track and goes on by itself with what sounds like it."""

from __future__ import annotations

import time
from collections.abc import Callable

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.base import WireModel
from api_client.sync.cache import Cache
from tui.player.face import PlayerFace
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.state.kept import Kept
from tui.state.tasks import Tasks

CONTEXT = "radio"
"""What the platform calls a station in playback events; the id beside it is that of the first track."""
PAGE = 25
LOW = 5
"""With fewer tracks to come, the next ones are fetched."""
AGAIN_AFTER = 30.0
"""Seconds between two attempts to fetch what comes next."""


class Station(WireModel):
    """The station that plays, and where it goes on."""

    track_id: str
    title: str
    cursor: str | None = None


class Stations:
    """Starts stations, and keeps the one that plays ahead of the player, also after a restart."""

    def __init__(
        self,
        client: PlatformClient,
        player: PlayerFace,
        cache: Cache,
        report: Callable[[PlatformError], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`report` is told why a station cannot go on."""
        self._client = client
        self._player = player
        self._kept = Kept(cache, "music:station", Station)
        self._report = report
        self._clock = clock
        self._tasks = Tasks()
        self._fetching = False
        self._again_at = 0.0

    async def close(self) -> None:
        """Fetch nothing any more."""
        await self._tasks.close()

    @property
    def playing(self) -> Station | None:
        """The station that the current track belongs to, if it does."""
        return self._of(self._player.snapshot)

    async def start(self, track_id: str, title: str) -> str:
        """Play a station that begins with a track, instead of what is in the queue; return what to say of it.

        Raises PlatformError.
        """
        page = await self._client.recommendations.radio(track_id, limit=PAGE)
        tracks = [PlayableTrack.of(track, CONTEXT, track_id) for track in page.items if track.is_playable]
        if not tracks:
            return f"There is nothing that goes with {title}."
        self._kept.put(Station(track_id=track_id, title=title, cursor=page.next_cursor))
        self._again_at = 0.0
        self._player.play(tracks)
        return f"A station from {title}: it goes on by itself."

    def follow(self, snapshot: PlayerSnapshot) -> None:
        """Look after what comes next; called with every state of the player."""
        station = self._of(snapshot)
        if station is None or station.cursor is None or snapshot.upcoming >= LOW or self._fetching:
            return
        if self._clock() < self._again_at:
            return
        self._fetching = True
        self._tasks.start(self._go_on(station))

    async def _go_on(self, station: Station) -> None:
        try:
            page = await self._client.recommendations.radio(station.track_id, station.cursor, limit=PAGE)
        except PlatformError as error:
            self._again_at = self._clock() + AGAIN_AFTER
            if not error.worth_retrying:
                self._kept.put(station.changed(cursor=None))
                self._report(error)
            return
        finally:
            self._fetching = False
        if self.playing != station:  # something else was chosen meanwhile
            return
        self._kept.put(station.changed(cursor=page.next_cursor))
        tracks = [PlayableTrack.of(track, CONTEXT, station.track_id) for track in page.items if track.is_playable]
        if tracks:
            self._player.add(tracks)
        else:  # nothing of this page can be played here: the next one is not asked for at once
            self._again_at = self._clock() + AGAIN_AFTER

    def _of(self, snapshot: PlayerSnapshot) -> Station | None:
        track, station = snapshot.track, self._kept.get()
        if track is None or station is None or (track.context_type, track.context_id) != (CONTEXT, station.track_id):
            return None
        return station
