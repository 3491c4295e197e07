"""The list of devices on the screen: what it says of each, and what keys do to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api_client.models.player import DeviceAnnouncement
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world
from tui.connect import Connect
from tui.device_identity import DeviceIdentity
from tui.places import DevicesPlace
from tui.player.player import Player
from tui.screens.devices import DevicesScreen
from widgets.virtual_list import VirtualList

LAMP = "aaaaaaaa-0000-4000-8000-000000000009"


class Host(MusicHost):
    def __init__(self, listener: Listener, folder: Path) -> None:
        super().__init__(listener, lambda shell: DevicesScreen(shell, DevicesPlace()))
        session, sound = listener.session, listener.sound
        self.connect = Connect(
            listener.client,
            session.realtime,
            sound.player,
            sound.face,
            session.devices,
            DeviceIdentity(folder, "desk", "", {}),
            session.me.id,
            lambda sentence, _severity: self.said.append(sentence),
        )

    @property
    def local_player(self) -> Player:
        return self.listener.sound.player


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


async def settled(pilot: Any, condition: Any) -> None:
    for _ in range(600):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError("it did not come to that")


def rows(host: Host) -> dict[str, tuple[str, str]]:
    found = host.screen.query_one("#devices", VirtualList)
    return {row.title: (row.remark, row.detail) for row in found.items}


async def test_devices_are_listed_named_turned_down_and_given_the_music(world: MusicWorld, tmp_path: Path) -> None:
    listener = await world.listener("ann")
    await listener.client.player.announce(LAMP, DeviceAnnouncement(name="Lamp", volume=0.3))
    host = Host(listener, tmp_path)
    async with host.run_test(size=(80, 24)) as pilot:
        assert not rows(host)
        await host.connect.open()
        await settled(pilot, lambda: len(rows(host)) == 2)
        assert rows(host)["desk"] == ("this terminal", "volume 70 %")
        assert rows(host)["Lamp"][1].startswith("gone, last seen")
        host.screen.query_one("#devices", VirtualList).highlight(LAMP)
        await pilot.press("greater_than_sign", "enter")
        await settled(pilot, lambda: len(host.said) == 2)
        assert host.said == ["Lamp is gone.", "Lamp is not connected."]
        host.screen.query_one("#devices", VirtualList).highlight(listener.session.devices.own_id)
        await pilot.press("less_than_sign", "less_than_sign")
        assert listener.sound.player.snapshot.volume == 60
        host.answers.append("Kitchen")
        await pilot.press("R")
        await settled(pilot, lambda: "Kitchen" in rows(host))
        assert rows(host)["Kitchen"] == ("this terminal", "volume 60 %")
        await host.connect.close()
