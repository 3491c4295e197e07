"""The whole program with files of its own, behind a door to the platform that can be shut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from textual.pilot import Pilot

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from tests.faults.proxy import FaultProxy
from tests.shared_platform import SharedPlatform
from tui.app import ParlourApp
from tui.config import Config, PlayerSection
from tui.launch import Launch
from tui.paths import Paths
from tui.state.session import Session
from tui.terminal import Terminal

PASSWORD = "correct horse battery"


@dataclass
class House:
    """A machine with one folder, and the door to the platform."""

    launch: Launch
    door: FaultProxy
    platform: SharedPlatform

    async def shut(self) -> None:
        """The platform cannot be reached any more."""
        await self.door.shut()
        self.door.cut()

    @asynccontextmanager
    async def program(self, size: tuple[int, int] = (120, 36), **changes: object) -> AsyncIterator[Visit]:
        """Run the program; what it leaves behind stays in the folder."""
        app = ParlourApp(replace(self.launch, **changes))  # type: ignore[arg-type]
        said: list[str] = []
        show = app._toasts._show

        def heard(sentence: str, severity: str, seconds: float) -> None:
            said.append(sentence)
            show(sentence, severity, seconds)

        app._toasts._show = heard
        try:
            async with app.run_test(size=size) as pilot:
                yield Visit(app, pilot, said)
        finally:
            await app.leave_nothing()

    @asynccontextmanager
    async def somebody_else(self, name: str) -> AsyncIterator[PlatformClient]:
        """Another person, who reaches the platform by another way."""
        async with PlatformClient(self.platform.url) as client:
            await client.accounts.register(name, f"{name}@example.com", PASSWORD)
            yield client


@dataclass
class Visit:
    """One run of the program."""

    app: ParlourApp
    pilot: Pilot[int]
    said: list[str]
    """What the program has said in toasts, also those that are gone."""

    @property
    def session(self) -> Session:
        return self.app.session

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(30):
            while not condition():
                assert self.app._exception is None, self.app._exception
                await self.pilot.pause()

    async def sees(self, *words: str) -> None:
        """Wait until all of `words` stand on the screen."""
        try:
            await self.until(lambda: all(word in self.text for word in words))
        except TimeoutError:
            raise AssertionError(f"not on the screen: {words}\n{self.text}") from None

    async def hears(self, words: str) -> None:
        """Wait until the program says it in a toast."""
        await self.until(lambda: any(words in sentence for sentence in self.said))

    async def enters(self, name: str) -> None:
        """Make an account, as the form would."""
        admission = await self.app.gate.register(self.app.gate.url, name, f"{name}@example.com", PASSWORD)
        self.app.run_worker(self.app.admitted(admission), group="welcome")
        await self.is_in()

    async def returns(self, name: str) -> None:
        """Sign in to an account that exists."""
        admission = await self.app.gate.sign_in(self.app.gate.url, name, PASSWORD)
        self.app.run_worker(self.app.admitted(admission), group="welcome")
        await self.is_in()

    async def is_in(self) -> None:
        """Wait for the feed."""
        await self.until(lambda: self.app.current_mode == "feed" and self.app.front is not None)

    async def begins(self, write: Callable[[], object]) -> None:
        """Begin a write of a store and do not wait for the platform."""
        task = asyncio.ensure_future(write())  # type: ignore[arg-type]
        task.add_done_callback(_looked_at)
        before = self.session.sections.counts.open
        await self.until(lambda: self.session.sections.counts.open > before or task.done())


def _looked_at(task: asyncio.Future[object]) -> None:
    if not task.cancelled():
        assert task.exception() is None or isinstance(task.exception(), PlatformError)


@asynccontextmanager
async def house(platform: SharedPlatform, folder: Path) -> AsyncIterator[House]:
    """Build one; the platform is empty."""
    await platform.empty()
    paths, _ = Paths.find(folder / "parlour").ensured()
    address = urlsplit(platform.url)
    async with FaultProxy(address.hostname or "", address.port or 0) as door:
        launch = Launch(
            paths,
            Terminal(remote=False, colours=256),
            config=Config(player=PlayerSection(output="null")),
            url=door.url,
            insecure_storage=True,
        )
        yield House(launch, door, platform)
