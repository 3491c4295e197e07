"""Which sound device is used: the one that was chosen while it is there, else the system's own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api_client.text import clean_line
from tui.player.engine import AUTO_OUTPUT, Output

SYSTEM_OUTPUT = Output(AUTO_OUTPUT, "the system's own choice")
_DRIVERS = frozenset({"pipewire", "pulse", "alsa", "coreaudio", "wasapi", "sndio", "oss"})
"""Drivers whose devices are offered: others only repeat them, or write to the terminal when they are tried."""
_PLUGINS = frozenset(
    f"alsa/{name}"
    for name in ("jack", "lavrate", "oss", "samplerate", "speex", "speexrate", "upmix", "vdownmix", "usbstream", "null")
)
"""What ALSA lists beside the devices: converters, and ways to other drivers."""


def offered(devices: Iterable[object]) -> tuple[Output, ...]:
    """Return what can be chosen of mpv's `audio-device-list`, the system's own choice first; it is not trusted."""
    found = [SYSTEM_OUTPUT]
    for device in devices:
        match device:
            case {"name": str(name), **rest} if name.partition("/")[0] in _DRIVERS and name not in _PLUGINS:
                described = clean_line(str(rest.get("description", "")))
                found.append(Output(name, described or clean_line(name)))
            case _:
                continue
    return tuple(found)


class OutputChoice:
    """The device that was chosen and the one that is used, as devices come and go."""

    def __init__(self) -> None:
        self._wanted = AUTO_OUTPUT
        self._described = ""
        self._there: frozenset[str] | None = None
        """None: it is not known yet; what was chosen is then taken at its word."""

    @property
    def used(self) -> str:
        """The name to give to the engine."""
        return AUTO_OUTPUT if self._is_gone else self._wanted

    @property
    def sentence(self) -> str:
        """What the listener should know, empty if all is as chosen."""
        return f"{self._described or self._wanted} is not there: playing on the system's own" if self._is_gone else ""

    @property
    def _is_gone(self) -> bool:
        return self._wanted != AUTO_OUTPUT and self._there is not None and self._wanted not in self._there

    def choose(self, name: str) -> None:
        """Take `name` from now on."""
        self._wanted, self._described = name, ""

    def are_there(self, outputs: Sequence[Output]) -> None:
        """Hear which devices there are now."""
        self._there = frozenset(output.name for output in outputs)
        for output in outputs:
            if output.name == self._wanted:
                self._described = output.description
