"""What the bus is told and may ask: flags, signals, names, and a bus that goes and comes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import MessageType, Variant
from dbus_fast.aio import MessageBus

from api_client.client import PlatformClient
from tests.desktop.conftest import Asked, Neighbour, session_bus, track, tracks, until
from tui.config import PlayerSection
from tui.desktop import entrance
from tui.desktop.covers import Covers
from tui.desktop.desktop import LOST
from tui.desktop.link import Link, Program, Wishes
from tui.desktop.mpris import NAME
from tui.player.entry import Repeat
from tui.player.player import Player

ROOT = "org.mpris.MediaPlayer2"
LIST = "org.mpris.MediaPlayer2.TrackList"
FLAGS = ("CanGoNext", "CanGoPrevious", "CanPlay", "CanPause", "CanSeek", "CanControl")


async def flags(neighbour: Neighbour) -> str:
    """Return what can be done, a letter for each flag that holds."""
    letters = "NPplsC"
    return "".join([letter for letter, name in zip(letters, FLAGS, strict=True) if await neighbour.get(name)])


async def test_the_program_says_what_it_is_and_can_be_left(
    open_desktop: Any, neighbour: Neighbour, asked: Asked
) -> None:
    await open_desktop()
    assert await neighbour.get("Identity", ROOT) == "Parlour"
    assert await neighbour.get("DesktopEntry", ROOT) == "parlour"
    assert await neighbour.get("SupportedUriSchemes", ROOT) == ["parlour"]
    assert (await neighbour.get("CanRaise", ROOT), await neighbour.get("CanQuit", ROOT)) == (False, True)
    assert (await neighbour.call("Raise", interface=ROOT)).message_type is MessageType.METHOD_RETURN
    await neighbour.call("Quit", interface=ROOT)
    assert asked.quits == 1


async def test_what_can_be_done_is_right_in_every_state(
    open_desktop: Any, player: Player, neighbour: Neighbour
) -> None:
    await open_desktop()
    assert await flags(neighbour) == "C"
    assert await neighbour.get("Metadata") == {}
    player.add([track(1)])
    assert await flags(neighbour) == "NpC"
    player.play([track(1)])
    assert await flags(neighbour) == "PplsC"
    player.add([track(2)])
    assert await flags(neighbour) == "NPplsC"
    player.next()
    assert await flags(neighbour) == "PplsC"
    player.set_repeat(Repeat.ALL)
    assert await flags(neighbour) == "NPplsC"
    player.play([track(3, seconds=0)])
    player.set_repeat(Repeat.OFF)
    assert await flags(neighbour) == "PplC"


async def test_a_place_in_a_track_that_is_over_is_ignored(
    open_desktop: Any, player: Player, neighbour: Neighbour
) -> None:
    await open_desktop()
    player.play(tracks(2))
    player.pause()
    for path, at_s in (("/app/parlour/entry/2", 9), ("/app/parlour/entry/1", 301), ("/app/parlour/entry/1", -1)):
        await neighbour.call("SetPosition", "ox", path, at_s * 1_000_000)
    await neighbour.call("SetPosition", "ox", "/org/mpris/MediaPlayer2/TrackList/NoTrack", 9_000_000)
    assert player.snapshot.position_s == 0
    await neighbour.call("SetPosition", "ox", "/app/parlour/entry/1", 9_000_000)
    assert player.snapshot.position_s == 9


async def test_values_that_make_no_sense_change_nothing(
    open_desktop: Any, player: Player, neighbour: Neighbour
) -> None:
    await open_desktop()
    player.play(tracks(1))
    player.set_volume(40)
    for name, value in (("Volume", Variant("d", float("nan"))), ("Rate", Variant("d", 2.0))):
        await neighbour.set(name, value)
    assert (player.snapshot.volume, player.snapshot.playing) == (40, True)
    assert (await neighbour.set("LoopStatus", Variant("s", "Sideways"))).message_type is MessageType.ERROR
    assert (await neighbour.set("Volume", Variant("d", -3.0))).message_type is MessageType.METHOD_RETURN
    assert player.snapshot.volume == 0
    await neighbour.set("Rate", Variant("d", 0.0))
    assert not player.snapshot.playing
    assert [await neighbour.get(name) for name in ("Rate", "MinimumRate", "MaximumRate")] == [1.0, 1.0, 1.0]


async def test_silence_is_a_loudness_of_none(open_desktop: Any, player: Player, neighbour: Neighbour) -> None:
    await open_desktop()
    player.set_volume(40)
    player.toggle_mute()
    assert await neighbour.get("Volume") == 0.0


async def test_jumps_are_told_at_once(open_desktop: Any, player: Player, neighbour: Neighbour) -> None:
    await open_desktop()
    player.play(tracks(2))
    player.pause()
    await until(lambda: any("Metadata" in body[1] for body in neighbour.told("PropertiesChanged")))
    assert neighbour.told("Seeked") == []
    player.seek_to(100)
    await until(lambda: len(neighbour.told("Seeked")) == 1)
    player.seek_to(5)
    await until(lambda: len(neighbour.told("Seeked")) == 2)
    assert neighbour.told("Seeked") == [[100_000_000], [5_000_000]]


async def test_many_changes_are_one_signal(open_desktop: Any, player: Player, neighbour: Neighbour) -> None:
    await open_desktop()
    player.play(tracks(40))
    await until(lambda: any("Metadata" in body[1] for body in neighbour.told("PropertiesChanged")))
    neighbour.signals.clear()
    for _ in range(20):
        player.next()
    player.set_volume(33)
    await until(lambda: any("Volume" in body[1] for body in neighbour.told("PropertiesChanged")))
    told = [body[1] for body in neighbour.told("PropertiesChanged") if body[0].endswith("Player")]
    assert len(told) == 1
    assert told[0]["Metadata"].value["xesam:title"].value == "Näme 21 ♫ 夜"
    assert set(told[0]) == {"Metadata", "Volume"}


async def test_time_that_passes_is_no_signal(open_desktop: Any, player: Player, neighbour: Neighbour) -> None:
    await open_desktop()
    player.play(tracks(1))
    await until(lambda: player.snapshot.position_s > 0.1)
    await neighbour.get("Position")
    neighbour.signals.clear()
    at = player.snapshot.position_s
    await until(lambda: player.snapshot.position_s > at + 0.6)
    await neighbour.get("Position")
    # On a machine that stands still for a second, whoever counts along is told so; of nothing else is anybody told.
    assert {message.member for message in neighbour.signals} <= {"Seeked"}


async def test_the_queue_is_shown_and_can_be_jumped_in(open_desktop: Any, player: Player, neighbour: Neighbour) -> None:
    await open_desktop()
    player.play(tracks(130))
    await until(lambda: bool(neighbour.told("TrackListReplaced")))
    listed, current = neighbour.told("TrackListReplaced")[-1]
    assert (len(listed), current) == (101, "/app/parlour/entry/1")
    assert await neighbour.get("Tracks", LIST) == listed
    answer = await neighbour.call("GetTracksMetadata", "ao", [listed[4], "/not/there"], interface=LIST)
    assert [each["xesam:title"].value for each in answer.body[0]] == ["Näme 5 ♫ 夜"]
    await neighbour.call("GoTo", "o", listed[4], interface=LIST)
    await neighbour.call("GoTo", "o", "/app/parlour/entry/999", interface=LIST)
    assert player.snapshot.entry_id == 5
    assert await neighbour.get("CanEditTracks", LIST) is False


@pytest.mark.parametrize(
    "title", ["\x1b]0;owned\x07[bold]x", "a\x00b", "\ud800 half", "line\nline", "\u202eevil", "x" * 5000]
)
async def test_words_that_are_no_text_do_not_reach_the_bus(
    open_desktop: Any, player: Player, neighbour: Neighbour, title: str
) -> None:
    await open_desktop()
    player.play([track(1, title=title, album=title, artist=title, artists=(), cover_url="")])
    said = (await neighbour.get("Metadata"))["xesam:title"].value
    assert said
    assert not any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in said)


# Names, and buses that go


async def test_a_second_program_has_a_name_of_its_own(open_desktop: Any, neighbour: Neighbour) -> None:
    first, second = await open_desktop(), await open_desktop()
    assert NAME in first.sentence
    own = f"{NAME}.instance{os.getpid()}"
    assert own in second.sentence
    answer = await neighbour.call("Raise", interface=ROOT, name=own)
    assert answer.message_type is MessageType.METHOD_RETURN


async def test_a_name_that_was_lost_is_taken_again(bus: str, player: Player, covers: Covers, asked: Asked) -> None:
    names: list[str] = []
    connection = await MessageBus(bus).connect()
    link = Link(connection, player, covers, Wishes(True, False), Program(asked.quit, asked.open_address, lambda: None))
    serving = asyncio.create_task(link.serve(names.append))
    await until(lambda: names == [NAME])
    await connection.release_name(NAME)
    await until(lambda: names == [NAME, NAME])
    serving.cancel()
    await asyncio.wait([serving])


async def test_a_bus_that_dies_is_found_again(
    open_desktop: Any, player: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"unix:path={tmp_path}/dying"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", where)
    with session_bus(where):
        desktop = await open_desktop()
    await until(lambda: desktop.sentence == LOST)
    player.play(tracks(2))
    player.next()
    assert player.snapshot.playing
    (tmp_path / "dying").unlink(missing_ok=True)
    with session_bus(where) as again:
        await until(lambda: NAME in desktop.sentence)
        other = Neighbour(await MessageBus(again).connect())
        assert (await other.get("Metadata"))["xesam:title"].value == "Näme 2 ♫ 夜"
        other.bus.disconnect()
        await desktop.close()


async def test_a_bus_that_is_none_is_given_no_word(
    player: Player, covers: Covers, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.desktop.desktop import Desktop

    for address in (f"unix:path={tmp_path}/nothing", "rubbish", "carrier-pigeon:name=x", f"unix:path={tmp_path}"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        desktop = Desktop(player, covers, Wishes(True, True), Program(asked.quit, asked.open_address, lambda: None))
        desktop.open()
        await until(lambda desktop=desktop: desktop.sentence == LOST)
        await desktop.close()


async def test_without_a_bus_or_a_wish_nothing_is_looked_for(
    player: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with PlatformClient("http://127.0.0.1:9") as client:

        async def opened(settings: PlayerSection) -> object:
            return await entrance.open_desktop(player, client, settings, tmp_path, lambda: None, lambda: None)

        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "")
        assert entrance.refusal(PlayerSection()) == entrance.NO_BUS
        assert await opened(PlayerSection()) is None
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        assert entrance.bus_address() is None
        (tmp_path / "bus").touch()
        assert entrance.bus_address() == f"unix:path={tmp_path}/bus"
        assert entrance.refusal(PlayerSection(mpris=False)) == entrance.NOT_WANTED
        assert await opened(PlayerSection(mpris=False)) is None
