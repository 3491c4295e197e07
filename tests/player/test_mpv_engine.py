"""The real libmpv, with no sound card, fed over a real network."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tui.player.engine import (
    SILENT_SENTENCE,
    Ended,
    EndReason,
    EngineStatus,
    Fault,
    Load,
    Started,
    Ticked,
    missing_libmpv_sentence,
)
from tui.player.libmpv import import_mpv
from tui.player.mpv_engine import MpvEngine
from tui.player.mpv_options import REQUIRED, SCRIPTING, create_player
from tui.player.shelf import SourceShelf
from tui.player.threads import run_in_thread

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def engine(watch: Any) -> AsyncIterator[MpvEngine]:
    made = MpvEngine(audio_output="null")
    await made.open(watch)
    yield made
    await made.close()


def started(load_id: int) -> Any:
    return lambda event: isinstance(event, Started) and event.load_id == load_id


def ended(load_id: int) -> Any:
    return lambda event: isinstance(event, Ended) and event.load_id == load_id


def past(load_id: int, position_s: float) -> Any:
    return lambda event: isinstance(event, Ticked) and event.load_id == load_id and event.position_s > position_s


async def test_the_position_really_advances_and_silence_is_said(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, long_tone: bytes
) -> None:
    server.put("a", long_tone)
    engine.load(Load(1, shelf.open("a")))
    await watch.until(started(1))
    assert engine.status == EngineStatus("null", SILENT_SENTENCE)
    first = await watch.until(past(1, 0.0))
    later = await watch.until(past(1, first.position_s + 0.2))
    assert later.duration_s == pytest.approx(60.0, abs=0.1)


async def test_a_load_may_start_in_the_middle_and_paused(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, long_tone: bytes
) -> None:
    server.put("a", long_tone)
    engine.load(Load(1, shelf.open("a"), start_s=30.0, paused=True))
    await watch.until(started(1))
    at = await watch.until(past(1, 0.0))
    assert at.position_s == pytest.approx(30.0, abs=0.1)
    engine.pause(False)
    await watch.until(past(1, 30.2))


@pytest.mark.parametrize("target", [40.0, 5.0])
async def test_seeking_goes_there(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, long_tone: bytes, target: float
) -> None:
    server.put("a", long_tone)
    engine.load(Load(1, shelf.open("a"), start_s=20.0))
    await watch.until(started(1))
    watch.seen.clear()
    engine.seek(target)
    first = await watch.until(lambda event: isinstance(event, Ticked))
    assert first.position_s == pytest.approx(target, abs=0.3)


async def test_a_seek_before_the_first_sound_is_kept(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, long_tone: bytes
) -> None:
    server.put("a", long_tone)
    engine.load(Load(1, shelf.open("a")))
    engine.seek(33.0)
    assert (await watch.until(past(1, 30.0))).position_s == pytest.approx(33.0, abs=0.3)


async def test_a_track_that_played_to_its_end_is_finished(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, tone: bytes
) -> None:
    server.put("a", tone)
    engine.load(Load(1, shelf.open("a")))
    assert await watch.until(ended(1)) == Ended(1, EndReason.FINISHED)


async def test_a_track_that_the_network_cut_is_an_error_and_never_finished(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, large: bytes
) -> None:
    server.put("a", large, cut_for_ever_at=300_000)
    engine.load(Load(1, shelf.open("a"), start_s=30.0))
    end = await watch.until(ended(1))
    assert (end.reason, end.fault) == (EndReason.ERROR, Fault.TOO_SHORT)
    assert end.sentence == "The server cut this track off, again and again."


async def test_a_file_that_is_cut_on_the_server_is_too_short(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, cut_flac: bytes
) -> None:
    server.put("a", cut_flac)
    engine.load(Load(1, shelf.open("a"), start_s=9.0))
    end = await watch.until(ended(1))
    assert (end.reason, end.fault) == (EndReason.ERROR, Fault.TOO_SHORT)


@pytest.mark.parametrize(
    ("status", "fault"), [({"status": 404}, Fault.NOT_FOUND), ({"expired_answers": 9}, Fault.EXPIRED)]
)
async def test_the_reason_of_the_source_is_the_reason_of_the_end(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, status: dict[str, Any], fault: Fault
) -> None:
    server.put("a", b"", **status)
    engine.load(Load(1, shelf.open("a")))
    assert await watch.until(ended(1)) == Ended(1, EndReason.ERROR, fault, fault.sentence)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>sign in</html>" * 100,
        b"#EXTM3U\nhttp://127.0.0.1:{port}/track/stolen\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:{port}/track/stolen\n",
        b"# mpv EDL v0\nhttp://127.0.0.1:{port}/track/stolen\n",
        b"[playlist]\nFile1=/etc/passwd\n",
        b"OggS" + bytes(5000),
    ],
    ids=["page", "m3u", "hls", "edl", "pls", "broken"],
)
async def test_bytes_that_are_no_audio_are_damaged_and_lead_nowhere(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, body: bytes
) -> None:
    server.put("a", body.replace(b"{port}", str(server.port).encode()))
    engine.load(Load(1, shelf.open("a")))
    end = await watch.until(ended(1))
    assert (end.reason, end.fault) == (EndReason.ERROR, Fault.DAMAGED)
    assert {track for track, _ in server.log} == {"a"}


async def test_the_queued_track_follows_by_itself(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, tone: bytes
) -> None:
    server.put("a", tone)
    server.put("b", tone)
    engine.load(Load(1, shelf.open("a")))
    await watch.until(started(1))
    engine.queue_next(Load(2, shelf.prefetch("b")))
    assert (await watch.until(ended(1))).reason is EndReason.FINISHED
    await watch.until(started(2))
    assert (await watch.until(ended(2))).reason is EndReason.FINISHED


async def test_a_queued_track_that_is_taken_back_never_plays(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, tone: bytes
) -> None:
    for name in "abc":
        server.put(name, tone)
    engine.load(Load(1, shelf.open("a")))
    await watch.until(started(1))
    engine.queue_next(Load(2, shelf.prefetch("b")))
    engine.queue_next(Load(3, shelf.prefetch("c")))
    await watch.until(ended(1))
    assert (await watch.until(lambda event: isinstance(event, Started))).load_id == 3


async def test_a_load_that_is_replaced_ends_as_stopped(
    engine: MpvEngine, watch: Any, server: Any, shelf: SourceShelf, long_tone: bytes
) -> None:
    server.put("a", long_tone)
    server.put("b", long_tone)
    for load_id in range(1, 6):
        engine.load(Load(load_id, shelf.open("ab"[load_id % 2])))
    await watch.until(ended(4))
    await watch.until(started(5))
    engine.stop()
    assert (await watch.until(ended(5))).reason is EndReason.STOPPED


async def test_closing_is_quick_and_leaves_no_thread_even_while_bytes_are_awaited(
    watch: Any, server: Any, shelf: SourceShelf, large: bytes
) -> None:
    before = set(threading.enumerate())
    engine = MpvEngine(audio_output="null")
    await engine.open(watch)
    server.put("a", large, hold_at=0)
    engine.load(Load(1, shelf.open("a")))
    await server.asked(1)
    async with asyncio.timeout(30):
        await engine.close()
    # A thread of mpv's own that called Python has a stand-in here for ever, and the loop keeps its pool.
    others = ("Dummy-", "asyncio_")
    own = {thread for thread in set(threading.enumerate()) - before if not thread.name.startswith(others)}
    for thread in own:
        thread.join(1.0)
    assert not {thread for thread in own if thread.is_alive()}


async def test_whatever_is_asked_after_the_end_does_nothing(
    watch: Any, server: Any, shelf: SourceShelf, tone: bytes
) -> None:
    server.put("a", tone)
    engine = MpvEngine(audio_output="null")
    await engine.open(watch)
    await engine.close()
    engine.load(Load(1, shelf.open("a")))
    engine.queue_next(Load(2, shelf.open("a")))
    engine.pause(True)
    engine.seek(1.0)
    engine.set_volume(50)
    engine.stop()
    await engine.close()


async def test_every_safety_setting_holds() -> None:
    player = create_player(await run_in_thread(import_mpv, "import"), "null")
    off = {name: player[name.replace("_", "-")] for name in (*REQUIRED, *list(SCRIPTING)[:6]) if _off(name)}
    assert set(off.values()) == {False}
    assert player["tls-verify"] is True
    assert player["demuxer"] == "+lavf"
    assert player["demuxer-lavf-o"]["protocol_whitelist"] == "none"
    assert player["input-ipc-server"] == ""
    await run_in_thread(player.terminate, "terminate")


def _off(name: str) -> bool:
    return (REQUIRED | SCRIPTING)[name] == "no"


def test_without_libmpv_the_sentence_says_what_to_install() -> None:
    script = """
