"""Joins this terminal's player with the user's other devices: announces it, tells what plays, obeys, and drives."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from api_client.client import PlatformClient
from api_client.errors import NotFound, PlatformError
from api_client.models.player import (
    OF_THE_DEVICE,
    Device,
    DeviceAnnouncement,
    DeviceKind,
    PlayerCommand,
    PlayerOrder,
    PlayerState,
)
from api_client.models.realtime import (
    PlayerAnswer,
    PlayerCommandEvent,
    PlayerDevicesEvent,
    PlayerStateEvent,
    ServerFrame,
    Updates,
)
from api_client.realtime import Phase, Realtime, SocketState
from tui.device_identity import DeviceIdentity
from tui.keys import KeyOf, usual_key_of
from tui.player.clock import Clock, LoopClock
from tui.player.orders import Orders, deed
from tui.player.player import Player
from tui.player.remote import RemotePlayer
from tui.player.shared import taken_over
from tui.player.switch import PlayerSwitch
from tui.player.track import PlayerSnapshot
from tui.state.device_orders import DeviceOrders
from tui.state.device_publisher import DevicePublisher
from tui.state.devices import DevicesPart, DevicesStore

Tell = Callable[[str, Literal["information", "warning"]], None]


class Connect:
    """One for the session. `open` when the sound is ready, `close` at the end.

    Which player is driven is decided here and nowhere else: the other device's, while the music is on one that is
    there; else this one's.
    """

    def __init__(
        self,
        client: PlatformClient,
        realtime: Realtime,
        player: Player,
        face: PlayerSwitch,
        store: DevicesStore,
        identity: DeviceIdentity,
        user_id: str,
        tell: Tell,
        *,
        output_is_chosen: bool = False,
        key_of: KeyOf = usual_key_of,
        clock: Clock | None = None,
    ) -> None:
        """`tell` shows a sentence; `output_is_chosen` says that the user has named where the sound goes."""
        self.store = store
        self._client = client
        self._realtime = realtime
        self._player = player
        self._face = face
        self._identity = identity
        self._user_id = user_id
        self._tell = tell
        self._output_is_chosen = output_is_chosen
        self._devices_key = key_of("global.go_devices")
        self._orders = Orders(player)
        self._sender = DeviceOrders(client, lambda order_id: self.remote.answered(order_id), tell, lambda: store.own_id)
        clock = clock or LoopClock()
        self.remote = RemotePlayer(store, self._send, clock)
        self._publisher = DevicePublisher(client, store, player, self._resync_soon, clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._syncing: asyncio.Task[None] | None = None
        self._again = False
        self._is_open = False
        self._is_first = True
        """Whether it is not known yet what plays."""
        self._was_mine = False
        self._was_on = ""
        """The name of the device that the music was on."""
        self._stays_here = False
        """Whether this player is driven although the other cannot be asked, because the user wants it."""
        self._announced: tuple[object, ...] = ()
        self._unsubscribes: list[Callable[[], None]] = []
        self.change_waiting: Callable[[Callable[[dict[str, Any]], dict[str, Any]]], bool] = lambda _: False
        """Changes the own queue while it waits for the end of a session; False where it does not wait."""

    # -- life

    async def open(self) -> None:
        """Take part from now on; the platform is asked behind."""
        await asyncio.to_thread(self._identity.take)
        self._is_open = True
        self._unsubscribes += [self.store.subscribe(self._changed), self._player.subscribe(self._follow_player)]
        if self._realtime.state.phase is Phase.ONLINE:
            self.store.follow_link(connected=True)
        self._resync_soon()

    async def close(self) -> None:
        """Take no part any more; that the socket closes says the rest."""
        self._is_open = False
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        running = [task for task in (*self._tasks, self._syncing) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, self._publisher.close(), self._sender.close(), return_exceptions=True)
        self.remote.close()
        self._identity.release()

    # -- what the socket says

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event; others than those of the player are passed over."""
        match frame:
            case PlayerStateEvent(state=status):
                self.store.take_status(status)
            case PlayerDevicesEvent(devices=devices):
                self.store.take_devices(devices)
            case PlayerCommandEvent(command=order):
                self._obey(order)
            case PlayerAnswer():
                self._sender.answered(frame)
            case Updates(updates=notices):
                key = f"player:{self._user_id}"
                if any(notice.key == key and notice.version > self.store.status.version for notice in notices):
                    self._resync_soon()
            case _:
                pass

    def on_gap(self) -> None:
        """Events may have gone by unheard."""
        self._resync_soon()

    def on_state(self, state: SocketState) -> None:
        """Take over whether the socket stands."""
        online = state.phase is Phase.ONLINE
        came_back = online and not self.store.is_connected
        self.store.follow_link(connected=online)
        if came_back:
            self._resync_soon()

    # -- what the user wants

    def refresh(self) -> None:
        """Ask the platform again."""
        self._resync_soon()

    async def transfer(self, device: Device, is_playing: bool | None = None) -> None:
        """Move the music to a device, this one among them. Raises PlatformError with a sentence."""
        if device.id == self.store.own_id and not self.store.is_connected:
            self._take_over(self.store.state, self.store.position_s, self._was_on, playing=True)
            self._stays_here = True
            self._decide()
            return
        self.store.take_state(await self._client.player.transfer(device.id, is_playing), -1)

    def command(self, command: PlayerCommand) -> bool:
        """Ask something of a device; False, with a word to the user, where it cannot be asked."""
        if not self.store.is_connected:
            self._tell(f"{self._unreachable()} {self._devices_key} moves the music here.", "warning")
            return False
        return self._sender.send(command)

    async def rename(self, name: str) -> str:
        """Call this device something else, or what it usually is; return the name. Raises PlatformError."""
        try:
            await asyncio.to_thread(self._identity.rename, name)
        except OSError as error:
            self._tell(f"The name is not kept: {error.strerror}.", "warning")
        await self._announce()
        return self._identity.name

    @property
    def name(self) -> str:
        """What this device is called."""
        return self._identity.name

    @property
    def has_sound(self) -> bool:
        """Whether somebody hears what plays here, as far as it is known."""
        return self._output_is_chosen or self._player.snapshot.engine.audio_output != "null"

    # -- driving

    def _send(self, command: PlayerCommand) -> bool:
        driven = self.store.active
        return driven is not None and self.command(command.changed(device_id=driven.id))

    def _unreachable(self) -> str:
        return f"{self._was_on or 'The other device'} cannot be asked: there is no connection."

    def _decide(self) -> None:
        """Choose the player that keys act on."""
        driven = self.store.driven
        if not self.store.is_connected:
            # What is driven stays in view; only a deliberate choice leads back here.
            if self._client.offline or self._stays_here:
                self._face.drive(None)
            self.remote.call(self.remote.name, self._unreachable() if self._face.is_remote else "")
            return
        self._stays_here = self._stays_here and self._player.snapshot.playing
        if driven is None or self._stays_here:
            self._face.drive(None)
            return
        self.remote.call(driven.name)
        self.remote.follow()
        self._face.drive(self.remote)

    def _changed(self, part: DevicesPart) -> None:
        gone = self._face.is_remote and self.store.is_connected and self.store.driven is None
        if part is DevicesPart.STATUS:
            self._follow_music()
        if (active := self.store.active) is not None:
            if gone and not active.is_online and not self.store.is_mine:
                self._tell(f"{active.name} is gone. {self._devices_key} goes on with its music here.", "warning")
            self._was_on = active.name
        if self.store.needs_lists and part is DevicesPart.STATUS and not self.store.is_mine:
            self._resync_soon()
        self._decide()

    def _follow_music(self) -> None:
        """The music has come to this device, has left it, or stays where it is."""
        is_mine, before = self.store.is_mine, self._was_mine
        self._was_mine = is_mine
        if self._is_first:
            # What is on the platform from an earlier run of this program is not news.
            return
        if before and not is_mine:
            self._give_up()
        elif is_mine and self.store.status.updated_by != self.store.own_id and self.store.status.version:
            self._do(self._come_here(before, self._was_on), "take the music over")

    def _give_up(self) -> None:
        if self._player.snapshot.playing:
            self._player.pause()
            active = self.store.active
            self._tell(f"The music plays on {active.name if active else 'another device'} now.", "information")

    async def _come_here(self, was_mine: bool, came_from: str) -> None:
        """Take over what the platform has moved to this device."""
        status = self.store.status
        if was_mine:
            if status.is_playing is not self._player.snapshot.playing:
                self._player.toggle()
            return
        try:
            state = await self._client.player.state()
        except PlatformError as error:
            self._tell(f"The music could not be taken over: {error.sentence}", "warning")
            return
        if state.device_id == self.store.own_id:
            self._take_over(state, state.progress, came_from, playing=state.is_playing)

    def _take_over(self, state: PlayerState, position_s: float, came_from: str, *, playing: bool) -> None:
        """Let the music of another device be that of this one; in a session it waits for its end."""
        if not state.queue and state.current_track is None:
            return

        def taken(saved: dict[str, Any]) -> dict[str, Any]:
            return taken_over(saved, state, position_s)

        came_from = came_from or "another device"
        try:
            if self.change_waiting(taken):
                self._tell(f"You listen with others: the music from {came_from} waits until you leave.", "information")
                self._publisher.tell_all()
                return
            self._player.restore(taken(self._player.save()))
        except ValueError:
            self._tell("The queue of the other device cannot be read by this version.", "warning")
            return
        if playing:
            self._player.resume()
        self._publisher.tell_all()
        self._tell(f"The music has come here from {came_from}.", "information")

    # -- obeying

    def _obey(self, order: PlayerOrder) -> None:
        if not self.store.own_id or order.device_id != self.store.own_id:
            return
        if (known := self._orders.known(order)) is not None:
            answer = known
        elif not self.store.is_mine and order.action not in OF_THE_DEVICE:
            answer = self._orders.remember(order, f"The music is not on {self._identity.name} any more.")
        else:
            # In a session it is the session that is asked.
            self._orders.obey_on(self._face.local)
            answer = self._orders.carry_out(order)
            if not answer.message and (sentence := deed(order)):
                self._tell(sentence, "information")
        said = PlayerAnswer(command_id=order.id, outcome=answer.outcome, message=answer.message)
        self._do(self._answer(said), "answer another device")

    async def _answer(self, answer: PlayerAnswer) -> None:
        """Answer once the platform has what came of it, so that the other device never sees the time before."""
        await self._publisher.told()
        self._realtime.send(answer)

    def _follow_player(self, now: PlayerSnapshot) -> None:
        self._publisher.follow(now)
        if self.store.own_id and self.store.is_connected and self._said() != self._announced:
            # Said as soon as it is on its way: the player may change many times before it has arrived.
            self._announced = self._said()
            self._do(self._announce_again(), "announce this device")

    # -- the platform's word

    def _resync_soon(self) -> None:
        if not self._is_open or self._client.offline:
            return
        self._again = True
        if self._syncing is None:
            self._syncing = asyncio.create_task(self._sync_all(), name="devices")

    async def _sync_all(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._sync()
        except PlatformError:
            # The connection has gone again; its return asks for the same once more.
            return
        finally:
            self._syncing = None

    async def _sync(self) -> None:
        if not self.store.is_supported:
            return
        try:
            self.store.take_devices((await self._client.player.devices()).devices)
        except NotFound:
            self.store.give_up()
            return
        is_new = self.store.device(self._identity.device_id) is None
        await self._announce()
        self._be_there(is_new=is_new)
        asked_on = self.store.status.version
        state = await self._client.player.state()
        self.store.take_state(state, asked_on)
        self._is_first = False
        if self.store.is_mine or self._player.snapshot.playing:
            self._publisher.tell_all()

    async def _announce(self) -> None:
        self._announced = self._said()
        told = DeviceAnnouncement(
            name=self._identity.name,
            kind=DeviceKind.TERMINAL,
            can_play=self.has_sound,
            volume=self._player.snapshot.volume / 100,
        )
        try:
            device = await self._client.player.announce(self._identity.device_id, told)
        except NotFound:
            # The id was copied from another account's folder.
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._identity.renew)
            device = await self._client.player.announce(self._identity.device_id, told)
        self.store.introduce(self._identity.device_id)
        self.store.take_device(device)

    async def _announce_again(self) -> None:
        try:
            await self._announce()
        except PlatformError:
            return  # It is announced when the connection is back.

    def _said(self) -> tuple[object, ...]:
        """Return what the platform is told of this device; its volume only while another one is active."""
        volume = None if self.store.is_mine else self._player.snapshot.volume
        return (self._identity.name, self.has_sound, volume)

    def _be_there(self, *, is_new: bool) -> None:
        """Follow the key that says that this device is there; again, if the platform did not know it until now."""
        there = f"devices:{self._identity.device_id}"
        if is_new and there in self._realtime.followed:
            self._realtime.unsubscribe(there)
        for key in (there, f"player:{self._user_id}"):
            if key not in self._realtime.followed:
                self._realtime.subscribe(key)

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
