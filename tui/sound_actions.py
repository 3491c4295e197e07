"""The actions on the sound of this machine: when it ends, how one track follows another, and where it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.player.crossfade import LONGEST_FADE_S
from tui.player.engine import AUTO_OUTPUT, Output
from tui.player.governor import QUALITIES
from tui.player.sleep_timer import LONGEST_S

if TYPE_CHECKING:
    from tui.backstage import Backstage
    from tui.keys import Keymap
    from tui.player.player import Player
    from tui.shell import Severity

SLEEP_MINUTES = (15, 30, 45, 60, 90)
_AFTER_THIS = "this"
_AUTO = "auto"
_OFF = frozenset({"off", "0", "no"})


class SoundActions:
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def backstage(self) -> Backstage: ...

        @property
        def local_player(self) -> Player: ...

        @property
        def keymap(self) -> Keymap: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None: ...

    def _plays_here(self) -> bool:
        """Whether it is this machine that plays; says so if not."""
        if self.backstage.sound.face.is_remote:
            self.say("Another device plays: this is for the sound of this one.", "warning")
            return False
        return True

    def action_stop_after(self) -> None:
        if not self._plays_here():
            return
        if self.local_player.queue.current is None:
            self.say("Nothing is in the queue. 4 leads to the music.")
            return
        stops = not self.local_player.snapshot.stops_after
        self.local_player.set_stops_after(stops)
        self.say("It stops after this track." if stops else "It plays on after this track.")

    async def action_sleep_timer(self, minutes: str = "") -> None:
        """Set the timer, or take it back; `minutes` is what stands behind the command."""
        if not self._plays_here():
            return
        player, words = self.local_player, minutes.strip().casefold().removesuffix("min").strip()
        if words in _OFF or (not words and player.snapshot.sleep_left_s is not None):
            player.sleep_in(None)
            self.say("The sleep timer is off.")
            return
        if not words:
            options = [(str(each), f"in {each} minutes") for each in SLEEP_MINUTES]
            words = await self.choose("Let it go quiet", [*options, (_AFTER_THIS, "after this track")]) or ""
        if words == _AFTER_THIS:
            player.set_stops_after(True)
            self.say("It stops after this track.")
        elif (number := _number(words)) is not None and 0 < number * 60 <= LONGEST_S:
            player.sleep_in(number * 60)
            self.say(f"It goes quiet in {number:g} min. {self.keymap.key_of('global.sleep_timer')} takes that back.")
        elif words:
            self.say(f"{minutes} is no time in minutes. Try 30, or off.", "warning")

    def action_crossfade(self, seconds: str = "") -> None:
        words = seconds.strip().casefold().removesuffix("s").strip()
        number = 0.0 if words in _OFF else _number(words)
        if not words:
            self.say(f"{_crossfade(self.local_player.snapshot.crossfade_s)} `:crossfade 6` sets it, 0 to 12.")
        elif number is None or not 0 <= number <= LONGEST_FADE_S:
            self.say(f"{seconds} is not between 0 and {LONGEST_FADE_S:g} seconds.", "warning")
        elif self.backstage.group.state is not None:
            self.say("In a session tracks follow one another: everybody hears them at the same time.", "warning")
        else:
            self.local_player.set_crossfade(number)
            self.say(_crossfade(number))

    async def action_quality(self, kbps: str = "") -> None:
        """Take over which quality is streamed; `kbps` is what stands behind the command."""
        if not self._plays_here():
            return
        player, words = self.local_player, kbps.strip().casefold().removesuffix("k")
        if not words:
            now = player.snapshot.stream.quality_label
            options = [(_AUTO, "what the line carries"), *((str(each), f"{each} kbit/s") for each in QUALITIES[::-1])]
            words = await self.choose(f"Sound quality{f', now {now}' if now else ''}", options) or ""
        if words == _AUTO:
            player.set_quality(None)
            self.say("The quality follows the line, from the next track on.")
        elif words in map(str, QUALITIES):
            player.set_quality(int(words))
            self.say(f"{words} kbit/s, or as much as your plan has, from the next track on.")
        elif words:
            self.say(f"{kbps} is no quality. Try auto, 320, 160 or 96.", "warning")

    async def action_choose_output(self, name: str = "") -> None:
        player = self.local_player
        found = await player.outputs()
        words = name.strip()
        if not words:
            if len(found) == 1:
                status = player.snapshot.engine.sentence
                self.say(f"There is no sound device to choose here{f': {status}' if status else ''}.")
                return
            options = [(each.name, _shown(each, player.output)) for each in found]
            chosen = await self.choose("Sound device", options)
            output = next((each for each in found if each.name == chosen), None)
        elif (output := _matching(found, words)) is None:
            self.say(f"There is no sound device called {words}; , o lists them.", "warning")
        if output is not None:
            player.set_output(output.name)
            self.say(f"Sound goes to {output.description}.")


def _number(words: str) -> float | None:
    """Return a number of a few digits, or None."""
    whole, _, part = words.replace(",", ".", 1).partition(".")
    if not (whole.isascii() and whole.isdecimal() and len(whole) < 6 and (not part or part.isdecimal())):
        return None
    return float(f"{whole}.{part or 0}")


def _crossfade(seconds: float) -> str:
    if not seconds:
        return "Tracks follow one another without a gap."
    return f"Each track fades into the next for {seconds:g} s, but not within an album."


def _shown(output: Output, chosen: str) -> str:
    mark = "● " if output.name == chosen else "  "
    named = "" if output.name in (AUTO_OUTPUT, output.description) else f"  ({output.name})"
    return f"{mark}{output.description}{named}"


def _matching(outputs: Sequence[Output], words: str) -> Output | None:
    """Return the device of this name, else the first one whose name or description has these words in it."""
    wanted = words.casefold()
    exact = next((each for each in outputs if each.name.casefold() == wanted), None)
    return exact or next((each for each in outputs if wanted in f"{each.name} {each.description}".casefold()), None)
