"""The user's devices: where the music plays, where it may go, and how loud each is."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from api_client.errors import PlatformError
from api_client.ids import new_id
from api_client.models.player import CommandAction, Device, PlayerCommand
from tui.actions import Action
from tui.screens.base import ParlourScreen
from tui.state.devices import DevicesStore
from widgets.line_row import LineRenderer, LineRow
from widgets.list_messages import Chosen
from widgets.textfmt import ago, clock
from widgets.virtual_list import VirtualList

STEP = 0.05
"""Of the whole volume."""
EVERY_S = 1.0
"""Seconds between two looks at the position."""


class DevicesScreen(ParlourScreen):
    """Enter moves the music, Space holds it, < and > turn a device down and up."""

    SECTION = "music"
    TITLES: ClassVar[dict[str, str]] = {
        "list.open_item": "play there",
        "list.toggle": "play/pause",
        "item.move_up": "quieter",
        "item.move_down": "louder",
        "item.rename": "name this one",
    }
    PROMOTED: ClassVar[dict[str, int]] = {"item.move_up": 7, "item.move_down": 7, "item.rename": 6, "list.toggle": 8}

    def compose_body(self) -> Iterable[Widget]:
        yield VirtualList(LineRenderer(), empty="Wait a moment: this terminal is being announced.", id="devices")

    @property
    def store(self) -> DevicesStore:
        """What is shown."""
        return self.shell.session.devices

    @property
    def rows(self) -> VirtualList[LineRow]:
        """The list."""
        return self.query_one("#devices", VirtualList)

    @property
    def device(self) -> Device | None:
        """What is highlighted."""
        return self.store.device(self.rows.highlighted_key)

    def start(self) -> None:
        self.keep(self.store.subscribe(self._show_soon))
        self.keep(self.shell.player.subscribe(self._show_soon))
        self.set_interval(EVERY_S, self._show)
        self._show()
        self.rows.focus()

    def refresh_content(self) -> None:
        self.shell.connect.refresh()

    def fits(self, action: Action) -> bool:
        if action.id in self.TITLES:
            return self.device is not None
        return super().fits(action)

    # -- what is shown

    def _show_soon(self, _change: object) -> None:
        self.call_later(self._show)

    def _show(self) -> None:
        if not self.has_frame:
            return
        store = self.store
        if not store.is_supported:
            self.rows.show_error("This platform knows no devices: the music plays where you are.")
            return
        rows = [self._row(device) for device in store.devices]
        if rows != list(self.rows.items):
            is_first = not self.rows.items
            self.rows.set_items(rows)
            if is_first and rows:
                self.rows.highlight(rows[0].key)

    def _row(self, device: Device) -> LineRow:
        store = self.store
        here = device.id == store.own_id
        playing = device.is_active and store.status.is_playing
        mark, style = "○", "muted"
        if device.is_active:
            mark, style = ("▶" if playing else "⏸"), "primary" if device.is_online else "muted"
        elif device.is_online:
            mark, style = "●", "accent"
        return LineRow(
            key=device.id,
            title=device.name,
            remark="this terminal" if here else "",
            detail=", ".join(part for part in (self._plays(device), self._state(device)) if part),
            mark=mark,
            mark_style=style,
            trouble=not store.is_connected and not here,
        )

    def _plays(self, device: Device) -> str:
        store = self.store
        track = store.status.current_track
        if not device.is_active or track is None:
            return ""
        now = self.shell.local_player.snapshot if store.is_mine else None
        position = now.position_s if now is not None else store.position_s
        return f"{track.title} · {track.artist}, {clock(position)} of {clock(store.status.duration)}"

    def _state(self, device: Device) -> str:
        store = self.store
        if device.id != store.own_id and not store.is_connected:
            return "no connection"
        if not device.is_online and device.id != store.own_id:
            return f"gone, last seen {ago(device.last_seen, time.time())}"
        if not device.can_play:
            return "no sound"
        volume = store.status.volume if device.is_active else device.volume
        if device.is_active and store.status.is_muted:
            return "muted"
        return f"volume {round(volume * 100)} %"

    # -- what is done

    @on(Chosen, "#devices")
    def _chosen(self) -> None:
        device = self.device
        if device is None:
            return
        if device.is_active and (device.is_online or device.id == self.store.own_id):
            self.shell.player.toggle()
        else:
            self.work_on(self._move_to(device), "transfer")

    async def _move_to(self, device: Device) -> None:
        try:
            await self.shell.connect.transfer(device)
        except PlatformError as error:
            self.shell.say(error.sentence, "warning")

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Play or pause, wherever the music is. (The name of the argument is Textual's.)"""
        self.shell.player.toggle()

    def action_move_down(self) -> None:
        self._turn(STEP)

    def action_move_up(self) -> None:
        self._turn(-STEP)

    def _turn(self, by: float) -> None:
        device, store = self.device, self.store
        if device is None:
            return
        if device.id == store.own_id:
            self.shell.local_player.change_volume(round(by * 100))
        elif device.is_active:
            self.shell.player.change_volume(round(by * 100))
        elif device.is_online:
            volume = min(1.0, max(0.0, device.volume + by))
            ask = PlayerCommand(id=new_id(), action=CommandAction.VOLUME, volume=volume, device_id=device.id)
            if self.shell.connect.command(ask):
                store.take_devices([each.changed(volume=volume) if each is device else each for each in store.devices])
        else:
            self.shell.say(f"{device.name} is gone.", "warning")

    async def action_rename(self) -> None:
        name = await self.shell.ask("name of this terminal: ", self.shell.connect.name)
        if name is not None:
            self.shell.say(f"This terminal is called {await self.shell.connect.rename(name)} now.")

    def action_leave_item(self) -> None:
        self.shell.leave()
