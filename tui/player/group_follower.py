"""Keeps the player of this machine where a session is: the same track, the same place, at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from api_client.models.together import GroupEntry, GroupSession, GroupTrack, Sounding
from tui.player.clock import Clock, Timer
from tui.player.entry import Repeat
from tui.player.player import Player
from tui.player.queue import PlayQueue
from tui.player.song_clock import SongClock
from tui.player.track import PlayableTrack, PlayerSnapshot

DRIFT_MS = 150
"""Up to here a difference is left alone: two members are then 300 ms apart at most, and nobody hears a seek."""
SETTLES_S = 2.0
"""After a jump the player is not judged for so long: its reports have to come in first."""
LEARNS_S = 10.0
"""A difference that shows so soon after a jump was made by the jump."""
EARLY_MS = 2_000
"""A player that is ahead by less has come to the end of a file that is shorter than the catalogue says."""
LEAD_LIMIT_MS = 1_000
_AFTER_THE_END_S = 0.05


class GroupFollower:
    """Drives a `Player` along the timeline of a `GroupSession`, and gives it back as it was.

    What is due is computed from the session and the platform's clock, so that nobody has to say when a track ends.
    """

    def __init__(
        self,
        player: Player,
        clock: Clock,
        server_ms: Callable[[], int],
        say: Callable[[str], None],
        held: Callable[[], None],
    ) -> None:
        """`server_ms` is the platform's clock; `held` is called when something here has held the sound."""
        self._player = player
        self._clock = clock
        self._server_ms = server_ms
        self._say = say
        self._held = held
        self._song = SongClock(clock)
        self._session: GroupSession | None = None
        self._own = player.save()
        self._own_crossfade = player.snapshot.crossfade_s
        self._ids: dict[int, int] = {}
        """Entries of the session by those of the player."""
        self._unplayable: set[int] = set()
        self._judged_from = 0.0
        self._jumped_at = -LEARNS_S
        self._lead_ms = 0.0
        """How long this player takes to go somewhere: it is sent as much further."""
        self._timer: Timer | None = None
        self._sounds = False
        """Whether this has let the player sound."""
        player.set_shuffle(False)
        player.set_repeat(Repeat.OFF)
        # Tracks that overlap would begin before their time.
        player.set_crossfade(0.0)
        self._unsubscribe = player.subscribe(self._follow)

    # -- what is told

    def take(self, session: GroupSession) -> None:
        """Follow `session` as it is now; its entries are known."""
        before, self._session = self._due(), session
        due = self._due()
        # Somebody has paused, skipped or sought; anything else leaves the player alone.
        self._look(obeys=before is None or due is None or _differ(before, due))

    def resync(self) -> None:
        """Look anew, also at what could not be played before: the connection is back."""
        self._unplayable.clear()
        self._look(obeys=True)

    def end(self) -> None:
        """Let go of the player, and put its own queue back as it was, held."""
        self._unsubscribe()
        self._cancel()
        self._session = None
        now = self._player.snapshot
        self._player.restore({**self._own, "volume": now.volume, "muted": now.muted})
        self._player.set_crossfade(self._own_crossfade)

    def change_own(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Let the queue that `end` puts back become another; `change` takes and gives what `Player.save` gives.

        Raises ValueError, and changes nothing, if it gives a queue that cannot be read.
        """
        changed = change(self._own)
        PlayQueue[PlayableTrack](lambda track: track.id, Random()).restore(changed["queue"], PlayableTrack.unpack)
        self._own = changed

    def session_entry(self, entry_id: int) -> int | None:
        """Return the entry of the session that an entry of the player's queue stands for."""
        return self._ids.get(entry_id)

    @property
    def drift_ms(self) -> float | None:
        """By how much the player is ahead of the session; None while it does not play what is due."""
        due = self._due()
        if due is None or due.entry_id is None or due.entry_id != self._here() or not self._song.moves:
            return None
        return self._song.position_s * 1000 - due.position_ms

    # -- following

    def _follow(self, snapshot: PlayerSnapshot) -> None:
        self._song.follow(snapshot)
        self._look()

    def _look(self, *, obeys: bool = False) -> None:
        """Compare where the player is with where it should be; with `obeys` the session has gone elsewhere."""
        due = self._due()
        if due is not None:
            self._align(due, obeys)
            self._arrange_next_look(due)

    def _align(self, due: Sounding, obeys: bool) -> None:
        snapshot, here = self._player.snapshot, self._here()
        if due.entry_id is None or due.entry_id in self._unplayable:
            self._hold(snapshot)
        elif here == due.entry_id:
            self._keep_queue(due.entry_id)
            self._align_here(due, snapshot, obeys)
        elif not obeys and here is not None and here == self._after(due.entry_id):
            # The player has left by itself: at the end of its file, or because there was nothing to play.
            if self._left_ms(due) > EARLY_MS:
                self._cannot_play(due.entry_id, snapshot.error)
        else:
            self._go_to(due)

    def _align_here(self, due: Sounding, snapshot: PlayerSnapshot, obeys: bool) -> None:
        if not due.playing:
            self._hold(snapshot)
            if abs(snapshot.position_s * 1000 - due.position_ms) > DRIFT_MS:
                self._player.seek_to(due.position_ms / 1000)
        elif snapshot.playing:
            self._sounds = True
            self._correct(due, snapshot, obeys)
        elif not self._sounds or obeys:
            self._sounds = True
            self._player.resume()
            self._send_to(due)
        elif snapshot.error:
            self._cannot_play(due.entry_id, snapshot.error)
        elif self._left_ms(due) > EARLY_MS:
            self._sounds = False
            self._held()

    def _correct(self, due: Sounding, snapshot: PlayerSnapshot, obeys: bool) -> None:
        if obeys:
            if abs(snapshot.position_s * 1000 - due.position_ms) > DRIFT_MS:
                self._send_to(due)
            return
        if snapshot.buffering or self._clock.monotonic() < self._judged_from:
            return
        drift = self._song.position_s * 1000 - due.position_ms
        if abs(drift) <= DRIFT_MS:
            return
        if self._clock.monotonic() - self._jumped_at < LEARNS_S:
            self._lead_ms = min(max(self._lead_ms - drift, 0.0), LEAD_LIMIT_MS)
        self._send_to(due)

    def _hold(self, snapshot: PlayerSnapshot) -> None:
        self._sounds = False
        if snapshot.playing:
            self._player.pause()

    def _cannot_play(self, entry_id: int | None, why: str) -> None:
        entry = self._entry(entry_id)
        if entry is None:
            return
        self._unplayable.add(entry.id)
        self._hold(self._player.snapshot)
        reason = f" {why}" if why and entry.track.title not in why else ""
        self._say(f"{entry.track.title} cannot be played here.{reason} You hear the others again at the next track.")

    def _go_to(self, due: Sounding) -> None:
        """Play what is due, wherever the player was."""
        entries = self._entries_from(due.entry_id)
        upcoming = [entry.entry_id for entry in self._player.queue.upcoming]
        local = next((mine for mine in upcoming if self._ids.get(mine) == due.entry_id), None)
        if local is not None:
            self._player.jump(local)
        else:
            self._player.play([_playable(entry.track) for entry in entries])
            self._learn_ids(entries)
        self._keep_queue(entries[0].id)
        self._send_to(due, jumps=due.position_ms > DRIFT_MS)
        self._sounds = due.playing
        if not due.playing:
            self._player.pause()

    def _send_to(self, due: Sounding, *, jumps: bool = True) -> None:
        if jumps:
            self._player.seek_to((due.position_ms + (self._lead_ms if due.playing else 0.0)) / 1000)
        self._jumped_at = self._clock.monotonic()
        self._judged_from = self._jumped_at + SETTLES_S

    # -- the queue

    def _keep_queue(self, entry_id: int) -> None:
        """Let the player's queue go on as that of the session does."""
        queue = self._player.queue
        wanted = self._entries_from(entry_id)[1:]
        if [self._ids.get(entry.entry_id) for entry in queue.upcoming] == [entry.id for entry in wanted]:
            return
        self._player.clear()
        self._player.add([_playable(entry.track) for entry in wanted])
        self._learn_ids(self._entries_from(entry_id))

    def _learn_ids(self, entries: Sequence[GroupEntry]) -> None:
        queue = self._player.queue
        current = [queue.current] if queue.current is not None else []
        mine = [entry.entry_id for entry in (*current, *queue.upcoming)]
        self._ids |= dict(zip(mine, (entry.id for entry in entries), strict=False))
        there = {entry.entry_id for entry in queue.listed}
        self._ids = {mine: theirs for mine, theirs in self._ids.items() if mine in there}

    def _here(self) -> int | None:
        current = self._player.queue.current
        return self._ids.get(current.entry_id) if current is not None else None

    # -- what is due

    def _due(self) -> Sounding | None:
        return self._session.sounding(self._server_ms()) if self._session is not None else None

    def _entries(self) -> Sequence[GroupEntry]:
        return (self._session.entries or ()) if self._session is not None else ()

    def _entry(self, entry_id: int | None) -> GroupEntry | None:
        return next((entry for entry in self._entries() if entry.id == entry_id), None)

    def _entries_from(self, entry_id: int | None) -> Sequence[GroupEntry]:
        entries = self._entries()
        place = next((place for place, entry in enumerate(entries) if entry.id == entry_id), len(entries))
        return entries[place:]

    def _after(self, entry_id: int | None) -> int | None:
        following = self._entries_from(entry_id)[1:2]
        return following[0].id if following else None

    def _left_ms(self, due: Sounding) -> int:
        entry = self._entry(due.entry_id)
        return entry.track.duration_ms - due.position_ms if entry is not None else 0

    def _arrange_next_look(self, due: Sounding) -> None:
        """Look again when the track is over; what the player reports leads to looks in between."""
        self._cancel()
        if due.playing:
            self._timer = self._clock.call_later(self._left_ms(due) / 1000 + _AFTER_THE_END_S, self._look)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _differ(one: Sounding, other: Sounding) -> bool:
    same = (one.entry_id, one.playing) == (other.entry_id, other.playing)
    return not same or abs(one.position_ms - other.position_ms) > DRIFT_MS


def _playable(track: GroupTrack) -> PlayableTrack:
    # Without a context: that of a session would tell others of it.
    return PlayableTrack(
        id=track.id, title=track.title, artist=track.artist, album=track.album,
        duration_ms=max(track.duration_ms, 0), cover_url=track.cover_url or "",
    )  # fmt: skip
