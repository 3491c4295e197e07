"""Loads libmpv in a process of its own and writes what it says of itself, as JSON: a fault of it ends only this."""

from __future__ import annotations

import json
import locale
import os
import sys
import tempfile
import time
import wave
from pathlib import Path
from typing import IO, Any

from tui.player.engine import EngineUnavailable
from tui.player.libmpv import import_mpv
from tui.player.mpv_options import create_player

OPEN_WITHIN = 1.0
"""Seconds in which a device opens."""
SAMPLES_PER_SECOND = 48_000


def told(output: str) -> dict[str, Any]:
    """Return what libmpv is and has; `trouble` alone where there is none that can be used."""
    begun = time.perf_counter()
    try:
        module = import_mpv()
        locale.setlocale(locale.LC_NUMERIC, "C")
        player = create_player(module, "null")
    except EngineUnavailable as error:
        return {"trouble": str(error)}
    took = (time.perf_counter() - begun) * 1_000
    decoders = {str(item.get("codec", "")) for item in player.decoder_list or ()}
    devices = [str(item.get("name", "")) for item in player.audio_device_list or ()]
    return {
        "version": str(player.mpv_version),
        "ffmpeg": str(player.ffmpeg_version),
        "path": _path(),
        "milliseconds": round(took, 1),
        "decoders": sorted(decoders),
        # `auto` is no device, and neither is what only swallows sound.
        "devices": [name for name in devices if name not in ("auto", "null")],
        "opened": _opened(module, output),
    }


def _opened(module: Any, output: str) -> str:
    """Return by which way sound goes out, as the program would choose it: `null` if by none, empty if it hangs."""
    if output == "null":
        return output
    player = create_player(module, output or None)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        _write_silence(file)
        player.play(file.name)
        until = time.monotonic() + OPEN_WITHIN
        while time.monotonic() < until:
            if (chosen := player.current_ao) is not None:
                return str(chosen)
            time.sleep(0.02)
    return ""


def _write_silence(file: IO[bytes]) -> None:
    """Write a moment of nothing: a device is opened when there is something to play."""
    with wave.open(file, "wb") as track:
        track.setnchannels(2)
        track.setsampwidth(2)
        track.setframerate(SAMPLES_PER_SECOND)
        track.writeframes(bytes(4 * SAMPLES_PER_SECOND))
    file.flush()


def _path() -> str:
    """Return the file that libmpv was loaded from, where the system says it."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.split(None, 5)[5] for line in lines if "libmpv" in line), "")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(told(sys.argv[1] if len(sys.argv) > 1 else "")))
    sys.stdout.flush()
    # libmpv's threads may wait for a sound server that never answers.
    os._exit(0)
