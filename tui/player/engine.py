"""The engine protocol: what makes sound out of bytes, what it is told and what it tells."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias


class Fault(StrEnum):
    """Why a track could not be played; the value is a name for logs, the sentence is for people."""

    EXPIRED = "expired"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    NO_NETWORK = "no_network"
    OFFLINE = "offline"
    DAMAGED = "damaged"
    TOO_SHORT = "too_short"
    CHANGED = "changed"
    SLOW = "slow"
    STUCK = "stuck"
    ADDRESS = "address"
    SERVER = "server"
    NO_OUTPUT = "no_output"

    @property
    def sentence(self) -> str:
        """One sentence for the listener."""
        return _SENTENCES[self]


_SENTENCES = {
    Fault.EXPIRED: "The link to this track has expired and could not be renewed.",
    Fault.NOT_FOUND: "This track is not on the server.",
    Fault.UNAVAILABLE: "This track may not be played here.",
    Fault.NO_NETWORK: "No network: the track could not be fetched.",
    Fault.OFFLINE: "You work offline; it is not on this machine.",
    Fault.DAMAGED: "The file of this track is damaged or is not audio.",
    Fault.TOO_SHORT: "The file of this track is too short: it ends before its time.",
    Fault.CHANGED: "This track was changed on the server while it played.",
    Fault.SLOW: "This track did not begin to play: nothing came from the server for too long.",
    Fault.STUCK: "This track stood still and could not be made to go on.",
    Fault.ADDRESS: "The server sent an address that is not allowed for audio.",
    Fault.SERVER: "The server could not send this track.",
    Fault.NO_OUTPUT: "The sound device is gone.",
}


class PlayerError(Exception):
    """Root of what this package raises on purpose."""


class EngineUnavailable(PlayerError):
    """No sound can be made here; `sentence` says why and what to do about it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Reader(Protocol):
    """One open stream of a source, used by one foreign thread at a time; only `cancel` may come from another."""

    def read(self, length: int) -> bytes:
        """Return 1 to `length` bytes at the place, blocking until they are there; b"" at the end or if cancelled.

        Raises OSError if the bytes cannot be had.
        """

    def seek(self, offset: int) -> int:
        """Go to byte `offset` and return it."""

    def size(self) -> int | None:
        """Return the size in bytes, blocking until the server said so; None if it does not."""

    def cancel(self) -> None:
        """End every blocked call now, and all that follow."""

    def close(self) -> None:
        """The reader is not used any more."""


class ByteSource(Protocol):
    """The bytes of one track, owned by the application."""

    @property
    def fault(self) -> Fault | None:
        """Why the bytes stopped coming, or None."""

    @property
    def reason(self) -> str:
        """The sentence of the fault, with what the server said where that helps; empty without one."""

    @property
    def delivered(self) -> bool:
        """Whether the last byte was read, or every byte is here, and nothing went wrong."""

    def reader(self) -> Reader:
        """Open one more stream of these bytes."""


class Loudness(StrEnum):
    """Which of the file's ReplayGain tags is applied; the values are mpv's."""

    OFF = "no"
    TRACK = "track"
    ALBUM = "album"
    """The album's, or the track's where there is none: what is quiet on an album stays so."""


@dataclass(frozen=True, slots=True)
class Output:
    """A sound device that can be chosen."""

    name: str
    """As the engine calls it; `AUTO_OUTPUT` is the system's own choice."""
    description: str


AUTO_OUTPUT = "auto"


@dataclass(frozen=True, slots=True)
class Load:
    """One order to play: `load_id` is unique for the life of the engine and comes back in every event."""

    load_id: int
    source: ByteSource | None
    start_s: float = 0.0
    paused: bool = False
    duration_s: float | None = None
    """What the catalogue says, used while the file itself has not said it."""
    fade_s: float = 0.0
    """Of a queued load: for so long it sounds together with the end of what plays; 0: it follows without a gap."""
    loudness: Loudness = Loudness.TRACK


