"""The sound device: which are offered, what happens when the chosen one is gone, and a real sound server that dies."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api_client.text import clean_line
from tests.player.conftest import AudioServer
from tests.player.hurried_clock import HurriedClock
from tui.player.engine import AUTO_OUTPUT, SILENT_SENTENCE, EngineStatus, Output
from tui.player.mpv_engine import MpvEngine
from tui.player.mpv_output import MpvOutput
from tui.player.output_choice import SYSTEM_OUTPUT, OutputChoice, offered
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.track import PlayableTrack, PlayerSnapshot

HEADPHONES = {"name": "pulse/usb", "description": "Headphones"}
LISTED = [{"name": "auto", "description": "Autoselect device"}, HEADPHONES, {"name": "alsa/hw:0", "description": ""}]


def test_devices_of_the_usual_drivers_are_offered_and_their_names_are_clean() -> None:
    more = [
        {"name": "jack", "description": "JACK"},
        {"name": "alsa/samplerate", "description": "a converter"},
        {"name": "pulse/x", "description": "A \x1b[31mspeaker\nbox"},
        {"description": "nameless"},
        {"name": 7},
        "pulse",
        None,
    ]
    assert "\x1b" not in clean_line("A \x1b[31mspeaker\nbox")
    assert offered([*LISTED, *more]) == (
        SYSTEM_OUTPUT,
        Output("pulse/usb", "Headphones"),
        Output("alsa/hw:0", "alsa/hw:0"),
        Output("pulse/x", clean_line("A \x1b[31mspeaker\nbox")),
    )


def test_a_device_that_is_gone_is_said_and_used_again_when_it_is_back() -> None:
    choice = OutputChoice()
    choice.choose("pulse/usb")
    assert (choice.used, choice.sentence) == ("pulse/usb", "")
    choice.are_there(offered(LISTED))
    choice.are_there(offered([]))
    assert choice.used == AUTO_OUTPUT
    assert choice.sentence == "Headphones is not there: playing on the system's own"
    choice.are_there(offered(LISTED))
    assert (choice.used, choice.sentence) == ("pulse/usb", "")
    choice.are_there(offered([]))
    choice.choose(AUTO_OUTPUT)
    assert (choice.used, choice.sentence) == (AUTO_OUTPUT, "")


class Mpv:
    """What the device's keeper tells mpv, and what it says of itself."""

    def __init__(self, driver: str | None = None) -> None:
        self.orders: list[tuple[str, ...]] = []
        self.watched: list[str] = []
        self.said: list[EngineStatus] = []
        self.output = MpvOutput(driver, lambda *args: self.orders.append(args), self.watched.append, self.said.append)


def test_only_who_chooses_a_device_has_devices_watched() -> None:
    mpv = Mpv()
    mpv.output.choose(AUTO_OUTPUT)
    mpv.output.driver_is("alsa")
    assert mpv.watched == []
    mpv.output.choose("pulse/usb")
    assert mpv.watched == ["audio-device-list"]
    assert mpv.orders == [("set", "audio-device", "pulse/usb")]
    mpv.output.devices_are([])
    assert mpv.orders[-1] == ("set", "audio-device", AUTO_OUTPUT)
    assert mpv.said[-1].sentence == "pulse/usb is not there: playing on the system's own"


def test_a_server_that_is_back_is_asked_again_for_its_devices() -> None:
    mpv = Mpv()
    mpv.output.choose("pulse/usb")
    for driver in ("pulse", None, "null", "null", "pulse"):
        mpv.output.driver_is(driver)
    assert mpv.watched == ["audio-device-list"] * 2
    assert [status.audio_output for status in mpv.said] == ["pulse", "null", "pulse"]
    assert mpv.said[1].sentence == SILENT_SENTENCE


def test_silence_that_was_wished_is_not_tried_to_be_ended() -> None:
    wished, suffered = Mpv("null"), Mpv()
    for mpv in (wished, suffered):
        mpv.output.reopen()
    assert (wished.orders, suffered.orders) == ([], [("ao-reload",)])


async def test_a_sound_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.player.mpv_output.LISTED_WITHIN_S", 0.0)
    assert await Mpv().output.listed() == (SYSTEM_OUTPUT,)


class SoundServer:
    """A PulseAudio of our own with two sinks, which can die and be started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def socket(self) -> Path:
        return self._folder / "socket"

    async def start(self) -> None:
        modules = ("module-null-sink sink_name=one", "module-null-sink sink_name=two")
        way_in = f"module-native-protocol-unix socket={self.socket} auth-anonymous=1"
        self._process = await asyncio.create_subprocess_exec(
            "pulseaudio",
            *("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"),
            *(f"--load={module}" for module in (*modules, way_in)),
            env={**os.environ, "HOME": str(self._folder)},
            stderr=subprocess.DEVNULL,
        )
        async with asyncio.timeout(30):
            while await self._asked("info") != 0:
                pass

    async def _asked(self, what: str) -> int:
        asking = await asyncio.create_subprocess_exec(
            "pactl", what, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        return await asking.wait()

    async def die(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        self.socket.unlink(missing_ok=True)


@pytest.fixture
async def sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SoundServer]:
    if shutil.which("pulseaudio") is None or shutil.which("pactl") is None:
        pytest.skip("there is no PulseAudio here")
    made = SoundServer(tmp_path)
    monkeypatch.setenv("PULSE_SERVER", f"unix:{made.socket}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    await made.start()
    yield made
    await made.die()


def on(driver: str, sentence: str, past_s: float = 0.0) -> Any:
    def wanted(state: PlayerSnapshot) -> bool:
        return state.engine == EngineStatus(driver, sentence) and state.playing and state.position_s > past_s

    return wanted


async def test_a_sound_server_dies_and_comes_back_and_the_track_goes_on(
    sound_server: SoundServer, server: AudioServer, shelf: SourceShelf, watch: Any, long_tone: bytes
) -> None:
    server.put("a", long_tone)
    clock = HurriedClock()
    reports: list[Any] = []
    player = Player(MpvEngine(), shelf, reports.append, clock=clock)
    player.subscribe(watch)
    player.play([PlayableTrack("a", "Song", duration_ms=60_000)])
    await watch.until(on("pulse", ""), 30)
    assert "pulse/two" in [output.name for output in await player.outputs()]
    player.set_output("pulse/two")
    died = await watch.until(on("pulse", "", 0.5), 30)
    await sound_server.die()
    await watch.until(on("null", SILENT_SENTENCE, died.position_s + 0.1), 30)
    await sound_server.start()
    clock.hurry(70)
    back = await watch.until(on("pulse", "", died.position_s + 0.2), 30)
    assert (back.error, player.output) == ("", "pulse/two")
    assert [each.event_type for each in reports] == ["start"]
    await player.close()
