"""A session bus of its own, a player that keeps time without sound, and people at playerctl."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from tui.desktop.covers import Covers
from tui.desktop.desktop import Desktop
from tui.desktop.link import Program, Wishes
from tui.desktop.mpris import NAME, OBJECT_PATH
from tui.player.clock import LoopClock
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import AddressRule, StreamInfo
from tui.player.track import PlayableTrack

PATIENCE = 30.0
PLAYER = "org.mpris.MediaPlayer2.Player"
MISSING = "the tests of the desktop need a real one: apt-get install dbus playerctl"


def track(number: int, seconds: float = 300.0, **more: Any) -> PlayableTrack:
    """Return a track whose texts are in several scripts."""
    texts = {"title": f"Näme {number} ♫ 夜", "artist": "Ånn, Бен", "artists": ("Ånn", "Бен"), "album": "Альбом"}
    return PlayableTrack(id=f"t-{number}", duration_ms=int(seconds * 1000), **{**texts, **more})


def tracks(count: int) -> list[PlayableTrack]:
    return [track(number) for number in range(1, count + 1)]


@contextmanager
def session_bus(address: str) -> Iterator[str]:
    """Run a session bus at `address` and yield where it is; it goes as one that was killed."""
    assert shutil.which("dbus-daemon"), MISSING
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1", f"--address={address}"]
    bus = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert bus.stdout is not None
        yield bus.stdout.readline().strip()
    finally:
        bus.kill()
        bus.wait()
        bus.stdout.close()


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The session bus of this test."""
    with session_bus(f"unix:path={tmp_path}/bus") as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


async def refuse(*_asked: Any) -> StreamInfo:
    raise AssertionError("a silent engine fetches nothing")


@pytest.fixture
async def player() -> AsyncIterator[Player]:
    shelf = SourceShelf(httpx.AsyncClient, refuse, AddressRule())
    made = Player(SilentEngine(LoopClock(), "silent"), shelf, lambda _report: None, rng=random.Random(1))
    await made.open()
    yield made
    await made.close()


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a state; other programs bring it about, which tell nobody here."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


class Asked:
    """What the program was asked to do."""

    def __init__(self) -> None:
        self.quits = 0
        self.opened: list[str] = []
        self.in_front: bool | None = None
        self.pictures: dict[str, bytes] = {}
        self.fetched: list[str] = []

    def quit(self) -> None:
        self.quits += 1

    async def open_address(self, address: str) -> str | None:
        self.opened.append(address)
        return None if address.startswith("parlour:") else "Parlour plays what is its own."

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return self.pictures[url]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def covers(tmp_path: Path, asked: Asked) -> Covers:
    return Covers(tmp_path / "covers", asked.fetch)


@pytest.fixture
async def open_desktop(bus: str, player: Player, covers: Covers, asked: Asked) -> AsyncIterator[Callable[..., Any]]:
    """Return what brings the player to the desktop, and waits until it is there."""
    made: list[Desktop] = []

    async def opened(*, mpris: bool = True, notify: bool = False) -> Desktop:
        program = Program(asked.quit, asked.open_address, lambda: asked.in_front)
        desktop = Desktop(player, covers, Wishes(mpris, notify), program)
        desktop.again_after = 0.01
        made.append(desktop)
        desktop.open()
        await until(lambda: NAME in desktop.sentence or "told" in desktop.sentence)
        return desktop

    yield opened
    for desktop in made:
        await desktop.close()


class Playerctl:
    """A person at playerctl."""

    async def __call__(self, *words: str) -> str:
        """Return what it says; it has to succeed."""
        said, status = await self.run(*words)
        assert status == 0, (words, said)
        return said

    async def run(self, *words: str) -> tuple[str, int]:
        process = await self.start(*words)
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode is not None
        return said.decode().rstrip("\n"), process.returncode

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "playerctl",
            "--player=parlour",
            *words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def playerctl(bus: str) -> Playerctl:
    assert shutil.which("playerctl"), MISSING
    return Playerctl()


class Neighbour:
    """Another program on the bus, such as a desktop's panel."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus = bus
        self.signals: list[Message] = []
        bus.add_message_handler(self._take)

    def _take(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.path == OBJECT_PATH:
            self.signals.append(message)

    def told(self, member: str) -> list[list[Any]]:
        """Return the bodies of the signals called `member`."""
        return [message.body for message in self.signals if message.member == member]

    async def call(
        self, member: str, signature: str = "", *body: Any, interface: str = PLAYER, name: str = NAME
    ) -> Message:
        """Call the player and return its answer."""
        message = Message(
            destination=name,
            path=OBJECT_PATH,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        answer = await self.bus.call(message)
        assert answer is not None
        return answer

    async def get(self, name: str, interface: str = PLAYER) -> Any:
        """Return a property."""
        answer = await self.call("Get", "ss", interface, name, interface="org.freedesktop.DBus.Properties")
        assert answer.message_type is MessageType.METHOD_RETURN, answer.body
        return answer.body[0].value

    async def set(self, name: str, value: Any) -> Message:
        """Set a property of the player."""
        return await self.call("Set", "ssv", PLAYER, name, value, interface="org.freedesktop.DBus.Properties")


@pytest.fixture
async def neighbour(bus: str) -> AsyncIterator[Neighbour]:
    made = Neighbour(await MessageBus(bus).connect())
    rule = Message(
        destination="org.freedesktop.DBus",
        path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus",
        member="AddMatch",
        signature="s",
        body=[f"type='signal',path='{OBJECT_PATH}'"],
    )
    await made.bus.call(rule)
    yield made
    made.bus.disconnect()
