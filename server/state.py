"""What one running platform consists of; every request reaches it through its context."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fastapi import FastAPI

from server.accounts.passwords import Passwords
from server.accounts.tokens import Tokens
from server.background import Background
from server.clock import Clock
from server.comments.grown import GrownTrees
from server.db import Database, new_id
from server.demo.media_keys import draw
from server.feed.ranked_pages import RankedPages
from server.idempotency import Repetitions
from server.limiter import RateLimiter
from server.media import MediaStore
from server.metrics import Metrics
from server.music.visuals import VisualStore
from server.music.watch import FolderWatch
from server.playback.audio import AudioStore
from server.playback.parts import Playback
from server.playback.tickets import Tickets
from server.realtime.hub import Hub
from server.realtime.streams import EventStreams
from server.secrets import load_secret
from server.settings import Settings
from server.signing import Signer


@dataclass(slots=True)
class ServerState:
    """The parts of a platform, made once at its start."""

    settings: Settings
    database: Database
    media: MediaStore
    tokens: Tokens
    signer: Signer
    passwords: Passwords
    playback: Playback
    music_folder: FolderWatch | None = None
    """What reads the music folder, where there is one."""
    hub: Hub = field(default_factory=Hub)
    streams: EventStreams = field(default_factory=lambda: EventStreams(new_id()))
    limiter: RateLimiter = field(default_factory=RateLimiter)
    metrics: Metrics = field(default_factory=Metrics)
    background: Background = field(default_factory=Background)
    repetitions: Repetitions = field(default_factory=Repetitions)
    rankings: RankedPages = field(default_factory=RankedPages)
    trees: GrownTrees = field(default_factory=GrownTrees)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the platform begins to stop: whatever holds a connection open lets go."""

    @property
    def clock(self) -> Clock:
        """The one source of time."""
        return self.settings.clock


def make_state(settings: Settings) -> ServerState:
    """Return the parts for `settings`; the secret is made if the data folder has none."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = load_secret(settings.data_dir / "secret")
    signer = Signer(secret.derive("signed urls"))
    background = Background()
    audio = AudioStore(settings.data_dir / "audio", settings.music_dir)
    visuals = VisualStore(settings.data_dir / "visuals", audio, background.start, clock=settings.clock)
    return ServerState(
        settings=settings,
        database=Database(settings.data_dir / "platform.db"),
        media=MediaStore(settings.data_dir / "media", draw if settings.demo else None),
        tokens=Tokens(secret),
        signer=signer,
        passwords=Passwords(settings.hash_cost),
        playback=Playback(audio, Tickets(signer), visuals),
        background=background,
    )


def attach(app: FastAPI, state: ServerState) -> None:
    """Make `state` the platform that `app` serves."""
    app.state.platform = state


def state_of(app: FastAPI) -> ServerState:
    """Return the platform that `app` serves."""
    found = app.state.platform
    if not isinstance(found, ServerState):
        raise TypeError("the application has not been started")
    return found
