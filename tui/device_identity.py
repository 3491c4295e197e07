"""Who this terminal is among the user's devices: an id and a name, kept per machine and account, one per program."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from api_client.ids import new_id
from api_client.models.player import NAME_LIMIT
from api_client.text import clean_line
from tui.paths import write_private

SLOTS = 16
"""Terminals of one account on one machine that keep an identity; further ones have one for their own time."""

_MULTIPLEXERS = {"TMUX": "tmux", "STY": "screen"}
_PLAIN = {"xterm-256color", "xterm", "linux", "vt100", ""}


class DeviceIdentity:
    """The first identity of the machine that no other running terminal has; held until `release`."""

    def __init__(self, folder: Path, host: str, wished: str, environment: Mapping[str, str]) -> None:
        """Find it in `folder`, the account's own; `wished` is the name from the settings, or empty."""
        self._folder = folder
        self._host = host
        self._wished = wished
        self._environment = environment
        self._descriptor: int | None = None
        self._path: Path | None = None
        self._number = 0
        self.device_id = ""
        self.name = ""

    def take(self) -> None:
        """Take an identity; where nothing can be stored, a new one. Touches the disk."""
        for number in range(1, SLOTS + 1):
            try:
                taken = self._take_slot(number)
            except OSError:
                break
            if taken:
                return
        self._number, self._path = 1, None
        self.release()
        self._become({})

    def rename(self, name: str) -> None:
        """Be called `name` from now on; an empty one is the usual name again. Raises OSError."""
        self.name = shortened(name) or self._usual_name()
        self._store(shortened(name))

    def renew(self) -> None:
        """Take another id: the old one is somebody else's. Raises OSError."""
        self.device_id = new_id()
        self._store("")

    def release(self) -> None:
        """Leave the identity to the next one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take_slot(self, number: int) -> bool:
        """Take the identity of this number, unless another terminal has it. Raises OSError if it cannot be kept."""
        # A home folder may be shared between machines, and a lock need not be.
        path = self._folder / f"device-{re.sub(r'[^A-Za-z0-9.-]', '-', self._host)[:64]}-{number}.json"
        descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor, self._path, self._number = descriptor, path, number
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            kept = {}
        self._become(kept if isinstance(kept, dict) else {})
        return True

    def _become(self, kept: Mapping[str, object]) -> None:
        found, name = kept.get("id"), kept.get("name")
        self.device_id = found if isinstance(found, str) and _is_id(found) else ""
        own = shortened(name) if isinstance(name, str) else ""
        self.name = own or self._usual_name()
        if not self.device_id:
            self.device_id = new_id()
            if self._path is not None:
                self._store(own)

    def _store(self, name: str) -> None:
        if self._path is not None:
            write_private(self._path, json.dumps({"id": self.device_id, "name": name}))

    def _usual_name(self) -> str:
        name = shortened(self._wished) or _described(self._host, self._environment)
        return name if self._number <= 1 else f"{name[: NAME_LIMIT - 4]} {self._number}"


def host_name() -> str:
    """Return what this machine is called, without its domain."""
    return socket.gethostname().partition(".")[0] or "this machine"


def shortened(name: str) -> str:
    """Return `name` as it may be shown and sent."""
    return clean_line(name).strip()[:NAME_LIMIT].strip()


def _described(host: str, environment: Mapping[str, str]) -> str:
    terminal = next((name for variable, name in _MULTIPLEXERS.items() if environment.get(variable)), "")
    terminal = terminal or environment.get("TERM_PROGRAM", "") or environment.get("TERM", "")
    terminal = "" if terminal in _PLAIN else terminal.removesuffix("-256color").removeprefix("xterm-")
    return shortened(f"{host} · {terminal}" if terminal else host)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
