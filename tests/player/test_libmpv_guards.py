"""What would end the whole process, or freeze the screen, when libmpv is loaded: each in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCALES = Path("/usr/share/i18n/locales")


def run(script: str, **env: str) -> str:
    """Run a script and return what it says; a crash or a word on stderr is a failure."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=ROOT, env=env or None
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


PLAYER = """
import asyncio, locale
from tui.player.mpv_engine import MpvEngine

async def main():
    engine = MpvEngine(audio_output="null")
    await engine.open(lambda event: None)
    print("open", locale.localeconv()["decimal_point"])
    await engine.close()
"""


def test_numbers_have_a_point_when_libmpv_begins_whatever_was_set_since_it_was_imported() -> None:
    """libmpv ends the process otherwise. What sets another locale is recorded, for few machines have one."""
    said = run(
        PLAYER
        + """
real, calls = locale.setlocale, []
locale.setlocale = lambda *args: calls.append(args) or real(*args)
import tui.player.mpv_core as core
made = core.create_player
core.create_player = lambda *args: calls.append("made") or made(*args)
asyncio.run(main())
print(calls[-2:] == [(locale.LC_NUMERIC, "C"), "made"])
"""
    )
    assert said.splitlines() == ["open .", "True"]


COMMA = 'LC_NUMERIC\ndecimal_point ","\nthousands_sep "."\ngrouping 3;3\nEND LC_NUMERIC\n'
OTHERS = ("CTYPE", "COLLATE", "MONETARY", "MESSAGES", "TIME")


@pytest.mark.skipif(shutil.which("localedef") is None or not LOCALES.exists(), reason="no locale can be made here")
def test_a_locale_with_a_comma_does_not_end_the_process(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("".join(f'LC_{name}\ncopy "POSIX"\nEND LC_{name}\n' for name in OTHERS) + COMMA)
    made = ["localedef", "-c", "-i", str(source), "-f", "UTF-8", str(tmp_path / "xx_XX.UTF-8")]
    subprocess.run(made, check=False, capture_output=True, timeout=60)  # it warns of categories that are missing
    begin = 'import mpv; locale.setlocale(locale.LC_ALL, "xx_XX.UTF-8"); print(locale.localeconv()["decimal_point"])'
    said = run(f"{PLAYER}{begin}; asyncio.run(main())", LOCPATH=str(tmp_path), PATH="/usr/bin:/bin")
    assert said == ",\nopen .\n"


def test_the_library_is_loaded_before_the_module_that_would_hold_up_the_program_with_it() -> None:
    """`import mpv` keeps the interpreter's lock while 200 libraries are loaded; a call of dlopen gives it away."""
    said = run(
        """
import importlib, sys
from tui.player import libmpv

def loaded():
    return "/libmpv" in open("/proc/self/maps").read()

real = importlib.import_module
seen = []
importlib.import_module = lambda name: seen.append((name, loaded())) or real(name)
print(loaded())
libmpv.import_mpv()
print(seen, loaded())
"""
    )
    assert said.splitlines() == ["False", "[('mpv', True)] True"]


def test_nothing_of_it_is_loaded_by_a_player_that_plays_nothing() -> None:
    said = run(
        """
import asyncio, sys
import httpx
from tui.player.clock import LoopClock
from tui.player.crossfade import CrossfadeEngine
from tui.player.mpv_engine import MpvEngine
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.source import AddressRule
from tui.player.track import PlayableTrack

async def main():
    engine = CrossfadeEngine(MpvEngine, LoopClock())
    player = Player(engine, SourceShelf(httpx.AsyncClient, None, AddressRule()), lambda report: None)
    player.set_volume(50)
    player.set_crossfade(4)
    player.add([PlayableTrack("a", "A")])
    player.set_output("alsa")
    await asyncio.sleep(0)
    print("mpv" in sys.modules, "/libmpv" in open("/proc/self/maps").read())
    await player.close()

asyncio.run(main())
"""
    )
    assert said == "False False\n"
