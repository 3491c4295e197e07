"""The sound device of one libmpv: which are there, which one is chosen, and what has become of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from tui.player.engine import AUTO_OUTPUT, EngineStatus, Output
from tui.player.output_choice import SYSTEM_OUTPUT, OutputChoice, offered

LISTED_WITHIN_S = 5.0
"""A sound server that is frozen lists nothing; the question is then answered without it."""
NO_DEVICE = "null"


class MpvOutput:
    """Told on the loop what mpv observes; gives it orders through `command`."""

    def __init__(
        self,
        driver: str | None,
        command: Callable[..., None],
        observe: Callable[[str], None],
        changed: Callable[[EngineStatus], None],
    ) -> None:
        """`driver` is the one that mpv was told to use, None for the platform's own; `changed` hears of each status."""
        self._driver, self._command, self._observe, self._changed = driver, command, observe, changed
        self._choice = OutputChoice()
        self._used = AUTO_OUTPUT
        self._outputs: tuple[Output, ...] = (SYSTEM_OUTPUT,)
        self._listed: asyncio.Event | None = None
        self.current: str | None = None
        """The driver that plays now, None between sounds."""
        self.status = EngineStatus(None)

    def choose(self, name: str) -> None:
        """Play on this device while it is there."""
        self._choice.choose(name)
        if name != AUTO_OUTPUT:
            self._watch()
        self._apply()

    def apply_anew(self) -> None:
        """The player is there only now: what was chosen before is told to it."""
        if self._used != AUTO_OUTPUT:
            self._command("set", "audio-device", self._used)

    async def listed(self) -> Sequence[Output]:
        """Return what can be chosen."""
        try:
            async with asyncio.timeout(LISTED_WITHIN_S):
                await self._watch().wait()
        except TimeoutError:
            return self._outputs
        return self._outputs

    def reopen(self) -> None:
        """Try the device again, if the sound goes nowhere without that being wished."""
        if self._driver != NO_DEVICE:
            self._command("ao-reload")

    # What mpv observes

    def devices_are(self, devices: object) -> None:
        """`audio-device-list` has this value."""
        if not isinstance(devices, list):
            return
        self._outputs = offered(devices)
        self._choice.are_there(self._outputs)
        if self._listed is not None:
            self._listed.set()
        self._apply()

    def driver_is(self, name: str | None) -> None:
        """`current-ao` has this value."""
        is_back = self.status.audio_output == NO_DEVICE and name not in (None, NO_DEVICE)
        self.current = name
        self._tell()
        if is_back and self._listed is not None:
            # A sound server that was started again does not say that its devices are there.
            self._observe("audio-device-list")

    def _watch(self) -> asyncio.Event:
        """See devices come and go from now on: only who chooses one pays for that."""
        if self._listed is None:
            self._listed = asyncio.Event()
            self._observe("audio-device-list")
        return self._listed

    def _apply(self) -> None:
        if self._choice.used != self._used:
            self._used = self._choice.used
            self._command("set", "audio-device", self._used)
        self._tell()

    def _tell(self) -> None:
        # Between two sounds there is no driver: that says nothing about the device.
        driver = self.current or self.status.audio_output
        status = EngineStatus.of_output(driver)
        if not status.sentence:
            status = EngineStatus(driver, self._choice.sentence)
        if status != self.status:
            self.status = status
            self._changed(status)
