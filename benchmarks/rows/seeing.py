"""What the spectrum costs: shown, hidden, paused and off, beside bars that a bare loop writes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import mutagen
import numpy as np
import soundfile

from benchmarks.figures import Figure, Findings, Taken
from benchmarks.rows.plan import Plan
from benchmarks.terminal import Program, environment, rest_together, running
from tests.e2e.conftest import platform_process
from tests.e2e.machine import Machine
from tests.e2e.witness import PASSWORD, Witness

BARE = "bars from a bare loop"
_RATE = 44_100
_MINUTES = 3
_WARM, _SECONDS = 6.0, 8.0
HIDDEN = "a track plays, the feed is open"
MOVING = ("bars", "bars with a reflection", "a wave")
STILL = "a track plays, its screen is open and nothing moves"
PAUSED = "paused, the bars at rest"


def _song(path: Path) -> None:
    """Write a track in which every band moves all the time: chords that come and go over beats of noise."""
    dice = np.random.default_rng(1)
    with soundfile.SoundFile(path, "w", _RATE, 1, format="OGG", subtype="VORBIS") as file:
        for second in range(_MINUTES * 60):
            moments = np.arange(_RATE) / _RATE
            tones = 55 * 2 ** (dice.integers(0, 84, 8) / 12)
            chord = sum(np.sin(2 * np.pi * tone * moments + second) for tone in tones) / 12
            beat = dice.normal(0, 0.3, _RATE) * np.exp(-12 * (moments * 4 % 1))
            file.write((0.5 * chord + 0.5 * beat).astype("float32"))
    tags = mutagen.File(path)
    tags.update({"title": ["Moving Bars"], "artist": ["Nobody"], "album": ["Bench"]})
    tags.save()


@contextmanager
def _listener() -> Iterator[Program]:
    """Yield the program of somebody who plays the track."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "music").mkdir()
        _song(folder / "music" / "song.ogg")
        with platform_process(
            "-m", "tests.e2e.platform_process", str(folder / "platform"), "--music", str(folder / "music")
        ) as url:
            Witness.registered(url, "reader")
            machine = Machine(folder / "machine")
            machine.configure("config.toml", '[player]\noutput = "null"\n')
            said = machine.run("login", "reader", "--url", url, "--insecure-storage", typed=f"{PASSWORD}\n")
            assert said.returncode == 0, said.stderr
            command = [sys.executable, "-m", "tui", "--insecure-storage"]
            with running(command, environment(**machine.env), machine.folder) as program:
                program.wait_for("online", 60)
                program.send("4")
                program.wait_for("Moving Bars")
                # Down to the track, wherever its shelf begins, and play it.
                program.send("/")
                program.send("Moving Bars\r")
                program.wait_for("result")
                program.send("\r")
                program.wait_for("▶")
                program.send(",e,e")  # over and over: the table takes longer than a track
                yield program


def seeing(plan: Plan, findings: Findings) -> None:
    """Measure the program in each state, the floor beside it all the time."""
    taken = Taken()
    with (
        running([sys.executable, "-m", "benchmarks.bare_bars"], environment(), Path.cwd()) as bare,
        _listener() as program,
    ):

        def rest(state: str) -> None:
            rest_together({state: program, BARE: bare}, _WARM)
            for _ in range(plan.rounds):
                for who, cost in rest_together({state: program, BARE: bare}, _SECONDS).items():
                    kept = taken.samples.setdefault(who if who == state else f"{BARE}, {state}", {})
                    kept.setdefault("cpu", []).append(cost.cpu / 10)
                    kept.setdefault("bytes", []).append(cost.written)

        rest(HIDDEN)
        program.send("gn")
        program.wait_for("kbit/s")
        program.wait_for("▔", 120)  # a cap: the spectrum has come
        for state in (*MOVING, STILL):
            rest(state)
            program.send("V")
        program.send(" ")
        rest(PAUSED)
    for state in (HIDDEN, *MOVING, STILL, PAUSED):
        cpu, written = taken.of(state, "cpu"), taken.of(state, "bytes")
        beside = taken.of(f"{BARE}, {state}", "cpu"), taken.of(f"{BARE}, {state}", "bytes")
        findings.figures.append(Figure(f"CPU, {state}", "% of a core", cpu, {BARE: beside[0]}))
        findings.figures.append(Figure(f"written, {state}", "bytes a second", written, {BARE: beside[1]}))
    floor = median(taken.of(STILL, "cpu"))
    for state in MOVING:
        more = [cpu - floor for cpu in taken.of(state, "cpu")]
        findings.figures.append(Figure(f"of that for {state}", "% of a core", more, limit=10.0))
