"""A machine with nothing on it but Parlour: a home folder of its own, an environment of its own, no bus, no keyring."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.e2e.terminal import Terminal

ROOT = Path(__file__).parents[2]
COMMAND_LIMIT = 60.0
"""Seconds that a command without a screen may take on a busy machine."""


class Machine:
    """A home folder, and the commands that are run in it."""

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.temporary = folder / "tmp"
        for made in (self.home, self.temporary):
            made.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(env or {}),
        }

    @property
    def config(self) -> Path:
        """The folder of config.toml."""
        return self.home / ".config" / "parlour"

    def configure(self, name: str, text: str) -> None:
        """Write one of the user's own files, such as config.toml."""
        self.config.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.config / name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str, typed: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `parlour` without a terminal and return what it said; `typed` stands on its standard input."""
        return subprocess.run(
            [sys.executable, "-m", "tui", *arguments],
            env={**self.env, **env},
            cwd=self.folder,
            input=typed if typed is not None else "",
            capture_output=True,
            text=True,
            timeout=COMMAND_LIMIT,
            check=False,
        )

    def open(self, *arguments: str, size: tuple[int, int] = (120, 36), **env: str) -> Terminal:
        """Run `parlour` in a terminal."""
        return Terminal([sys.executable, "-m", "tui", *arguments], env={**self.env, **env}, cwd=self.folder, size=size)

    def files(self) -> Iterator[Path]:
        """Yield every file of this machine."""
        return (path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())

    def files_with(self, secret: str) -> list[Path]:
        """Return the files that hold `secret`."""
        needle = secret.encode()
        return [path for path in self.files() if needle in path.read_bytes()]
