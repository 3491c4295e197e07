"""A real platform with a small catalogue whose tracks are tones, a player on the real engine, a host for screens."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy
import soundfile
from sqlalchemy import update
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

import tui
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.posts import Media
from api_client.realtime import Realtime
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from server.tables.music import LyricsRow, TrackRow
from tests.server.music_seed import seed_catalogue
from tests.shared_platform import SharedPlatform
from themes.loader import load_themes
from tui.config import Config, PlayerSection
from tui.key_routing import KeyRouting
from tui.keys import Keymap
from tui.places import Place
from tui.player.player import Player
from tui.rebases import rebases
from tui.screens.base import ParlourScreen
from tui.screens.pictures import PictureLoader
from tui.shell import Severity
from tui.sound import Sound
from tui.state.music import MusicStore
from tui.state.session import Session
from tui.state.stations import Stations
from widgets.picker import Picked

PASSWORD = "correct horse battery"
TONE_S = 30.0
"""Seconds of every track: longer than any test."""
SILENT_TRACK = "t7"
"""The one that cannot be played."""
LINES = [{"timeMs": 0, "text": "First"}, {"timeMs": 10_000, "text": "Second"}, {"timeMs": 20_000, "text": "Third"}]


@cache
def tone() -> bytes:
    """Return Ogg Vorbis of a tone."""
    samples = 0.3 * numpy.sin(numpy.arange(int(TONE_S * 22_050)) * 440 * 2 * numpy.pi / 22_050)
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", 22_050, 1, format="OGG", subtype="VORBIS") as file:
        for start in range(0, len(samples), 22_050):
            file.write(samples[start : start + 22_050].astype("float32"))
    return out.getvalue()


class Listener:
    """Somebody at their terminal."""

    def __init__(self, client: PlatformClient, session: Session, sound: Sound) -> None:
        self.client = client
        self.session = session
        self.sound = sound

    @property
    def store(self) -> MusicStore:
        return self.session.music


class MusicWorld:
    """A platform that nobody else is on."""

    def __init__(self, platform: SharedPlatform, folder: Path, stack: AsyncExitStack) -> None:
        self.url = platform.url
        self.rendered: list[str] = []
        self._folder = folder
        self._stack = stack

    async def render(self, key: str, quality: int, *, hurry: bool) -> bytes:
        """Stand in for the composer."""
        self.rendered.append(key)
        await asyncio.sleep(0)
        return tone()

    async def listener(self, name: str) -> Listener:
        """Register somebody, and open their player."""
        client = await self._stack.enter_async_context(PlatformClient(self.url))
        me = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
        outbox = Outbox(sender(client), rebase=rebases(client))
        self._stack.push_async_callback(outbox.close)
        realtime = Realtime(
            client, on_event=lambda frame: session.live.on_event(frame), on_gap=lambda: session.live.on_gap()
        )
        session = Session.build(client, realtime, outbox, me)
        realtime.start()
        self._stack.push_async_callback(realtime.stop)
        settings, state = PlayerSection(output="null"), self._folder / f"{name}.json"
        sound = Sound(client, session.writes, settings, state, session.downloads)
        await sound.open()
        self._stack.push_async_callback(sound.close)
        return Listener(client, session, sound)


@asynccontextmanager
async def music_world(platform: SharedPlatform, folder: Path) -> AsyncIterator[MusicWorld]:
    """Give the platform with the catalogue of the server's tests and nothing else."""
    database, audio = platform.state.database, platform.state.playback.audio

    async def furnish() -> None:
        await seed_catalogue(database)
        async with database.writing() as db:
            await db.execute(update(TrackRow).where(TrackRow.id == SILENT_TRACK).values(audio_key=None))
            db.add(LyricsRow(track_id="t2", synced=True, lines=LINES))
            db.add(LyricsRow(track_id="t3", synced=False, lines=[{"text": "No times"}, {"text": "at all"}]))

    await platform.empty()
    await platform.within(furnish)
    async with AsyncExitStack() as stack:
        world = MusicWorld(platform, folder, stack)
        # What was rendered for an earlier test must not be there already.
        audio._folder, audio._render = folder / "audio", world.render
        yield world


