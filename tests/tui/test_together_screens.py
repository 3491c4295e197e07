"""The screens of friends' listening and of sessions, and two whole programs that hear the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api_client.models.music import PlaybackEvent
from api_client.models.realtime import ServerFrame
from api_client.models.together import GroupCommand, NewGroupSession, written_code
from api_client.realtime import Phase, Realtime
from server.clock import to_ms
from server.tables.together import GroupSessionRow
from tests.server.music_seed import seed_catalogue
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.actions import BY_ID
from tui.app import ParlourApp
from tui.config import Config, PlayerSection
from tui.launch import Launch
from tui.paths import Paths
from tui.places import FriendsPlace, GroupPlace, ProfilePlace
from tui.player.switch import PlayerSwitch
from tui.player.track import PlayableTrack
from tui.screens.friends import FriendsScreen
from tui.screens.together import GroupScreen
from tui.state.together import GroupStore
from tui.terminal import Terminal
from widgets.status_line import StatusLine

NARROW, BROAD = (80, 24), (120, 30)


class GroupHost(MusicHost):
    """Drives the player as the program does, by way of a session where there is one."""

    @property
    def player(self) -> Any:
        return self.listener.sound.face

    @cached_property
    def group(self) -> GroupStore:
        sound, me = self.listener.sound, self.listener.session.me
        return GroupStore(self.listener.client, me, sound.player, sound.face, self.said.append, self.report)

    def on_frame(self, frame: ServerFrame) -> None:
        for store in (self.session.friends, self.session.privacy, self.group):
            store.on_event(frame)

    async def action_private(self) -> None:
        await self.session.privacy.set_private(self.session.privacy.private_until is None)


@asynccontextmanager
async def program(listener: Listener, screen: Any, place: Any, size: tuple[int, int]) -> AsyncIterator[Any]:
    """Run a screen whose stores hear the socket; give the host and its pilot."""
    host = GroupHost(listener, lambda host: screen(host, place))
    live = Realtime(listener.client, on_event=host.on_frame, on_gap=host.group.on_gap)
    live.start()
    try:
        async with host.run_test(size=size) as pilot:
            await until(pilot, lambda: live.state.phase is Phase.ONLINE)
            yield host, pilot
            await host.group.close()
    finally:
        await live.stop()


@pytest.fixture
async def people(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[tuple[Listener, Listener]]:
    """Ann and Ben, who follow each other."""
    async with music_world(platform, tmp_path) as world:
        yield await friends_of(world)


async def friends_of(world: MusicWorld) -> tuple[Listener, Listener]:
    ann, ben = await world.listener("ann"), await world.listener("ben")
    await ann.client.users.follow("ben")
    await ben.client.users.follow("ann")
    return ann, ben


async def plays(platform: SharedPlatform, listener: Listener, track: str, kind: Any = "start", **more: Any) -> None:
    at = to_ms(platform.state.clock.now())
    event = PlaybackEvent(track_id=track, event_type=kind, position=0, timestamp=at, **more)
    await listener.client.playback.event(event)


@pytest.mark.parametrize("size", [NARROW, BROAD])
async def test_friends_are_listed_live_and_what_they_hear_can_be_played(
    platform: SharedPlatform, people: tuple[Listener, Listener], size: tuple[int, int]
) -> None:
    ann, ben = people
    async with program(ann, FriendsScreen, FriendsPlace(), size) as (host, pilot):
        await until(pilot, lambda: host.row("None of your friends"))
        assert "Your friends see what you hear" in host.text()
        await plays(platform, ben, "t1", context_type="album", context_id="al1")
        await until(pilot, lambda: host.row("@ben"))
        assert host.row("Now")
        assert "Song 1" in host.row("@ben")
        if size == BROAD:
            assert "· from" in host.row("@ben")
        await pilot.press("enter")
        await until(pilot, lambda: host.player.snapshot.track is not None)
        assert host.player.snapshot.track.id == "t1"
        await pilot.press("u")
        await until(pilot, lambda: host.opened == [ProfilePlace("ben")])
        await plays(platform, ben, "t1", "complete")
        await until(pilot, lambda: host.row("Before"))
        # What is heard in private stays unseen.
        await plays(platform, ben, "t3", private=True)
        await plays(platform, ben, "t2")
        await until(pilot, lambda: "Song 2" in host.row("@ben"))
        await pilot.press("comma", "p")
        await until(pilot, lambda: "Private session until" in host.text())
        await until(pilot, lambda: not host.session.outbox.open)
        await pilot.press("comma", "p")
        await until(pilot, lambda: "Your friends see" in host.text())


@pytest.mark.parametrize("key", ["F", "enter"])
async def test_a_friends_session_is_joined_from_the_list(
    platform: SharedPlatform, people: tuple[Listener, Listener], key: str
) -> None:
    ann, ben = people
    async with AsyncExitStack() as stack:
        his, _ = await stack.enter_async_context(program(ben, GroupScreen, GroupPlace(), NARROW))
        await his.group.start()
        host, pilot = await stack.enter_async_context(program(ann, FriendsScreen, FriendsPlace(), BROAD))
        await until(pilot, lambda: host.row("@ben"))
        await pilot.press(key)
        await until(pilot, lambda: host.opened == [GroupPlace()])
        assert [member.user.username for member in host.group.state.members] == ["ben", "ann"]


async def test_two_programs_share_a_session(platform: SharedPlatform, people: tuple[Listener, Listener]) -> None:
    ann, ben = people
    async with AsyncExitStack() as stack:
        hers, her_keys = await stack.enter_async_context(program(ann, GroupScreen, GroupPlace(), BROAD))
        his, his_keys = await stack.enter_async_context(program(ben, GroupScreen, GroupPlace(), NARROW))
        await until(her_keys, lambda: hers.row("Begin a session"))
        ann.sound.player.play([_track(name) for name in ("t1", "t2", "t3")])
        ann.sound.player.pause()
        ben.sound.player.play([_track("t8")])
        await her_keys.press("enter")
        await until(her_keys, lambda: hers.group.state is not None and hers.row("@ann (you)"))
        code = written_code(hers.group.state.code)
        assert code in hers.text()
        await her_keys.press("y")
        await until(her_keys, lambda: code in hers.said)

        his.answers.append(code.lower())
        await his_keys.press("F")
        await until(his_keys, lambda: his.row("@ben (you)"))
        await until(her_keys, lambda: hers.row("@ben"))
        await until(his_keys, lambda: ben.sound.player.snapshot.track.id == "t1")
        assert not ben.sound.player.snapshot.playing
        assert "host" in his.row("@ann")

        # A guest adds; what is there says who did it.
        his.player.add([_track("t5")])
        await until(her_keys, lambda: hers.row("Song 5"))
        await until(his_keys, lambda: his.row("Song 5"))
        assert "by ben" in hers.row("Song 5")
        his.player.next()
        assert "the host decides" in his.said[-1]

        hers.player.next()
        await until(his_keys, lambda: ben.sound.player.snapshot.track.id == "t2")
        assert ben.sound.player.snapshot.playing
        hers.player.pause()
        await until(his_keys, lambda: not ben.sound.player.snapshot.playing)
        await until(her_keys, lambda: not ann.sound.player.snapshot.playing)
        assert abs(ann.sound.player.snapshot.position_s - ben.sound.player.snapshot.position_s) < 0.5

        # The host makes somebody else host, who ends it.
        hers.screen.music.highlight(f"m:{ben.session.me.id}")
        hers.answers.append("host")
        await her_keys.press("full_stop")
        await until(his_keys, lambda: his.group.is_host)
        his.answers += ["close", True]
        await his_keys.press("E")
        await until(her_keys, lambda: hers.group.state is None)
        await until(her_keys, lambda: hers.row("Begin a session"))
        assert "ben has ended the session. Your own queue is back." in hers.said
        assert ben.sound.player.snapshot.track.id == "t8"


async def test_the_queue_of_a_session_is_moved_and_thinned_by_its_host(people: tuple[Listener, Listener]) -> None:
    ann, _ = people
    async with program(ann, GroupScreen, GroupPlace(), BROAD) as (host, pilot):
        await host.group.start()
        await host.group.command(GroupCommand(kind="add", track_ids=["t1", "t2", "t3", "t4"]))
        await until(pilot, lambda: host.row("Song 4"))

        def queue() -> list[str]:
            return [entry.track.id for entry in host.group.state.entries]

        host.screen.music.highlight("e:3")
        await pilot.press("less_than_sign")
        await until(pilot, lambda: queue() == ["t1", "t3", "t2", "t4"])
        host.screen.music.highlight("e:4")
        await pilot.press("d")
        await until(pilot, lambda: queue() == ["t1", "t3", "t2"])
        host.screen.music.highlight("e:2")
        await pilot.press("enter")
        await until(pilot, lambda: ann.sound.player.snapshot.track.id == "t2")
        assert "Heard" in host.text()
        host.answers.append(True)
        await pilot.press("F")
        await until(pilot, lambda: host.group.state is None)


async def test_a_guest_is_offered_what_a_guest_may_do(people: tuple[Listener, Listener]) -> None:
    ann, ben = people
    wanted = NewGroupSession(track_ids=["t1", "t2", "t3"], playing=False, guests_control=False)
    code = (await ann.client.together.start(wanted)).code
    async with program(ben, GroupScreen, GroupPlace(), BROAD) as (host, pilot):
        await host.group.join(code)
        await host.group.command(GroupCommand(kind="add", track_ids=["t4"]))
        await until(pilot, lambda: host.row("Song 4"))
        verbs = [BY_ID[name] for name in ("list.open_item", "item.delete", "item.move_down", "item.move_up")]

        host.screen.music.highlight("e:2")
        await until(pilot, lambda: host.screen.line.key == "e:2")
        assert not any(host.screen.fits(verb) for verb in verbs)
        await pilot.press("d", "greater_than_sign")
        await until(pilot, lambda: len(host.said) == 2)
        assert host.said[0].endswith("you can take out what you have added.")
        assert "You can add tracks with e." in host.said[1]

        host.screen.music.highlight("e:4")
        await until(pilot, lambda: host.screen.line.key == "e:4")
        assert [verb.id for verb in verbs if host.screen.fits(verb)] == ["item.delete"]
        await pilot.press("d")
        await until(pilot, lambda: len(host.group.state.entries) == 3)


def _track(track_id: str) -> PlayableTrack:
    return PlayableTrack(id=track_id, title=f"Song {track_id[1:]}", duration_ms=200_000)


@pytest.fixture
def launch(platform: SharedPlatform, tmp_path: Path) -> Launch:
    paths = Paths.find(tmp_path / "parlour")
    paths.ensure()
    silent = Config(player=PlayerSection(output="null"))
    return Launch(paths, Terminal(remote=False, colours=256), config=silent, url=platform.url, insecure_storage=True)


async def test_the_whole_program_listens_in_private_and_takes_the_own_queue_along_when_it_ends(
    platform: SharedPlatform, launch: Launch
) -> None:
    await platform.empty()
    await platform.within(lambda: seed_catalogue(platform.state.database))
    app = ParlourApp(launch)

    async def until_app(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                assert app._exception is None, "the program has failed"
                await pilot.pause()

    async with app.run_test(size=BROAD) as pilot:
        admission = await app.gate.register(app.gate.url, "ann", "ann@example.com", "correct horse battery")
        app.run_worker(app.admitted(admission), group="welcome")
        await until_app(lambda: app.current_mode == "feed" and app.front is not None)
        await until_app(lambda: app.session.realtime.state.phase is Phase.ONLINE)
        await pilot.press("comma", "p")
        await until_app(lambda: app.session.privacy.private_until is not None)
        assert app.backstage.sound.is_private()
        await until_app(lambda: app.screen.query_one(StatusLine).status.private)
        app.local_player.play([_track("t1"), _track("t2")])
        await app.group.start()
        assert isinstance(app.player, PlayerSwitch)
        await pilot.press("comma", "g")
        await until_app(lambda: isinstance(app.front, GroupScreen))
        await until_app(lambda: app.screen.query_one(StatusLine).status.together == 1)
        await app.group.command(GroupCommand(kind="add", track_ids=["t3"]))
        await until_app(lambda: len(app.local_player.queue.upcoming) == 2)
        app.exit(0)
    await app.leave_nothing()
    assert len(app.local_player.queue) == 2, "the own queue is what is kept"

    async def sessions() -> int:
        async with platform.state.database.reading() as db:
            return len((await db.scalars(select(GroupSessionRow))).all())

    assert await platform.within(sessions) == 0
