"""One player in a process of its own, to be measured from outside: `python -m benchmarks.engine_program WHO [FILE]`.

WHO is `ours`, the program's engine as it is behind its screens, or `bare`, python-mpv with the same options. Without a
file it is idle, with one it plays that to an output without sound. It says "ready", and ends when its input does.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.memory_bytes import MemoryBytes
from tui.player.clock import LoopClock
from tui.player.crossfade import CrossfadeEngine
from tui.player.engine import EngineEvent, Load, Ticked
from tui.player.libmpv import import_mpv
from tui.player.mpv_engine import MpvEngine
from tui.player.mpv_options import create_player
from tui.player.threads import run_in_thread


def _ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


async def _ours(file: Path | None) -> None:
    moved = asyncio.Event()

    def listen(event: EngineEvent) -> None:
        if isinstance(event, Ticked):
            moved.set()

    engine = CrossfadeEngine(lambda: MpvEngine("null"), LoopClock())
    await engine.open(listen)
    if file is not None:
        engine.load(Load(1, MemoryBytes(await asyncio.to_thread(file.read_bytes))))
        await moved.wait()
    _ready()
    await run_in_thread(sys.stdin.read, "until the input ends")
    await engine.close()


def _bare(file: Path | None) -> None:
    player = create_player(import_mpv(), "null")
    if file is not None:
        player.loadfile(str(file))
        player.wait_until_playing()
    _ready()
    sys.stdin.read()
    player.terminate()


def main() -> None:
    """Do what the words say."""
    who, file = sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if who == "ours":
        asyncio.run(_ours(file))
    else:
        _bare(file)


if __name__ == "__main__":
    main()