class MusicHost(KeyRouting):
    """Shows one screen, remembers what it asked for, and answers from `answers`."""

    CSS_PATH = Path(tui.__file__).parent / "app.tcss"

    def __init__(self, listener: Listener, make: Callable[[Any], ParlourScreen]) -> None:
        super().__init__(Keymap())
        for theme in load_themes().themes.values():
            self.register_theme(theme)
        self.theme = "parlour-dark"
        self.listener = listener
        self._make = make
        self.answers: list[Any] = []
        self.offered: list[list[str]] = []
        self.opened: list[Place] = []
        self.asked: list[str] = []
        self.viewed: list[str] = []
        self.said: list[str] = []
        self.left = 0
        self.pictures = PictureLoader(listener.client.media)

    @property
    def config(self) -> Config:
        return Config()

    @property
    def session(self) -> Session:
        return self.listener.session

    @property
    def player(self) -> Player:
        return self.listener.sound.player

    @property
    def local_player(self) -> Player:
        return self.listener.sound.player

    @cached_property
    def stations(self) -> Stations:
        stations = Stations(self.session.client, self.player, self.session.cache, self.report)
        self.player.subscribe(stations.follow)
        return stations

    @property
    def front(self) -> ParlourScreen | None:
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, ParlourScreen)), None)

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        self.push_screen(self._make(self))

    def dress(self, screen: ParlourScreen) -> None:
        """The frame stays as it is made: nothing is connected here."""

    def open_place(self, place: Place) -> None:
        self.opened.append(place)

    @property
    def draws_pictures(self) -> bool:
        return True

    def leave(self) -> None:
        self.left += 1

    def report(self, error: PlatformError) -> None:
        self.said.append(error.sentence)

    def say(self, sentence: str, severity: Severity = "information") -> None:
        self.said.append(sentence)

    async def action_undo(self) -> None:
        self.say("There is nothing to take back.")

    async def ask(self, question: str, initial: str = "") -> str | None:
        return self.answers.pop(0) if self.answers else None

    async def confirm(self, question: str, yes: str) -> bool:
        self.asked.append(question)
        return bool(self.answers.pop(0)) if self.answers else False

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        self.offered.append([text for _, text in options])
        answer = self.answers.pop(0) if self.answers else None
        return next((found for found, text in options if answer is not None and answer in (found, text)), None)

    async def pick(self, title: str, options: Sequence[tuple[str, str]], new: str = "") -> Picked | None:
        self.offered.append([text for _, text in options])
        answer = self.answers.pop(0) if self.answers else None
        if new and answer == f"+ a new {new}":
            return Picked(None, "")
        return next((Picked(found, text) for found, text in options if answer in (found, text)), None)

    async def blend(self, username: str = "") -> None:
        self.said.append(f"blend {username}")

    def view_pictures(self, media: Sequence[Media], caption: str, start: int = 0) -> None:
        self.viewed.extend(medium.url for medium in media)

    async def open_link(self, url: str) -> None:
        raise AssertionError("there are no links in music")

    def copy(self, text: str, what: str) -> None:
        self.said.append(text)

    def lines(self) -> list[str]:
        """Return what stands on the screen, line by line."""
        return ["".join(segment.text for segment in line).rstrip() for line in self.screen._compositor.render_strips()]

    def text(self) -> str:
        """Return what stands on the screen."""
        return "\n".join(self.lines())

    def row(self, words: str) -> str:
        """Return the first line with `words` in it, empty if there is none."""
        return next((line for line in self.lines() if words in line), "")


async def until(pilot: Pilot[Any], condition: Callable[[], Any]) -> None:
    """Let the program run until `condition` holds."""
    try:
        async with asyncio.timeout(30):
            while not condition():
                assert pilot.app._exception is None, "the program has failed"
                await pilot.pause()
    except TimeoutError:
        assert isinstance(pilot.app, MusicHost)
        raise AssertionError(f"this is what is shown:\n{pilot.app.text()}\n{pilot.app.said}") from None


async def sent(listener: Listener) -> None:
    """Wait until the platform has everything."""
    done = asyncio.Event()
    unsubscribe = listener.session.outbox.subscribe(lambda _: done.set())
    try:
        async with asyncio.timeout(30):
            while listener.session.sections.counts.open:
                done.clear()
                await done.wait()
    finally:
        unsubscribe()