class EndReason(StrEnum):
    """How a load ended."""

    FINISHED = "finished"
    STOPPED = "stopped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Started:
    """Sound is coming (or would, if it were not paused)."""

    load_id: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The load is over; `fault` and `sentence` are set if the reason is an error."""

    load_id: int
    reason: EndReason
    fault: Fault | None = None
    sentence: str = ""
    ebb_s: float = 0.0
    """So many seconds of it still fade away beneath the beginning of what follows."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """Where the sound is, in seconds; sent several times a second while playing, and once after a seek."""

    load_id: int
    position_s: float
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class BufferingChanged:
    """The engine waits for bytes, or goes on."""

    load_id: int
    buffering: bool


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What the engine can do here. The sentence is empty when all is well."""

    audio_output: str | None
    """None before the first sound, "null" if it goes nowhere, else the name of the output driver."""
    sentence: str = ""

    @classmethod
    def of_output(cls, name: str | None) -> EngineStatus:
        """Return the status that goes with the output driver `name`."""
        return cls(name, SILENT_SENTENCE if name == "null" else "")


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The audio output came, went or changed."""

    status: EngineStatus


EngineEvent: TypeAlias = Started | Ended | Ticked | BufferingChanged | StatusChanged
Listener: TypeAlias = Callable[[EngineEvent], None]

SILENT_SENTENCE = "no sound device: playing silently"


class Engine(Protocol):
    """Makes sound. Methods are called on the loop and never block; events reach the listener on the loop too."""

    @property
    def status(self) -> EngineStatus:
        """What the engine can do here."""

    @property
    def needs_bytes(self) -> bool:
        """Whether a load must carry a source."""

    async def open(self, listener: Listener) -> None:
        """Get ready. Raises EngineUnavailable with a sentence for the listener."""

    def load(self, load: Load) -> None:
        """Play this instead of what plays; a load that is replaced ends as stopped."""

    def queue_next(self, load: Load | None) -> None:
        """Go on with this, without a gap, when the current load ends; replaces what was queued before."""

    def pause(self, paused: bool) -> None:
        """Hold or go on."""

    def seek(self, position_s: float) -> None:
        """Go to a position of the current load, in seconds from its start."""

    def stop(self) -> None:
        """End the current load and forget the queued one."""

    def set_volume(self, volume: float) -> None:
        """Set the loudness, 0 to 100: the amplitude is the cube of a hundredth of it."""

    def set_output(self, name: str) -> None:
        """Play on this device, one of `outputs`; if it is not there, on the system's own, which the status says."""

    async def outputs(self) -> Sequence[Output]:
        """Return the devices to choose from, the system's own choice first; only that if there are none."""

    def reopen_output(self) -> None:
        """Try the sound device again, for it may be back."""

    async def close(self) -> None:
        """Let go of the sound device and of every thread, within two seconds; further calls do nothing."""


def missing_libmpv_sentence(platform: str = sys.platform, os_release: Path = Path("/etc/os-release")) -> str:
    """Return what to tell a listener who has no libmpv, with the command for this system."""
    return f"libmpv is missing: {_install_hint(platform, os_release)}"


def _install_hint(platform: str, os_release: Path) -> str:
    if platform == "darwin":
        return "install it with `brew install mpv`"
    if platform == "win32":
        return "put libmpv-2.dll on the PATH"
    try:
        text = os_release.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    families = set()
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key in ("ID", "ID_LIKE"):
            families.update(value.strip("\"'").split())
    for family, hint in _HINTS:
        if family in families:
            return f"install it with `{hint}`"
    return "install the package of your system that holds libmpv"


_HINTS = (
    ("debian", "sudo apt install libmpv2"),
    ("ubuntu", "sudo apt install libmpv2"),
    ("fedora", "sudo dnf install mpv-libs"),
    ("rhel", "sudo dnf install mpv-libs"),
    ("arch", "sudo pacman -S mpv"),
    ("alpine", "sudo apk add mpv-libs"),
    ("suse", "sudo zypper install libmpv2"),
)
