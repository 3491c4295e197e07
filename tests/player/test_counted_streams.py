"""Whatever a listener does, each play counts as a stream once or not at all, by the rule of thirty seconds."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api_client.models.music import PlaybackEvent
from server.db import Database
from server.playback.listening import record
from server.tables.music import TrackRow
from server.tables.users import UserRow
from tests.player.test_silent_play import ManualClock, refuse
from tests.server.music_seed import TRACKS, seed_catalogue
from tui.player.engine import EngineEvent, Listener, Load, Started
from tui.player.entry import Repeat
from tui.player.listening import PlaybackReport
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import AddressRule
from tui.player.track import PlayableTrack

LONG = [range(first, first + 1_000) for first in range(0, 10_000, 1_000)]
"""Ten thousand lives."""
NEAR_S = 1.0
"""A tick, a seek and a pause may each take a moment from what is measured: so near to the rule, both are right."""
EPOCH_S = 1_780_000_000


@dataclass
class Truth:
    """One play, as somebody with a stopwatch saw it: seconds heard in each run of the program."""

    track_id: str
    runs: list[float] = field(default_factory=lambda: [0.0])
    lost: bool = False
    """Whether the program died over it: what it had heard since it was last kept is known to nobody."""
    again: bool = False
    """Whether it repeats the end of a play, because the program died before it had kept that this was over."""


class Ear(SilentEngine):
    """A silent engine beside which somebody stands with a stopwatch."""

    def __init__(self, clock: ManualClock, plays: list[Truth], stage: Life) -> None:
        super().__init__(clock, "")
        self._time, self._plays, self._stage = clock, plays, stage
        self._running_since: float | None = None
        self._held = False
        self._open = False

    async def open(self, listener: Listener) -> None:
        def heard(event: EngineEvent) -> None:
            if isinstance(event, Started):
                self.stopwatch(False)
                self._open = True
                self._stage.began()
                self.stopwatch(not self._held)
            listener(event)

        await super().open(heard)

    def stopwatch(self, runs: bool) -> None:
        """Let it run, or stop it and write down what it shows."""
        if self._running_since is not None:
            self._plays[-1].runs[-1] += self._time.now - self._running_since
        self._running_since = self._time.now if runs and self._open else None

    def _end(self, reason: Any) -> None:
        self.stopwatch(False)
        self._open = False
        super()._end(reason)

    def load(self, load: Load) -> None:
        self.stopwatch(False)
        self._open, self._held = False, load.paused
        super().load(load)

    def stop(self) -> None:
        self.stopwatch(False)
        self._open = False
        super().stop()

    def pause(self, paused: bool) -> None:
        self._held = paused
        self.stopwatch(not paused)
        super().pause(paused)


class Life:
    """Somebody who plays, pauses, jumps and repeats, quits, and whose program dies now and then."""

    def __init__(self, seed: int, client: httpx.AsyncClient) -> None:
        self.dice = random.Random(seed)
        self.clock = ManualClock()
        self.clock.now = float(EPOCH_S + seed * 86_400)
        self.client = client
        self.plays: list[Truth] = []
        self.reports: list[PlaybackReport] = []
        self.goes_on: Truth | None = None
        self.entry: int | None = None
        self.found: int | None = None
        self.kept = ""
        self.kept_play: Truth | None = None

    async def open(self) -> None:
        self.ear = Ear(self.clock, self.plays, self)
        shelf = SourceShelf(lambda: self.client, refuse, AddressRule())
        self.player = Player(self.ear, shelf, self.reports.append, rng=self.dice, clock=self.clock)
        await self.player.open()
        if self.kept:
            self.player.restore(json.loads(self.kept))

    def began(self) -> None:
        """Sound begins: of a play that was broken off, or of a new one."""
        entry = self.player.queue.current
        assert entry is not None
        if self.goes_on is not None and self.plays and entry.entry_id == self.entry:
            self.plays.append(self.plays.pop(self.plays.index(self.goes_on)))
            self.goes_on.runs.append(0.0)
        else:
            self.plays.append(Truth(entry.track_id, again=entry.entry_id == self.found))
        self.goes_on, self.found, self.entry = None, None, entry.entry_id

    async def live(self, steps: int) -> None:
        await self.open()
        self.queue()
        for _ in range(steps):
            # As the program does: what was changed is on the disk before long.
            self.kept = json.dumps(self.player.save())
            self.kept_play = self.plays[-1] if self.plays and self.ear._open else self.goes_on
            self.clock.advance(self.dice.choice((0.3, 2.0, 7.0, 12.0, 25.0, 29.0, 31.0, 45.0)))
            await self.step()
        self.clock.advance(0)
        self.ear.stopwatch(False)

    def queue(self) -> None:
        names = self.dice.sample(TRACKS, 4)
        self.player.play([PlayableTrack(name, name, duration_ms=self.dice.randrange(5, 90) * 1000) for name in names])

    async def step(self) -> None:
        player, what = self.player, self.dice.randrange(12)
        if what < 3:
            player.toggle()
        elif what < 6:
            player.seek_by(self.dice.choice((-60.0, -10.0, -5.0, 5.0, 10.0, 40.0)))
        elif what == 6:
            player.next()
        elif what == 7:
            player.previous()
        elif what == 8:
            player.set_repeat(self.dice.choice(list(Repeat)))
        elif what == 9:
            self.queue()
        else:
            await self.leave(dies=what == 11)

    async def leave(self, dies: bool) -> None:
        """Leave the program, or let it die, and start it again."""
        self.ear.stopwatch(False)
        was_open = self.ear._open
        if not dies:
            self.kept = json.dumps(self.player.save())
        await self.player.close()
        if was_open and self.plays:
            self.goes_on = self.plays[-1]
            self.goes_on.lost |= dies
        if dies and self.goes_on is not self.kept_play:
            # What is found again is a play that was over.
            self.goes_on = None
        before = self.entry
        await self.open()
        current = self.player.queue.current
        if self.goes_on is not None and (
            current is None or current.entry_id != before or not self.player.snapshot.position_s
        ):
            self.goes_on = None
        self.found = current.entry_id if current is not None and self.player.snapshot.position_s > 0 else None
        if self.dice.random() < 0.8:
            self.player.resume()
            self.clock.advance(0)


@pytest.mark.parametrize("lives", [range(15), *(pytest.param(some, marks=pytest.mark.soak) for some in LONG)], ids=str)
async def test_every_play_counts_once_or_not_at_all(tmp_path: Path, client: httpx.AsyncClient, lives: range) -> None:
    database = Database(tmp_path / "platform.db")
    await database.open()
    await seed_catalogue(database)
    now = datetime.now(UTC)
    async with database.writing() as db:
        db.add(
            UserRow(id="u", username="u", username_key="u", email="", password_hash="", created_at=now, updated_at=now)
        )
        before = {row[0]: row[1] for row in await db.execute(select(TrackRow.id, TrackRow.stream_count))}
    counted = Counter[str]()
    for seed in lives:
        life = Life(seed, client)
        await life.live(20)
        at_least, at_most, streams = Counter[str](), Counter[str](), Counter[str]()
        for play in life.plays:
            total, best = sum(play.runs), max(play.runs)
            at_least[play.track_id] += not play.again and (best if play.lost else total) >= 30 + NEAR_S
            at_most[play.track_id] += total >= 30 - NEAR_S
        async with database.writing() as db:
            for event in delivered(life.reports, life.dice):
                recorded = await record(db, "u", event, None, now)
                streams[event.track_id] += recorded.stream_count is not None
        for name in TRACKS:
            assert at_least[name] <= streams[name] <= at_most[name], f"life {seed}, track {name}"
        counted += streams
    async with database.reading() as db:
        after = {row[0]: row[1] for row in await db.execute(select(TrackRow.id, TrackRow.stream_count))}
    assert {name: after[name] - before[name] for name in TRACKS} == {name: counted[name] for name in TRACKS}
    assert counted.total() > len(lives), "lives in which much is heard"
    await database.close()


def delivered(reports: list[PlaybackReport], dice: random.Random) -> list[PlaybackEvent]:
    """Return what reaches the platform: everything, some of it twice, in the order of the outbox."""
    events = []
    for report in reports:
        event = PlaybackEvent(
            track_id=report.track_id,
            event_type=report.event_type,
            position=report.position_ms,
            timestamp=report.timestamp_ms,
            play_id=report.play_id,
            listened_ms=report.listened_ms,
        )
        events += [event] * (2 if dice.random() < 0.2 else 1)
    return events
