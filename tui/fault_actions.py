"""The actions that inject faults, and the badge that says so on screens that have no state line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from api_client.inspect.faults import Faults
from tui.screens.base import ParlourScreen
from widgets.fault_badge import FaultBadge

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.signal import Signal

    from api_client.inspect.fault_spec import FaultSpec
    from tui.gate import Gate
    from tui.keys import Keymap
    from tui.shell import Severity

OFF = "off"
_OWN = "own"


class FaultActions:
    """Mixed into the program; each action is one of `tui.actions`."""

    gate: Gate

    if TYPE_CHECKING:
        screen_change_signal: Signal[Screen[object]]

        @property
        def screen(self) -> Screen[object]: ...

        @property
        def keymap(self) -> Keymap: ...

        async def ask(self, question: str, initial: str = "") -> str | None: ...

        async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

    def on_mount(self) -> None:
        """Have the badge follow the screens and the switch; the toolkit calls this of every part of the program."""
        self.screen_change_signal.subscribe(self, self._badge)  # type: ignore[arg-type]
        self.gate.faults.subscribe(lambda _: self._badge(self.screen))
        self._badge(self.screen)

    def on_resize(self) -> None:
        """Keep the badge at its place."""
        for badge in self.screen.query(FaultBadge):
            badge.place()

    async def action_faults(self, text: str = "") -> None:
        """Inject what `text` asks for; without it, let the user choose."""
        from api_client.inspect.fault_spec import PRESETS, BadSpec, parse_spec

        text = text.strip() or await self._choose_faults() or ""
        while text == _OWN:
            on = self.gate.faults.on
            text = (await self.ask("faults: ", str(on.spec) if on else PRESETS["flaky"][1]) or "").strip()
        if not text:
            return
        if text == OFF:
            self._switch_faults(None)
            return
        try:
            spec = parse_spec(text)
        except BadSpec as error:
            self.say(f"{text}, {error}.", "warning")
        else:
            self._switch_faults(spec)

    async def _choose_faults(self) -> str | None:
        from api_client.inspect.fault_spec import PRESETS

        on = self.gate.faults.on
        options = [(name, f"{title}: {text}") for name, (title, text) in PRESETS.items()]
        options += [(_OWN, "own specification…"), (OFF, "off: inject nothing")]
        return await self.choose(f"Inject faults ({_told(on)})" if on else "Inject faults", options)

    def _switch_faults(self, spec: FaultSpec | None) -> None:
        switch = self.gate.faults
        before = switch.on
        switch.turn(spec)
        if spec is not None:
            key = self.keymap.key_of("global.faults")
            self.say(f"Faults are injected from now on: {spec}. {key} takes them back.", "warning")
        elif before is None:
            self.say("No faults are injected.")
        else:
            self.say(f"Faults are injected no more ({_told(before)}).")

    def _badge(self, screen: Screen[Any]) -> None:
        """Say on a screen without a state line that faults are injected, or no more."""
        # Not now: the screen may be about to be made.
        screen.call_later(self._place_badge, screen)

    def _place_badge(self, screen: Screen[Any]) -> None:
        on, found = self.gate.faults.on, screen.query(FaultBadge)
        if on is None or isinstance(screen, ParlourScreen):
            found.remove()
        elif not found:
            screen.mount(FaultBadge())


def _told(faults: Faults) -> str:
    """Return what was injected until now, the most frequent first."""
    parts = ", ".join(f"{number} × {what}" for what, number in faults.injected.most_common(4))
    return f"injected until now: {parts}" if parts else "nothing was injected until now"
