"""A music folder of 5,000 files: the first reading, looking again, and mutagen alone over the same files (the floor).

`python -m benchmarks.music_folder [files]` makes small real files (MP3, Ogg Vorbis and FLAC, ten to an album, with
tags, a cover beside them and one in every second file), and measures each figure in a process of its own. Wall clock
and CPU in seconds, memory as the peak of the process beyond what its libraries take.
"""

from __future__ import annotations

import asyncio
import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import mutagen
import numpy as np
import soundfile
from mutagen.flac import Picture
from mutagen.id3 import APIC, ID3, TALB, TDRC, TIT2, TPE1, TPE2, TRCK
from PIL import Image

FILES = 5_000
TO_AN_ALBUM = 10
TOUCHED = 50
RATE = 44_100
_KINDS = {".mp3": ("MP3", "MPEG_LAYER_III"), ".ogg": ("OGG", "VORBIS"), ".flac": ("FLAC", "PCM_16")}


def main() -> None:
    """Make the files, measure, and print."""
    if len(sys.argv) > 2:
        _in_this_process(*sys.argv[1:])
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    with tempfile.TemporaryDirectory() as place:
        music, data = Path(place) / "music", Path(place) / "data"
        data.mkdir()
        size = _make(music, count)
        print(f"{count:,} files, {size / 1e6:.0f} MB")
        _measured("mutagen alone, every file", "floor", music, data)
        _measured("mutagen alone, every file, once more", "floor", music, data)
        _measured("first reading into the catalogue", "scan", music, data)
        _measured("looking again, nothing changed", "scan", music, data)
        for path in sorted(music.rglob("*.mp3"))[:TOUCHED]:
            os.utime(path, ns=(1, 1))
        _measured(f"looking again, {TOUCHED} changed", "scan", music, data)


def _measured(name: str, what: str, music: Path, data: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.music_folder", what, str(music), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    print(f"{name:44} {done.stdout.strip()}")


def _in_this_process(what: str, music: str, data: str) -> None:
    work = _floor if what == "floor" else _scan
    prepared = work(Path(music), Path(data))
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    said = prepared()
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{wall:8.2f} s wall {cpu:8.2f} s CPU {(after.ru_maxrss - before.ru_maxrss) / 1024:8.1f} MB   {said}")


def _floor(music: Path, _data: Path) -> Callable[[], str]:
    paths = sorted(path for path in music.rglob("*") if path.suffix in _KINDS)

    def read() -> str:
        return f"{sum(mutagen.File(path) is not None for path in paths)} read"

    return read


def _scan(music: Path, data: Path) -> Callable[[], str]:
    from server.clock import SystemClock
    from server.db import Database
    from server.media import MediaStore
    from server.music.scan import scan
    from server.music.start import cover_keeper

    async def run() -> str:
        database = Database(data / "platform.db")
        await database.open()
        report = await scan(database, cover_keeper(MediaStore(data / "media")), SystemClock(), music)
        await database.close()
        return f"{report.read} opened, {report.added} new, {report.changed} changed, {report.unchanged} unchanged"

    return lambda: asyncio.run(run())


def _make(music: Path, count: int) -> int:
    """Write `count` files and return their size in bytes."""
    plain = music.parent / "plain"
    plain.mkdir()
    for suffix, (kind, subtype) in _KINDS.items():
        tone = 0.2 * np.sin(np.arange(RATE // 2) * 440 * 2 * np.pi / RATE)
        soundfile.write(plain / f"a{suffix}", tone, RATE, format=kind, subtype=subtype)
    random = np.random.default_rng(7)
    for number in range(count):
        album, track = divmod(number, TO_AN_ALBUM)
        folder = music / f"Artist {album // 4}" / f"Album {album}"
        if not track:
            folder.mkdir(parents=True)
            cover = _cover(random)
            (folder / "cover.jpg").write_bytes(cover)
        suffix = tuple(_KINDS)[album % len(_KINDS)]
        path = folder / f"{track + 1:02} - Song {number}{suffix}"
        shutil.copy(plain / f"a{suffix}", path)
        _tag(path, number, album, track, cover if number % 2 else None)
    return sum(path.stat().st_size for path in music.rglob("*") if path.is_file())


def _tag(path: Path, number: int, album: int, track: int, cover: bytes | None) -> None:
    texts = {
        "title": f"Song {number}",
        "artist": f"Artist {album // 4}",
        "albumartist": f"Artist {album // 4}",
        "album": f"Album {album}",
        "tracknumber": f"{track + 1}/{TO_AN_ALBUM}",
        "date": str(1970 + album % 55),
    }
    if path.suffix == ".mp3":
        tags = ID3()
        for frame, text in zip((TIT2, TPE1, TPE2, TALB, TRCK, TDRC), texts.values(), strict=True):
            tags.add(frame(encoding=3, text=text))
        if cover:
            tags.add(APIC(encoding=3, mime="image/jpeg", type=3, data=cover))
        tags.save(path)
        return
    audio = mutagen.File(path)
    audio.update(texts)
    if cover and path.suffix == ".flac":
        block = Picture()
        block.type, block.mime, block.data = 3, "image/jpeg", cover
        audio.add_picture(block)
    audio.save()


def _cover(random: np.random.Generator) -> bytes:
    buffer = io.BytesIO()
    small = Image.fromarray(random.integers(0, 255, (10, 10, 3), dtype=np.uint8))
    small.resize((500, 500)).save(buffer, "JPEG")
    return buffer.getvalue()


if __name__ == "__main__":
    main()