import asyncio
from tui.player.engine import EngineUnavailable
from tui.player.mpv_engine import MpvEngine

async def main():
    try:
        await MpvEngine(libraries=["/nowhere/libmpv.so.2"]).open(lambda event: None)
    except EngineUnavailable as error:
        print(error.sentence)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == missing_libmpv_sentence()
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("platform", "release", "hint"),
    [
        ("linux", 'ID=debian\nVERSION_ID="12"\n', "`sudo apt install libmpv2`"),
        ("linux", 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', "`sudo apt install libmpv2`"),
        ("linux", "ID=fedora\n", "`sudo dnf install mpv-libs`"),
        ("linux", "ID=arch\n", "`sudo pacman -S mpv`"),
        ("linux", "ID=unheard\n", "the package of your system"),
        ("darwin", "", "`brew install mpv`"),
        ("win32", "", "libmpv-2.dll"),
    ],
)
def test_the_hint_fits_the_system(platform: str, release: str, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "os-release"
    path.write_text(release)
    assert hint in missing_libmpv_sentence(platform, path)


def test_what_c_libraries_print_goes_to_the_log_and_the_screen_stays(tmp_path: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from tui.player.stderr_guard import guard_stderr
with guard_stderr(Path({str(tmp_path / "noise.log")!r})):
    os.write(2, b"ALSA lib: noise\\n")
    sys.__stderr__.write("drawn ")
    print("and printed", file=sys.stderr)
os.write(2, b"back\\n")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, cwd=ROOT, check=True
    )
    assert done.stderr == "drawn and printed\nback\n"
    log = tmp_path / "noise.log"
    assert log.read_text() == "ALSA lib: noise\n"
    assert log.stat().st_mode & 0o777 == 0o600
