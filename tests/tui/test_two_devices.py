"""Two terminals of one user over a real platform: one drives the other, and the music moves between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client.models.player import CommandAction, PlayerCommand
from tests.tui.device_world import SONGS, DeviceWorld, Terminal, device_world
from tui.player.entry import Repeat
from tui.state.together import GroupStore


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[DeviceWorld]:
    async with device_world(tmp_path) as made:
        yield made


async def desk_and_sofa(world: DeviceWorld) -> tuple[Terminal, Terminal]:
    """Return a terminal on which the second of seven songs plays at 10 s, and one that has noticed."""
    desk, sofa = await world.terminal("desk"), await world.terminal("sofa")
    desk.player.play(SONGS, 1)
    world.pass_time(10.0)
    await world.until(lambda: sofa.face.is_remote and len(sofa.face.queue) == 7)
    await world.until(lambda: sofa.face.snapshot.position_s == pytest.approx(10.0, abs=0.5))
    return desk, sofa


def title(terminal: Terminal) -> str:
    track = terminal.face.snapshot.track
    return track.title if track else ""


async def test_one_terminal_shows_and_drives_what_plays_on_the_other(world: DeviceWorld) -> None:
    desk, sofa = await desk_and_sofa(world)
    shown = sofa.face.snapshot
    assert (title(sofa), shown.place, shown.playing, shown.duration_s) == ("Song 2", "desk", True, 200.002)
    world.pass_time(30.0)
    assert sofa.face.snapshot.position_s == pytest.approx(40.0, abs=0.5)

    sofa.face.pause()
    assert not sofa.face.snapshot.playing
    await world.until(lambda: not desk.player.snapshot.playing)
    assert desk.said == ["sofa paused the music here."]
    sofa.face.toggle()
    await world.until(lambda: desk.player.snapshot.playing)

    sofa.face.seek_to(120.0)
    await world.until(lambda: desk.player.snapshot.position_s == pytest.approx(120.0, abs=0.5))
    sofa.face.set_volume(35)
    await world.until(lambda: desk.player.snapshot.volume == 35)
    sofa.face.cycle_repeat()
    await world.until(lambda: desk.player.snapshot.repeat is Repeat.ALL)
    sofa.face.next()
    assert title(sofa) == "Song 3"
    await world.until(lambda: title(desk) == "Song 3")
    await world.until(lambda: sofa.store.status.current_track and sofa.store.status.current_track.title == "Song 3")
    expected = ("Song 3", 35, Repeat.ALL)
    await world.until(lambda: (title(sofa), sofa.face.snapshot.volume, sofa.face.snapshot.repeat) == expected)
    assert sofa.player.queue.current is None


async def test_the_queue_is_edited_from_the_other_terminal(world: DeviceWorld) -> None:
    desk, sofa = await desk_and_sofa(world)
    upcoming = [entry.entry_id for entry in sofa.face.queue.upcoming]
    sofa.face.move(upcoming[4], 0)
    sofa.face.remove(upcoming[1])
    sofa.face.play_next([SONGS[0]])
    titles = ["Song 1", "Song 7", "Song 3", "Song 5", "Song 6"]
    assert [entry.item.title for entry in sofa.face.queue.upcoming] == titles
    await world.until(lambda: [entry.item.title for entry in desk.player.queue.upcoming] == titles)
    assert sofa.face.undo() == 1
    await world.until(lambda: "Song 4" in [entry.item.title for entry in desk.player.queue.upcoming])
    same = [entry.entry_id for entry in desk.player.queue.upcoming]
    await world.until(lambda: [entry.entry_id for entry in sofa.face.queue.upcoming] == same)
    sofa.face.jump(same[-1])
    await world.until(lambda: title(desk) == "Song 6")
    sofa.face.play(SONGS, 6)
    await world.until(lambda: title(desk) == "Song 7" and len(desk.player.queue.aside) == 6)


async def test_the_music_moves_here_and_back_at_its_place(world: DeviceWorld) -> None:
    desk, sofa = await desk_and_sofa(world)
    desk.player.set_shuffle(True)
    drawn = [entry.item.title for entry in desk.player.queue.upcoming]
    world.pass_time(5.0)
    await world.until(lambda: sofa.store.status.shuffle)
    here = sofa.store.device(sofa.store.own_id)
    assert here is not None
    await sofa.connect.transfer(here)
    await world.until(lambda: sofa.player.snapshot.playing and not desk.player.snapshot.playing)
    assert sofa.player.snapshot.position_s == pytest.approx(15.0, abs=0.5)
    assert [entry.item.title for entry in sofa.player.queue.upcoming] == drawn
    assert "The music plays on sofa now." in desk.said
    assert sofa.said == ["The music has come here from desk."]
    await world.until(lambda: desk.face.is_remote and not sofa.face.is_remote)
    assert desk.face.snapshot.place == "sofa"

    sofa.player.pause()
    sofa.player.seek_to(90.0)
    await world.until(lambda: desk.face.snapshot.position_s == 90.0)
    back = desk.store.device(desk.store.own_id)
    assert back is not None
    await desk.connect.transfer(back)
    await world.until(lambda: desk.player.snapshot.position_s == 90.0 and sofa.face.is_remote)
    assert not desk.player.snapshot.playing
    desk.player.set_shuffle(False)
    assert [entry.item.title for entry in desk.player.queue.upcoming] == [song.title for song in SONGS[2:]]


async def test_an_order_that_comes_twice_is_carried_out_once(world: DeviceWorld) -> None:
    desk, sofa = await desk_and_sofa(world)
    order = PlayerCommand(id="bbbbbbbb-0000-4000-8000-000000000001", action=CommandAction.NEXT)
    for _ in range(3):
        await sofa.client.player.command(order)
    await sofa.client.player.command(order.changed(id=order.id[:-1] + "2", action=CommandAction.PAUSE))
    await world.until(lambda: not desk.player.snapshot.playing)
    assert title(desk) == "Song 3"


async def test_what_begins_to_play_here_takes_the_music_from_a_device_that_is_gone(world: DeviceWorld) -> None:
    desk, sofa = await desk_and_sofa(world)
    world.pass_time(20.0)
    await desk.realtime.stop()
    await world.until(lambda: not sofa.face.is_remote)
    assert sofa.said == ["desk is gone. ,c goes on with its music here."]
    world.pass_time(60.0)
    assert sofa.store.position_s == pytest.approx(30.0, abs=0.5)
    here = sofa.store.device(sofa.store.own_id)
    assert here is not None
    await sofa.connect.transfer(here, True)
    await world.until(lambda: sofa.player.snapshot.playing)
    assert sofa.player.snapshot.position_s == pytest.approx(30.0, abs=0.5)
    assert title(sofa) == "Song 2"
    desk.realtime.start(behind=True)
    await world.until(lambda: not desk.player.snapshot.playing and desk.face.is_remote)


async def test_without_a_connection_the_other_device_is_shown_and_not_driven(world: DeviceWorld) -> None:
    desk, sofa = await desk_and_sofa(world)
    await sofa.realtime.stop()
    await world.until(lambda: bool(sofa.face.snapshot.error))
    assert sofa.face.snapshot.error == "desk cannot be asked: there is no connection."
    sofa.face.next()
    assert (title(sofa), title(desk)) == ("Song 2", "Song 2")
    desk.player.next()
    sofa.realtime.start(behind=True)
    await world.until(lambda: title(sofa) == "Song 3" and not sofa.face.snapshot.error)
    sofa.face.pause()
    await world.until(lambda: not desk.player.snapshot.playing)


async def test_without_a_connection_the_music_can_be_taken_over_and_the_other_stops_once_it_hears(
    world: DeviceWorld,
) -> None:
    desk, sofa = await desk_and_sofa(world)
    await sofa.realtime.stop()
    await world.until(lambda: not sofa.store.is_connected)
    here = sofa.store.device(sofa.store.own_id)
    assert here is not None
    await sofa.connect.transfer(here)
    assert (title(sofa), sofa.player.snapshot.playing, sofa.face.is_remote) == ("Song 2", True, False)
    assert sofa.player.snapshot.position_s == pytest.approx(10.0, abs=0.5)
    sofa.realtime.start(behind=True)
    await world.until(lambda: not desk.player.snapshot.playing and desk.face.is_remote)
    assert sofa.player.snapshot.playing
    assert "The music plays on sofa now." in desk.said


async def test_music_that_comes_here_waits_until_the_session_with_others_is_left(world: DeviceWorld) -> None:
    desk, sofa = await world.terminal("desk"), await world.terminal("sofa")
    me = await sofa.client.accounts.me()
    group = GroupStore(sofa.client, me, sofa.player, sofa.face, sofa.said.append, lambda _: None, world.clock)
    sofa.connect.change_waiting = group.change_own
    sofa.player.play(SONGS[5:])
    await world.until(lambda: sofa.store.is_mine)
    sofa.player.pause()
    await group.start()
    desk.player.play(SONGS, 1)
    world.pass_time(10.0)
    await world.until(lambda: sofa.face.is_remote and len(sofa.face.queue) == 7)
    here = sofa.store.device(sofa.store.own_id)
    assert here is not None
    await sofa.connect.transfer(here)
    told = "You listen with others: the music from desk waits until you leave."
    await world.until(lambda: told in sofa.said and not desk.player.snapshot.playing)
    assert (title(sofa), len(sofa.player.queue)) == ("Song 6", 2)
    assert group.state is not None
    await group.leave()
    assert (title(sofa), len(sofa.player.queue)) == ("Song 2", 7)
    assert sofa.player.snapshot.position_s == pytest.approx(10.0, abs=0.5)
    await group.close()


async def test_a_platform_that_starts_again_finds_both_and_the_music_goes_on(world: DeviceWorld) -> None:
    desk, sofa = await desk_and_sofa(world)
    await world.stop()
    await world.until(lambda: not sofa.store.is_connected and not desk.store.is_connected)
    assert desk.player.snapshot.playing
    desk.player.next()
    world.pass_time(12.0)
    await world.start()
    for terminal in (desk, sofa):
        terminal.realtime.retry_now()
    await world.until(lambda: title(sofa) == "Song 3" and sofa.face.is_remote)
    assert sofa.face.snapshot.position_s == pytest.approx(12.0, abs=0.5)
    sofa.face.pause()
    await world.until(lambda: not desk.player.snapshot.playing)


async def test_two_terminals_on_one_machine_are_two_devices(world: DeviceWorld) -> None:
    one, other = await world.terminal("desk"), await world.terminal("desk")
    names = sorted(device.name for device in other.store.devices if device.is_online)
    assert names == ["desk", "desk 2"]
    assert one.store.own_id != other.store.own_id
    assert await other.connect.rename("Kitchen") == "Kitchen"
    await world.until(lambda: "Kitchen" in [device.name for device in one.store.devices])


async def test_nobody_else_hears_of_it(world: DeviceWorld) -> None:
    eve = await world.terminal("lair", user="eve")
    await desk_and_sofa(world)
    assert [device.name for device in eve.store.devices] == ["lair"]
    assert eve.store.status.version == 0
    assert not eve.face.is_remote
