"""Notifications of new tracks, to a service of notifications on a real bus."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method

from tests.desktop.conftest import Asked, track, until
from tui.desktop.notifier import SERVICE
from tui.player.player import Player

Strings = Annotated[list[str], DBusSignature("as")]


class Desk(ServiceInterface):
    """A desktop that shows notifications."""

    def __init__(self) -> None:
        super().__init__(SERVICE)
        self.capabilities = ["body", "body-markup"]
        self.shown: list[tuple[int, str, str]] = []
        """What each replaces, its title and its text."""

    @dbus_method(name="GetCapabilities")
    def get_capabilities(self) -> Strings:
        return self.capabilities

    @dbus_method(name="Notify")
    def notify(
        self,
        program: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        title: DBusStr,
        body: DBusStr,
        actions: Strings,
        hints: DBusDict,
        expires: DBusInt32,
    ) -> DBusUInt32:
        assert (program, actions, hints["transient"].value) == ("Parlour", [], True)
        self.shown.append((replaces, title, body))
        return replaces or 41


@pytest.fixture
async def desk(bus: str) -> AsyncIterator[Desk]:
    made = Desk()
    connection = await MessageBus(bus).connect()
    connection.export("/org/freedesktop/Notifications", made)
    await connection.request_name(SERVICE)
    yield made
    connection.disconnect()


async def test_each_new_track_is_told_once_in_one_notification(desk: Desk, open_desktop: Any, player: Player) -> None:
    await open_desktop(notify=True)
    player.play([track(1), track(2, title="\x1b[2Jnext\n<b>", artist="Q & <i>A</i>", album="")])
    await until(lambda: len(desk.shown) == 1)
    player.pause()
    player.resume()
    player.seek_to(30)
    player.next()
    await until(lambda: len(desk.shown) == 2)
    assert desk.shown[0] == (0, "Näme 1 ♫ 夜", "Ånn, Бен — Альбом")
    replaces, title, body = desk.shown[1]
    assert (replaces, body) == (41, "Q &amp; &lt;i&gt;A&lt;/i&gt;")
    assert not any(ord(letter) < 32 for letter in title)


async def test_where_marks_mean_nothing_they_are_left_as_they_are(
    desk: Desk, open_desktop: Any, player: Player
) -> None:
    desk.capabilities = ["body"]
    await open_desktop(mpris=False, notify=True)
    player.play([track(1, artist="Q & A", album="")])
    await until(lambda: bool(desk.shown))
    assert desk.shown[0][2] == "Q & A"


async def test_tracks_that_are_passed_over_are_not_told(desk: Desk, open_desktop: Any, player: Player) -> None:
    await open_desktop(notify=True)
    player.play([track(number) for number in range(1, 9)])
    for _ in range(7):
        player.next()
    await until(lambda: bool(desk.shown))
    assert [title for _, title, _ in desk.shown] == ["Näme 8 ♫ 夜"]


async def test_in_front_of_the_terminal_nothing_is_told(
    desk: Desk, open_desktop: Any, player: Player, asked: Asked
) -> None:
    await open_desktop(notify=True)
    asked.in_front = True
    player.play([track(1), track(2), track(3)])
    await until(lambda: player.snapshot.started_in_ms is not None and player.snapshot.position_s > 0.3)
    asked.in_front = False
    player.next()
    await until(lambda: bool(desk.shown))
    assert [title for _, title, _ in desk.shown] == ["Näme 2 ♫ 夜"]


async def test_who_did_not_ask_is_not_told(desk: Desk, open_desktop: Any, player: Player) -> None:
    await open_desktop()
    player.play([track(1)])
    await until(lambda: player.snapshot.position_s > 0.3)
    assert desk.shown == []


async def test_a_desktop_without_notifications_is_no_trouble(open_desktop: Any, player: Player) -> None:
    desktop = await open_desktop(notify=True)
    player.play([track(1), track(2)])
    await until(lambda: player.snapshot.position_s > 0.3)
    player.next()
    await until(lambda: player.snapshot.entry_id == 2 and player.snapshot.position_s > 0.3)
    assert "playerctl reach Parlour" in desktop.sentence
