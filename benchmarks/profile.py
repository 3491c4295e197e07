"""`make profile`: where CPU time, memory and imports of the whole program go, in a pseudo-terminal on real data.

`python -m benchmarks.profile cpu|heap|imports --what start|thread|feed|flood [--out FILE]` signs in to a platform over
loopback, does what is asked for, and writes a report as text: a tree of samples, or tables of memory or of imports.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from api_client.models.chat import NewConversation
from benchmarks.chat_flood import RATE, platform_process
from benchmarks.rows.plan import open_thread
from benchmarks.terminal import LIMIT, Program, environment, running
from benchmarks.world import world
from tests.e2e.machine import Machine
from tests.e2e.witness import Witness

KINDS = ("cpu", "heap", "imports")
_COMMENTS, _STEPS, _PAGES, _SECONDS = 10_000, 30, 16, 10.0
_IMPORT = re.compile(rb"import time:\s+(\d+) \|\s+(\d+) \|( *)([\w.]+)")
_LINES = 40

Scene = Iterator[tuple[Program, Callable[[], None]]]
"""The program at rest, and what is to be done with it; for the start there is nothing to do but to wait."""


@contextmanager
def _start(*python: str) -> Scene:
    with world(photos=True) as there, there.program(*python) as program:
        yield program, lambda: None


@contextmanager
def _thread(*python: str) -> Scene:
    with world([_COMMENTS]) as there, there.program(*python) as program:

        def act() -> None:
            open_thread(program, there.threads[_COMMENTS], _COMMENTS)
            program.quiet(2.0)
            for _ in range(_STEPS):
                program.press("j")

        yield program, act


@contextmanager
def _feed(*python: str) -> Scene:
    with world(photos=True) as there, there.program(*python) as program:

        def act() -> None:
            for key in ("\x1b[6~", "\x1b[5~"):
                for _ in range(_PAGES):
                    program.press(key, still=0.3)

        yield program, act


@contextmanager
def _flood(*python: str) -> Scene:
    with tempfile.TemporaryDirectory() as name, platform_process(Path(name) / "platform") as (url, platform):
        ann, bob = Witness.registered(url, "ann"), Witness.registered(url, "bob")
        chat = ann.ask(lambda client: client.chat.create(NewConversation(member_ids=[bob.me.id])))
        machine = Machine(Path(name) / "machine")
        machine.configure("config.toml", '[player]\noutput = "null"\n')
        env = environment(**machine.env, PARLOUR_TOKEN=ann.access)
        with running(
            [sys.executable, *python, "--url", url], env, machine.folder, heard="importtime" in python
        ) as program:
            program.wait_for("online")
            program.send("3")
            program.wait_for("bob")
            program.send("\r")
            # Never silent for long: the cursor of the composer blinks.
            program.rest(3.0)

            def act() -> None:
                assert platform.stdin is not None
                platform.stdin.write(f"{RATE} {_SECONDS} {chat.id} {bob.me.id}\n")
                platform.stdin.flush()
                program.rest(_SECONDS + 3.0)

            yield program, act


SCENES = {"start": _start, "thread": _thread, "feed": _feed, "flood": _flood}


def profiled(kind: str, what: str) -> str:
    """Return the report of the CPU time or the heap."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report"
        with SCENES[what]("-m", "benchmarks.profiled", kind, str(out)) as (program, act):
            if what != "start":
                os.kill(program.pid, signal.SIGUSR1)
                act()
            os.kill(program.pid, signal.SIGUSR2)
            until = time.monotonic() + LIMIT
            while not out.with_name("report.done").exists():
                if time.monotonic() > until:
                    raise TimeoutError("the profiler wrote no report")
                # Whoever does not read lets the program wait.
                program.quiet(0.1)
        return out.read_text(encoding="utf-8")


def imported(what: str) -> str:
    """Return the tables of what was imported, in ms: by package, and the modules that take longest themselves."""
    with SCENES[what]("-X", "importtime", "-m", "tui") as (program, act):
        assert program.heard is not None
        if what != "start":
            program.heard.clear()
        act()
        return import_tables(bytes(program.heard))


def import_tables(written: bytes) -> str:
    """Return the tables of what Python wrote with `-X importtime`, between whatever else was written."""
    packages: dict[str, int] = defaultdict(int)
    found = [(int(own), int(whole), name.decode()) for own, whole, _, name in _IMPORT.findall(written)]
    for own, _, name in found:
        packages[name.split(".")[0]] += own
    text = [f"{len(found)} modules, {sum(packages.values()) / 1000:.1f} ms\n", "by package, ms"]
    text += [f"{own / 1000:9.1f}  {name}" for name, own in sorted(packages.items(), key=lambda one: -one[1])[:_LINES]]
    text.append("\nby module, ms itself and with what it imports")
    text += [f"{own / 1000:9.1f} {whole / 1000:9.1f}  {name}" for own, whole, name in sorted(found)[::-1][:_LINES]]
    return "\n".join(text)


def main() -> int:
    """Profile and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.profile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--what", choices=[*SCENES], default="start")
    parser.add_argument("--out", type=Path, help="write the report to this file")
    chosen = parser.parse_args()
    if chosen.kind == "cpu" and find_spec("pyinstrument") is None:
        parser.error("pyinstrument is not installed: pip install -e '.[bench]'")
    report = imported(chosen.what) if chosen.kind == "imports" else profiled(chosen.kind, chosen.what)
    if chosen.out is None:
        sys.stdout.write(f"{report}\n")
    else:
        chosen.out.write_text(f"{report}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
