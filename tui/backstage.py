"""What runs behind the screens while somebody is signed in: socket, outbox, sound; their events go to the stores."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from api_client.errors import PlatformError, SignInRequired
from api_client.realtime import Phase, Realtime, SocketState
from api_client.sync.ports import StoreTrouble
from api_client.sync.receipts import Receipt
from tui.chrome import Chrome
from tui.gate import ME, Admission
from tui.launch import Launch
from tui.screens.pictures import PictureLoader
from tui.state.session import Session
from tui.storage import Storage, open_storage

if TYPE_CHECKING:
    from api_client.models.realtime import ServerFrame
    from tui.connect import Connect
    from tui.desktop.desktop import Desktop
    from tui.downloading import Downloading
    from tui.shell import Severity
    from tui.sound import Sound
    from tui.state.stations import Stations
    from tui.state.together import GroupStore

TICK = 1.0
"""Seconds after which the state line is true again, whatever has changed without a word."""
AT_ONCE = 200
"""Open intents that are shown before anything else has its turn; with more of them, the others follow."""


class Backstage:
    """One signed-in account at work. `prepared`, `open`, then `close`; nothing of it outlives `close`."""

    def __init__(
        self,
        launch: Launch,
        admission: Admission,
        chrome: Chrome,
        storage: Storage,
        report: Callable[[PlatformError], None],
    ) -> None:
        """Use `prepared` instead."""
        self.admission = admission
        self.chrome = chrome
        self.client = admission.client
        self.memory_only = storage.trouble
        """Why nothing is stored, a sentence; None where everything is."""
        self.lost: str | None = None
        """Why what was being typed could not be stored at the end; a sentence."""
        self._report = report
        self.tell: Callable[[str, Severity], None] = lambda _sentence, _severity: None
        """Says something to the user, once there is a screen to say it on."""
        awaited = self.client.awaited
        realtime = Realtime(
            self.client,
            on_event=self._on_event,
            on_gap=self._on_gap,
            on_state=self._on_state,
            on_sign=awaited.heard,
            faults=self.client.faults,
        )
        chrome.follow_faults(self.client.faults.on)
        awaited.follow(chrome.follow_delay, realtime.probe)
        self.session = Session(
            self.client,
            realtime,
            storage.outbox,
            admission.me,
            admission.cache,
            attachments=storage.attachments,
            photos=storage.photos,
        )
        self._launch = launch
        self._key_of = launch.keymap.keymap.key_of
        self.pictures = PictureLoader(self._picture)
        self.desktop: Desktop | None = None
        self._was_away = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribes: list[Callable[[], None]] = [
            self.session.sections.subscribe(lambda _: self._outbox_changed()),
            self.client.faults.subscribe(chrome.follow_faults),
        ]
        self._told = False

    @cached_property
    def sound(self) -> Sound:
        """The player with what it needs, loaded when it is first asked for."""
        from tui.sound import Sound

        settings, state = self._launch.config.player, self._launch.paths.player_file(self.admission.account.folder)
        sound = Sound(self.client, self.session.writes, settings, state, self.session.downloads)
        self._unsubscribes.append(sound.face.subscribe(self.chrome.follow_player))
        return sound

    @cached_property
    def connect(self) -> Connect:
        """The user's other devices, loaded when they are first asked for."""
        from tui.connect import Connect
        from tui.device_identity import DeviceIdentity, host_name

        settings, session = self._launch.config.player, self.session
        folder = self._launch.paths.account_data(self.admission.account.folder)
        connect = Connect(
            self.client,
            session.realtime,
            self.sound.player,
            self.sound.face,
            session.devices,
            DeviceIdentity(folder, host_name(), settings.device_name, os.environ),
            session.me.id,
            lambda sentence, severity: self.tell(sentence, severity),
            output_is_chosen=bool(settings.output),
            key_of=self._key_of,
        )
        connect.change_waiting = lambda change: "group" in self.__dict__ and self.group.change_own(change)
        return connect

    @cached_property
    def stations(self) -> Stations:
        """Keeps a station ahead of the player, loaded when it is first asked for."""
        from tui.state.stations import Stations

        stations = Stations(self.client, self.sound.face, self.session.cache, self._report)
        self._unsubscribes.append(self.sound.face.subscribe(stations.follow))
        return stations

    @cached_property
    def group(self) -> GroupStore:
        """The session in which the user listens with others, loaded when it is first asked for."""
        from tui.state.together import GroupStore

        player, face = self.sound.player, self.sound.face
        me, say = self.session.me, self.chrome.say
        group = GroupStore(self.client, me, player, face, say, self._report, key_of=self._key_of)
        self._unsubscribes.append(group.subscribe(lambda _: self._show_listening()))
        # The queue of a session is nobody's own.
        self.sound.kept.is_lent = lambda: group.state is not None
        return group

    @cached_property
    def downloading(self) -> Downloading:
        """What keeps music on this machine, loaded when it is first asked for."""
        from tui.downloading import Downloading

        return Downloading(self.session, self.sound, self._launch.config.player)

    @classmethod
    async def prepared(
        cls, launch: Launch, admission: Admission, chrome: Chrome, report: Callable[[PlatformError], None]
    ) -> Self:
        """Return it with what the first screen needs; nothing goes over the network, and no write begins, until `open`.

        `report` is told when the platform does not know the account any more.
        """
        admission.client.latch.hold()
        storage = await open_storage(launch.paths, admission)
        backstage = cls(launch, admission, chrome, storage, report)
        backstage.session.writes.latch.hold()
        if launch.offline:
            backstage._stay_offline()
        return backstage

    @property
    def complaints(self) -> tuple[str, ...]:
        """What was found damaged among the stored things, one sentence each."""
        return (*self.session.outbox.complaints, *self.session.cache.complaints)

    @property
    def offline(self) -> bool:
        """Whether the user works offline."""
        return self.client.offline

    async def open(self) -> None:
        """Show what waits to be sent, connect, and get the sound ready, all behind the first screen."""
        self._join()
        self.client.latch.let_go()
        self._do(self._tick(), "status ticker")
        if not self.offline:
            self.session.outbox.resume()
            self.session.realtime.start()
            self._do(self._verify(), "verify the account")
        self._follow(self.session.realtime.state)
        self._show_outbox()
        await self.downloading.open(self._launch.paths.account_music(self.admission.account.folder))
        self._follow(self.session.realtime.state)
        await self.sound.open()
        self.chrome.is_heard_elsewhere = lambda: bool(self.session.devices.others)
        await self.connect.open()

    def _join(self) -> None:
        """Build what the first screen did not need, and show every open change; then new ones may follow."""
        session, chrome = self.session, self.chrome
        session.complete()
        self.sound  # noqa: B018 - what waits may be its own
        self.stations  # noqa: B018 - one may play on from where it was left
        self._unsubscribes.append(session.chat.subscribe(lambda _: chrome.follow_unread("chat", session.chat.unread)))
        waiting = session.outbox.open
        for receipt in waiting[:AT_ONCE]:
            session.writes.follow(receipt)
        if len(waiting) > AT_ONCE:
            self._do(self._follow_rest(waiting[AT_ONCE:]), "follow the rest")
        session.outbox.on_foreign(self._follow_foreign)
        self._unsubscribes.append(session.privacy.subscribe(lambda _: self._show_listening()))
        self.sound.is_private = lambda: session.privacy.hides
        session.writes.latch.let_go()

    async def go_offline(self) -> None:
        """Let nothing go over the network until `go_online`; what is done meanwhile waits."""
        self._stay_offline()
        await self.session.realtime.stop()
        self._follow(self.session.realtime.state)

    def go_online(self) -> None:
        """Connect again, and send what has waited."""
        self.client.offline = False
        self._was_away = True
        self.session.realtime.start(behind=True)
        self.session.outbox.resume()
        self._follow(self.session.realtime.state)

    async def close(self) -> None:
        """Stop everything; what was typed is stored first."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        for task in self._tasks:
            task.cancel()
        self.session.writes.latch.let_go()
        try:
            if "sound" in self.__dict__:
                await self.sound.settle()
            # First what was typed, then what can be had again.
            await self._close_outbox()
            if "group" in self.__dict__:
                # The own queue is back before it is stored.
                await self.group.close()
            if "stations" in self.__dict__:
                await self.stations.close()
            await self.session.close()
            await self.session.live.close()
            if "connect" in self.__dict__:
                await self.connect.close()
            ending = [self.session.realtime.stop(), self.pictures.close(), self.session.cache.close()]
            if "downloading" in self.__dict__:
                ending.append(self.downloading.close())
            if "sound" in self.__dict__:
                ending.append(self.sound.close())
            if self.desktop is not None:
                ending.append(self.desktop.close())
            # Each to its end: one that fails must not have the client closed under the others.
            for outcome in await asyncio.gather(*ending, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome
        finally:
            # Last, because a socket that is lost on the way out begins to count.
            for task in self._tasks:
                task.cancel()
            await self.client.close()

    async def _close_outbox(self) -> None:
        outbox = self.session.outbox
        try:
            await outbox.drafts.flush()
        except StoreTrouble as error:
            self.lost = error.sentence
        try:
            await outbox.close()
        except StoreTrouble as error:
            self.lost = error.sentence

    def _stay_offline(self) -> None:
        self.client.offline = True
        self.session.outbox.pause("You are working offline.")

    async def _picture(self, url: str) -> bytes:
        """Return a picture: from this machine where it belongs to a download. Raises PlatformError."""
        kept = await self.session.downloads.facts.cover(url) if "downloading" in self.__dict__ else None
        return kept if kept is not None else await self.client.media(url)

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _follow_foreign(self, receipt: Receipt) -> None:
        self.session.writes.follow(receipt)

    async def _follow_rest(self, receipts: Sequence[Receipt]) -> None:
        for number, receipt in enumerate(receipts):
            if receipt.is_open:
                self.session.writes.follow(receipt)
            if number % 50 == 49:
                # Keys are listened to in between.
                await asyncio.sleep(0)

    # -- events

    def _on_event(self, frame: ServerFrame) -> None:
        for store in self.session.listeners:
            store.on_event(frame)
        self.session.privacy.on_event(frame)
        self.session.friends.on_event(frame)
        if "group" in self.__dict__:
            self.group.on_event(frame)
        if "connect" in self.__dict__:
            self.connect.on_event(frame)

    def _on_gap(self) -> None:
        """The socket was away: what the screens show is fetched again."""
        self.pictures.forget_failures()
        self.chrome.came_back()
        for store in self.session.listeners:
            store.on_gap()
        self.session.friends.on_gap()
        self._do(self._ask_for_privacy(), "ask who sees what is heard")
        if "group" in self.__dict__:
            self.group.on_gap()
        if "connect" in self.__dict__:
            self.connect.on_gap()

    def _on_state(self, state: SocketState) -> None:
        if state.phase is Phase.ONLINE:
            if self._was_away:
                # It may be known by now that the account is not what it was.
                self._do(self._verify(), "verify the account")
            self._was_away = False
            self.session.outbox.resume()
        elif state.phase in (Phase.WAITING, Phase.OFFLINE):
            self._was_away = True
        if "connect" in self.__dict__:
            self.connect.on_state(state)
        self._follow(state)

    async def _verify(self) -> None:
        """Ask the platform who this is, which the screens have taken from the cache."""
        try:
            me = await self.client.accounts.me()
        except SignInRequired as error:
            self._report(error)
        except PlatformError:
            # Asked again when the connection is there.
            self._was_away = True
        else:
            self.session.cache.keep_document(ME, me)

    def _follow(self, state: SocketState) -> None:
        self.chrome.follow_link(state, self.client.clock.monotonic(), by_choice=self.offline)
        if "downloading" in self.__dict__:
            self.downloading.follow_line(state)

    async def _ask_for_privacy(self) -> None:
        """Learn whom the user shows what they hear; a platform that does not know of it shows it to nobody."""
        with contextlib.suppress(PlatformError):
            await self.session.privacy.load()

    def _show_listening(self) -> None:
        state = self.group.state if "group" in self.__dict__ else None
        self.chrome.follow_listening(
            private=self.session.privacy.private_until is not None, together=len(state.members) if state else 0
        )

    def _outbox_changed(self) -> None:
        if not self._told:
            # Many changes at once are one.
            self._told = True
            asyncio.get_running_loop().call_later(0.1, self._show_outbox)

    def _show_outbox(self) -> None:
        self._told = False
        outbox = self.session.outbox
        self.chrome.follow_outbox(self.session.sections.counts, leads=outbox.leads, stored=self.memory_only is None)

    async def _tick(self) -> None:
        trouble, complained = None, set(self.complaints)
        while True:
            await asyncio.sleep(TICK)
            self._follow(self.session.realtime.state)
            self._show_outbox()
            self._show_listening()
            told, trouble = trouble, self.session.outbox.trouble
            if trouble is not None and trouble != told:
                self._report(StoreTrouble(trouble))
            for complaint in self.complaints:
                if complaint not in complained:
                    complained.add(complaint)
                    self._report(StoreTrouble(complaint))
