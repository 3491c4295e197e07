"""A platform with a music folder of tones, behind a line with a round trip, and somebody who is signed in."""

from __future__ import annotations

import io
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import mutagen
import numpy
import soundfile

from api_client.client import PlatformClient
from benchmarks.null_sink import TONES
from benchmarks.terminal import Program, environment, running
from tests.e2e.conftest import platform_process
from tests.e2e.machine import Machine
from tests.e2e.witness import PASSWORD, Witness

FORMATS = {"ogg": ("OGG", "VORBIS"), "mp3": ("MP3", "MPEG_LAYER_III"), "flac": ("FLAC", "PCM_16")}
_RATE = 48_000
_SECONDS = 45
_START = 180.0


def tone(number: int, kind: str) -> bytes:
    """Return a file of one of the tones with a little noise, which makes it as large as music."""
    count = _RATE * _SECONDS
    noise = numpy.random.default_rng(number).uniform(-0.02, 0.02, count)
    samples = 0.5 * numpy.sin(numpy.arange(count) * TONES[number] * 2 * numpy.pi / _RATE) + noise
    written = io.BytesIO()
    container, codec = FORMATS[kind]
    with soundfile.SoundFile(written, "w", _RATE, 1, subtype=codec, format=container) as file:
        # A second at a time: more at once overflows the stack of the encoder of Vorbis.
        for start in range(0, count, _RATE):
            file.write(samples[start : start + _RATE].astype("float32"))
    return written.getvalue()


def _fill(folder: Path, count: int) -> None:
    """Write an album of `count` tracks in each format; track n sounds the tone n modulo 3."""
    for kind in FORMATS:
        album = folder / "Tones" / kind
        album.mkdir(parents=True)
        for number in range(len(TONES)):
            (folder / f"{number}.{kind}").write_bytes(tone(number, kind))
        for track in range(count):
            path = album / f"{track:03}.{kind}"
            shutil.copy(folder / f"{track % len(TONES)}.{kind}", path)
            tags = mutagen.File(path, easy=True)
            tags.update({"title": f"{kind} {track:03}", "artist": "Tones", "album": f"Tones in {kind}"})
            tags["tracknumber"] = str(track + 1)
            tags.save()
        for number in range(len(TONES)):
            (folder / f"{number}.{kind}").unlink()


@dataclass(frozen=True, slots=True)
class MusicWorld:
    """The platform, and a machine for each way to it."""

    url: str
    listener: Witness
    albums: Mapping[str, str]
    """The id of the album of each format."""
    tracks: Mapping[str, list[str]]
    """The ids of its tracks in order."""
    machines: Mapping[str, tuple[str, Machine]]
    """By the name of the line, the platform's address there and the machine that is signed in to it."""

    @contextmanager
    def program(self, line: str, env: Mapping[str, str]) -> Iterator[Program]:
        """Run the program over a line, until its first screen stands still."""
        machine = self.machines[line][1]
        command = [sys.executable, "-m", "tui", "--insecure-storage"]
        with running(command, environment(**{**machine.env, **env}), machine.folder) as program:
            program.wait_for("online", _START)
            program.quiet(1.0)
            yield program

    def signed(self, line: str, track_id: str) -> str:
        """Return a signed address of a track, over a line."""

        async def ask(client: PlatformClient) -> str:
            return (await client.playback.stream(track_id)).url

        path = urlsplit(self.listener.ask(ask))
        return f"{self.machines[line][0]}{path.path}?{path.query}"


@contextmanager
def _late(port: int, milliseconds: float) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.round_trip", str(port), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _catalogue(database: Path, count: int) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Wait until the folder was read, and return albums and tracks by format."""
    until = time.monotonic() + _START
    wanted = count * len(FORMATS)
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        while db.execute("select count(*) from tracks").fetchone()[0] < wanted:
            if time.monotonic() > until:
                raise TimeoutError("the music folder was not read in time")
            time.sleep(0.2)
        albums, tracks = {}, {}
        for kind in FORMATS:
            (albums[kind],) = db.execute("select id from albums where title = ?", (f"Tones in {kind}",)).fetchone()
            found = db.execute("select id from tracks where album_id = ? order by title", (albums[kind],))
            tracks[kind] = [track_id for (track_id,) in found]
    return albums, tracks


@contextmanager
def music_world(count: int, trip: float) -> Iterator[MusicWorld]:
    """Yield a platform with `count` tracks in each format, near and behind a round trip of `trip` ms."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder / "music", count)
        data = folder / "platform"
        command = ["-m", "tests.e2e.platform_process", str(data), "--music", str(folder / "music")]
        with platform_process(*command) as url, _late(urlsplit(url).port or 0, trip) as far:
            listener = Witness.registered(url, "listener")
            albums, tracks = _catalogue(data / "platform.db", count)
            machines = {}
            for line, address in {"near": url, "far": far}.items():
                machine = Machine(folder / line)
                machine.configure("config.toml", '[player]\noutput = "pulse"\n')
                said = machine.run("login", "listener", "--url", address, "--insecure-storage", typed=f"{PASSWORD}\n")
                assert said.returncode == 0, said.stderr
                machines[line] = (address, machine)
            yield MusicWorld(url, listener, albums, tracks, machines)
