"""Keeps what a player plays on the disk, so that it is found again after a restart, also one that nobody wished."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui.config import PlayerSection
from tui.paths import write_private
from tui.player.clock import Clock, LoopClock, Timer
from tui.player.crossfade import LONGEST_FADE_S
from tui.player.engine import AUTO_OUTPUT, Loudness
from tui.player.player import Player
from tui.player.track import LONGEST_MS, PlayerSnapshot

log = logging.getLogger("parlour")

STORED_AFTER_S = 1.0
"""So long after a change it is stored, together with those that followed."""
PLACE_EACH_S = 10.0
"""How often the position is stored while nothing else changes."""
_LOUDNESS = {"off": Loudness.OFF, "track": Loudness.TRACK, "album": Loudness.ALBUM}


class KeptPlayer:
    """Two files: the whole state, written when it has changed, and beside it the place in the current track.

    Both are replaced at once and by a thread; a program that is killed loses the last seconds at most.
    """

    def __init__(self, player: Player, path: Path, settings: PlayerSection, clock: Clock | None = None) -> None:
        """`path` is the file of the whole state. `settings` count where the listener has chosen nothing else since."""
        self._player, self._path, self._settings = player, path, settings
        self._place_path = path.with_name(f"{path.stem}.place{path.suffix}")
        self._clock = clock or LoopClock()
        self._timer: Timer | None = None
        self._writing: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._stored: object = None
        self._placed: tuple[int | None, float, bool] = (None, 0.0, False)
        self._placed_at = 0.0
        self.is_lent: Callable[[], bool] = lambda: False
        """Whether the player plays for others, and what it plays is not the listener's own: that is not stored."""

    async def open(self) -> None:
        """Find again what was stored, and store it from now on; the files are not trusted."""
        self._player.set_volume(self._settings.volume)
        self._player.set_crossfade(self._settings.crossfade)
        self._player.set_loudness(_LOUDNESS[self._settings.replaygain])
        kept, place = await asyncio.to_thread(lambda: (_read(self._path), _read(self._place_path)))
        self._restore(kept, place)
        self._stored, self._placed = self._state, self._place
        self._unsubscribe = self._player.subscribe(self._follow)

    async def close(self) -> None:
        """Store what has changed, and no more from now on."""
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        await self.written()
        if self._stored is not None:
            await self._write()

    async def written(self) -> None:
        """Wait until what is being written is on the disk."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    # Finding it again

    def _restore(self, kept: dict[str, Any], place: dict[str, Any]) -> None:
        try:
            if kept:
                self._player.restore(_moved(kept, place))
        except ValueError:
            # A player that starts empty is better than a program that does not start.
            return
        match kept.get("crossfade"):
            case {"set": int() | float() as set_then, "chosen": int() | float() as chosen}:
                # What is written in the settings since then is the later word.
                if set_then == self._settings.crossfade and 0 <= chosen <= LONGEST_FADE_S:
                    self._player.set_crossfade(chosen)
        match kept.get("quality"):
            case {"set": set_then, "chosen": None | 320 | 160 | 96 as quality} if set_then == self._settings.quality:
                self._player.set_quality(quality)
        match kept.get("output"):
            case str(output) if output.isprintable() and output:
                self._player.set_output(output)

    # Keeping it

    @property
    def _state(self) -> object:
        """What the large file depends on, but for the position."""
        player, state = self._player, self._player.snapshot
        modes = state.volume, state.muted, state.repeat, state.crossfade_s, player.output, player.quality
        return (player.queue.revision, state.entry_id, *modes)

    @property
    def _place(self) -> tuple[int | None, float, bool]:
        state = self._player.snapshot
        return state.entry_id, state.position_s, state.playing

    def _follow(self, state: PlayerSnapshot) -> None:
        if self.is_lent():
            return
        _, position, playing = self._placed
        moved = state.position_s != position
        soon = self._state != self._stored or state.playing != playing or (moved and not state.playing)
        due = moved and self._clock.monotonic() - self._placed_at >= PLACE_EACH_S
        if (soon or due) and self._timer is None:
            self._timer = self._clock.call_later(STORED_AFTER_S, self._due)

    def _due(self) -> None:
        self._timer = None
        if self.is_lent():
            return
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write(), name="store what plays")
        else:
            # The disk is slow: once it is done, the newest state is stored.
            self._timer = self._clock.call_later(STORED_AFTER_S, self._due)

    async def _write(self) -> None:
        state, place = self._state, self._place
        self._placed_at = self._clock.monotonic()
        # The program must go on, and leaving must always work; what is stored is then as it was the time before.
        try:
            if state != self._stored:
                whole = self._player.saving()
                more = {
                    "crossfade": {"set": self._settings.crossfade, "chosen": self._player.snapshot.crossfade_s},
                    "quality": {"set": self._settings.quality, "chosen": self._player.quality},
                    "output": self._player.output if self._player.output != AUTO_OUTPUT else "",
                }
                await asyncio.to_thread(lambda: write_private(self._path, _encoded({**whole(), **more})))
            entry_id, position_s, _ = place
            words = _encoded({"entry": entry_id, "position_s": position_s})
            await asyncio.to_thread(write_private, self._place_path, words)
        except OSError:
            log.warning("what plays was not stored", exc_info=True)
        self._stored, self._placed = state, place


def _moved(kept: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    """Return the state with the later position, if that is one of the same entry."""
    match kept, place:
        case {"queue": {"current": int(current)}}, {"entry": int(entry), "position_s": int() | float() as position}:
            if entry == current and 0 <= position <= LONGEST_MS / 1000:
                return {**kept, "position_s": position}
    return kept


def _encoded(data: dict[str, Any]) -> str:
    # In pieces: encoding a long queue at once would keep the interpreter from everything else.
    return "".join(json.JSONEncoder().iterencode(data))


def _read(path: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        told = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(told, dict):
            return told
    return {}
