"""A real platform with people on it, and a host for the screens of threads: their shell, with scripted answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

import tui
from api_client.client import PlatformClient
from api_client.clock import SystemClock
from api_client.errors import PlatformError
from api_client.models.posts import Media, NewThreadPost, ThreadPost
from api_client.models.threads import NewSubreddit
from api_client.realtime import Realtime
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from tests.shared_platform import SharedPlatform
from themes.loader import load_themes
from tui.config import Config
from tui.key_routing import KeyRouting
from tui.keys import Keymap
from tui.places import Place
from tui.screens.base import ParlourScreen
from tui.screens.pictures import PictureLoader
from tui.shell import Severity
from tui.state.comments import CommentsStore
from tui.state.session import Session
from tui.state.threads import ThreadsStore

PASSWORD = "correct horse battery"


class Account:
    """Somebody at their terminal."""

    def __init__(self, client: PlatformClient, session: Session) -> None:
        self.client = client
        self.session = session

    @property
    def threads(self) -> ThreadsStore:
        return self.session.threads

    @property
    def comments(self) -> CommentsStore:
        return self.session.comments

    async def community(self, name: str) -> None:
        await self.client.threads.found(NewSubreddit(name=name))

    async def post(self, subreddit: str, title: str, **more: Any) -> ThreadPost:
        post = await self.client.feed.create(NewThreadPost(subreddit=subreddit, title=title, **more))
        assert isinstance(post, ThreadPost)
        return post


class Ahead(SystemClock):
    """A clock by which what is held back for some seconds goes out at once."""

    def time(self) -> float:
        return super().time() + 60


class World:
    """A platform that nobody else is on."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.url = url
        self._stack = stack

    async def account(self, name: str) -> Account:
        """Register somebody; their socket connects at once."""
        client = await self._stack.enter_async_context(PlatformClient(self.url))
        me = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
        outbox = Outbox(sender(client), clock=Ahead())
        self._stack.push_async_callback(outbox.close)

        def heard(frame: Any) -> None:
            for store in (session.threads, session.comments, session.feed, session.live):
                store.on_event(frame)

        realtime = Realtime(client, on_event=heard, on_gap=lambda: None)
        session = Session.build(client, realtime, outbox, me)
        session.comments.calm = 0.0
        realtime.start()
        self._stack.push_async_callback(realtime.stop)
        return Account(client, session)


@asynccontextmanager
async def world(platform: SharedPlatform) -> AsyncIterator[World]:
    """Give the platform without any data."""
    await platform.empty()
    async with AsyncExitStack() as stack:
        yield World(platform.url, stack)


async def until(condition: Callable[[], bool], *watched: ThreadsStore | CommentsStore | Outbox) -> None:
    """Wait until `condition` holds, looking again at every change of what is `watched`."""
    changed = asyncio.Event()
    ends = [each.subscribe(lambda _: changed.set()) for each in watched]
    try:
        async with asyncio.timeout(30):
            while not condition():
                await changed.wait()
                changed.clear()
    finally:
        for end in ends:
            end()


async def sees(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    """Wait until `condition` holds, looking again whenever the program has nothing more to do."""
    try:
        async with asyncio.timeout(30):
            while not condition():
                await pilot.pause(0.01)
    except TimeoutError:
        host = pilot.app
        assert isinstance(host, Host)
        raise AssertionError(f"not within 30 s. The program said {host.said}.\n{host.text()}") from None


class Host(KeyRouting):
    """Shows one screen, remembers what it asked for, and answers from `answers`."""

    CSS_PATH = Path(tui.__file__).parent / "app.tcss"

    def __init__(self, account: Account, make: Callable[[Any], ParlourScreen]) -> None:
        super().__init__(Keymap())
        self.account = account
        self._make = make
        self.answers: list[Any] = []
        self.opened: list[Place] = []
        self.said: list[str] = []
        self.links: list[str] = []
        self.left = 0
        self.pictures = PictureLoader(account.client.media)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(load_themes().themes["parlour-dark"].variables)

    @property
    def config(self) -> Config:
        return Config()

    @property
    def session(self) -> Session:
        return self.account.session

    @property
    def front(self) -> ParlourScreen | None:
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, ParlourScreen)), None)

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        self.register_theme(load_themes().themes["parlour-dark"])
        self.theme = "parlour-dark"
        self.push_screen(self._make(self))

    def dress(self, screen: ParlourScreen) -> None:
        """The frame shows nothing here."""

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

    async def ask(self, question: str, initial: str = "") -> str | None:
        return self.answers.pop(0) if self.answers else None

    async def confirm(self, question: str, yes: str) -> bool:
        return bool(self.answers.pop(0)) if self.answers else False

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return self.answers.pop(0) if self.answers else None

    def view_pictures(self, media: Sequence[Media], caption: str, start: int = 0) -> None:
        self.links.extend(medium.url for medium in media)

    async def open_link(self, url: str) -> None:
        self.links.append(url)

    def copy(self, text: str, what: str) -> None:
        self.said.append(text)

    def text(self) -> str:
        """Return what stands on the screen."""
        return "\n".join(
            "".join(segment.text for segment in line).rstrip() for line in self.screen._compositor.render_strips()
        )
