"""From a key to the sound: a byte into the terminal, the first of the tone at a null sink; beside it python-mpv."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.figures import Act, Figure, Findings, in_turn
from benchmarks.music_world import MusicWorld, music_world, tone
from benchmarks.null_sink import TONES, Listener, Sinks, null_sinks
from benchmarks.peers.install import Absent
from benchmarks.rows.plan import Plan, settle
from benchmarks.terminal import Program, environment

TRIP = 50.0
"""Milliseconds."""
_BARE = "python-mpv given the signed URL"
_FILE = "python-mpv given a file of this machine"
"""What libmpv and the sound server take by themselves."""
_STEP = 2
"""Rows from one track to the next that is played: the one between them follows in the queue, and is fetched ahead."""
_AT_ONCE = 0.06
"""Seconds on a row before it is played: less than after which it is fetched ahead."""
_HOME = "\x1b[H"
_LOOKED_AT = 0.6
_PLAYED = 0.8
"""Seconds that each track is played: it is then fetched, and the next one prepared."""


class _Player:
    """One program on one sink, with an album open."""

    def __init__(self, program: Program, ear: Listener, album: str) -> None:
        self._program, self._ear = program, ear
        self.row = -1
        """Which track is highlighted, or plays; the album itself stands above the first."""
        program.send(":")
        program.quiet(0.3, 5.0)
        program.send(f"album/{album}\r")
        program.wait_for("Tones in")
        settle(program)
        # It opens where it was left.
        program.press(_HOME)
        program.quiet(_LOOKED_AT, _LOOKED_AT)

    def _heard(self, keys: str) -> dict[str, float]:
        began = time.perf_counter()
        self._program.send(keys)
        heard = self._ear.first(self.row % len(TONES), began)
        self._program.quiet(_PLAYED, _PLAYED)
        return {"ms": (heard - began) * 1000}

    def chosen(self, looked_at: float) -> Act:
        """Return what goes on by two rows, looks for so long at that track, and plays it."""

        def act(_: int) -> dict[str, float]:
            self._program.send("j" * _STEP)
            self.row += _STEP
            self._program.quiet(looked_at, looked_at)
            return self._heard("\r")

        return act

    def followed(self) -> Act:
        """Return what plays the next track of the queue."""

        def act(number: int) -> dict[str, float]:
            if number == 0:
                self.row = 0
                self._program.send("\r")
                self._program.quiet(_PLAYED, _PLAYED)
            self.row += 1
            self._program.send(",")
            self._program.quiet(0.1, 0.1)
            return self._heard("n")

        return act


def _bare(stack: ExitStack, sinks: Sinks, address: Callable[[int], str]) -> Act:
    """Return what has python-mpv play the track at the `address` of a number."""
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare_mpv"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(**sinks.env_of("bare")),
        )
    )
    stack.callback(process.kill)
    orders, answers = process.stdin, process.stdout
    assert orders is not None
    assert answers is not None
    answers.readline()

    def act(number: int) -> dict[str, float]:
        track = number * _STEP
        order = f"{address(track)}\n"
        began = time.perf_counter()
        orders.write(order)
        orders.flush()
        heard = sinks.listeners["bare"].first(track % len(TONES), began)
        return {"ms": (heard - began) * 1000}

    return act


def _signed(there: MusicWorld, kind: str) -> Callable[[int], str]:
    """Return what gives the signed address of a track by its place."""
    return lambda track: there.signed("far", there.tracks[kind][track])


def _written(folder: Path) -> Callable[[int], str]:
    """Return what gives the path of a file that sounds as the track at a place does."""
    paths = [folder / f"{number}.ogg" for number in range(len(TONES))]
    for number, path in enumerate(paths):
        path.write_bytes(tone(number, "ogg"))
    return lambda track: str(paths[track % len(TONES)])


def sound(plan: Plan, findings: Findings) -> None:
    """Measure each case in programs of their own, one after the other; in each, ours and the other in turn."""
    cases = (
        ("a track of Ogg, not fetched before", "ogg", "far", _AT_ONCE, 130.0),
        ("a track of MP3, not fetched before", "mp3", "far", _AT_ONCE, 130.0),
        ("a track of FLAC, not fetched before", "flac", "far", _AT_ONCE, 130.0),
        ("the track under the cursor", "ogg", "far", _LOOKED_AT, 20.0),
        ("the next track in the queue", "ogg", "far", None, 20.0),
        ("over loopback, a track of Ogg, not fetched before", "ogg", "near", _AT_ONCE, 40.0),
    )
    with music_world((plan.rounds + 4) * _STEP, TRIP) as there, ExitStack() as outer:
        try:
            sinks = outer.enter_context(null_sinks(plan.folder, "parlour", "bare"))
        except Absent as error:
            raise OSError(str(error)) from error
        written = _written(plan.folder)
        for what, kind, line, looked_at, limit in cases:
            with ExitStack() as stack:
                program = stack.enter_context(there.program(line, sinks.env_of("parlour")))
                player = _Player(program, sinks.listeners["parlour"], there.albums[kind])
                acts = {"ours": player.followed() if looked_at is None else player.chosen(looked_at)}
                beside = _BARE if looked_at == _AT_ONCE else _FILE
                if plan.with_peers and line == "far":
                    acts[beside] = _bare(stack, sinks, _signed(there, kind) if beside == _BARE else written)
                taken = in_turn(plan.rounds, acts)
            findings.left_out |= {f"{what}: {name}": why for name, why in taken.left_out.items()}
            if found := taken.of("ours", "ms"):
                heard = taken.beside("ms", beside)
                findings.figures.append(Figure(f"key to sound, {what}", "ms until heard", found, heard, limit))
