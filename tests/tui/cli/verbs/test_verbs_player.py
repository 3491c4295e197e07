"""Verbs that drive the player: what the device hears that the music is on, and what is said where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from api_client.models.player import DeviceAnnouncement, PlayerUpdate, QueueItem, QueueLists
from tests.server.socket_client import Socket, signed_in
from tests.tui.cli.verbs.conftest import Town, lines
from tui.cli.exits import Exit

Out = pytest.CaptureFixture[str]

DESK = "aaaaaaaa-0000-4000-8000-000000000001"


@asynccontextmanager
async def desk(town: Town) -> AsyncIterator[Socket]:
    """A device of ann's on which t1 plays, with t2 to come."""

    async def prepare(client: Any) -> None:
        await client.player.announce(DESK, DeviceAnnouncement(name="Desk"))

    async def play(client: Any) -> None:
        version = (await client.player.state()).version
        await client.player.update(
            PlayerUpdate(
                device_id=DESK,
                version=version,
                claims=True,
                current=QueueItem(track_id="t1", entry_id=1),
                lists=QueueLists(queue=[QueueItem(track_id="t2", entry_id=2)], order=[1, 2]),
                is_playing=False,
                progress=40.0,
                duration=200.0,
                volume=0.5,
            )
        )

    await asyncio.to_thread(town.ann.ask, prepare)
    who = SimpleNamespace(id=town.ann.id, token=town.ann.tokens.access)
    async with signed_in(town.ann.url, who) as socket:
        await socket.send("subscribe", key=f"devices:{DESK}")
        there = False
        while not there:
            told = (await socket.until("player-devices"))["devices"]
            there = any(each["id"] == DESK and each["isOnline"] for each in told)
        await asyncio.to_thread(town.ann.ask, play)
        yield socket


HEARD = {
    "play": {"action": "play"},
    "pause": {"action": "pause"},
    "next": {"action": "next"},
    "previous": {"action": "previous"},
    "seek +10": {"action": "seek", "position": 50.0},
    "seek -60": {"action": "seek", "position": 0.0},
    "volume +5": {"action": "volume", "volume": 0.55},
    "volume 250": {"action": "volume", "volume": 1.0},
    "mute": {"action": "mute", "on": True},
    "shuffle": {"action": "shuffle", "on": True},
    "repeat": {"action": "repeat", "repeat": "all"},
    "queue remove 2": {"action": "remove", "entryId": 2},
    "queue clear": {"action": "clear"},
    "queue undo": {"action": "undo"},
}


async def test_the_device_hears_what_each_verb_asks(town: Town, capsys: Out) -> None:
    async with desk(town) as socket:
        for command, wanted in HEARD.items():
            assert await asyncio.to_thread(town.ann.run, *command.split()) == Exit.OK
            heard = (await socket.until("player-command"))["command"]
            assert {key: heard.get(key) for key in wanted} == wanted
            (told,) = lines(capsys.readouterr().out)
            assert (told["deviceId"], told["commandId"]) == (DESK, heard["id"])
        for command, tracks in (
            ("play album/al2", ["t8"]),
            ("play {playlist}", None),
            ("play playlist/{playlist} t3", ["t1", "t2", "t3"]),
            ("queue add artist/ar2", ["t8", "t1"]),
            ("queue next t4", ["t4"]),
        ):
            words = command.format(**vars(town)).split()
            status = await asyncio.to_thread(town.ann.run, *words)
            assert status == (Exit.OK if tracks else Exit.FAILED)
            capsys.readouterr()
            if tracks:
                heard = (await socket.until("player-command"))["command"]
                assert [track["id"] for track in heard["tracks"]] == tracks
        assert heard["tracks"][0]["title"] == "Song 4"


async def test_what_plays_is_shown_loved_and_put_into_a_playlist(town: Town, capsys: Out) -> None:
    async with desk(town):
        for command, expected in (
            ("playing -q .currentTrack.title", "Song 1\n"),
            ("queue -q .title", "Song 2\n"),
            ("queue --limit 1 -q .entryId", "2\n"),
            ("volume -q .volume", "0.5\n"),
            ("love -q .saved", "true\n"),
            ("library -q .id", "t1\n"),
            ("lyrics -q .text", "Hums\n\n"),
            ("devices -q .name", "Desk\n"),
            ("transfer Desk --state pause -q .isPlaying", "false\n"),
        ):
            assert await asyncio.to_thread(town.ann.run, *command.split()) == Exit.OK
            assert capsys.readouterr().out == expected
        assert await asyncio.to_thread(town.ann.run, "playlist-new", "Evening", "--private") == Exit.OK
        made = lines(capsys.readouterr().out)[0]["id"]
        assert await asyncio.to_thread(town.ann.run, "playlist-add", made) == Exit.OK
        assert await asyncio.to_thread(town.ann.run, "playlist-add", made, "album/al2") == Exit.OK
        assert await asyncio.to_thread(town.ann.run, "playlist-move", made, "t8", "1") == Exit.OK
        assert await asyncio.to_thread(town.ann.run, "playlist-remove", made, "t1") == Exit.OK
        capsys.readouterr()
        assert await asyncio.to_thread(town.ann.run, "playlist", made, "--tracks", "-q", ".id") == Exit.OK
        assert capsys.readouterr().out == "t8\n"


@pytest.mark.parametrize("command", ["pause", "play t1", "queue add t1", "volume 10", "transfer Kitchen"])
def test_without_a_device_it_is_said_and_fails(command: str, town: Town, capsys: Out) -> None:
    assert town.bob.run(*command.split()) == Exit.FAILED
    out, err = capsys.readouterr()
    assert out == ""
    assert "device" in err
    assert err.count("\n") == 1
