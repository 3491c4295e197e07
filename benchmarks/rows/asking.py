"""What a command without a screen takes: the whole process, from its start to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Act, Figure, Findings, in_turn
from benchmarks.peers.install import Absent, from_pypi
from benchmarks.rows.plan import Plan
from tests.e2e.conftest import platform_process
from tests.e2e.machine import Machine
from tests.e2e.witness import PASSWORD, Witness

PEER = "httpie"
_LIMIT = 0.5
"""Of the CPU time of the peer."""
_PATH = "/posts/feed?limit=5"


def cpu_of(command: Sequence[str], env: Mapping[str, str], cwd: Path) -> float:
    """Run `command` to its end and return its CPU ms; raises ValueError where it fails."""
    with open(os.devnull, "r+b") as nothing:
        process = subprocess.Popen(command, env=dict(env), cwd=cwd, stdin=nothing, stdout=nothing, stderr=nothing)
        _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ValueError(f"{command[0]} ended with {process.returncode}")
    return (spent.ru_utime + spent.ru_stime) * 1_000


def api(plan: Plan, findings: Findings) -> None:
    """Measure `--version` and one request to a platform of this machine, httpie in the same rounds."""
    peer = ""
    if plan.with_peers:
        try:
            installed = from_pypi("httpie", "http")
        except Absent as error:
            findings.left_out[PEER] = str(error)
        else:
            peer, findings.versions[PEER] = installed.path, installed.version
    with tempfile.TemporaryDirectory() as folder, platform_process("-m", "tests.e2e.platform_process", folder) as url:
        reader = Witness.registered(url, "reader")
        machine = Machine(Path(folder) / "machine")
        said = machine.run("login", "reader", "--url", url, "--insecure-storage", typed=f"{PASSWORD}\n")
        assert said.returncode == 0, said.stderr

        def ours(*words: str) -> float:
            return cpu_of([sys.executable, "-m", "tui", *words], machine.env, machine.folder)

        def theirs(*words: str) -> float:
            return cpu_of([peer, *words], {**machine.env, "PYTHONPATH": ""}, machine.folder)

        bearer = f"Authorization:Bearer {reader.access}"
        asked = ("--ignore-stdin", "--check-status", f"{url}/api/v1{_PATH}", bearer)
        acts: dict[str, Act] = {
            "parlour": lambda _: {
                "version": ours("--version"),
                "request": ours("api", _PATH, "--insecure-storage"),
            }
        }
        if peer:
            acts[PEER] = lambda _: {"version": theirs("--version"), "request": theirs(*asked)}
        taken = in_turn(plan.rounds, acts)
        findings.left_out |= taken.left_out
        for what, name in (
            ("version", "CPU of the whole process: --version"),
            ("request", "CPU of the whole process: one request, signed in, and its reply written"),
        ):
            if found := taken.of("parlour", what):
                findings.figures.append(Figure(name, "ms CPU", found, taken.beside(what, PEER), _LIMIT, PEER))
