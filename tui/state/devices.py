"""The user's devices and what plays on the active one, put together from replies and events in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from api_client.models.player import Device, PlayerState, PlayerStatus
from tui.state.observable import Observable

IDLE_S = 600
"""Seconds of silence after which another device is not driven by itself any more."""


class DevicesPart(Enum):
    """What has changed."""

    DEVICES = "devices"
    STATUS = "status"
    LISTS = "lists"
    LINK = "link"


class DevicesStore(Observable[DevicesPart]):
    """One for the session; it knows neither network nor player.

    A status of a higher version replaces one of a lower one, whenever each arrives; the same one twice changes nothing.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """`monotonic` gives seconds that only run forward: positions are counted on by them."""
        super().__init__()
        self._monotonic = monotonic
        self.own_id = ""
        """This device, once it is announced."""
        self.devices: tuple[Device, ...] = ()
        self.status = PlayerStatus()
        self.state = PlayerState()
        """The newest one with its lists, which may be older than `status`."""
        self.is_known = False
        """Whether the platform has said what plays."""
        self.is_supported = True
        """Whether the platform knows devices at all."""
        self.is_connected = False
        """Whether orders reach the other devices."""
        self._progress = 0.0
        self._since = 0.0
        self._moves = False

    # -- what is there

    @property
    def active(self) -> Device | None:
        """The device that the music is on."""
        return self.device(self.status.device_id)

    def device(self, device_id: str | None) -> Device | None:
        """Return a device by its id."""
        return next((device for device in self.devices if device.id == device_id), None)

    @property
    def is_mine(self) -> bool:
        """Whether the music is on this device."""
        return bool(self.own_id) and self.status.device_id == self.own_id

    @property
    def others(self) -> Sequence[Device]:
        """The other devices that are there and can be heard."""
        return [device for device in self.devices if device.id != self.own_id and device.is_online and device.can_play]

    @property
    def driven(self) -> Device | None:
        """The other device that player keys should act on: it is there, and has been used lately; or None."""
        active = self.active
        if active is None or active.id == self.own_id or not active.is_online:
            return None
        own = self.device(self.own_id)
        is_idle = not self.status.is_playing and self.status.idle_seconds > IDLE_S
        return None if is_idle and (own is None or own.can_play) else active

    @property
    def position_s(self) -> float:
        """Where the track is now, in seconds, as far as it can be known."""
        passed = max(0.0, self._monotonic() - self._since) if self._moves else 0.0
        reached = self._progress + passed
        return min(reached, self.status.duration) if self.status.duration else reached

    @property
    def needs_lists(self) -> bool:
        """Whether the lists have changed since they were fetched."""
        return self.is_known and self.state.queue_version != self.status.queue_version

    # -- what arrives

    def take_status(self, status: PlayerStatus) -> bool:
        """Take in what plays; False if something as new is known."""
        if self.is_known and status.version <= self.status.version:
            return False
        self._become(status)
        self.tell(DevicesPart.STATUS)
        return True

    def take_state(self, state: PlayerState, asked_on: int) -> None:
        """Take in a reply to a question that was asked when the version was `asked_on`.

        A lower version than was known then means that the platform has begun anew.
        """
        begun_anew = self.is_known and state.version < self.status.version == asked_on
        if state.version >= self.state.version or begun_anew:
            self.state = state
        if not self.is_known or state.version > self.status.version or begun_anew:
            self._become(PlayerStatus.model_validate(state.model_dump(exclude={"queue", "history", "aside", "order"})))
            self.tell(DevicesPart.STATUS)
        self.tell(DevicesPart.LISTS)

    def take_devices(self, devices: Sequence[Device]) -> None:
        """Take in which devices there are."""
        if tuple(devices) != self.devices:
            self.devices = tuple(devices)
            self._hold_or_move()
            self.tell(DevicesPart.DEVICES)

    def take_device(self, device: Device) -> None:
        """Take in what the platform has of one device."""
        others = [each for each in self.devices if each.id != device.id]
        place = next((at for at, each in enumerate(self.devices) if each.id == device.id), len(others))
        self.take_devices([*others[:place], device, *others[place:]])

    def introduce(self, own_id: str) -> None:
        """Say which of them this device is."""
        self.own_id = own_id

    def follow_link(self, *, connected: bool) -> None:
        """Take over whether other devices can be reached."""
        if connected != self.is_connected:
            self.is_connected = connected
            self.tell(DevicesPart.LINK)

    def give_up(self) -> None:
        """Take note that the platform knows no devices."""
        self.is_supported = False
        self.tell(DevicesPart.DEVICES)

    # -- inside

    def _become(self, status: PlayerStatus) -> None:
        self.status, self.is_known = status, True
        self._progress, self._since = status.progress, self._monotonic()
        self._moves = False
        self._hold_or_move()

    def _hold_or_move(self) -> None:
        """Count on from here, or hold: a device that is gone plays no further as far as anybody knows."""
        active = self.active
        moves = self.status.is_playing and not self.status.is_buffering and (active is None or active.is_online)
        if moves != self._moves:
            self._progress, self._since, self._moves = self.position_s, self._monotonic(), moves
