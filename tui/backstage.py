"""What runs behind the screens while somebody is signed in: socket, outbox, sound; their events go to the stores."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from api_client.models.realtime import ServerFrame
from api_client.realtime import Phase, Realtime, SocketState
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from tui.chrome import Chrome
from tui.gate import Admission
from tui.launch import Launch
from tui.screens.pictures import PictureLoader
from tui.sound import Sound
from tui.state.session import Session


class Backstage:
    """One signed-in account at work. `open`, then `close`; nothing of it outlives `close`."""

    def __init__(self, launch: Launch, admission: Admission, chrome: Chrome) -> None:
        self.admission = admission
        self.chrome = chrome
        self.client = admission.client
        outbox = Outbox(sender(self.client))
        realtime = Realtime(self.client, on_event=self._on_event, on_gap=self._on_gap, on_state=self._on_state)
        self.session = Session.build(self.client, realtime, outbox, admission.me)
        self.sound = Sound(self.client, self.session.writes, launch.config.player, launch.paths.player_file)
        self.pictures = PictureLoader(self.client.media)
        self._countdown: asyncio.Task[None] | None = None
        self._unsubscribes: list[Callable[[], None]] = [
            outbox.subscribe(lambda _: chrome.follow_outbox(outbox)),
            self.sound.player.subscribe(chrome.follow_player),
            self.session.chat.subscribe(lambda _: chrome.follow_unread("chat", self.session.chat.unread)),
        ]

    async def open(self) -> None:
        """Connect, and get the sound ready behind the first screen."""
        self.session.realtime.start()
        await self.sound.open()

    async def close(self) -> None:
        """Stop everything; what is still to be sent is given a moment."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        try:
            await asyncio.gather(self.session.realtime.stop(), self.sound.close(), self.pictures.close())
            await self.session.outbox.close()
        finally:
            # Last, because a socket that is lost on the way out begins to count.
            if self._countdown is not None:
                self._countdown.cancel()
            await self.client.close()

    def _on_event(self, frame: ServerFrame) -> None:
        for store in self.session.listeners:
            store.on_event(frame)

    async def _on_gap(self) -> None:
        """The socket was away: what the screens show is fetched again."""
        self.pictures.forget_failures()
        self.chrome.came_back()
        for store in self.session.listeners:
            store.on_gap()

    def _on_state(self, state: SocketState) -> None:
        self._follow(state)
        if self._countdown is not None:
            self._countdown.cancel()
            self._countdown = None
        if state.phase is Phase.WAITING:
            self._countdown = asyncio.create_task(self._count_down(state), name="reconnect countdown")

    async def _count_down(self, state: SocketState) -> None:
        while True:
            await asyncio.sleep(1)
            self._follow(state)

    def _follow(self, state: SocketState) -> None:
        self.chrome.follow_link(state, self.client.clock.monotonic())
