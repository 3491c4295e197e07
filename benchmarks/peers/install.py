"""Gets other programs: those of PyPI into environments of their own in the cache folder, those of Debian by apt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

_LIMIT = 300.0
"""Seconds that an installation may take."""


class Absent(Exception):
    """A program cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A program that can be run."""

    path: str
    version: str


def cache_folder() -> Path:
    """Return where programs of PyPI are kept, outside of the source tree."""
    return user_cache_path("parlour") / "bench-peers"


def from_pypi(package: str, program: str, *also: str) -> Installed:
    """Return a program of PyPI, installed now if it was not yet, with what is `also` required; raises Absent."""
    folder = cache_folder() / package
    path = folder / "bin" / program
    if not path.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", package, *also])
        # Imports are to be compiled, as ours are.
        _run([str(folder / "bin" / "python"), "-m", "compileall", "-q", str(folder / "lib")], check=False)
    if not path.exists():
        raise Absent(f"the package {package} holds no {program}")
    asked = f"from importlib.metadata import version; print(version({package!r}))"
    return Installed(str(path), _run([str(folder / "bin" / "python"), "-c", asked]).strip())


def from_debian(package: str, program: str) -> Installed:
    """Return a program of the system, installed now if there is none and that is allowed; raises Absent."""
    path = shutil.which(program)
    if path is None:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise Absent(f"{program} is not installed (apt-get install {package})")
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        try:
            _run(install, DEBIAN_FRONTEND="noninteractive")
        except Absent:
            _run(["apt-get", "update", "-qq"])
            _run(install, DEBIAN_FRONTEND="noninteractive")
        path = shutil.which(program)
    if path is None:
        raise Absent(f"the package {package} holds no {program}")
    if shutil.which("dpkg-query") is None:
        return Installed(path, "")
    said = _run(["dpkg-query", "--show", "--showformat=${Version}", package], check=False)
    return Installed(path, said.partition("-")[0].partition("+")[0])


def _run(command: list[str], *, check: bool = True, **env: str) -> str:
    """Return what the command wrote; raises Absent when it fails."""
    try:
        done = subprocess.run(
            command, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=_LIMIT, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{' '.join(command[:4])}: {error}") from error
    if check and done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise Absent(f"{' '.join(command[:4])}: {lines[-1]}")
    return done.stdout
